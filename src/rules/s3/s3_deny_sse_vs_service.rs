//! See the documentation of the rule below.

use super::delivery;
use crate::iam::policy::Effect;
use crate::rules::Doubt;
use crate::rules::prelude::*;

rule! {
    /// A denial of unencrypted uploads does not shut out the service that writes logs.
    ///
    /// A statement that denies `s3:PutObject` unless the request names an encryption header also hits AWS services: CloudTrail
    /// without a key, Config and flow logs send no such header, and a negated condition holds for a header that is not there
    /// (`IfExists` makes no difference). The bucket encrypts by default anyway.
    ///
    /// Mend it by adding `Null: {"s3:x-amz-server-side-encryption": "false"}` to the condition, so that only a wrong header is
    /// denied, or by removing the statement.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data: {Type: AWS::S3::Bucket}
    ///   Policy:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Data
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Deny
    ///             Principal: '*'
    ///             Action: s3:PutObject
    ///             Resource: !Sub '${Data.Arn}/*'
    ///             Condition: {StringNotEquals: {'s3:x-amz-server-side-encryption': 'aws:kms'}}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {IsLogging: true, S3BucketName: !Ref Data}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data: {Type: AWS::S3::Bucket}
    ///   Policy:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Data
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Deny
    ///             Principal: '*'
    ///             Action: s3:PutObject
    ///             Resource: !Sub '${Data.Arn}/*'
    ///             Condition:
    ///               StringNotEquals: {'s3:x-amz-server-side-encryption': 'aws:kms'}
    ///               'Null': {'s3:x-amz-server-side-encryption': 'false'}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {IsLogging: true, S3BucketName: !Ref Data}
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"; IAM User Guide, "IAM JSON policy elements:
    /// Condition operators".
    {
        id: "s3-deny-sse-vs-service", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::CloudTrail::Trail", "AWS::Config::DeliveryChannel", "AWS::EC2::FlowLog"],
        aws_error: "InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket",
    }
    |check, source| {
        let delivery = match delivery::of(source) {
            Ok(Some(delivery)) => delivery,
            Ok(None) => return,
            Err((value, unknown)) => {
                check.undetermined(&value, unknown);
                return;
            }
        };
        let request = delivery.calls[1].clone();
        let guard = check.guard(delivery.bucket);
        for document in &guard.documents {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&delivery.value, unknown);
                continue;
            }
            for (index, statement, doubt) in document.statements(Effect::Deny) {
                let about_headers =
                    statement.conditions.iter().any(|condition| condition.key.to_ascii_lowercase().starts_with("s3:x-amz-"));
                if !about_headers {
                    continue;
                }
                let applies = document.policy().applies(index, document.kind, &request);
                if applies.is_no() {
                    continue;
                }
                let open = || Doubt {
                    at: delivery.value.place(),
                    unknown: Unknown::other(format!(
                        "whether {} of the bucket's policy denies the upload is not known",
                        document.policy().statement_name(index)
                    )),
                };
                let doubt = doubt.or_else(|| (!applies.is_yes()).then(open));
                check.in_doubt(doubt.map(|doubt| Doubt { at: delivery.value.place(), ..doubt }), || {
                    check
                        .fail(
                            &delivery.value,
                            format!(
                                "{} of the policy of {} denies the uploads of {}, which do not send the header",
                                document.policy().statement_name(index),
                                delivery.bucket.label(),
                                delivery.service
                            ),
                        )
                        .related(document.holder, document.place(statement.at), "denies it")
                        .fix(Fix::suggested(
                            "add Null {\"s3:x-amz-server-side-encryption\": \"false\"} to the statement's condition, or remove the statement",
                        ));
                });
            }
        }
        if let Some(unknown) = guard.unknown {
            check.undetermined(&delivery.value, unknown);
        }
    }
}
