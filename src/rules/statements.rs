//! Questions about single statements of policies that several rules ask.

use smallvec::SmallVec;

use crate::graph::Rel;
use crate::iam::condition::{Base, Condition, SetOperator};
use crate::iam::policy::{Effect, Principals, Scope, Statement};
use crate::iam::principal::PrincipalForm;
use crate::lang::cidr::{Cidr, Use};
use crate::model::text::{Piece, Symbol};
use crate::model::{Resource, Text, Tri, Why};

use super::check::Doubt;
use super::policies::Document;

/// Condition keys that say who may call or from where: a grant to everyone with one of them is no grant to everyone.
/// Source: IAM User Guide, "AWS global condition context keys"; S3 User Guide, "The meaning of public".
const CALLER_KEYS: &[&str] = &[
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:SourceIp",
    "aws:VpcSourceIp",
    "aws:userid",
    "aws:username",
    "kms:CallerAccount",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "s3:AccessPointNetworkOrigin",
];

/// Whether a statement is certainly an allow.
pub fn allows(statement: &Statement<'_>) -> bool {
    statement.effect == Effect::Allow
}

/// Whether the principals of a statement take in everyone.
pub fn names_everyone(principals: &Principals<'_>) -> Tri {
    if principals.negated {
        return Tri::No;
    }
    let mut answer = if principals.unknown.is_some() { Tri::Unknown } else { Tri::No };
    for entry in &principals.entries {
        answer = answer.or(match entry.form {
            PrincipalForm::Everyone => Tri::Yes,
            PrincipalForm::Open => Tri::Unknown,
            _ => Tri::No,
        });
    }
    answer
}

/// Whether a statement takes in everyone, without a condition that keeps strangers out.
pub fn is_open(document: &Document<'_>, statement: &Statement<'_>) -> Tri {
    let Some(principals) = &statement.principals else { return Tri::No };
    let mut everyone = names_everyone(principals);
    if everyone == Tri::Unknown && principals.unknown.is_none() {
        // What AWS hands out is the name of somebody.
        let somebody = |doubt: Doubt| matches!(doubt.unknown.why(), Why::Attribute(_));
        let mut open = principals.entries.iter().filter(|entry| matches!(entry.form, PrincipalForm::Open));
        if open.all(|entry| document.doubt(entry.at).is_some_and(somebody)) {
            everyone = Tri::No;
        }
    }
    everyone.and(!limits_callers(statement))
}

/// Whether a condition of the statement keeps strangers out: one of the keys about the caller, under an operator that fails
/// without the key, with a value that is not just a wildcard.
pub fn limits_callers(statement: &Statement<'_>) -> Tri {
    demands(statement, |key| CALLER_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)))
}

/// Whether a condition of the statement demands one of its values for such a key.
pub fn demands(statement: &Statement<'_>, key: impl Fn(&str) -> bool) -> Tri {
    let about = statement.conditions.iter().filter(|condition| key(&condition.key));
    about.fold(Tri::No, |any, condition| any.or(is_a_demand(condition)))
}

/// Whether a condition demands one of its values: not negated, not satisfied by a missing key, no bare wildcard among them.
pub fn is_a_demand(condition: &Condition<'_>) -> Tri {
    let Some(operator) = condition.operator else { return Tri::Yes };
    if operator.negated || operator.if_exists || operator.set == Some(SetOperator::All) || operator.base == Base::Null {
        return Tri::No;
    }
    let wild = condition.values.iter().fold(Tri::No, |any, value| {
        any.or(match value.text.as_literal() {
            Some(text) if operator.base == Base::Ip => {
                Cidr::parse_or_address(text).is_some_and(|range| range.kind() == Use::Everything).into()
            }
            Some(text) => {
                let wildcard = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
                (wildcard && operator.base != Base::StringEquals).into()
            }
            // Who leaves a whole pattern or range to a parameter may be given the widest; an ARN or a name is one.
            None if operator.base == Base::Ip
                || operator.base == Base::StringLike && value.text.as_symbol().is_some() =>
            {
                Tri::Unknown
            }
            None => Tri::No,
        })
    });
    !wild
}

/// Whether a scope of actions takes in an action (`iam:PassRole`).
pub fn covers_action(scope: &Scope<'_>, action: &str) -> Tri {
    let mut folded: SmallVec<[u8; 64]> = SmallVec::from_slice(action.as_bytes());
    folded.make_ascii_lowercase();
    covers(scope, &Text::from(std::str::from_utf8(&folded).unwrap_or(action)))
}

/// Whether a scope of resources takes in every resource.
pub fn covers_everything(scope: &Scope<'_>) -> Tri {
    if scope.negated {
        return Tri::Unknown;
    }
    let mut answer = if scope.unknown.is_some() { Tri::Unknown } else { Tri::No };
    for entry in &scope.entries {
        let all = match entry.text.as_literal() {
            Some(text) => is_everything(text).into(),
            None => match &entry.text.pieces()[..] {
                [Piece::Symbol(_), ..] => Tri::Unknown,
                [Piece::Literal(start), Piece::Symbol(Symbol::Opaque(_)), ..] if "arn:aws:".starts_with(&**start) => {
                    Tri::Unknown
                }
                _ => Tri::No,
            },
        };
        answer = answer.or(all);
    }
    answer
}

/// `*`, `*:*`, `arn:*`, `arn:aws:*`, `arn:*:*:*:*:*`
pub fn is_everything(text: &str) -> bool {
    let rest = text.strip_prefix("arn:").unwrap_or(text);
    let rest = rest.strip_prefix("aws:").unwrap_or(rest);
    !rest.is_empty() && rest.bytes().all(|byte| byte == b'*' || byte == b':') && rest.contains('*')
}

fn covers(scope: &Scope<'_>, subject: &Text<'_>) -> Tri {
    let mut answer = if scope.unknown.is_some() { Tri::Unknown } else { Tri::No };
    for entry in &scope.entries {
        answer = answer.or(entry.pattern.matches(subject));
    }
    match (scope.negated, answer) {
        (true, Tri::Yes) => Tri::No,
        (true, Tri::No) => Tri::Yes,
        _ => answer,
    }
}

/// Whether a managed policy is used as permissions boundary and nothing else: it grants nothing then.
pub fn is_boundary_only(policy: Resource<'_>) -> bool {
    if !policy.is("AWS::IAM::ManagedPolicy") || !policy.follow(Rel::AttachedTo).is_empty() {
        return false;
    }
    let holders = policy.followed_by(Rel::HasPolicy).edges;
    !holders.is_empty() && holders.iter().all(|edge| edge.from.get("PermissionsBoundary").place() == edge.value.place())
}
