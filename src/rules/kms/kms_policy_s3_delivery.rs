//! See the documentation of the rule below.

use crate::iam::condition::KeyState;
use crate::iam::evaluate::{Outcome, PolicyKind, Request, evaluate};
use crate::iam::principal::Principal;
use crate::rules::Check;
use crate::rules::prelude::*;

use super::service_use::{KeyOf, Need, Verdict, documented, judge, key_of, report};

/// What the delivery of logs does with the key of a bucket. Source: CloudWatch Logs User Guide, "Logs sent to Amazon S3".
const DELIVERY: &[&str] = &["kms:GenerateDataKey", "kms:Decrypt"];
/// Source: AWS Config Developer Guide, "Permissions for the KMS key for the AWS Config delivery channel".
const CONFIG: &[&str] = &["kms:GenerateDataKey", "kms:Decrypt"];
const CLOUDTRAIL: &[&str] = &["kms:GenerateDataKey"];

rule! {
    /// The key of a bucket must let the services that deliver logs into it use it.
    ///
    /// A bucket with SSE-KMS encrypts every delivered log with its key. VPC flow logs (`delivery.logs.amazonaws.com`),
    /// AWS Config and CloudTrail without a key of its own need the key policy to name them; otherwise nothing arrives,
    /// and CloudTrail and Config refuse the bucket. Flow logs cannot use the key of AWS (`aws/s3`).
    ///
    /// Mend it with a statement for the service in the key policy.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       BucketEncryption:
    ///         ServerSideEncryptionConfiguration:
    ///           - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: !GetAtt Key.Arn}
    ///   FlowLog:
    ///     Type: AWS::EC2::FlowLog
    ///     Properties: {ResourceId: vpc-0a1b2c3d4e5f60718, ResourceType: VPC, TrafficType: ALL, LogDestinationType: s3, LogDestination: !GetAtt Logs.Arn}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
    ///           - Effect: Allow
    ///             Principal: {Service: delivery.logs.amazonaws.com}
    ///             Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey']
    ///             Resource: '*'
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       BucketEncryption:
    ///         ServerSideEncryptionConfiguration:
    ///           - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: !GetAtt Key.Arn}
    ///   FlowLog:
    ///     Type: AWS::EC2::FlowLog
    ///     Properties: {ResourceId: vpc-0a1b2c3d4e5f60718, ResourceType: VPC, TrafficType: ALL, LogDestinationType: s3, LogDestination: !GetAtt Logs.Arn}
    /// ```
    ///
    /// Source: VPC User Guide, "Required key policy for use with SSE-KMS"; AWS Config Developer Guide, "Permissions for
    /// the KMS key for the AWS Config delivery channel"; CloudTrail User Guide, "Encrypting CloudTrail log files".
    {
        id: "kms-policy-s3-delivery", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::S3::Bucket"],
    }
    |check, bucket| {
        let incoming = bucket.followed_by(Rel::DeliversTo).edges;
        let sources: Vec<_> =
            incoming.into_iter().map(|edge| edge.from).filter(|from| delivers_by_bucket_key(*from)).collect();
        if sources.is_empty() {
            return;
        }
        for rule in bucket.get("BucketEncryption.ServerSideEncryptionConfiguration").items().known().unwrap_or_default()
        {
            let default = rule.get("ServerSideEncryptionByDefault");
            let algorithm = default.get("SSEAlgorithm");
            match algorithm.literal() {
                Read::Known(text) if text.starts_with("aws:kms") => {}
                Read::Unknown(unknown) => {
                    check.undetermined(&algorithm, unknown);
                    continue;
                }
                _ => continue,
            }
            let edge = bucket
                .follow(Rel::EncryptedBy)
                .into_iter()
                .find(|edge| edge.value.place() == default.get("KMSMasterKeyID").place());
            let (value, key) = match edge {
                Some(edge) => (edge.value.clone(), key_of(&edge)),
                None => (algorithm, KeyOf::Managed),
            };
            for &source in &sources {
                delivery(check, bucket, source, &value, &key);
            }
        }
    }
}

/// A trail with a key of its own encrypts with that; server access logs are another rule's.
fn delivers_by_bucket_key(source: Resource<'_>) -> bool {
    match source.kind() {
        "AWS::EC2::FlowLog" => true,
        "AWS::Config::DeliveryChannel" => source.get("S3KmsKeyArn").is_absent(),
        "AWS::CloudTrail::Trail" => source.get("KMSKeyId").is_absent(),
        _ => false,
    }
}

