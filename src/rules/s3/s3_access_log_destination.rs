//! See the documentation of the rule below.

use super::load_balancer;
use crate::rules::Doubt;
use crate::rules::calls::access_log_to_bucket;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;

rule! {
    /// A bucket that takes access logs can receive them.
    ///
    /// S3 writes server access logs as `logging.s3.amazonaws.com`. It does not write into a bucket of another region, with KMS
    /// as default encryption or with a default retention of Object Lock, and needs the bucket's policy (or, where ACLs are
    /// allowed, the log-delivery group). Apart from the region nothing is refused: the logs just never arrive.
    ///
    /// Application Load Balancers look whether they may write before they take the bucket, and want SSE-S3 as well.
    ///
    /// Mend it with SSE-S3 as the encryption of the log bucket, and a statement for the service with `aws:SourceArn`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Logs}}
    ///   Logs: {Type: AWS::S3::Bucket}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Logs}}
    ///   Logs: {Type: AWS::S3::Bucket}
    ///   Policy:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Logs
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {Service: logging.s3.amazonaws.com}
    ///             Action: s3:PutObject
    ///             Resource: !Sub '${Logs.Arn}/*'
    ///             Condition: {StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging".
    {
        id: "s3-access-log-destination", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket", "AWS::ElasticLoadBalancingV2::LoadBalancer"],
        aws_error: "InvalidTargetBucketForLogging: The target bucket for logging does not exist, is not owned by you, or is in another region",
    }
    |check, source| {
        if source.is("AWS::ElasticLoadBalancingV2::LoadBalancer") {
            balancer(check, source);
            return;
        }
        let named = source.get("LoggingConfiguration.DestinationBucketName");
        let Some(edge) = source.follow(Rel::DeliversTo).into_iter().next() else {
            if let Kind::Unknown(unknown) = named.kind()
                && source.get("LoggingConfiguration").is_present()
                && !source.get("LoggingConfiguration").is_unknown()
            {
                check.undetermined(&named, unknown);
            }
            return;
        };
        let Some(bucket) = check.target(&edge) else { return };
        // What S3 does not refuse: the logs are lost without a word.
        let lost = |message: String| {
            check.fail(&edge.value, message).category(Category::Reliability).no_aws_error()
        };
        if bucket == source {
            lost("the bucket logs into itself: every delivery is logged again".to_owned())
                .severity(Severity::Medium)
                .fix(Fix::suggested("use another bucket for the logs"));
            return;
        }
        if let (Some(from), Some(to)) = (source.region().as_literal(), bucket.region().as_literal())
            && from != to
        {
            check.fail(&edge.value, format!("the log bucket {} is in {to}, the bucket in {from}", bucket.label()));
            return;
        }
        let encryption = bucket.get("BucketEncryption.ServerSideEncryptionConfiguration");
        match encryption.items_or_one() {
            Read::Known(items) => {
                for item in items {
                    let algorithm = item.path("ServerSideEncryptionByDefault.SSEAlgorithm");
                    match algorithm.literal() {
                        Read::Known(name) if name.starts_with("aws:kms") => {
                            lost(format!("the log bucket {} encrypts with KMS: access logs are not delivered", bucket.label()))
                                .related(bucket, &algorithm, "encrypts with KMS")
                                .fix(Fix::suggested("encrypt the log bucket with AES256 (SSE-S3)"));
                            return;
                        }
                        Read::Unknown(unknown) => {
                            check.undetermined(&edge.value, unknown);
                        }
                        _ => {}
                    }
                }
            }
            Read::Unknown(unknown) => {
                check.undetermined(&edge.value, unknown);
            }
            _ => {}
        }
        let retention = bucket.get("ObjectLockConfiguration.Rule.DefaultRetention");
        if retention.is_present() {
            lost(format!("the log bucket {} has a default retention: access logs are not delivered", bucket.label()))
                .related(bucket, &retention, "is the retention")
                .fix(Fix::suggested("use a log bucket without a default retention"));
            return;
        }
        let prefix = source.get("LoggingConfiguration.LogFilePrefix").symbolic();
        let request = access_log_to_bucket(source, bucket, prefix);
        let guard = check.guard(bucket);
        match guard.ask(&request) {
            Answer::Allowed => {}
            Answer::Unknown(unknown) => {
                check.undetermined(&edge.value, unknown);
            }
            Answer::Denied { explanation, statement } => {
                let finding =
                    lost(format!("the policy of {} denies the delivery of access logs", bucket.label())).explain(explanation);
                if let Some(place) = statement {
                    finding.related(guard.documents.first().map_or(bucket, |document| document.holder), place, "denies it");
                }
            }
            Answer::Refused { explanation, .. } => match by_acl(bucket) {
                Tri::Yes => {}
                Tri::Unknown => {
                    check.undetermined(&edge.value, Unknown::other("whether an ACL admits the log-delivery group is not known"));
                }
                Tri::No => {
                    lost(format!("the log bucket {} does not let logging.s3.amazonaws.com write", bucket.label()))
                        .explain(explanation)
                        .fix(Fix::suggested("allow logging.s3.amazonaws.com s3:PutObject in the log bucket's policy, with aws:SourceArn of this bucket"));
                }
            },
        }
    }
}

