//! See the documentation of the rule below.

use serde_json::{Value as Json, json};

use crate::rules::calls;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;
use crate::rules::written::written;

rule! {
    /// The bucket of a trail lets CloudTrail write.
    ///
    /// Before it creates a trail, CloudTrail reads the ACL of the bucket and writes a file as the service principal
    /// `cloudtrail.amazonaws.com`. Only the bucket policy can allow that: rights of the account do not cover a service. The
    /// usual faults: no policy at all, a key prefix that the policy does not know, an `aws:SourceArn` of another trail, a Deny
    /// that demands encryption headers which CloudTrail does not send.
    ///
    /// Mend it with the two documented statements, `s3:GetBucketAcl` on the bucket and `s3:PutObject` below `AWSLogs/`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Logs: {Type: AWS::S3::Bucket}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {S3BucketName: !Ref Logs, IsLogging: true}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Logs: {Type: AWS::S3::Bucket}
    ///   LogsPolicy:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Logs
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {Service: cloudtrail.amazonaws.com}
    ///             Action: s3:GetBucketAcl
    ///             Resource: !GetAtt Logs.Arn
    ///           - Effect: Allow
    ///             Principal: {Service: cloudtrail.amazonaws.com}
    ///             Action: s3:PutObject
    ///             Resource: !Sub '${Logs.Arn}/AWSLogs/${AWS::AccountId}/*'
    ///             Condition: {StringEquals: {'s3:x-amz-acl': bucket-owner-full-control}}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     DependsOn: LogsPolicy
    ///     Properties: {S3BucketName: !Ref Logs, IsLogging: true}
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
    {
        id: "cloudtrail-bucket-policy", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail"],
        aws_error: "InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket",
    }
    |check, trail| {
        for edge in trail.follow(Rel::DeliversTo) {
            let Some(bucket) = check.target(&edge) else { continue };
            let prefix = trail.get("S3KeyPrefix");
            let prefix = match prefix.kind() {
                Kind::Absent | Kind::Null => None,
                _ => match prefix.symbolic() {
                    Some(Text::Literal(text)) => {
                        let text = text.trim_matches('/').to_owned();
                        (!text.is_empty()).then(|| Text::literal(text))
                    }
                    symbolic => symbolic,
                },
            };
            let guard = check.guard(bucket);
            let mut failed = false;
            for call in calls::cloudtrail_to_bucket(trail, bucket, prefix.clone()) {
                let action = call.action.to_string();
                match guard.ask(&call) {
                    Answer::Allowed => continue,
                    Answer::Unknown(unknown) => {
                        check.undetermined(&edge.value, unknown);
                    }
                    Answer::Denied { explanation, statement } => {
                        let finding = check
                            .fail(&edge.value, format!("the policy of {} denies CloudTrail {action}", bucket.label()))
                            .explain(explanation);
                        if let Some(place) = statement {
                            let holder = guard.documents.first().map_or(bucket, |document| document.holder);
                            finding.related(holder, place, "denies it");
                        }
                    }
                    Answer::Refused { explanation, .. } => {
                        let message = match guard.documents.is_empty() {
                            true => format!("{} has no bucket policy, so CloudTrail cannot write to it", bucket.label()),
                            false => format!("the policy of {} does not allow CloudTrail {action}", bucket.label()),
                        };
                        let finding = check.fail(&edge.value, message).explain(explanation);
                        let policy = guard.documents.first().map(|document| document.holder);
                        if let Some(policy) = policy {
                            finding
                                .related(policy, policy, "is the bucket policy")
                                .fix(statements(bucket, policy, prefix.as_ref()));
                        } else {
                            finding.fix(Fix::suggested("give the bucket a policy with CloudTrail's two documented statements"));
                        }
                    }
                }
                failed = true;
                break;
            }
            match trail.get("IsOrganizationTrail").boolean() {
                Read::Known(true) if !failed => organization(check, trail, bucket, &edge.value, prefix.clone()),
                Read::Unknown(unknown) if !failed => {
                    check.undetermined(trail.get("IsOrganizationTrail"), unknown);
                }
                _ => {}
            }
            if let Read::Known(payer) = bucket.get("RequestPayConfiguration.Payer").literal()
                && payer == "Requester"
            {
                check.fail(&edge.value, format!("{} is a Requester Pays bucket, which CloudTrail cannot use", bucket.label()));
            }
        }
    }
}

/// A trail of an organization writes below the id of the organization too. No template says the id: a policy that speaks of
/// any organization, or that cannot be told in full, is taken for right.
fn organization<'s>(
    check: &crate::rules::Check<'s>,
    trail: Resource<'s>,
    bucket: Resource<'s>,
    value: &Value<'s>,
    prefix: Option<Text<'s>>,
) {
    let guard = check.guard(bucket);
    let mut names_one = false;
    for document in &guard.documents {
        document.value.document().each_written_string(|_, text| names_one |= text.contains("AWSLogs/o-"));
    }
    let call = calls::organization_trail_to_bucket(trail, bucket, prefix, "o-exampleorgid");
    if !names_one && let Answer::Refused { explanation, .. } = guard.ask(&call) {
        check
            .fail(value, format!("the policy of {} does not let CloudTrail write for the organization", bucket.label()))
            .explain(explanation)
            .fix(Fix::suggested(
                "allow cloudtrail.amazonaws.com s3:PutObject below AWSLogs/<organization id>/ as well",
            ));
    }
}

/// AWS's two documented statements, scoped to this bucket and trail.
fn statements<'s>(bucket: Resource<'s>, policy: Resource<'s>, prefix: Option<&Text<'s>>) -> Fix {
    const TEXT: &str = "add CloudTrail's two documented statements to the bucket policy";
    let list = policy.get("PolicyDocument.Statement");
    // The statements are written with references of a template; a prefix that is not plain text has no place in them.
    let prefix = match prefix {
        None => String::new(),
        Some(Text::Literal(prefix)) if !prefix.contains("${") => format!("{prefix}/"),
        Some(_) => return Fix::suggested(TEXT),
    };
    if !matches!(list.items(), Read::Known(_)) || bucket.stack().id() != policy.stack().id() {
        return Fix::suggested(TEXT);
    }
    let name = bucket.logical_id();
    let (arn, objects) = match policy.is_pulumi() {
        false => (
            json!({"Fn::GetAtt": [name, "Arn"]}),
            json!({"Fn::Sub": format!("${{{name}.Arn}}/{prefix}AWSLogs/${{AWS::AccountId}}/*")}),
        ),
        true => {
            let arn = bucket.arn().and_then(|arn| written(&arn, policy));
            let Some(Json::String(arn)) = arn else { return Fix::suggested(TEXT) };
            let objects = json!({"Fn::Sub": format!("{arn}/{prefix}AWSLogs/${{AWS::AccountId}}/*")});
            (Json::String(arn), objects)
        }
    };
    let account = json!({"Ref": "AWS::AccountId"});
    let who = json!({"Service": "cloudtrail.amazonaws.com"});
    let look = json!({
        "Sid": "AWSCloudTrailAclCheck", "Effect": "Allow", "Principal": who, "Action": "s3:GetBucketAcl",
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    });
    let write = json!({
        "Sid": "AWSCloudTrailWrite", "Effect": "Allow", "Principal": who, "Action": "s3:PutObject",
        "Resource": objects,
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": account}},
    });
    Fix::safe(TEXT, vec![Edit::append_all(policy, &list, vec![look, write])])
}
