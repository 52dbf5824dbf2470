//! See the documentation of the rule below.

use super::targets::targets_of;
use crate::graph::EVENT_TARGET;
use crate::rules::prelude::*;

rule! {
    /// Targets of event rules and schedules have a dead-letter queue.
    ///
    /// EventBridge retries a delivery for a day at most and then drops the event without a trace. A dead-letter queue keeps
    /// it with the reason of the failure.
    ///
    /// Mend it with a standard SQS queue in `DeadLetterConfig`, and a queue policy that lets `events.amazonaws.com` send to it.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       ScheduleExpression: rate(1 day)
    ///       Targets: [{Id: one, Arn: !ImportValue worker}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       ScheduleExpression: rate(1 day)
    ///       Targets: [{Id: one, Arn: !ImportValue worker, DeadLetterConfig: {Arn: !ImportValue dead-letters}}]
    /// ```
    ///
    /// Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events".
    {
        id: "events-target-dlq", since: "0.1.0", category: Reliability, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::Events::Rule", EVENT_TARGET, "AWS::Scheduler::Schedule"],
    }
    |check, resource| {
        let targets = match targets_of(resource) {
            Read::Known(targets) => targets,
            Read::Unknown(unknown) => {
                check.undetermined(resource, unknown);
                return;
            }
            Read::Absent | Read::Other => return,
        };
        for target in targets {
            let queue = target.value.get("DeadLetterConfig").get("Arn");
            if queue.is_present() {
                continue;
            }
            match queue.unknown() {
                Some(unknown) => {
                    check.undetermined(&queue, unknown);
                }
                None => {
                    check
                        .fail(&queue, "this target has no dead-letter queue: events that cannot be delivered are lost")
                        .fix(Fix::suggested(
                            "name a standard SQS queue in DeadLetterConfig whose policy lets events.amazonaws.com send to it",
                        ));
                }
            }
        }
    }
}
