//! See the documentation of the rule below.

use crate::model::pattern::same;
use crate::rules::Doubt;
use crate::rules::prelude::*;

rule! {
    /// An alarm on a metric filter says what silence means.
    ///
    /// A metric filter without a default value publishes only when something matches. Between two events its alarm has no
    /// data: with the default `missing` it goes to "insufficient data" and back, and does not return to OK. For an alarm on
    /// too much, no data is good (`notBreaching`); for one that waits for a sign of life, no data is the fault
    /// (`breaching`).
    ///
    /// ```yaml fails
    /// Resources:
    ///   Filter:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties: {LogGroupName: audit, FilterPattern: ERROR, MetricTransformations: [{MetricNamespace: Audit, MetricName: Errors, MetricValue: '1'}]}
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {Namespace: Audit, MetricName: Errors, Statistic: Sum, Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanOrEqualToThreshold}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Filter:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties: {LogGroupName: audit, FilterPattern: ERROR, MetricTransformations: [{MetricNamespace: Audit, MetricName: Errors, MetricValue: '1'}]}
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {TreatMissingData: notBreaching, Namespace: Audit, MetricName: Errors, Statistic: Sum, Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanOrEqualToThreshold}
    /// ```
    ///
    /// Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data".
    {
        id: "alarm-missing-data", since: "0.1.0", category: Reliability, severity: Low, preset: All,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::CloudWatch::Alarm"],
    }
    |check, alarm| {
        let (Some(namespace), Some(name)) = (alarm.get("Namespace").symbolic(), alarm.get("MetricName").symbolic()) else {
            return;
        };
        // The filter that makes the metric, or else one that may.
        let own = [alarm.get("Namespace"), alarm.get("MetricName")];
        let find = |wanted: Tri| {
            alarm.stack().siblings().flat_map(|stack| stack.of_type("AWS::Logs::MetricFilter")).find_map(|filter| {
                let items = filter.get("MetricTransformations").items_or_one().known().unwrap_or_default();
                items.into_iter().find_map(|item| {
                    let parts = [item.get("MetricNamespace"), item.get("MetricName")];
                    let is = |value: &Value<'_>, text| value.symbolic().map_or(Tri::No, |own| same(&own, text));
                    let found = is(&parts[0], &namespace).and(is(&parts[1], &name)) == wanted;
                    let doubt = || parts.iter().chain(&own).find_map(Doubt::of).filter(|_| !wanted.is_yes());
                    found.then(|| (filter, doubt(), item))
                })
            })
        };
        let made = find(Tri::Yes).or_else(|| find(Tri::Unknown).filter(|(_, doubt, _)| doubt.is_some()));
        let Some((filter, doubt, made)) = made else { return };
        if !made.get("DefaultValue").is_absent() {
            return;
        }
        let comparison = alarm.get("ComparisonOperator");
        let Some(operator) = check.known(&comparison, comparison.literal()) else { return };
        let (upper, lower) = (operator.starts_with("GreaterThan"), operator.starts_with("LessThan"));
        let treated = alarm.effective("TreatMissingData");
        let Some(written) = check.known(&treated, treated.literal()) else { return };
        check.in_doubt(doubt, || {
            if upper && written == "missing" {
                check
                    .fail(&treated, format!("{} has no data while {} matches nothing", alarm.label(), filter.label()))
                    .related(filter, made, "publishes only what matches")
                    .fix(Fix::safe(
                        "set TreatMissingData to notBreaching",
                        vec![Edit::set(alarm, "TreatMissingData", "notBreaching")],
                    ));
            } else if lower && operator != "LessThanLowerOrGreaterThanUpperThreshold" && written != "breaching" {
                check
                    .fail(&treated, format!("{} waits for less than it counts, but has no data when nothing comes", alarm.label()))
                    .related(filter, made, "publishes only what matches")
                    .fix(Fix::suggested("set TreatMissingData to breaching, or give the metric filter a DefaultValue"));
            }
        });
    }
}