/// Whether the log-delivery group may write by the bucket's ACL, which works only where ACLs are allowed.
fn by_acl(bucket: Resource<'_>) -> Tri {
    let acl = match bucket.get("AccessControl").literal() {
        Read::Known(name) => name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase(),
        Read::Unknown(_) => return Tri::Unknown,
        _ => return Tri::No,
    };
    if acl != "logdeliverywrite" && acl != "publicreadwrite" {
        return Tri::No;
    }
    let rules = bucket.get("OwnershipControls.Rules");
    match rules.items_or_one() {
        Read::Known(items) => items.iter().fold(Tri::No, |any, item| {
            any.or(match item.get("ObjectOwnership").literal() {
                Read::Known(text) if text != "BucketOwnerEnforced" => Tri::Yes,
                Read::Unknown(_) => Tri::Unknown,
                _ => Tri::No,
            })
        }),
        Read::Unknown(_) => Tri::Unknown,
        // An ACL without ownership controls is refused when the bucket is made: another rule says so.
        _ => Tri::Yes,
    }
}

/// A load balancer tries to write when the attribute is set, and is refused.
fn balancer<'s>(check: &crate::rules::Check<'s>, source: Resource<'s>) {
    const REFUSED: &str = "Access Denied for bucket. Please check S3bucket permission";
    let logs = match load_balancer::logs(source) {
        Ok(Some(logs)) => logs,
        Ok(None) => return,
        Err((value, unknown)) => {
            check.undetermined(&value, unknown);
            return;
        }
    };
    let bucket = logs.bucket;
    let rules = bucket.get("BucketEncryption.ServerSideEncryptionConfiguration");
    let items = rules.items_or_one().known().unwrap_or_default();
    let algorithms = items.iter().map(|item| item.path("ServerSideEncryptionByDefault.SSEAlgorithm"));
    for algorithm in algorithms {
        if algorithm.literal().known().is_some_and(|name| name.starts_with("aws:kms")) {
            check
                .fail(
                    &logs.value,
                    format!("the log bucket {} encrypts with KMS: load balancers want SSE-S3", bucket.label()),
                )
                .aws_error(REFUSED)
                .related(bucket, &algorithm, "encrypts with KMS")
                .fix(Fix::suggested("encrypt the log bucket with AES256 (SSE-S3)"));
            return;
        }
    }
    let algorithms = items.iter().map(|item| item.path("ServerSideEncryptionByDefault.SSEAlgorithm"));
    if let Some(doubt) = algorithms.filter_map(|algorithm| Doubt::of(&algorithm)).next() {
        check.undetermined(&logs.value, doubt.unknown);
    }
    let guard = check.guard(bucket);
    match load_balancer::ask(&guard, source, &logs) {
        Answer::Allowed => {}
        Answer::Unknown(unknown) => {
            check.undetermined(&logs.value, unknown);
        }
        Answer::Denied { explanation, .. } | Answer::Refused { explanation, .. } => {
            check
                .fail(
                    &logs.value,
                    format!("the policy of {} does not let the load balancer write its access logs", bucket.label()),
                )
                .aws_error(REFUSED)
                .explain(explanation)
                .fix(Fix::suggested(
                    "allow logdelivery.elasticloadbalancing.amazonaws.com s3:PutObject on [prefix/]AWSLogs/<account>/*",
                ));
        }
    }
}
