//! See the documentation of the rule below.

use crate::iam::condition::KeyState;
use crate::rules::Doubt;
use crate::rules::prelude::*;

use super::service_use::{KeyOf, Need, key_of, report};

/// What CloudTrail does with the key of a trail. `kms:DescribeKey` is asked without encryption context and does not decide
/// alone. Source: CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail".
const TRAIL_CALLS: &[&str] = &["kms:GenerateDataKey"];

/// "If you are using an existing S3 bucket with an S3 Bucket Key, kms:Decrypt permissions are required to create or update a
/// trail with SSE-KMS encryption enabled." Source: the same page.
const BUCKET_KEY_CALLS: &[&str] = &["kms:Decrypt"];

rule! {
    /// A trail's KMS key must let CloudTrail encrypt with it.
    ///
    /// CloudTrail makes a data key for every log file as `cloudtrail.amazonaws.com`, with the ARN of the trail both as
    /// encryption context and as `aws:SourceArn`. A key policy that does not name the service, or names another trail,
    /// makes the creation of the trail fail.
    ///
    /// Mend it with the statement that AWS documents: `kms:GenerateDataKey*` for the service, scoped to the trail.
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
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {IsLogging: true, S3BucketName: acme-logs, KMSKeyId: !GetAtt Key.Arn}
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
    ///             Principal: {Service: cloudtrail.amazonaws.com}
    ///             Action: kms:GenerateDataKey*
    ///             Resource: '*'
    ///             Condition:
    ///               StringLike: {'kms:EncryptionContext:aws:cloudtrail:arn': !Sub 'arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*'}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {IsLogging: true, S3BucketName: acme-logs, KMSKeyId: !GetAtt Key.Arn}
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail".
    {
        id: "kms-policy-cloudtrail", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail"],
        aws_error: "InsufficientEncryptionPolicyException: Insufficient permissions to access S3 bucket or KMS key",
    }
    |check, trail| {
        for edge in trail.follow(Rel::EncryptedBy) {
            let key = match key_of(&edge) {
                KeyOf::Key(key) => key,
                KeyOf::Managed => {
                    check.fail(
                        &edge.value,
                        "CloudTrail cannot encrypt with a key of AWS, only with a customer managed one",
                    );
                    continue;
                }
                KeyOf::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    continue;
                }
            };
            let mut need = Need::new("cloudtrail.amazonaws.com", "CloudTrail", TRAIL_CALLS, trail);
            let context = trail.arn().map_or(KeyState::Present, |arn| KeyState::Values(vec![arn]));
            need = need.context("kms:EncryptionContext:aws:cloudtrail:arn", context);
            // A trail of an organisation is the management account's, which need not be this stack's.
            let refused = report(check, &edge.value, key, &need, Some(statement)).is_some();
            let Some(doubt) = bucket_key(trail).filter(|_| !refused) else { continue };
            let unbound = KeyState::Unknown;
            let need = Need { actions: BUCKET_KEY_CALLS, ..need }.context("kms:EncryptionContext:aws:cloudtrail:arn", unbound);
            check.in_doubt(doubt, || {
                if let Some(finding) = report(check, &edge.value, key, &need, None::<fn() -> serde_json::Value>) {
                    // The documentation does not say whose call it is.
                    finding
                        .severity(Severity::High)
                        .category(Category::Reliability)
                        .fix(Fix::suggested("let CloudTrail kms:Decrypt too: the trail's bucket has an S3 Bucket Key"));
                }
            });
        }
    }
}

/// Whether the bucket of a trail has an S3 Bucket Key, with what leaves it open.
fn bucket_key(trail: Resource<'_>) -> Option<Option<Doubt>> {
    let buckets = trail.follow(Rel::DeliversTo).into_iter().filter_map(|edge| edge.target.resource());
    let rules = buckets.flat_map(|bucket| {
        bucket.get("BucketEncryption.ServerSideEncryptionConfiguration").items_or_one().known().unwrap_or_default()
    });
    let has_key = |rule: Value<'_>| {
        let (algorithm, key) = (rule.path("ServerSideEncryptionByDefault.SSEAlgorithm"), rule.get("BucketKeyEnabled"));
        let is_or_may_be = |is: bool, value: &Value<'_>| is || Doubt::of(value).is_some();
        (is_or_may_be(algorithm.literal() == Read::Known("aws:kms".into()), &algorithm)
            && is_or_may_be(key.boolean() == Read::Known(true), &key))
        .then(|| Doubt::of(&algorithm).or_else(|| Doubt::of(&key)))
    };
    rules.filter_map(has_key).min_by_key(Option::is_some)
}

fn statement() -> serde_json::Value {
    serde_json::json!({
        "Sid": "AllowCloudTrail",
        "Effect": "Allow",
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": ["kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": { "StringLike": {
            "kms:EncryptionContext:aws:cloudtrail:arn": { "Fn::Sub": "arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*" }
        } }
    })
}
