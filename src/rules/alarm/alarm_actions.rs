//! See the documentation of the rule below.

use crate::model::text::Piece;
use crate::rules::prelude::*;

/// Actions that an alarm takes per state.
const MAX_ACTIONS: usize = 5;

rule! {
    /// An alarm tells somebody.
    ///
    /// An alarm without actions, or with `ActionsEnabled: false`, changes its colour on a page that nobody looks at. Alarms
    /// that a composite alarm of the stack watches, or a deployment, need no action of their own. An alarm takes at most five
    /// actions per state.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold, AlarmActions: [!ImportValue topic]}
    /// ```
    ///
    /// Source: CloudWatch API Reference, `PutMetricAlarm`.
    {
        id: "alarm-actions", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"],
    }
    |check, alarm| {
        let actions = alarm.get("AlarmActions");
        let count = match actions.items_or_one() {
            Read::Known(items) => items.len(),
            Read::Absent | Read::Other => 0,
            Read::Unknown(_) if actions.is_present() => 1,
            Read::Unknown(unknown) => {
                check.undetermined(&actions, unknown);
                return;
            }
        };
        for property in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
            let list = alarm.get(property);
            if let Read::Known(items) = list.items()
                && items.len() > MAX_ACTIONS
            {
                check
                    .fail(&list, format!("{property} has {} entries, an alarm takes {MAX_ACTIONS}", items.len()))
                    .category(Category::DeployFailure)
                    .severity(Severity::High)
                    .aws_error("failed to satisfy constraint: Member must have length less than or equal to 5");
            }
        }
        let enabled = alarm.get("ActionsEnabled");
        let off = match enabled.boolean() {
            Read::Known(value) => !value,
            Read::Unknown(unknown) => {
                check.undetermined(&enabled, unknown);
                return;
            }
            _ => false,
        };
        if (count > 0 && !off) || alarm.data().external || watched(alarm) {
            return;
        }
        let (value, message) = match off {
            true => (&enabled, "the actions of this alarm are switched off"),
            false => (&actions, "this alarm has no actions: nobody hears of it"),
        };
        check.fail(value, message).fix(Fix::suggested("name an SNS topic in AlarmActions and leave ActionsEnabled on"));
    }
}

/// Whether another resource of the stack acts on the alarm.
fn watched(alarm: Resource<'_>) -> bool {
    let name = alarm.get("AlarmName").literal().known();
    let composite = alarm.stack().of_type("AWS::CloudWatch::CompositeAlarm").any(|composite| {
        composite != alarm
            && composite.get("AlarmRule").symbolic().is_some_and(|rule| {
                rule.symbols().any(|symbol| symbol == Symbol::Name(alarm.id()) || symbol == Symbol::Id(alarm.id()))
                    || name.as_ref().is_some_and(|name| {
                        rule.pieces()
                            .iter()
                            .any(|piece| matches!(piece, Piece::Literal(text) if text.contains(&**name)))
                    })
                    || composite.comes_after(alarm)
            })
    });
    composite
        || ["AWS::CodeDeploy::DeploymentGroup", "AWS::AppConfig::Environment", "AWS::ECS::Service"]
            .iter()
            .any(|kind| alarm.stack().of_type(kind).any(|resource| resource.comes_after(alarm)))
}