fn delivery<'s>(check: &Check<'s>, bucket: Resource<'s>, source: Resource<'s>, at: &Value<'s>, key: &KeyOf<'s>) {
    let key = match key {
        KeyOf::Key(key) => *key,
        KeyOf::Unknown(unknown) => {
            check.undetermined(at, unknown.clone());
            return;
        }
        KeyOf::Managed => {
            if source.is("AWS::EC2::FlowLog") {
                check
                    .fail(at, "flow logs cannot be delivered to a bucket that is encrypted with the key of AWS")
                    .related(source, source, "delivers to the bucket")
                    .fix(Fix::suggested(
                        "use a customer managed key whose policy names delivery.logs.amazonaws.com, or SSE-S3",
                    ));
            }
            return;
        }
    };
    let context = || KeyState::Values(vec![bucket.arn().unwrap_or_else(|| Text::from("*"))]);
    let finding = match source.kind() {
        "AWS::EC2::FlowLog" => {
            let logs = source.arn_beside("logs", [Text::from("*")]);
            let mut need = Need::new("delivery.logs.amazonaws.com", "the delivery of logs", DELIVERY, source)
                .context("kms:EncryptionContext:aws:s3:arn", KeyState::Present);
            need.source = Some(logs);
            let actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
            report(
                check,
                at,
                key,
                &need,
                Some(|| documented("AllowLogDelivery", "delivery.logs.amazonaws.com", &actions)),
            )
        }
        "AWS::CloudTrail::Trail" => {
            let mut need = Need::new("cloudtrail.amazonaws.com", "CloudTrail", CLOUDTRAIL, source)
                .context("kms:EncryptionContext:aws:s3:arn", KeyState::Present);
            need.source = source.arn();
            report(
                check,
                at,
                key,
                &need,
                Some(|| documented("AllowCloudTrail", "cloudtrail.amazonaws.com", &["kms:GenerateDataKey*"])),
            )
            .map(|finding| {
                finding.aws_error(
                    "InsufficientEncryptionPolicyException: Insufficient permissions to access S3 bucket or KMS key",
                )
            })
        }
        _ => {
            let need = Need::new("config.amazonaws.com", "AWS Config", CONFIG, source)
                .context("kms:EncryptionContext:aws:s3:arn", context());
            if !matches!(judge(check, key, &need), Verdict::Missing { .. }) {
                report(check, at, key, &need, None::<fn() -> serde_json::Value>)
            } else {
                match by_recorder(check, source, key) {
                    Tri::Yes => None,
                    Tri::Unknown => {
                        check.undetermined(
                            at,
                            Unknown::other("the role of the Config recorder may be allowed to use the key"),
                        );
                        None
                    }
                    Tri::No => report(
                        check,
                        at,
                        key,
                        &need,
                        Some(|| {
                            documented("AllowConfig", "config.amazonaws.com", &["kms:Decrypt", "kms:GenerateDataKey"])
                        }),
                    ),
                }
            }
        }
    };
    if let Some(finding) = finding {
        finding.related(source, source, "delivers to the bucket");
    }
}

/// Whether Config reaches the key as the role of its recorder.
fn by_recorder<'s>(check: &Check<'s>, channel: Resource<'s>, key: Resource<'s>) -> Tri {
    let Some(recorder) = channel.stack().of_type("AWS::Config::ConfigurationRecorder").next() else {
        return Tri::Unknown;
    };
    let Some(edge) = recorder.follow(Rel::AssumesRole).pop() else { return Tri::No };
    let role = match edge.target {
        Target::Resource(role) => role,
        // The service-linked role has no permission on keys: Config then calls as itself.
        Target::Outside(text) if text.to_string().contains("AWSServiceRoleForConfig") => return Tri::No,
        _ => return Tri::Unknown,
    };
    let (Some(role_arn), Some(key_arn)) = (role.arn(), key.arn()) else { return Tri::Unknown };
    let identity = check.identity(role);
    let guard = check.guard(key);
    let policies: Vec<_> = identity
        .documents
        .iter()
        .map(|document| (PolicyKind::Identity, document.policy()))
        .chain(guard.documents.iter().map(|document| (document.kind, document.policy())))
        .collect();
    let mut answer = Tri::Yes;
    for action in CONFIG {
        let request = Request::new(Principal::of(role_arn.clone(), Some(role.account())), *action, key_arn.clone())
            .in_account(key.account())
            .open_context();
        answer = answer.and(match evaluate(&request, &policies).outcome {
            Outcome::Allow => Tri::Yes,
            Outcome::ExplicitDeny => Tri::No,
            Outcome::ImplicitDeny if identity.unknown.is_some() => Tri::Unknown,
            Outcome::ImplicitDeny => Tri::No,
            Outcome::Unknown => Tri::Unknown,
        });
    }
    answer
}
