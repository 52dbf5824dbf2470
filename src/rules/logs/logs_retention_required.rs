//! See the documentation of the rule below.

use super::groups;
use crate::rules::prelude::*;

const AUDIT: &[&str] = &["cloudtrail", "audit", "security"];

rule! {
    /// Log groups say how long they keep their events.
    ///
    /// Without `RetentionInDays` CloudWatch Logs keeps every event for ever and bills for it; personal data then outlives any
    /// deletion policy. A period that is too short loses the evidence. Groups that a trail writes to, and groups named after
    /// CloudTrail, audit or security, are held to `auditDays`.
    ///
    /// Mend it by setting a period of at least the configured days (`mode: exact` asks for exactly them). A first retention
    /// deletes the older events, so it is only suggested; lengthening one is safe.
    ///
    /// ```yaml fails
    /// Resources:
    ///   App: {Type: AWS::Logs::LogGroup}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   App: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 90}}
    /// ```
    ///
    /// Source: CloudWatch Logs User Guide, "Change log data retention in CloudWatch Logs".
    {
        id: "logs-retention-required", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::Logs::LogGroup"],
        params: {
            days: Number = "90", "Days that events must be kept.";
            mode: Text = "\"min\"", "How the period compares with days: exact, min or max.";
            auditDays: Number = "365", "Days for groups that hold audit logs.";
            allowInfinite: Boolean = "false", "Whether a group may keep its events for ever.";
        },
    }
    |check, group| {
        let delivery = groups::is_delivery_class(group);
        if delivery.is_yes() {
            return;
        }
        // The retention of some class that is not known may be fixed.
        let class = || group.get("LogGroupClass");
        let audit = groups::is_audit(group, AUDIT);
        let wanted = check.number(if audit { "auditDays" } else { "days" }).unwrap_or(90.0);
        let value = group.get("RetentionInDays");
        let days = match value.number() {
            Read::Known(days) if days > 0.0 => days,
            Read::Known(_) | Read::Absent => {
                if check.flag("allowInfinite") {
                } else if delivery == Tri::Unknown {
                    check.undetermined(class(), &class());
                } else {
                    check.fail(&value, "this log group keeps its events for ever").fix(Fix::suggested(format!(
                        "set RetentionInDays to {}; events that are older are deleted",
                        groups::at_least(wanted)
                    )));
                }
                return;
            }
            Read::Unknown(unknown) => {
                check.undetermined(&value, unknown);
                return;
            }
            // No number: logs-retention-valid reports it.
            Read::Other => return,
        };
        let (agrees, asked) = match check.string("mode") {
            // An audit log may not be cut to the days of others, so its period is always the least.
            Some("exact") => (days == wanted, "exactly"),
            Some("max") if !audit => (days <= wanted, "at most"),
            _ => (days >= wanted, "at least"),
        };
        if agrees {
            return;
        }
        if delivery == Tri::Unknown {
            check.undetermined(class(), &class());
            return;
        }
        let period = groups::at_least(wanted);
        let kind = if audit { "this audit log group" } else { "this log group" };
        let text = format!("set RetentionInDays to {period}");
        let fix = match days < f64::from(period) {
            true => Fix::safe(text, vec![Edit::replace(group, &value, period)]),
            false => Fix::suggested(text),
        };
        check.fail(&value, format!("{kind} keeps its events for {days} days, not {asked} {wanted}")).fix(fix);
    }
}
