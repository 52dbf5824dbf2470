//! See the documentation of the rule below.

use serde_json::{Value as Json, json};

use super::delivery;
use crate::iam::principal::Principal;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;
use crate::rules::written::written;

rule! {
    /// A bucket that takes the logs of AWS Config or flow logs lets them in.
    ///
    /// Both services look at the bucket's ACL and write a test object as a service principal before they take the bucket: the
    /// policy must allow the exact path, ACL and source. Flow logs add the statements themselves only where the bucket has no
    /// policy yet.
    ///
    /// Mend it with AWS's documented statements: `s3:GetBucketAcl` on the bucket, and `s3:PutObject` on
    /// `[prefix/]AWSLogs/<account>/…` with `bucket-owner-full-control`.
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
    ///           - {Effect: Allow, Principal: {Service: config.amazonaws.com}, Action: 's3:GetBucketAcl', Resource: !GetAtt Data.Arn}
    ///           - {Effect: Allow, Principal: {Service: config.amazonaws.com}, Action: 's3:PutObject', Resource: !Sub '${Data.Arn}/logs/*'}
    ///   Channel:
    ///     Type: AWS::Config::DeliveryChannel
    ///     Properties: {S3BucketName: !Ref Data}
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
    ///           - {Effect: Allow, Principal: {Service: config.amazonaws.com}, Action: 's3:GetBucketAcl', Resource: !GetAtt Data.Arn}
    ///           - Effect: Allow
    ///             Principal: {Service: config.amazonaws.com}
    ///             Action: s3:PutObject
    ///             Resource: !Sub '${Data.Arn}/AWSLogs/${AWS::AccountId}/Config/*'
    ///             Condition: {StringEquals: {'s3:x-amz-acl': bucket-owner-full-control, 'aws:SourceAccount': !Ref AWS::AccountId}}
    ///   Channel:
    ///     Type: AWS::Config::DeliveryChannel
    ///     Properties: {S3BucketName: !Ref Data}
    /// ```
    ///
    /// Source: AWS Config Developer Guide, "Permissions for the Amazon S3 bucket for the AWS Config delivery channel"; VPC User
    /// Guide, "Amazon S3 bucket permissions for flow logs".
    {
        id: "s3-log-delivery-policy", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::Config::DeliveryChannel", "AWS::EC2::FlowLog"],
        aws_error: "InsufficientDeliveryPolicyException: Insufficient delivery policy to s3 bucket, unable to write to bucket",
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
        let is_config = source.is("AWS::Config::DeliveryChannel");
        let guard = check.guard(delivery.bucket);
        if guard.documents.is_empty() && !is_config {
            // AWS adds the statements to a bucket without a policy; only another policy outside is in the way.
            return;
        }
        for request in &delivery.calls {
            let mut answer = guard.ask(request);
            if !is_config && !matches!(answer, Answer::Allowed | Answer::Denied { .. }) {
                // IAM keeps the short name of this one principal too.
                let mut short = request.clone();
                short.principal = Principal::service("delivery.logs");
                let other = guard.ask(&short);
                if let Answer::Allowed = other {
                    answer = other;
                }
            }
            let action = request.action.to_string();
            match answer {
                Answer::Allowed => {}
                Answer::Unknown(unknown) => {
                    check.undetermined(&delivery.value, unknown);
                    return;
                }
                Answer::Denied { explanation, statement } => {
                    let finding = check
                        .fail(&delivery.value, format!("the policy of {} denies {} {action}", delivery.bucket.label(), delivery.service))
                        .aws_error(error(is_config))
                        .explain(explanation);
                    if let Some(place) = statement {
                        finding.related(guard.documents.first().map_or(delivery.bucket, |document| document.holder), place, "denies it");
                    }
                    return;
                }
                Answer::Refused { explanation, .. } => {
                    match if is_config { role_may(check, source, &delivery) } else { Tri::No } {
                        Tri::Yes => return,
                        Tri::Unknown => {
                            check.undetermined(
                                &delivery.value,
                                Unknown::other("the role of the recorder is not known, and it may have the permission"),
                            );
                            return;
                        }
                        Tri::No => {}
                    }
                    let finding = check
                        .fail(
                            &delivery.value,
                            format!("the policy of {} does not let {} in ({action})", delivery.bucket.label(), delivery.service),
                        )
                        .aws_error(error(is_config))
                        .explain(explanation);
                    let policy = guard.documents.first();
                    let fix = policy.and_then(|policy| statements(source, policy.holder, &delivery));
                    let finding = finding.fix(fix.unwrap_or_else(|| {
                        Fix::suggested(format!(
                            "allow {} s3:GetBucketAcl on the bucket and s3:PutObject on {}",
                            delivery.calls[1].principal.text, delivery.calls[1].resource
                        ))
                    }));
                    if let Some(policy) = policy {
                        finding.related(policy.holder, &policy.value, "is the bucket's policy");
                    }
                    return;
                }
            }
        }
    }
}

