//! See the documentation of the rule below.

use crate::model::pattern::same;
use crate::rules::prelude::*;
use crate::rules::{Check, Doubt};

/// Seconds that the window of an alarm may span: with periods below an hour, and otherwise.
const DAY: f64 = 86_400.0;
const WEEK: f64 = 604_800.0;
/// Periods below a minute: of high-resolution metrics only.
const SHORT: &[f64] = &[10.0, 20.0, 30.0];
/// A metric of an expression may be read still finer.
const SHORTER: &[f64] = &[1.0, 5.0];

rule! {
    /// The period and the window of an alarm are ones that CloudWatch takes.
    ///
    /// A period is 10, 20 or 30 seconds, or a multiple of 60. All evaluated periods together span at most one day, or seven
    /// days where a period is an hour or longer. No more datapoints can breach than are evaluated. Periods below a minute
    /// are for custom metrics that are published with high resolution: metrics of AWS services and of metric filters have
    /// one value a minute, and the alarm stays without data.
    ///
    /// Mend it with a longer period or fewer evaluation periods.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {Namespace: AWS/Lambda, MetricName: Errors, Statistic: Sum, Period: 45, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanThreshold}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {Namespace: AWS/Lambda, MetricName: Errors, Statistic: Sum, Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanThreshold}
    /// ```
    ///
    /// Source: CloudWatch API Reference, "PutMetricAlarm"; CloudWatch User Guide, "Using Amazon CloudWatch alarms".
    {
        id: "alarm-period-window", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: ["AWS::CloudWatch::Alarm"],
        aws_error: "ValidationError: Period must be 10, 20, 30 or a multiple of 60",
    }
    |check, alarm| {
        let mut periods = Vec::new();
        let mut open = false;
        let simple = alarm.get("Period");
        if let Some(seconds) = number(check, &simple, &mut open) {
            if is_period(seconds, SHORT) {
                fine(check, alarm, &simple, &alarm.get("Namespace"), &alarm.get("MetricName"), seconds);
            } else {
                wrong(check, &simple, seconds);
            }
            periods.push((seconds, simple));
        }
        let metrics = alarm.get("Metrics");
        for query in metrics.items().known().unwrap_or_default() {
            for path in ["MetricStat.Period", "Period"] {
                let value = query.path(path);
                let Some(seconds) = number(check, &value, &mut open) else { continue };
                if is_period(seconds, SHORT) {
                    let metric = query.path("MetricStat.Metric");
                    fine(check, alarm, &value, &metric.get("Namespace"), &metric.get("MetricName"), seconds);
                } else if !SHORTER.contains(&seconds) {
                    wrong(check, &value, seconds);
                }
                periods.push((seconds, value));
            }
        }
        let evaluated = alarm.get("EvaluationPeriods");
        let Some(count) = number(check, &evaluated, &mut open) else { return };
        if count < 1.0 || count.fract() != 0.0 {
            check
                .fail(&evaluated, format!("an alarm evaluates a whole number of periods from 1 up, not {count}"))
                .aws_error("ValidationError: EvaluationPeriods must be greater than or equal to 1");
            return;
        }
        let datapoints = alarm.get("DatapointsToAlarm");
        if let Some(wanted) = number(check, &datapoints, &mut open)
            && (wanted < 1.0 || wanted > count)
        {
            check
                .fail(&datapoints, format!("{wanted} datapoints cannot breach when {count} are evaluated"))
                .aws_error("ValidationError: DatapointsToAlarm must be between 1 and EvaluationPeriods");
        }
        // Where an alarm reads several periods, only a window that is too long with each of them is certainly too long.
        let too_long = |seconds: f64| count * seconds > if seconds < 3600.0 { DAY } else { WEEK };
        if !open
            && let Some((seconds, _)) = periods.first()
            && periods.iter().all(|(seconds, _)| too_long(*seconds))
        {
            let limit = if *seconds < 3600.0 { "a day with periods below an hour" } else { "seven days" };
            check
                .fail(
                    &evaluated,
                    format!("{count} periods of {seconds} seconds span {} hours, more than {limit}", count * seconds / 3600.0),
                )
                .aws_error("ValidationError: EvaluationPeriods * Period must be <= 86400 (604800 for periods of an hour or more)");
        }
    }
}

fn number<'s>(check: &Check<'s>, value: &Value<'s>, open: &mut bool) -> Option<f64> {
    match value.number() {
        Read::Known(number) => Some(number),
        Read::Unknown(unknown) => {
            *open = true;
            check.undetermined(value, unknown);
            None
        }
        Read::Absent | Read::Other => None,
    }
}

fn is_period(seconds: f64, short: &[f64]) -> bool {
    short.contains(&seconds) || (seconds >= 60.0 && seconds % 60.0 == 0.0)
}

fn wrong(check: &Check<'_>, value: &Value<'_>, seconds: f64) {
    check.fail(value, format!("a period is 10, 20, 30 or a multiple of 60 seconds, not {seconds}"));
}

/// Periods below a minute have no data where the metric has one value a minute.
fn fine<'s>(
    check: &Check<'s>,
    alarm: Resource<'s>,
    at: &Value<'s>,
    namespace: &Value<'s>,
    metric: &Value<'s>,
    seconds: f64,
) {
    if seconds >= 60.0 {
        return;
    }
    let doubt = Doubt::of(namespace).or_else(|| Doubt::of(metric));
    let (Some(namespace), Some(metric)) = (namespace.symbolic(), metric.symbolic()) else { return };
    let of_aws = namespace.as_literal().is_some_and(|text| text.starts_with("AWS/"));
    let counted = || {
        alarm.stack().of_type("AWS::Logs::MetricFilter").any(|filter| {
            let made = filter.get("MetricTransformations").items_or_one().known().unwrap_or_default();
            let is = |value: Value<'s>, text: &Text<'s>| value.symbolic().is_some_and(|own| same(&own, text).is_yes());
            made.iter().any(|made| is(made.get("MetricNamespace"), &namespace) && is(made.get("MetricName"), &metric))
        })
    };
    let source = if of_aws {
        "a metric of an AWS service"
    } else if counted() {
        "a metric filter"
    } else {
        check.leave_open(doubt);
        return;
    };
    check
        .fail(at, format!("{source} has one value a minute: a period of {seconds} seconds finds no data"))
        .category(Category::Reliability)
        .severity(Severity::Low)
        .no_aws_error();
}
