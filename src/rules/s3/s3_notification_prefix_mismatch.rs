//! See the documentation of the rule below.

use super::notification::{read, text};
use crate::model::pattern::{Meets, Pattern};
use crate::rules::prelude::*;

rule! {
    /// The filter of a notification can match what is written into the bucket.
    ///
    /// AWS services choose the keys of their logs: `[prefix/]AWSLogs/<account>/…` for CloudTrail, Config and flow logs. A
    /// notification whose prefix is another never fires, and nobody notices.
    ///
    /// Mend it by adjusting the filter, or by setting the prefix of the delivery.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       NotificationConfiguration:
    ///         QueueConfigurations:
    ///           - Event: s3:ObjectCreated:*
    ///             Queue: arn:aws:sqs:eu-west-1:111122223333:logs
    ///             Filter: {S3Key: {Rules: [{Name: prefix, Value: security-logs/}]}}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {IsLogging: true, S3BucketName: !Ref Logs}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       NotificationConfiguration:
    ///         QueueConfigurations:
    ///           - Event: s3:ObjectCreated:*
    ///             Queue: arn:aws:sqs:eu-west-1:111122223333:logs
    ///             Filter: {S3Key: {Rules: [{Name: prefix, Value: AWSLogs/}]}}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {IsLogging: true, S3BucketName: !Ref Logs}
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Finding your CloudTrail log files"; Config Developer Guide; VPC User Guide.
    {
        id: "s3-notification-prefix-mismatch", since: "0.1.0", category: Reliability, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
    }
    |check, bucket| {
        let incoming = bucket.followed_by(Rel::DeliversTo);
        if incoming.edges.is_empty() {
            return;
        }
        let (notifications, open) = read(bucket);
        if notifications.is_empty() || !open.is_empty() {
            for (value, unknown) in open {
                if !matches!(unknown.why(), Why::Transform(_)) {
                    check.undetermined(&value, unknown);
                }
            }
            return;
        }
        let mut written = Vec::new();
        for edge in &incoming.edges {
            written.push(match edge.from.kind() {
                "AWS::CloudTrail::Trail" | "AWS::Config::DeliveryChannel" => {
                    let folder = text(&present(edge.from.get("S3KeyPrefix")));
                    let Some(folder) = folder else { return };
                    let slash = if folder.as_literal() == Some("") { "" } else { "/" };
                    Text::concat([folder, Text::from(slash), Text::from("AWSLogs/*")])
                }
                "AWS::EC2::FlowLog" => {
                    let folder = edge.value.text().known().and_then(|value| {
                        let key = crate::lang::arn::parse(&value).valid()?.bucket_and_key()?.1?;
                        Some(key.into_owned())
                    });
                    let folder = folder.unwrap_or_else(|| Text::from(""));
                    let written = folder.to_string();
                    let slash = if written.is_empty() || written.ends_with('/') { "" } else { "/" };
                    Text::concat([folder, Text::from(slash), Text::from("AWSLogs/*")])
                }
                "AWS::S3::Bucket" => {
                    let Some(prefix) = text(&present(edge.from.get("LoggingConfiguration.LogFilePrefix"))) else { return };
                    Text::concat([prefix, Text::from("*")])
                }
                _ => return,
            });
        }
        // Others may write into the bucket too: only where no notification fits any delivery is something wrong for certain.
        let mut unsure = !incoming.maybe.is_empty();
        for notification in &notifications {
            let Some(prefix) = text(&notification.prefix) else { return };
            let filter = Pattern::glob(&Text::concat([prefix.clone(), Text::from("*")]));
            for keys in &written {
                // The prefix goes on from where the written keys begin.
                if Pattern::glob(keys).matches(&prefix).is_yes() {
                    return;
                }
                match filter.meets(&Pattern::glob(keys)) {
                    Meets::Yes(_) => return,
                    Meets::Unknown => unsure = true,
                    Meets::No => {}
                }
            }
        }
        let Some(prefix) = notifications.iter().find_map(|notification| notification.prefix.clone()) else { return };
        if unsure {
            check.undetermined(&prefix, Unknown::other("whether the filter matches what is written is not known"));
            return;
        }
        let (shown, keys) = (prefix.symbolic().unwrap_or_else(|| Text::from("")), &written[0]);
        check
            .fail(&prefix, format!("the prefix {shown} never matches: {} writes to {keys}", incoming.edges[0].from.label()))
            .related(incoming.edges[0].from, &incoming.edges[0].value, "writes into the bucket")
            .fix(Fix::suggested("adjust the filter to the keys, or set the prefix of the delivery"));
    }
}

fn present(value: Value<'_>) -> Option<Value<'_>> {
    (!value.is_absent() && !matches!(value.unknown().map(Unknown::why), Some(Why::Transform(_)))).then_some(value)
}