/// AWS's two documented statements, scoped to this bucket and account.
fn statements<'s>(source: Resource<'s>, policy: Resource<'s>, delivery: &delivery::Delivery<'s>) -> Option<Fix> {
    let [look, write] = &delivery.calls;
    let list = policy.get("PolicyDocument.Statement");
    list.items().known()?;
    let service = look.principal.text.as_literal()?;
    let account = written(&source.account(), policy)?;
    let bucket = written(&look.resource, policy)?;
    // The key that the service writes, from the bucket's ARN to the account's folder; a prefix must be plain text.
    let key = write.resource.to_string();
    let folder = key.strip_prefix(&look.resource.to_string())?.split_once("AWSLogs/")?.0;
    if folder.contains("${") {
        return None;
    }
    let folder = Text::from(format!("{folder}AWSLogs/"));
    let objects = Text::concat([look.resource.clone(), folder, source.account(), Text::from("/*")]);
    let objects = written(&objects, policy)?;
    let mut condition = json!({ "StringEquals": { "aws:SourceAccount": account } });
    if source.is("AWS::EC2::FlowLog") {
        let logs = source.arn_beside("logs", [Text::from("*")]);
        condition["ArnLike"] = json!({ "aws:SourceArn": written(&logs, policy)? });
    }
    let mut writes = condition.clone();
    writes["StringEquals"]["s3:x-amz-acl"] = json!("bucket-owner-full-control");
    let allow = |action: &str, resource: Json, condition: Json| {
        json!({
            "Effect": "Allow", "Principal": { "Service": service }, "Action": action, "Resource": resource,
            "Condition": condition,
        })
    };
    let statements = vec![allow("s3:GetBucketAcl", bucket, condition), allow("s3:PutObject", objects, writes)];
    Some(Fix::safe(
        format!("add the two documented statements for {service} to the bucket policy"),
        vec![Edit::append_all(policy, &list, statements)],
    ))
}

fn error(is_config: bool) -> &'static str {
    if is_config {
        "InsufficientDeliveryPolicyException: Insufficient delivery policy to s3 bucket, unable to write to bucket"
    } else {
        "Access Denied for LogDestination. Please check LogDestination permission"
    }
}

/// Whether the recorder's own role may write into the bucket: Config uses it before its service principal.
fn role_may<'s>(check: &crate::rules::Check<'s>, channel: Resource<'s>, delivery: &delivery::Delivery<'s>) -> Tri {
    let mut answer = Tri::No;
    for recorder in channel.stack().of_type("AWS::Config::ConfigurationRecorder") {
        for edge in recorder.follow(Rel::AssumesRole) {
            let may = match edge.target {
                Target::Resource(role) => {
                    let arn = role.arn().unwrap_or_else(|| Text::from("*"));
                    let identity = check.identity(role);
                    delivery.calls.iter().fold(Tri::Yes, |all, call| {
                        let mut call = call.clone();
                        call.principal = Principal::of(arn.clone(), Some(role.account()));
                        all.and(match identity.ask(&call) {
                            Answer::Allowed => Tri::Yes,
                            Answer::Refused { .. } | Answer::Denied { .. } => Tri::No,
                            Answer::Unknown(_) => Tri::Unknown,
                        })
                    })
                }
                // The service-linked role has no permission on buckets.
                Target::Outside(text) if text.to_string().contains("AWSServiceRoleForConfig") => Tri::No,
                Target::Outside(_) | Target::Unknown(_) => Tri::Unknown,
            };
            answer = answer.or(may);
        }
    }
    answer
}
