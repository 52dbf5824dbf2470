//! See the documentation of the rule below.

use crate::iam::condition::{Base, SetOperator, boolean};
use crate::iam::policy::Effect;
use crate::rules::prelude::*;

/// What the values of a global key are.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    Date,
    Ip,
    Bool,
    Number,
    Arn,
    Text,
}

/// Keys with one value.
const KEYS: &[(&str, Type)] = &[
    ("aws:CurrentTime", Type::Date),
    ("aws:TokenIssueTime", Type::Date),
    ("aws:EpochTime", Type::Date),
    ("aws:SourceIp", Type::Ip),
    ("aws:VpcSourceIp", Type::Ip),
    ("aws:SecureTransport", Type::Bool),
    ("aws:MultiFactorAuthPresent", Type::Bool),
    ("aws:ViaAWSService", Type::Bool),
    ("aws:PrincipalIsAWSService", Type::Bool),
    ("aws:MultiFactorAuthAge", Type::Number),
    ("aws:SourceArn", Type::Arn),
    ("aws:PrincipalArn", Type::Arn),
    ("aws:SourceAccount", Type::Text),
    ("aws:PrincipalOrgID", Type::Text),
    ("aws:PrincipalAccount", Type::Text),
    ("aws:SourceVpc", Type::Text),
    ("aws:SourceVpce", Type::Text),
    ("aws:RequestedRegion", Type::Text),
];

rule! {
    /// Condition keys are compared with the operators of their type.
    ///
    /// A date, address, number or boolean that is compared as a string rarely matches what was meant. `ForAllValues` on
    /// a key with one value is true where the key is missing, so an allow under it holds for everyone without the key.
    ///
    /// Use the operator of the key's type, and `ForAllValues` only for keys with many values, guarded by `Null`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {StringEquals: {'aws:SourceIp': 52.94.76.0/24}}}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {IpAddress: {'aws:SourceIp': 52.94.76.0/24}}}]
    /// ```
    ///
    /// Source: IAM User Guide, "AWS global condition context keys" and "Single-valued vs. multivalued context keys".
    {
        id: "iam-condition-key-operator-mismatch", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
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
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in &document.policy().statements {
                for condition in &statement.conditions {
                    let Some(&(key, kind)) = KEYS.iter().find(|(key, _)| key.eq_ignore_ascii_case(&condition.key))
                    else {
                        continue;
                    };
                    let Some(operator) = condition.operator else { continue };
                    let place = document.place(condition.at);
                    let guarded = statement.conditions.iter().any(|other| {
                        other.key.eq_ignore_ascii_case(key)
                            && other.operator.is_some_and(|operator| operator.base == Base::Null)
                            && other.values.iter().all(|value| value.text.as_literal().and_then(boolean) == Some(false))
                    });
                    if operator.set == Some(SetOperator::All) && !guarded {
                        match document.has_effect(statement, Effect::Allow) {
                            Ok(true) => {
                                check
                                    .fail(place, format!("ForAllValues holds where {key} is missing, so this allows requests without it"))
                                    .severity(Severity::High)
                                    .fix(Fix::suggested("drop ForAllValues: the key has one value"));
                                continue;
                            }
                            Err(doubt) => check.leave_open(Some(doubt)),
                            Ok(false) => {}
                        }
                    }
                    let text =
                        matches!(operator.base, Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike);
                    let fits = match (kind, operator.base) {
                        (_, Base::Null) => true,
                        (Type::Date, Base::Date(_)) => true,
                        (Type::Date, Base::Numeric(_)) => key == "aws:EpochTime",
                        (Type::Ip, base) => base == Base::Ip,
                        (Type::Bool, base) => base == Base::Bool,
                        (Type::Number, base) => matches!(base, Base::Numeric(_)),
                        (Type::Arn, base) => text || base == Base::Arn,
                        (Type::Text, _) => text,
                        (Type::Date, _) => false,
                    };
                    if !fits {
                        check
                            .fail(
                                place,
                                format!(
                                    "{key} is compared with {}, which is not an operator of its type",
                                    condition.operator_name
                                ),
                            )
                            .fix(Fix::suggested("use the operator of the key's type"));
                    } else if kind == Type::Arn && operator.base == Base::StringEquals {
                        let wild = condition.values.iter().any(|value| {
                            value.text.pieces().iter().any(|piece| {
                                matches!(piece, crate::model::text::Piece::Literal(text) if text.replace("${", "").contains(['*', '?']))
                            })
                        });
                        if wild {
                            check
                                .fail(place, format!("StringEquals takes the wildcard in {key} for itself"))
                                .severity(Severity::Low)
                                .fix(Fix::suggested("use ArnLike"));
                        }
                    }
                }
            }
        }
    }
}
