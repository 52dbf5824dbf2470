//! See the documentation of the rule below.

use crate::graph::EVENT_TARGET;
use crate::iam::condition::KeyState;
use crate::rules::prelude::*;

use super::service_use::{KeyOf, MESSAGE_ACTIONS, Need, documented, has_role, key_of, report, source_arn};

rule! {
    /// The key of an encrypted queue must let the services that send to it use it.
    ///
    /// EventBridge (targets and dead-letter queues), SNS subscriptions and S3 notifications send as service principals.
    /// They need `kms:Decrypt` and `kms:GenerateDataKey*` in the key policy; without them messages are lost, and S3
    /// refuses the notification. The policy of `alias/aws/sqs` cannot be changed, so none of them can send to a queue
    /// with it.
    ///
    /// Mend it with a customer managed key whose policy names the service, or with SSE-SQS (`SqsManagedSseEnabled`).
    ///
    /// ```yaml fails
    /// Resources:
    ///   Queue:
    ///     Type: AWS::SQS::Queue
    ///     Properties: {KmsMasterKeyId: alias/aws/sqs}
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       ScheduleExpression: rate(1 hour)
    ///       Targets: [{Id: queue, Arn: !GetAtt Queue.Arn}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Queue:
    ///     Type: AWS::SQS::Queue
    ///     Properties: {SqsManagedSseEnabled: true}
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       ScheduleExpression: rate(1 hour)
    ///       Targets: [{Id: queue, Arn: !GetAtt Queue.Arn}]
    /// ```
    ///
    /// Source: SQS Developer Guide, "Configure KMS permissions for AWS services".
    {
        id: "kms-policy-queue-producers", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::SQS::Queue"],
    }
    |check, queue| {
        let mut edges = queue.follow(Rel::EncryptedBy);
        // An empty text is no key.
        edges.retain(|edge| edge.value.literal() != Read::Known("".into()));
        let Some(edge) = edges.pop() else { return };
        let producers = producers(queue);
        let Some(first) = producers.first() else { return };
        let key = match key_of(&edge) {
            KeyOf::Key(key) => key,
            KeyOf::Managed => {
                let s3 = producers.iter().find(|(_, from)| from.is("AWS::S3::Bucket"));
                let (need, from) = s3.unwrap_or(first);
                let finding = check
                    .fail(
                        &edge.value,
                        format!("{} cannot send to a queue that is encrypted with a key of AWS", need.title),
                    )
                    .related(*from, *from, "sends to it")
                    .fix(Fix::suggested("use SSE-SQS, or a customer managed key whose policy names the service"));
                if s3.is_some() {
                    refused(finding);
                }
                return;
            }
            KeyOf::Unknown(unknown) => {
                check.undetermined(&edge.value, unknown);
                return;
            }
        };
        for (need, from) in producers {
            let service = need.services.first().and_then(|text| text.as_literal()).unwrap_or_default().to_owned();
            let statement = || documented("AllowProducer", &service, &["kms:Decrypt", "kms:GenerateDataKey*"]);
            if let Some(finding) = report(check, &edge.value, key, &need, Some(statement)) {
                let finding = finding.related(from, from, "sends to the queue");
                if from.is("AWS::S3::Bucket") {
                    refused(finding);
                }
            }
        }
    }
}

/// S3 sends a test message when the notification is set, and refuses the configuration where that fails.
fn refused(finding: crate::rules::Finding<'_>) {
    finding
        .category(Category::DeployFailure)
        .aws_error("InvalidArgument: Unable to validate the following destination configurations");
}

fn producers<'s>(queue: Resource<'s>) -> Vec<(Need<'s>, Resource<'s>)> {
    let mut found: Vec<(Need<'s>, Resource<'s>)> = Vec::new();
    let mut add = |service: &'static str, title: &'static str, from: Resource<'s>, source: Option<Text<'s>>| {
        if found.iter().any(|(need, known)| *known == from && need.title == title) {
            return;
        }
        let context = queue.arn().map_or(KeyState::Present, |arn| KeyState::Values(vec![arn]));
        let mut need =
            Need::new(service, title, MESSAGE_ACTIONS, from).context("kms:EncryptionContext:aws:sqs:arn", context);
        need.source = source;
        found.push((need, from));
    };
    for (rel, as_target) in [(Rel::Targets, true), (Rel::DeadLetters, false)] {
        for edge in queue.followed_by(rel).edges {
            let from = edge.from;
            match from.kind() {
                // A target with a role of its own is reached as that role; its dead-letter queue is not.
                "AWS::Events::Rule" | EVENT_TARGET if !(as_target && has_role(&edge)) => {
                    add("events.amazonaws.com", "EventBridge", from, source_arn(from));
                }
                "AWS::SNS::Subscription" => {
                    let topic = from.get("TopicArn").text().known();
                    add("sns.amazonaws.com", "SNS", from, topic);
                }
                "AWS::SNS::Topic" => add("sns.amazonaws.com", "SNS", from, from.arn()),
                _ => {}
            }
        }
    }
    for edge in queue.followed_by(Rel::Notifies).edges {
        if edge.from.is("AWS::S3::Bucket") {
            add("s3.amazonaws.com", "S3 notifications", edge.from, edge.from.arn());
        }
    }
    found
}
