//! See the documentation of the rule below.

use crate::iam::condition::Base;
use crate::model::text::Piece;
use crate::rules::prelude::*;
use crate::rules::texts::at_preview;
use crate::rules::{Check, Doubt};

use super::service_use::{KeyOf, key_of};

/// Properties that take nothing but the ARN of a key, with AWS's answer to anything else.
const ARN_ONLY: &[(&str, &str, &str)] = &[
    ("AWS::Logs::LogGroup", "KmsKeyId", "InvalidParameterException: Invalid KMS key ARN"),
    (
        "AWS::Lambda::Function",
        "KmsKeyArn",
        "Value at 'kMSKeyArn' failed to satisfy constraint: Member must satisfy regular expression pattern",
    ),
    ("AWS::Config::DeliveryChannel", "S3KmsKeyArn", "InvalidS3KmsKeyArnException: The ARN is not a valid KMS key ARN"),
    ("AWS::Backup::BackupVault", "EncryptionKeyArn", "InvalidParameterValueException: Invalid KMS key ARN"),
];

/// The value that an S3 request carries in this header is always the full ARN of the key.
const S3_KEY_CONDITION: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";

rule! {
    /// A key is named in the form that the service takes, and is of a kind that it can use.
    ///
    /// CloudWatch Logs, Lambda, AWS Config and AWS Backup take only the ARN of a key; `Ref` of a key yields its id, and
    /// creation fails. The condition key `s3:x-amz-server-side-encryption-aws-kms-key-id` compares full ARNs, so an id
    /// there never matches. No service encrypts with an asymmetric or HMAC key.
    ///
    /// Mend it with `Fn::GetAtt: [Key, Arn]` (`key.arn` in Pulumi).
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key, Properties: {Description: logs}}
    ///   Logs: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: !Ref Key}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key, Properties: {Description: logs}}
    ///   Logs: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: !GetAtt Key.Arn}}
    /// ```
    ///
    /// Source: CloudFormation Template Reference, AWS::Logs::LogGroup "KmsKeyId"; Lambda API Reference,
    /// "CreateFunction"; S3 User Guide, "Bucket policy examples using condition keys".
    {
        id: "kms-consumer-key-format", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: [
            "AWS::Logs::LogGroup", "AWS::Lambda::Function", "AWS::Config::DeliveryChannel", "AWS::Backup::BackupVault",
            "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::CloudTrail::Trail", "AWS::S3::Bucket",
            "AWS::SecretsManager::Secret", "AWS::S3::BucketPolicy",
        ],
    }
    |check, resource| {
        if resource.is("AWS::S3::BucketPolicy") {
            policy_conditions(check, resource);
            return;
        }
        for &(_, path, error) in ARN_ONLY.iter().filter(|(kind, ..)| resource.is(kind)) {
            arn_only(check, resource, &resource.get(path), error);
        }
        for edge in resource.follow(Rel::EncryptedBy) {
            if let KeyOf::Key(key) = key_of(&edge) {
                kind_of_key(check, resource, &edge.value, key);
            }
        }
    }
}

