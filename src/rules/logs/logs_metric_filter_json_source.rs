//! See the documentation of the rule below.

use super::groups;
use crate::lang::Verdict;
use crate::lang::filter_pattern::{FilterPattern, parse};
use crate::rules::prelude::*;
use crate::rules::texts;

/// Names of log groups whose events are JSON.
const JSON_NAMES: [&str; 2] = ["cloudtrail", "aws-waf-logs-"];
/// Fields of a flow log record in the default format.
/// Source: Amazon VPC User Guide, "Flow log records".
const FLOW_LOG_FIELDS: usize = 14;

rule! {
    /// Filters on CloudTrail events are JSON patterns.
    ///
    /// CloudTrail writes JSON objects. A space-delimited pattern (`[version, account, …, name = ConsoleLogin]`) is valid
    /// and matches none of them, so the alarm behind it never goes off; plain words match any event that mentions them
    /// anywhere. Flow logs in their default format are the reverse: lines of 14 fields, no JSON.
    ///
    /// Mend it with a pattern such as `{ $.eventName = "ConsoleLogin" }`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Logins:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: /org/cloudtrail
    ///       FilterPattern: '[version, account, time, region, source, name=ConsoleLogin]'
    ///       MetricTransformations: [{MetricName: logins, MetricNamespace: org, MetricValue: '1'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Logins:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: /org/cloudtrail
    ///       FilterPattern: '{ $.eventName = "ConsoleLogin" }'
    ///       MetricTransformations: [{MetricName: logins, MetricNamespace: org, MetricValue: '1'}]
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Creating CloudWatch alarms for CloudTrail events: examples"; CloudWatch Logs User Guide,
    /// "Filter pattern syntax".
    {
        id: "logs-metric-filter-json-source", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::Logs::MetricFilter"],
    }
    |check, filter| {
        let value = filter.get("FilterPattern");
        let name = filter.get("LogGroupName");
        let group = filter.follow(Rel::Listens).into_iter().find_map(|edge| edge.target.resource());
        let holds_json = groups::mentions(&name, &JSON_NAMES)
            || group.is_some_and(|group| groups::mentions(&group.get("LogGroupName"), &JSON_NAMES) || groups::receives_trail(group));
        let holds_flow_logs = group.is_some_and(default_flow_logs);
        if !holds_json && !holds_flow_logs {
            if group.is_none() && name.is_unknown() {
                check.undetermined(&name, &name);
            }
            return;
        }
        let pattern = match texts::parse(&value, parse) {
            Some(Verdict::Valid(pattern)) => pattern,
            Some(Verdict::Undetermined(why)) => {
                texts::open(check, &value, &why);
                return;
            }
            // logs-metric-filter-pattern reports what is no pattern.
            Some(Verdict::Invalid(_)) | None => return,
        };
        match pattern {
            FilterPattern::Delimited(columns) if holds_flow_logs => {
                let open = columns.iter().any(|column| column.name.is_none());
                if !open && columns.len() != FLOW_LOG_FIELDS {
                    check.fail(&value, format!("flow logs have {FLOW_LOG_FIELDS} fields, this pattern has {}", columns.len()));
                }
            }
            FilterPattern::Json(_) if holds_flow_logs => {
                check.fail(&value, "flow logs are lines of fields: a JSON pattern matches none of them");
            }
            FilterPattern::Delimited(_) => {
                check
                    .fail(&value, "the events of this log group are JSON: a space-delimited pattern matches none of them")
                    .fix(Fix::suggested("write a JSON pattern, such as { $.eventName = \"ConsoleLogin\" }"));
            }
            FilterPattern::Terms(_) if holds_json => {
                check
                    .fail(&value, "the events of this log group are JSON: words match wherever they stand in an event")
                    .severity(Severity::Medium)
                    .fix(Fix::suggested("write a JSON pattern, such as { $.errorCode = \"*UnauthorizedOperation\" }"));
            }
            _ => {}
        }
    }
}

/// Whether flow logs in the default format are delivered to the group.
fn default_flow_logs(group: Resource<'_>) -> bool {
    group
        .followed_by(Rel::DeliversTo)
        .edges
        .iter()
        .any(|edge| edge.from.is("AWS::EC2::FlowLog") && edge.from.get("LogFormat").is_absent())
}
