//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::model::text::Piece;
use crate::rules::strings::{CLOCK, has_random_uuid, marks};

use crate::rules::prelude::*;

rule! {
    /// An external id stays the same from one deployment to the next.
    ///
    /// An id made from the time or from chance (`Date.now()`) changes with every deployment, and every caller in the
    /// other account is locked out until it learns the new one.
    ///
    /// Use a fixed value, or one from a parameter that is made once.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {AWS: '428190573662'}
    ///             Action: sts:AssumeRole
    ///             Condition: {StringEquals: {'sts:ExternalId': external-a-dev-1763763600123}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {AWS: '428190573662'}
    ///             Action: sts:AssumeRole
    ///             Condition: {StringEquals: {'sts:ExternalId': external-a-dev}}
    /// ```
    ///
    /// Source: IAM User Guide, "Access to AWS accounts owned by third parties".
    {
        id: "iam-external-id-nondeterministic", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::IAM::Role"],
    }
    |check, role| {
        for document in check.documents(role).into_iter().filter(|document| document.kind == PolicyKind::Trust) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            let conditions = document.policy().statements.iter().flat_map(|statement| &statement.conditions);
            for condition in conditions.filter(|condition| condition.key.eq_ignore_ascii_case("sts:ExternalId")) {
                for value in &condition.values {
                    let made = value.text.pieces().iter().any(|piece| match piece {
                        Piece::Literal(literal) => is_made_by_clock(literal),
                        Piece::Symbol(_) => false,
                    });
                    if made {
                        check
                            .fail(document.place(value.at), "the external id holds a time or a random part, which changes with each deployment")
                            .fix(Fix::suggested("use a fixed value, or a parameter that is made once"));
                    }
                }
            }
        }
    }
}

/// Seconds or milliseconds since 1970 of the last years, or a random UUID, as a part of its own.
fn is_made_by_clock(text: &str) -> bool {
    if marks(text) & CLOCK == 0 {
        return false;
    }
    has_random_uuid(text)
        || text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
            let number = part.parse::<u64>().unwrap_or_default();
            matches!(
                (part.len(), number),
                (10, 1_580_000_000..=1_900_000_000) | (13, 1_580_000_000_000..=1_900_000_000_000)
            )
        })
}
