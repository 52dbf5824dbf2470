//! See the documentation of the rule below.

use crate::iam::condition::{Base, Condition, boolean};
use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Statement};
use crate::rules::Doubt;
use crate::rules::policies::Document;
use crate::rules::prelude::*;

const KEY: &str = "aws:MultiFactorAuthPresent";

rule! {
    /// A guard on multi-factor authentication also holds where the key is missing.
    ///
    /// Requests with long-term access keys carry no `aws:MultiFactorAuthPresent`. `Deny` with `Bool` false does not
    /// match them, so they pass without MFA; `Deny` with `Null` alone lets sessions without MFA pass; `Allow` with
    /// `BoolIfExists` true lets them in.
    ///
    /// Deny with `BoolIfExists` false, allow with `Bool` true. In resource policies spare AWS services and roles, which
    /// never have MFA.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Action: '*', Resource: '*', Condition: {Bool: {'aws:MultiFactorAuthPresent': 'false'}}}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Action: '*', Resource: '*', Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}}]
    /// ```
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", aws:MultiFactorAuthPresent.
    {
        id: "iam-mfa-deny-ifexists", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Safe,
        on: [
            "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
            "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy", "AWS::SSO::PermissionSet",
            "Stackproof::IAM::PolicyDocument", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::KMS::ReplicaKey",
            "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy", "AWS::SQS::QueuePolicy",
            "AWS::SQS::QueueInlinePolicy", "AWS::SecretsManager::ResourcePolicy", "AWS::Logs::ResourcePolicy",
            "AWS::ECR::Repository", "AWS::EC2::VPCEndpoint", "AWS::Backup::BackupVault", "AWS::EFS::FileSystem",
            "AWS::ApiGateway::RestApi", "AWS::S3::AccessPoint",
        ],
    }
    |check, resource| {
        for document in check.documents(resource) {
            let policy = document.policy();
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            // One statement makes up for another: with one that is not known, nothing is said.
            if let Some(doubt) = policy.statements.iter().find_map(|statement| mfa_doubt(&document, statement)) {
                check.leave_open(Some(doubt));
                continue;
            }
            let denies = |base: Base, value: bool| {
                policy.statements.iter().any(|statement| {
                    statement.effect == Effect::Deny
                        && statement.conditions.iter().any(|condition| is(condition, base, value))
                })
            };
            for statement in &policy.statements {
                for condition in &statement.conditions {
                    let Some(operator) = condition.operator else { continue };
                    let place = document.place(condition.at);
                    match statement.effect {
                        Effect::Deny
                            if is(condition, Base::Bool, false) && !operator.if_exists && !denies(Base::Null, true) =>
                        {
                            check
                                .fail(place, "long-term access keys carry no MFA key, so this deny does not match them")
                                .fix(mend(&document, statement));
                        }
                        Effect::Deny if is(condition, Base::Null, true) && !denies(Base::Bool, false) => {
                            check
                                .fail(
                                    place,
                                    "this deny matches only requests without the MFA key: sessions without MFA pass",
                                )
                                .fix(Fix::suggested("deny with BoolIfExists aws:MultiFactorAuthPresent false"));
                        }
                        Effect::Allow if is(condition, Base::Bool, true) && operator.if_exists => {
                            check
                                .fail(place, "without the MFA key the condition holds, so this allows requests with long-term access keys")
                                .fix(Fix::suggested("use Bool instead of BoolIfExists"));
                        }
                        Effect::Deny
                            if is(condition, Base::Bool, false)
                                && operator.if_exists
                                && matches!(document.kind, PolicyKind::Resource | PolicyKind::Key)
                                && !spares(statement) =>
                        {
                            check
                                .fail(place, "this also denies AWS services and roles, which never have MFA")
                                .category(Category::Reliability)
                                .severity(Severity::Low)
                                .fix(Fix::suggested(
                                    "spare them: aws:PrincipalIsAWSService false, ArnNotLike aws:PrincipalArn",
                                ));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

/// What leaves open what a statement says about MFA.
fn mfa_doubt<'s>(document: &Document<'s>, statement: &Statement<'s>) -> Option<Doubt> {
    let mut about = statement.conditions.iter().filter(|condition| condition.key.eq_ignore_ascii_case(KEY)).peekable();
    about.peek()?;
    document.has_effect(statement, Effect::Deny).err().or_else(|| {
        let open = about
            .flat_map(|condition| condition.unknown.into_iter().chain(condition.values.iter().map(|value| value.at)));
        open.filter_map(|at| document.doubt(at)).next()
    })
}

/// A condition on the MFA key with this operator and this one value.
fn is(condition: &Condition<'_>, base: Base, value: bool) -> bool {
    condition.key.eq_ignore_ascii_case(KEY)
        && condition.operator.is_some_and(|operator| operator.base == base)
        && condition.unknown.is_none()
        && !condition.values.is_empty()
        && condition.values.iter().all(|entry| entry.text.as_literal().and_then(boolean) == Some(value))
}

/// Whether further conditions or the principals leave out services and roles.
fn spares(statement: &Statement<'_>) -> bool {
    const KEYS: [&str; 5] =
        ["aws:PrincipalIsAWSService", "aws:PrincipalArn", "aws:ViaAWSService", "aws:PrincipalType", "aws:PrincipalTag"];
    statement.unknown.is_some()
        || statement.conditions.iter().any(|condition| {
            KEYS.iter().any(|key| condition.key.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key)))
        })
}

/// The condition with `BoolIfExists`: safe in identity policies; in others it would deny services and roles too.
fn mend(document: &Document<'_>, statement: &Statement<'_>) -> Fix {
    let text = "use BoolIfExists instead of Bool";
    match (document.kind, statement.condition_at, with_if_exists(statement)) {
        (PolicyKind::Identity, Some(at), Some(conditions)) => {
            Fix::safe(text, vec![Edit::replace(document.holder, document.place(at), conditions)])
        }
        _ => Fix::suggested(text),
    }
}

/// The conditions of a statement as JSON, where all of them are known.
fn with_if_exists(statement: &Statement<'_>) -> Option<serde_json::Value> {
    use serde_json::{Map, Value as Json, json};
    let mut operators = Map::new();
    for condition in &statement.conditions {
        let mut operator = condition.operator_name.to_string();
        if is(condition, Base::Bool, false) && condition.operator.is_some_and(|operator| !operator.if_exists) {
            operator.push_str("IfExists");
        }
        if condition.unknown.is_some() {
            return None;
        }
        let values: Vec<Json> = condition
            .values
            .iter()
            .map(|value| value.text.as_literal().map(|text| json!(text)))
            .collect::<Option<_>>()?;
        let values = match &values[..] {
            [value] if !condition.listed => value.clone(),
            _ => Json::Array(values),
        };
        operators
            .entry(operator)
            .or_insert_with(|| json!({}))
            .as_object_mut()?
            .insert(condition.key.to_string(), values);
    }
    Some(Json::Object(operators))
}
