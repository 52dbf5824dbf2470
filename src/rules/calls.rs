//! The calls that AWS services make on a user's resources, as requests for the evaluator.
//!
//! Source: IAM User Guide, "Cross-service confused deputy prevention" and "AWS global condition context keys": a service
//! that acts for a resource sends its ARN and account.

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
    [
        call("s3:GetBucketAcl", arn),
        call("s3:PutObject", Text::concat(key)).with("s3:x-amz-acl", "bucket-owner-full-control"),
    ]
}
