//! ARNs of Secrets Manager secrets, whose names end with six characters that AWS adds.
//!
//! Source: AWS, *Secrets Manager secret* (secretsmanager/latest/userguide, "ARN"): a hyphen and six random characters.

use super::arn;
use super::holes::{Unit, Units};
use crate::model::text::{Piece, Text};

/// How a resource ARN names a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suffix {
    /// Ends like an ARN that AWS gave: a hyphen and six letters or digits.
    Complete,
    /// A wildcard takes the six characters.
    Wildcard,
    /// Matches no secret: append [`WILDCARD`].
    Missing,
    /// The end is known only at deployment.
    Unknown,
}

/// What an ARN without its suffix needs.
pub const WILDCARD: &str = "-??????";

/// `None` for what is no ARN of a secret, or is not known to be one.
pub fn suffix(text: &Text) -> Option<Suffix> {
    // Most ARNs are of other services, and are not taken apart.
    let names_service = |piece: &Piece<'_>| matches!(piece, Piece::Literal(text) if text.contains("secretsmanager"));
    if !text.pieces().iter().any(names_service) {
        return None;
    }
    let arn = arn::parse(text).valid()?;
    if arn.service.as_literal() != Some("secretsmanager") {
        return None;
    }
    let (kind, name) = arn.resource_parts()?;
    if kind.as_literal() != Some("secret") {
        return None;
    }
    let units = Units::of(&name).units;
    if units.iter().any(|unit| unit.is('*')) {
        return Some(Suffix::Wildcard);
    }
    let tail = &units[units.len().saturating_sub(7)..];
    if units.iter().any(|unit| unit.is('?')) && tail.iter().any(|unit| unit.is('?')) {
        return Some(Suffix::Wildcard);
    }
    // A hole within the last seven characters may end with the suffix; so may one before them that is all of the name.
    if tail.iter().any(|unit| matches!(unit, Unit::Hole(_))) {
        return Some(Suffix::Unknown);
    }
    let complete = tail.len() == 7
        && units.len() > 7
        && tail[0].is('-')
        && tail[1..].iter().all(|unit| unit.char().is_some_and(|c| c.is_ascii_alphanumeric()));
    Some(if complete { Suffix::Complete } else { Suffix::Missing })
}
