//! What S3 calls a public bucket policy. It reads the statements, not their effect: a condition counts only if it names
//! fixed values of one of the keys that S3 knows.
//!
//! Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage" (the meaning of "public").

use crate::iam::condition::{Base, Condition, SetOperator};
use crate::iam::policy::{Effect, Statement};
use crate::iam::principal::{PrincipalForm, PrincipalType};
use crate::model::{Text, Tri};

/// Keys whose fixed values make a statement not public, lower case.
const KEYS: [&str; 14] = [
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalarn",
    "aws:principalaccount",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:userid",
];

/// Whether S3 counts a statement as public.
pub(super) fn is_public(statement: &Statement<'_>) -> Tri {
    match statement.effect {
        Effect::Deny => return Tri::No,
        Effect::Unclear => return Tri::Unknown,
        Effect::Allow => {}
    }
    let Some(principals) = &statement.principals else { return Tri::No };
    let everyone = if principals.negated {
        Tri::Yes
    } else {
        principals.entries.iter().fold(unless(principals.unknown.is_some()), |any, entry| {
            any.or(match entry.form {
                PrincipalForm::Everyone if entry.kind != Some(PrincipalType::Service) => Tri::Yes,
                PrincipalForm::Open => Tri::Unknown,
                _ => Tri::No,
            })
        })
    };
    let fixed = statement.conditions.iter().fold(Tri::No, |any, condition| any.or(is_fixed(condition)));
    let open = match fixed {
        Tri::Yes => Tri::No,
        Tri::No => Tri::Yes,
        Tri::Unknown => Tri::Unknown,
    };
    everyone.and(open).and(if statement.unknown.is_some() { Tri::Unknown } else { Tri::Yes })
}

/// Whether a denial of everyone outside an organisation, account or network may take back what is allowed; whether S3 counts
/// it is not documented.
pub(super) fn takes_back(statement: &Statement<'_>) -> bool {
    statement.effect == Effect::Deny
        && statement.conditions.iter().any(|condition| {
            condition.operator.is_some_and(|operator| operator.negated)
                && KEYS.contains(&condition.key.to_ascii_lowercase().as_str())
        })
}

fn unless(unknown: bool) -> Tri {
    if unknown { Tri::Unknown } else { Tri::No }
}

fn is_fixed(condition: &Condition<'_>) -> Tri {
    let key = condition.key.to_ascii_lowercase();
    if !KEYS.contains(&key.as_str()) {
        return Tri::No;
    }
    let Some(operator) = condition.operator else { return Tri::Unknown };
    if operator.negated || operator.base == Base::Null || operator.set == Some(SetOperator::All) {
        return Tri::No;
    }
    let start = match (operator.if_exists, condition.unknown) {
        // A request without the key is let in.
        (true, _) => return Tri::No,
        (false, Some(_)) => Tri::Unknown,
        (false, None) => Tri::Yes,
    };
    condition.values.iter().fold(start, |all, value| all.and(value_is_fixed(&key, &value.text)))
}

fn value_is_fixed(key: &str, text: &Text<'_>) -> Tri {
    let written: String = text
        .pieces()
        .iter()
        .map(|piece| match piece {
            crate::model::text::Piece::Literal(literal) => literal.to_string(),
            crate::model::text::Piece::Symbol(_) => "x".to_owned(),
        })
        .collect();
    // The part of the value that has to be fixed.
    let decisive = match key {
        "aws:sourceip" => {
            let Some(literal) = text.as_literal() else { return Tri::Unknown };
            return narrow(literal);
        }
        // Any access point of one account is fine.
        "s3:dataaccesspointarn" => written.splitn(6, ':').take(5).collect::<Vec<_>>().join(":"),
        // The sessions of one role are.
        "aws:userid" => written.strip_suffix(":*").unwrap_or(&written).to_owned(),
        _ => written,
    };
    if decisive.contains(['*', '?']) || decisive.contains("${") {
        return Tri::No;
    }
    if text.has_opaque() { Tri::Unknown } else { Tri::Yes }
}

/// Whether a range of addresses is narrower than what S3 takes for everyone: /8 of IPv4, /32 of IPv6.
fn narrow(range: &str) -> Tri {
    let (address, length) = match range.split_once('/') {
        Some((address, length)) => (address, length.parse::<u32>().ok()),
        None => (range, Some(128)),
    };
    let Some(length) = length else { return Tri::Unknown };
    let least = if address.contains(':') { 32 } else { 8 };
    if length >= least { Tri::Yes } else { Tri::No }
}
