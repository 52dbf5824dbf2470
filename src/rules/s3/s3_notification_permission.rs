//! See the documentation of the rule below.

use crate::rules::Check;
use crate::rules::calls::service_call;
use crate::rules::permission::{Grant, grant, is_function};
use crate::rules::policies::Answer;
use crate::rules::prelude::*;

rule! {
    /// The target of a bucket notification lets S3 in before the notification is made.
    ///
    /// S3 sends a test to each function, queue and topic when the notification is saved, and refuses the configuration if one
    /// does not let it in. So the permission must exist first: the bucket depends on it (with a `SourceArn` built from the
    /// bucket's literal name, else the two depend on each other), in Pulumi the notification does.
    ///
    /// Mend it with a permission or policy for `s3.amazonaws.com`, and an explicit dependency.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Queue: {Type: AWS::SQS::Queue}
    ///   Bucket:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       NotificationConfiguration: {QueueConfigurations: [{Event: 's3:ObjectCreated:*', Queue: !GetAtt Queue.Arn}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Queue: {Type: AWS::SQS::Queue}
    ///   Policy:
    ///     Type: AWS::SQS::QueuePolicy
    ///     Properties:
    ///       Queues: [!Ref Queue]
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {Service: s3.amazonaws.com}
    ///             Action: sqs:SendMessage
    ///             Resource: !GetAtt Queue.Arn
    ///             Condition: {StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}
    ///   Bucket:
    ///     Type: AWS::S3::Bucket
    ///     DependsOn: Policy
    ///     Properties:
    ///       NotificationConfiguration: {QueueConfigurations: [{Event: 's3:ObjectCreated:*', Queue: !GetAtt Queue.Arn}]}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination".
    {
        id: "s3-notification-permission", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        aws_error: "InvalidArgument: Unable to validate the following destination configurations",
    }
    |check, bucket| {
        for edge in bucket.follow(Rel::Notifies) {
            match edge.target {
                Target::Resource(target) if is_function(target) => function(check, bucket, target, &edge.value),
                Target::Resource(target) => policy(check, bucket, target, &edge.value),
                Target::Outside(text) => {
                    check.undetermined(&edge.value, Unknown::new(Why::Outside(text.to_string())));
                }
                Target::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                }
            }
        }
    }
}

fn function<'s>(check: &Check<'s>, bucket: Resource<'s>, function: Resource<'s>, value: &Value<'s>) {
    let arn = bucket.arn();
    match grant(function, &[Text::from("s3.amazonaws.com")], bucket, arn.as_ref()) {
        Grant::Granted(permission) | Grant::Unscoped(permission) => ordered(check, bucket, permission, value),
        Grant::Unknown(unknown) => {
            check.undetermined(value, unknown);
        }
        Grant::Missing(near) => {
            let finding = check
                .fail(value, format!("no permission lets S3 invoke {}", function.label()))
                .fix(Fix::suggested("add an AWS::Lambda::Permission for s3.amazonaws.com with SourceArn and SourceAccount, and make the notification depend on it"));
            if let Some((permission, why)) = near {
                finding.related(permission, permission, why);
            }
        }
    }
}

fn policy<'s>(check: &Check<'s>, bucket: Resource<'s>, target: Resource<'s>, value: &Value<'s>) {
    let action = if target.is("AWS::SNS::Topic") { "sns:Publish" } else { "sqs:SendMessage" };
    let guard = check.guard(target);
    let resource = target.arn().unwrap_or_else(|| target.reference());
    let request = service_call("s3.amazonaws.com", action, resource, target, bucket, bucket.arn());
    match guard.ask(&request) {
        Answer::Allowed => {
            for document in &guard.documents {
                if document.holder != target {
                    ordered(check, bucket, document.holder, value);
                }
            }
        }
        Answer::Unknown(unknown) => {
            check.undetermined(value, unknown);
        }
        Answer::Refused { explanation, .. } => {
            check.fail(value, format!("no policy of {} lets S3 send to it", target.label())).explain(explanation).fix(
                Fix::suggested(format!(
                    "let s3.amazonaws.com call {action} in a policy of {}, and depend on it",
                    target.label()
                )),
            );
        }
        Answer::Denied { explanation, statement } => {
            let finding = check
                .fail(value, format!("the policy of {} denies S3 to send to it", target.label()))
                .explain(explanation);
            if let (Some(place), Some(document)) = (statement, guard.documents.first()) {
                finding.related(document.holder, place, "denies it");
            }
        }
    }
}

/// The grant must be there when the notification is saved.
fn ordered<'s>(check: &Check<'s>, bucket: Resource<'s>, grant: Resource<'s>, value: &Value<'s>) {
    let waits = |resource: Resource<'s>| resource.comes_after(grant);
    let notification = bucket.parts().find(|part| part.data().source_type.contains("otification"));
    // What was read from a state has been deployed in the order that it has.
    let waiting = match notification {
        Some(notification) => waits(notification) || waits(bucket),
        None => waits(bucket),
    };
    if !waiting {
        check
            .fail(value, format!("nothing makes the notification wait for {}", grant.label()))
            .related(grant, grant, "must exist first")
            .fix(Fix::suggested(format!("make it depend on {} (DependsOn, dependsOn)", grant.label())));
    }
}
