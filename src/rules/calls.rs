//! The calls that AWS services make on a user's resources, as requests for the evaluator.
//!
//! Source: IAM User Guide, "Cross-service confused deputy prevention" and "AWS global condition context keys": a service
//! that acts for a resource sends its ARN and account.

use crate::graph::Rel;
use crate::iam::condition::KeyState;
use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::model::{Resource, Text};

/// A call of a service (`events.amazonaws.com`) on behalf of `source`, whose ARN is `source_arn` where it is known.
pub fn service_call<'s>(
    service: &'static str,
    action: &'static str,
    resource: Text<'s>,
    target: Resource<'s>,
    source: Resource<'s>,
    source_arn: Option<Text<'s>>,
) -> Request<'s> {
    let request = Request::new(Principal::service(service), action, resource)
        .in_account(target.account())
        .with("aws:SourceAccount", source.account())
        .with("aws:PrincipalServiceName", service)
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:ViaAWSService", "false")
        .with("aws:SecureTransport", "true");
    match source_arn {
        Some(arn) => request.with("aws:SourceArn", arn),
        None => request,
    }
}

/// What CloudTrail does to the bucket of a trail before it takes it: it reads the ACL, and writes below
/// `[prefix/]AWSLogs/<account>/`.
/// Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
pub fn cloudtrail_to_bucket<'s>(
    trail: Resource<'s>,
    bucket: Resource<'s>,
    prefix: Option<Text<'s>>,
) -> [Request<'s>; 2] {
    const SERVICE: &str = "cloudtrail.amazonaws.com";
    let arn = bucket.arn().unwrap_or_else(|| Text::from("*"));
    let mut key = vec![arn.clone(), Text::from("/")];
    if let Some(prefix) = prefix {
        key.extend([prefix, Text::from("/")]);
    }
    key.extend([Text::from("AWSLogs/"), trail.account(), Text::from("/CloudTrail/"), trail.region()]);
    key.push(Text::from("/2026/01/01/events.json.gz"));
    let call = |action, on| service_call(SERVICE, action, on, bucket, trail, trail.arn());
    let mut write = call("s3:PutObject", Text::concat(key)).with("s3:x-amz-acl", "bucket-owner-full-control");
    let kms_key = trail.get("KMSKeyId");
    if !kms_key.is_absent() {
        // With a key CloudTrail names it in the request, as an ARN.
        write = write.with("s3:x-amz-server-side-encryption", "aws:kms");
        let named = trail.follow(Rel::EncryptedBy).into_iter().find_map(|edge| edge.target.resource());
        const KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
        write = match named.and_then(Resource::arn).or_else(|| kms_key.text().known()) {
            Some(arn) => write.with(KEY, arn),
            None => write.with_state(KEY, KeyState::Present),
        };
    }
    [call("s3:GetBucketAcl", arn), write]
}

/// What CloudTrail writes for the organization of a trail, below `[prefix/]AWSLogs/<organization>/`.
/// Source: CloudTrail User Guide, "Creating a trail for an organization with the AWS CLI".
pub fn organization_trail_to_bucket<'s>(
    trail: Resource<'s>,
    bucket: Resource<'s>,
    prefix: Option<Text<'s>>,
    organization: &'s str,
) -> Request<'s> {
    let mut key = vec![bucket.arn().unwrap_or_else(|| Text::from("*")), Text::from("/")];
    if let Some(prefix) = prefix {
        key.extend([prefix, Text::from("/")]);
    }
    key.extend([Text::from("AWSLogs/"), Text::from(organization), Text::from("/"), trail.account()]);
    key.push(Text::from("/CloudTrail/events.json.gz"));
    service_call("cloudtrail.amazonaws.com", "s3:PutObject", Text::concat(key), bucket, trail, trail.arn())
        .with("s3:x-amz-acl", "bucket-owner-full-control")
}

/// What AWS Config does to the bucket of a delivery channel before it takes the channel.
/// Source: AWS Config Developer Guide, "Permissions for the Amazon S3 bucket for the AWS Config delivery channel".
pub fn config_to_bucket<'s>(channel: Resource<'s>, bucket: Resource<'s>, prefix: Option<Text<'s>>) -> [Request<'s>; 2] {
    const SERVICE: &str = "config.amazonaws.com";
    let arn = bucket.arn().unwrap_or_else(|| Text::from("*"));
    let mut key = vec![arn.clone(), Text::from("/")];
    if let Some(prefix) = prefix {
        key.extend([prefix, Text::from("/")]);
    }
    key.extend([Text::from("AWSLogs/"), channel.account(), Text::from("/Config/ConfigWritabilityCheckFile")]);
    // AWS documents the account only; whether an ARN comes with it is not said.
    let call = |action, on| {
        service_call(SERVICE, action, on, bucket, channel, None).with_state("aws:SourceArn", KeyState::Unknown)
    };
    [
        call("s3:GetBucketAcl", arn),
        call("s3:PutObject", Text::concat(key)).with("s3:x-amz-acl", "bucket-owner-full-control"),
    ]
}

/// What CloudWatch's log delivery does to the bucket of a flow log below `folder` (without slashes at its ends).
/// Source: VPC User Guide, "Amazon S3 bucket permissions for flow logs"; CloudWatch Logs User Guide, "Logs sent to Amazon S3".
pub fn flow_log_to_bucket<'s>(
    flow_log: Resource<'s>,
    bucket: Resource<'s>,
    folder: Option<Text<'s>>,
) -> [Request<'s>; 2] {
    const SERVICE: &str = "delivery.logs.amazonaws.com";
    let arn = bucket.arn().unwrap_or_else(|| Text::from("*"));
    let mut key = vec![arn.clone(), Text::from("/")];
    if let Some(folder) = folder {
        key.extend([folder, Text::from("/")]);
    }
    key.extend([Text::from("AWSLogs/"), flow_log.account(), Text::from("/vpcflowlogs/"), flow_log.region()]);
    key.push(Text::from("/2026/01/01/flow.log.gz"));
    // The delivery is a source of CloudWatch Logs, not the flow log itself.
    let source = flow_log.arn_beside("logs", [Text::from("flow-log")]);
    let call = |action, on| service_call(SERVICE, action, on, bucket, flow_log, Some(source.clone()));
    [
        call("s3:GetBucketAcl", arn),
        call("s3:PutObject", Text::concat(key)).with("s3:x-amz-acl", "bucket-owner-full-control"),
    ]
}

/// What S3 does to the bucket that takes the access logs of `source`, below `prefix`.
/// Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging" (permissions for log delivery).
pub fn access_log_to_bucket<'s>(source: Resource<'s>, bucket: Resource<'s>, prefix: Option<Text<'s>>) -> Request<'s> {
    let arn = bucket.arn().unwrap_or_else(|| Text::from("*"));
    let mut key = vec![arn, Text::from("/")];
    key.extend(prefix);
    key.push(Text::from("2026-01-01-00-00-00-0123456789ABCDEF"));
    service_call("logging.s3.amazonaws.com", "s3:PutObject", Text::concat(key), bucket, source, source.arn())
}
