//! See the documentation of the rule below.

use super::pattern::on_default_bus;
use crate::lang::Verdict;
use crate::lang::schedule::{Dialect, parse};
use crate::rules::prelude::*;
use crate::rules::texts;

rule! {
    /// Schedule expressions follow AWS's syntax.
    ///
    /// `rate(1 day)` has its unit in the singular for 1 only; `cron()` has six fields, the last one a year, and a `?` in the
    /// day of the month or of the week, which run from 1 to 7. A Unix crontab line has five and is refused. Schedules of rules
    /// only work on the default event bus; Secrets Manager rotates at most every four hours and on the hour.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Nightly:
    ///     Type: AWS::Events::Rule
    ///     Properties: {ScheduleExpression: cron(0 2 * * *)}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Nightly:
    ///     Type: AWS::Events::Rule
    ///     Properties: {ScheduleExpression: cron(0 2 * * ? *)}
    /// ```
    ///
    /// Source: EventBridge User Guide, "Creating a rule that runs on a schedule"; EventBridge Scheduler User Guide, "Schedule
    /// types"; Secrets Manager User Guide, "Rotation schedules".
    {
        id: "events-schedule-syntax", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::SecretsManager::RotationSchedule"],
        aws_error: "ValidationException: Parameter ScheduleExpression is not valid.",
    }
    |check, resource| {
        let (path, dialect) = match resource.kind() {
            "AWS::Events::Rule" => ("ScheduleExpression", Dialect::Rule),
            "AWS::Scheduler::Schedule" => ("ScheduleExpression", Dialect::Scheduler),
            _ => ("RotationRules.ScheduleExpression", Dialect::Rotation),
        };
        let value = resource.get(path);
        let parser = |text: &Text<'_>| parse(text, dialect);
        match texts::parse(&value, parser) {
            Some(Verdict::Invalid(problem)) => {
                texts::refuse(check, resource, &value, &problem, parser);
            }
            Some(Verdict::Undetermined(why)) => texts::open(check, &value, &why),
            Some(Verdict::Valid(_)) => {}
            None => return,
        }
        if dialect != Dialect::Rule {
            return;
        }
        let bus = resource.get("EventBusName");
        match on_default_bus(resource) {
            Some(true) => {}
            Some(false) => {
                check
                    .fail(&bus, "schedules only work on the default event bus")
                    .aws_error("ValidationException: ScheduleExpression is supported only on the default event bus.");
            }
            None => {
                check.undetermined(&bus, &bus);
            }
        }
    }
}
