//! See the documentation of the rule below.

use super::notification::{Notification, read, text};
use crate::rules::prelude::*;

/// Events that S3 sends.
/// Source: Amazon S3 User Guide, "Event notification types and destinations".
const EVENTS: [&str; 30] = [
    "s3:TestEvent",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ReducedRedundancyLostObject",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
    "s3:ObjectAcl:*",
    "s3:ObjectAnnotation:*",
];

rule! {
    /// A bucket's notifications are ones that S3 takes.
    ///
    /// S3 refuses events that do not exist, filters with more than one prefix or suffix or with wildcards, targets that are
    /// FIFO queues or topics, and two targets whose events, prefixes and suffixes overlap. In Pulumi a bucket has one
    /// `BucketNotification`: a second one overwrites the first.
    ///
    /// Mend it by naming the event as S3 spells it, by narrowing the filters, or by one topic that fans out.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       NotificationConfiguration:
    ///         QueueConfigurations: [{Event: 's3:ObjectCreated', Queue: arn:aws:sqs:eu-west-1:111122223333:uploads}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       NotificationConfiguration:
    ///         QueueConfigurations: [{Event: 's3:ObjectCreated:*', Queue: arn:aws:sqs:eu-west-1:111122223333:uploads}]
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Event notification types and destinations" and "Configuring event notifications using
    /// object key name filtering".
    {
        id: "s3-notification-config", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        aws_error: "InvalidArgument: The event is not supported for notifications",
    }
    |check, bucket| {
        doubled(check, bucket);
        let (notifications, open) = read(bucket);
        for (value, unknown) in open {
            check.undetermined(&value, unknown);
        }
        for (index, notification) in notifications.iter().enumerate() {
            one(check, bucket, notification);
            for other in &notifications[..index] {
                // Several events of one target are one configuration in Pulumi.
                if let Some(overlap) = overlap(other, notification) {
                    check
                        .fail(&notification.at, format!("two notifications take the same event {overlap} with overlapping filters"))
                        .related(bucket, &other.at, "is the other notification")
                        .aws_error("InvalidArgument: Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.")
                        .fix(Fix::suggested("narrow the prefixes or suffixes, or send to a topic that both listen to"));
                    break;
                }
            }
        }
    }
}

/// Two Pulumi resources that configure the notifications of one bucket.
fn doubled<'s>(check: &crate::rules::Check<'s>, bucket: Resource<'s>) {
    let mut first: Option<Resource<'s>> = None;
    for resource in bucket.parts() {
        if !resource.data().source_type.contains("bucketNotification:") || resource.data().external {
            continue;
        }
        match first {
            None => first = Some(resource),
            Some(first) => {
                check
                    .fail_on(
                        resource,
                        resource,
                        format!(
                            "{} configures the notifications of the bucket too: the later overwrites the earlier",
                            first.label()
                        ),
                    )
                    .no_aws_error()
                    .related(first, first, "is the other one")
                    .fix(Fix::suggested("merge them into one BucketNotification"));
            }
        }
    }
}

fn one<'s>(check: &crate::rules::Check<'s>, bucket: Resource<'s>, notification: &Notification<'s>) {
    match notification.event.literal() {
        Read::Known(event) if !EVENTS.contains(&event.as_ref()) => {
            let near = EVENTS.iter().find(|known| known.strip_suffix(":*") == Some(&*event));
            let finding = check.fail(&notification.event, format!("S3 has no event {event}"));
            if let Some(near) = near {
                finding.fix(Fix::suggested(format!("use {near}")));
            }
        }
        Read::Unknown(unknown) => {
            check.undetermined(&notification.event, unknown);
        }
        _ => {}
    }
    let mut seen: Vec<String> = Vec::new();
    for rule in &notification.rules {
        let name = rule.get("Name");
        let Some(text) = check.known(&name, name.literal()) else { continue };
        let lower = text.to_ascii_lowercase();
        if lower != "prefix" && lower != "suffix" {
            check
                .fail(&name, format!("a filter rule is a prefix or a suffix, not {text}"))
                .aws_error("InvalidArgument: filter rule name must be either prefix or suffix");
        } else if seen.contains(&lower) {
            check
                .fail(&name, format!("a filter has at most one {lower}"))
                .aws_error("InvalidArgument: Cannot specify more than one prefix/suffix rule in a filter.");
        }
        seen.push(lower);
        let value = rule.get("Value");
        if value.literal().known().is_some_and(|value| value.contains('*')) {
            // It is taken, and matches only keys with a star.
            check
                .fail(&value, "a filter has no wildcards: the star is taken as it is")
                .category(Category::Reliability)
                .no_aws_error();
        }
    }
    if is_fifo(bucket, &notification.target) {
        check
            .fail(&notification.target, "S3 does not send to FIFO queues and topics")
            .aws_error("InvalidArgument: Unable to validate the following destination configurations. FIFO SQS queues are not supported.");
    }
}

/// Whether a target is certainly a FIFO queue or topic, by its name or by what it is.
fn is_fifo<'s>(bucket: Resource<'s>, target: &Value<'s>) -> bool {
    let is_named = target.symbolic().is_some_and(|text| text.to_string().ends_with(".fifo"));
    let edges = bucket.follow(Rel::Notifies);
    let mut targets =
        edges.iter().filter(|edge| edge.value.place() == target.place()).filter_map(|edge| edge.target.resource());
    is_named
        || targets
            .any(|target| ["FifoQueue", "FifoTopic"].iter().any(|name| target.get(name).boolean() == Read::Known(true)))
}

/// The event that both take, where their filters certainly overlap.
fn overlap<'s>(left: &Notification<'s>, right: &Notification<'s>) -> Option<String> {
    let (one, another) = (left.event.literal().known()?, right.event.literal().known()?);
    let within = |wide: &str, narrow: &str| {
        wide == narrow || wide.strip_suffix('*').is_some_and(|start| narrow.starts_with(start))
    };
    let event = if within(&one, &another) {
        another
    } else if within(&another, &one) {
        one
    } else {
        return None;
    };
    let literal = |value| text(value).and_then(|text| text.as_literal().map(str::to_owned));
    let (p1, p2) = (literal(&left.prefix)?, literal(&right.prefix)?);
    let (s1, s2) = (literal(&left.suffix)?, literal(&right.suffix)?);
    let prefixes = p1.starts_with(&p2) || p2.starts_with(&p1);
    let suffixes = s1.ends_with(&s2) || s2.ends_with(&s1);
    (prefixes && suffixes).then(|| event.into_owned())
}
