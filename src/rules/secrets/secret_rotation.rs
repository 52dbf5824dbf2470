//! See the documentation of the rule below.

use crate::graph::target_of;
use crate::rules::prelude::*;

rule! {
    /// Secrets are rotated.
    ///
    /// A secret that never changes is known to everybody who ever saw it. A rotation schedule changes it, by default every
    /// 90 days at most.
    ///
    /// A schedule has a number of days (1 to 1000) or an expression, not both.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Secret: {Type: AWS::SecretsManager::Secret}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Secret: {Type: AWS::SecretsManager::Secret}
    ///   Rotation:
    ///     Type: AWS::SecretsManager::RotationSchedule
    ///     Properties: {SecretId: !Ref Secret, RotationLambdaARN: 'arn:aws:lambda:eu-west-1:935871204466:function:rotate', RotationRules: {AutomaticallyAfterDays: 30}}
    /// ```
    ///
    /// Source: Secrets Manager User Guide, "Rotate AWS Secrets Manager secrets"; API reference, RotationRulesType.
    {
        id: "secret-rotation", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::SecretsManager::Secret", SCHEDULE],
        params: { maxDays: Number = "90", "Longest time between two rotations, in days."; },
    }
    |check, resource| {
        if resource.is(SCHEDULE) {
            rules(check, resource);
            return;
        }
        let mut maybe = resource.stack().may_hold_more();
        for schedule in resource.stack().of_type(SCHEDULE) {
            match rotates(schedule, resource) {
                Tri::Yes => return,
                Tri::Unknown => maybe = maybe.or_else(|| Some(Unknown::other(format!("{} may rotate it", schedule.label())))),
                Tri::No => {}
            }
        }
        match maybe {
            Some(unknown) => check.undetermined(resource, unknown),
            None => check
                .fail(resource, format!("{} has no rotation schedule", resource.label()))
                .fix(Fix::suggested("add an AWS::SecretsManager::RotationSchedule")),
        };
    }
}

const SCHEDULE: &str = "AWS::SecretsManager::RotationSchedule";
const SECRET: &str = "AWS::SecretsManager::Secret";
/// What ties a secret to a database; a reference to it is a reference to the secret.
const ATTACHMENT: &str = "AWS::SecretsManager::SecretTargetAttachment";

fn rotates<'s>(schedule: Resource<'s>, secret: Resource<'s>) -> Tri {
    let id = schedule.get("SecretId");
    match target_of(schedule, &id, &[SECRET]) {
        Some(Target::Resource(found)) => return if found == secret { Tri::Yes } else { Tri::No },
        Some(Target::Outside(text)) if text.as_literal().is_some() => return Tri::No,
        None => return Tri::No,
        _ => {}
    }
    if let Some(Target::Resource(attachment)) = target_of(schedule, &id, &[ATTACHMENT]) {
        return match target_of(attachment, &attachment.get("SecretId"), &[SECRET]) {
            Some(Target::Resource(found)) => {
                if found == secret {
                    Tri::Yes
                } else {
                    Tri::No
                }
            }
            _ => Tri::Unknown,
        };
    }
    Tri::Unknown
}

fn rules<'s>(check: &crate::rules::Check<'s>, schedule: Resource<'s>) {
    let days = schedule.get("RotationRules.AutomaticallyAfterDays");
    let expression = schedule.get("RotationRules.ScheduleExpression");
    if days.is_present() && expression.is_present() {
        check
            .fail(&days, format!("{} has both a number of days and an expression", schedule.label()))
            .category(Category::DeployFailure)
            .severity(Severity::High)
            .aws_error(
                "InvalidParameterException: You can't specify both AutomaticallyAfterDays and ScheduleExpression",
            )
            .fix(Fix::suggested("keep one of them"));
        return;
    }
    let most = check.number("maxDays").unwrap_or(90.0);
    let (at, number) = match days.number() {
        Read::Known(number) => (days, number),
        Read::Unknown(unknown) => {
            check.undetermined(&days, unknown);
            return;
        }
        _ => match check.known(&expression, expression.literal()).and_then(|text| rate_in_days(&text)) {
            Some(number) => (expression, number),
            None => return,
        },
    };
    if !(1.0..=1000.0).contains(&number) && !at.literal().known().is_some_and(|text| text.starts_with("rate")) {
        check
            .fail(&at, format!("{} rotates after {number} days; 1 to 1000 are allowed", schedule.label()))
            .category(Category::DeployFailure)
            .severity(Severity::High)
            .aws_error("ValidationException: AutomaticallyAfterDays must be between 1 and 1000")
            .fix(Fix::suggested(format!("set it to at most {most} days")));
    } else if number < 4.0 / 24.0 {
        check
            .fail(&at, format!("{} rotates more often than every four hours", schedule.label()))
            .category(Category::DeployFailure)
            .severity(Severity::High)
            .aws_error("InvalidParameterException: The rotation schedule rotates more often than every four hours")
            .fix(Fix::suggested("rotate every four hours at most"));
    } else if number > most {
        check
            .fail(
                &at,
                format!("{} rotates every {number} days, later than the {most} that are allowed", schedule.label()),
            )
            .fix(Fix::suggested(format!("set it to at most {most} days")));
    }
}

/// `rate(30 days)`, `rate(4 hours)`
fn rate_in_days(text: &str) -> Option<f64> {
    let inner = text.trim().strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inner.trim().split_once(' ')?;
    let number: f64 = number.parse().ok()?;
    match unit.trim().trim_end_matches('s') {
        "day" => Some(number),
        "hour" => Some(number / 24.0),
        "minute" => Some(number / 1440.0),
        _ => None,
    }
}
