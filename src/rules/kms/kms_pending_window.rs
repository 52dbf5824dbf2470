//! See the documentation of the rule below.

use crate::rules::prelude::*;
use crate::rules::tags::{tag, tags};
use crate::rules::{Check, Doubt};

rule! {
    /// Keys wait long enough before they are deleted.
    ///
    /// A key that is scheduled for deletion waits 7 to 30 days; then everything that it encrypted is lost. In
    /// production the longest wait is the safe one.
    ///
    /// Set `PendingWindowInDays` to 30, or leave it out.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key, Properties: {PendingWindowInDays: 5}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key, Properties: {PendingWindowInDays: 30}}
    /// ```
    ///
    /// Source: KMS API Reference, "ScheduleKeyDeletion".
    {
        id: "kms-pending-window", since: "0.1.0", category: Reliability, severity: Medium, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::KMS::Key", "AWS::KMS::ReplicaKey"],
        params: {
            minDays: Number = "30", "Shortest wait in protected environments.";
            environments: List = r#"["prod", "production"]"#, "Environments that are protected.";
        },
    }
    |check, key| {
        let window = key.get("PendingWindowInDays");
        let Some(days) = check.known(&window, window.number()) else { return };
        let fix = || Fix::safe("wait 30 days", vec![Edit::set(key, "PendingWindowInDays", 30)]);
        if !(7.0..=30.0).contains(&days) || days.fract() != 0.0 {
            check
                .fail(&window, format!("a key waits 7 to 30 days for its deletion, not {days}"))
                .category(Category::DeployFailure)
                .severity(Severity::High)
                .aws_error("ValidationException: PendingWindowInDays is not between 7 and 30")
                .fix(fix());
        } else if days < check.number("minDays").unwrap_or(30.0)
            && let Some(doubt) = is_protected(check, key)
        {
            check.in_doubt(doubt, || {
                check
                    .fail(&window, format!("in production {days} days are too few to notice that a key is being deleted"))
                    .fix(fix());
            });
        }
    }
}

/// Whether the configuration, the stack or a tag says that this is a protected environment, with what leaves it open.
fn is_protected(check: &Check<'_>, key: Resource<'_>) -> Option<Option<Doubt>> {
    let environments = check.list("environments");
    let named = |name: &str| environments.iter().any(|known| known.eq_ignore_ascii_case(name));
    let stack = key.stack().data();
    if let Some(environment) = check.environment().or(stack.environment.as_deref()) {
        return named(environment).then_some(None);
    }
    let tagged = tags(key).known().unwrap_or_default();
    let environment = ["Environment", "Env", "Stage"].iter().find_map(|name| tag(&tagged, name));
    match environment.as_ref().map(Value::literal) {
        Some(Read::Known(environment)) => named(&environment).then_some(None),
        Some(Read::Unknown(_)) => Some(environment.as_ref().and_then(Doubt::of)),
        _ => stack.name.as_deref().is_some_and(named).then_some(None),
    }
}
