//! What several rules ask about log groups.

use crate::graph::Rel;
use crate::model::text::Piece;
use crate::model::{Read, Resource, Tri, Value};

/// The retention periods that CloudWatch Logs takes, in days.
/// Source: CloudWatch Logs API Reference, `PutRetentionPolicy`.
pub const RETENTION_DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The shortest period of at least so many days, or the longest there is.
pub fn at_least(days: f64) -> u32 {
    RETENTION_DAYS.into_iter().find(|&period| f64::from(period) >= days).unwrap_or(3653)
}

/// Whether one of the words stands in the literal parts of a name, in any case.
pub fn mentions(name: &Value<'_>, words: &[&str]) -> bool {
    let Some(text) = name.symbolic() else { return false };
    text.pieces().iter().any(|piece| match piece {
        Piece::Literal(literal) => {
            let literal = literal.to_lowercase();
            words.iter().any(|word| literal.contains(word))
        }
        Piece::Symbol(_) => false,
    })
}

/// Whether a log group keeps an audit trail: a trail of CloudTrail writes to it, or its name says so.
pub fn is_audit(group: Resource<'_>, words: &[&str]) -> bool {
    mentions(&group.get("LogGroupName"), words) || receives_trail(group)
}

/// Whether a trail of this input certainly writes to the group.
pub fn receives_trail(group: Resource<'_>) -> bool {
    group.followed_by(Rel::LogsTo).edges.iter().any(|edge| edge.from.is("AWS::CloudTrail::Trail"))
}

/// Whether the group has the class DELIVERY, whose retention is fixed.
pub fn is_delivery_class(group: Resource<'_>) -> Tri {
    match group.get("LogGroupClass").literal() {
        Read::Known(class) => (class == "DELIVERY").into(),
        Read::Unknown(_) => Tri::Unknown,
        _ => Tri::No,
    }
}