fn arn_only<'s>(check: &Check<'s>, resource: Resource<'s>, value: &Value<'s>, error: &str) {
    let text = match value.text() {
        Read::Known(text) => text,
        // A parameter may be given an id; at a preview it is known to be an output of the key, but not which.
        Read::Unknown(unknown) if resource.is_pulumi() || matches!(unknown.why(), Why::Parameter(_)) => {
            check.undetermined(value, unknown);
            return;
        }
        _ => return,
    };
    match &text {
        Text::Literal(text) if text.is_empty() || text.starts_with("arn:") => {}
        Text::Literal(_) => {
            check
                .fail(value, "this property takes the ARN of a key, not an id or alias")
                .aws_error(error)
                .fix(Fix::suggested("give the full ARN of the key"));
        }
        Text::Symbolic(pieces) => match pieces.first() {
            Some(Piece::Symbol(Symbol::Id(id) | Symbol::Name(id))) => {
                let key = Resource::new(resource.world(), *id);
                if !key.kind().starts_with("AWS::KMS::") {
                    return;
                }
                let fix = if key.is("AWS::KMS::Alias") || resource.is_pulumi() {
                    Fix::suggested(format!("name {} by its ARN", key.label()))
                } else {
                    let arn = serde_json::json!({ "Fn::GetAtt": [key.logical_id(), "Arn"] });
                    Fix::safe("refer to the ARN of the key", vec![Edit::replace(resource, value, arn)])
                };
                let what = if key.is("AWS::KMS::Alias") { "the name of an alias" } else { "the id of the key" };
                check
                    .fail(value, format!("this is {what} {}, and the property takes only an ARN", key.label()))
                    .aws_error(error)
                    .related(key, key, "is named here")
                    .fix(fix);
            }
            Some(Piece::Symbol(Symbol::Opaque(_))) => check.leave_open(Doubt::of(value)),
            Some(Piece::Literal(start)) if start.len() < 4 && "arn:".starts_with(&**start) => {
                check.leave_open(Doubt::of(value));
            }
            Some(Piece::Literal(start)) if !start.starts_with("arn:") => {
                check
                    .fail(value, "this property takes the ARN of a key, not an id or alias")
                    .aws_error(error)
                    .fix(Fix::suggested("give the full ARN of the key"));
            }
            _ => {}
        },
    }
}

/// Services encrypt with symmetric keys for encryption only.
fn kind_of_key<'s>(check: &Check<'s>, resource: Resource<'s>, at: &Value<'s>, key: Resource<'s>) {
    if key.is("AWS::KMS::ReplicaKey") {
        return;
    }
    let (spec, usage) = (key.effective("KeySpec"), key.get("KeyUsage"));
    check.leave_open([&spec, &usage].into_iter().find_map(Doubt::of).map(|doubt| Doubt { at: at.place(), ..doubt }));
    let (spec, usage) = (spec.literal().known(), usage.literal().known());
    let wrong = match (spec.as_deref(), usage.as_deref()) {
        (Some(spec), _) if spec != "SYMMETRIC_DEFAULT" => Some(spec),
        (_, Some(usage)) if usage != "ENCRYPT_DECRYPT" => Some(usage),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let finding = check
            .fail(at, format!("{} is a {wrong} key; services encrypt only with symmetric keys", key.label()))
            .related(key, key.get("KeySpec"), "is of this kind");
        // Only these look at the key when they are set up.
        if !matches!(resource.kind(), "AWS::Logs::LogGroup" | "AWS::CloudTrail::Trail" | "AWS::Backup::BackupVault") {
            finding.category(Category::Reliability);
        }
    }
}

fn policy_conditions<'s>(check: &Check<'s>, resource: Resource<'s>) {
    for document in check.documents(resource) {
        if let Some(unknown) = document.unknown().filter(|_| resource.is_pulumi()) {
            check.undetermined(&document.value, unknown);
            continue;
        }
        for condition in document.policy().statements.iter().flat_map(|statement| &statement.conditions) {
            let compares = condition.operator.is_some_and(|operator| {
                matches!(
                    operator.base,
                    Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn
                )
            });
            if !compares || !condition.key.eq_ignore_ascii_case(S3_KEY_CONDITION) {
                continue;
            }
            for value in &condition.values {
                if let Some(unknown) = at_preview(&value.text, resource) {
                    check.undetermined(document.place(value.at), unknown);
                    continue;
                }
                let never = match &value.text {
                    Text::Literal(text) => {
                        !text.is_empty() && !text.starts_with("arn:") && !text.starts_with(['*', '?', '$'])
                    }
                    Text::Symbolic(pieces) => {
                        matches!(pieces.first(), Some(Piece::Symbol(Symbol::Id(id))) if Resource::new(resource.world(), *id).kind().starts_with("AWS::KMS::"))
                    }
                };
                if never {
                    check
                        .fail(
                            document.place(value.at),
                            "the key that S3 compares here is always an ARN: an id or alias never matches",
                        )
                        .category(Category::Reliability)
                        .fix(Fix::suggested("compare with the ARN of the key"));
                }
            }
        }
    }
}
