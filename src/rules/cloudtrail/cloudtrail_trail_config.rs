//! See the documentation of the rule below.

use crate::model::text::Piece;
use crate::rules::prelude::*;

/// Trails per region and account.
const MAX_TRAILS: usize = 5;

rule! {
    /// The name and prefix of a trail, and the number of trails, are within CloudTrail's limits.
    ///
    /// A name has 3 to 128 letters, digits, dots, underscores and dashes, starts and ends with a letter or digit, has no two
    /// of `.`, `_`, `-` side by side and is no IP address. The key prefix has at most 200 characters, the topic's name 256. A
    /// region has at most five trails, those of other regions that cover it included.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {TrailName: audit--all, S3BucketName: logs, IsLogging: true}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {TrailName: audit-all, S3BucketName: logs, IsLogging: true}
    /// ```
    ///
    /// Source: CloudTrail API Reference, `CreateTrail`; CloudTrail User Guide, "Quotas in AWS CloudTrail".
    {
        id: "cloudtrail-trail-config", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: SingleResource,
        on: ["AWS::CloudTrail::Trail"],
        aws_error: "InvalidTrailNameException",
    }
    |check, trail| {
        let name = trail.get("TrailName");
        if let Some(text) = name.symbolic() {
            match fault_of_name(&text) {
                Some(fault) => {
                    check.fail(&name, format!("{text} is no name of a trail: {fault}"));
                }
                None if text.has_opaque() => {
                    check.undetermined(&name, &name);
                }
                None => {}
            }
        }
        for (property, limit) in [("S3KeyPrefix", 200), ("SnsTopicName", 256)] {
            let value = trail.get(property);
            if let Read::Known(text) = value.literal()
                && text.chars().count() > limit
            {
                check
                    .fail(&value, format!("{property} has at most {limit} characters"))
                    .aws_error(if limit == 200 { "InvalidS3PrefixException" } else { "InvalidSnsTopicNameException" });
            }
        }
        let before = trail
            .stack()
            .of_type("AWS::CloudTrail::Trail")
            .filter(|other| other.id() < trail.id() && other.region() == trail.region() && !other.data().external)
            .count();
        if before >= MAX_TRAILS && !trail.data().external {
            check
                .fail(trail, format!("a region has at most {MAX_TRAILS} trails, and this stack makes more"))
                .aws_error("MaximumNumberOfTrailsExceededException");
        }
    }
}

/// What is wrong with a name whatever its holes hold.
fn fault_of_name(text: &Text<'_>) -> Option<&'static str> {
    let is_mark = |c: char| matches!(c, '.' | '_' | '-');
    for piece in text.pieces().iter() {
        let Piece::Literal(literal) = piece else { continue };
        if literal.chars().any(|c| !c.is_ascii_alphanumeric() && !is_mark(c)) {
            return Some("it takes letters, digits and . _ -");
        }
        if literal.as_bytes().windows(2).any(|pair| is_mark(pair[0].into()) && is_mark(pair[1].into())) {
            return Some("no two of . _ - may stand side by side");
        }
    }
    let pieces = text.pieces();
    let outer = |piece: Option<&Piece<'_>>, last: bool| match piece {
        Some(Piece::Literal(literal)) => {
            if last {
                literal.chars().last()
            } else {
                literal.chars().next()
            }
        }
        _ => None,
    };
    if [outer(pieces.first(), false), outer(pieces.last(), true)].into_iter().flatten().any(is_mark) {
        return Some("it starts and ends with a letter or digit");
    }
    let literal = text.as_literal()?;
    match literal.len() {
        0..=2 => return Some("it has at least 3 characters"),
        3..=128 => {}
        _ => return Some("it has at most 128 characters"),
    }
    literal.parse::<std::net::Ipv4Addr>().is_ok().then_some("it may not look like an IP address")
}
