//! See the documentation of the rule below.

use super::targets::targets_of;
use crate::graph::EVENT_TARGET;
use crate::rules::prelude::*;

rule! {
    /// Targets say how long EventBridge retries, within its limits.
    ///
    /// EventBridge takes an age of 60 to 86,400 seconds and 0 to 185 attempts. Without a policy it retries for 24 hours: an
    /// event that old may do harm. No retries and no dead-letter queue means that an event is lost at the first failure.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       ScheduleExpression: rate(1 day)
    ///       Targets: [{Id: one, Arn: !ImportValue worker, RetryPolicy: {MaximumEventAgeInSeconds: 30, MaximumRetryAttempts: 3}}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       ScheduleExpression: rate(1 day)
    ///       Targets: [{Id: one, Arn: !ImportValue worker, RetryPolicy: {MaximumEventAgeInSeconds: 7200, MaximumRetryAttempts: 3}}]
    /// ```
    ///
    /// Source: EventBridge API Reference, `RetryPolicy`.
    {
        id: "events-target-retry", since: "0.1.0", category: Reliability, severity: Low, preset: All,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::Events::Rule", EVENT_TARGET],
        params: {
            requireExplicit: Boolean = "true", "Whether a target must say how long to retry.";
        },
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
            let policy = target.value.get("RetryPolicy");
            let age = policy.get("MaximumEventAgeInSeconds");
            let attempts = policy.get("MaximumRetryAttempts");
            for (value, name, least, most) in [(&age, "maximumEventAgeInSeconds", 60.0, 86_400.0), (&attempts, "maximumRetryAttempts", 0.0, 185.0)] {
                match value.number() {
                    Read::Known(number) if number < least || number > most => {
                        let bound = if number < least { format!("greater than or equal to {least}") } else { format!("less than or equal to {most}") };
                        check
                            .fail(value, format!("{name} lies between {least} and {most}, {number} does not"))
                            .category(Category::DeployFailure)
                            .severity(Severity::High)
                            .aws_error(format!("Value '{number}' at 'targets.1.member.retryPolicy.{name}' failed to satisfy constraint: Member must have value {bound}"));
                    }
                    Read::Unknown(unknown) => {
                        check.undetermined(value, unknown);
                    }
                    _ => {}
                }
            }
            if attempts.number() == Read::Known(0.0) && target.value.get("DeadLetterConfig").get("Arn").is_absent() {
                check
                    .fail(&attempts, "without retries and without a dead-letter queue an event is lost at the first failure")
                    .severity(Severity::Medium);
            }
            if check.flag("requireExplicit") && (age.is_absent() || attempts.is_absent()) {
                check
                    .fail(if age.is_absent() { &age } else { &attempts }, "this target does not say how long EventBridge retries (24 hours by default)")
                    .fix(Fix::suggested("set RetryPolicy: MaximumEventAgeInSeconds 7200, MaximumRetryAttempts 3"));
            }
        }
    }
}
