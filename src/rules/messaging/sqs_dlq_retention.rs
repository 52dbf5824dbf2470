//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// A dead-letter queue keeps messages longer than its source.
    ///
    /// The age of a message counts from when it was first sent, also after it moved to the dead-letter queue. With the
    /// default of four days a message may be gone before anybody has looked.
    ///
    /// Keep messages in dead-letter queues for 14 days.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Dead: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 0}}
    ///   Queue: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Dead: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}
    ///   Queue: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}
    /// ```
    ///
    /// Source: SQS Developer Guide, "Using dead-letter queues", "Message retention period".
    {
        id: "sqs-dlq-retention", since: "0.1.0", category: Reliability, severity: Low, preset: All,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::SQS::Queue"],
        params: { minSeconds: Number = "1209600", "How long a dead-letter queue keeps messages."; },
    }
    |check, queue| {
        let sources = queue.followed_by(Rel::DeadLetters).edges;
        let Some(first) = sources.first() else { return };
        let retention = queue.get("MessageRetentionPeriod");
        let keeps = match queue.effective("MessageRetentionPeriod").number() {
            Read::Known(seconds) => seconds,
            Read::Unknown(unknown) => {
                check.undetermined(&retention, unknown);
                return;
            }
            _ => return,
        };
        let enough = check.number("minSeconds").unwrap_or(1_209_600.0);
        if keeps >= enough {
            return;
        }
        // Shorter will do where every source is a queue that keeps its messages for less.
        let of_source = |from: Resource<'_>| match from.is("AWS::SQS::Queue") {
            true => from.effective("MessageRetentionPeriod").number().known(),
            false => None,
        };
        if sources.iter().all(|edge| of_source(edge.from).is_some_and(|source| source < keeps)) {
            return;
        }
        check
            .fail(
                &retention,
                format!(
                    "this dead-letter queue keeps messages for {} days only",
                    (keeps / 86_400.0 * 10.0).round() / 10.0
                ),
            )
            .related(first.from, &first.value, "sends its dead letters here")
            .fix(Fix::safe("keep messages for 14 days", vec![Edit::set(queue, "MessageRetentionPeriod", 1_209_600)]));
    }
}
