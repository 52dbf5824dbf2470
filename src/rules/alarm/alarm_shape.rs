//! See the documentation of the rule below.

use crate::model::stack::Deployer;
use crate::rules::Check;
use crate::rules::prelude::*;

/// What describes the one metric of an alarm, and stands inside the queries of an alarm on `Metrics`.
const OF_ONE_METRIC: &[&str] =
    &["MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions", "Unit"];
const STATIC: &[&str] =
    &["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"];
/// Comparisons with the band of an anomaly detector.
const BAND: &[&str] =
    &["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"];
const WORDS: &[(&str, &[&str])] = &[
    ("Statistic", &["SampleCount", "Average", "Sum", "Minimum", "Maximum"]),
    ("TreatMissingData", &["breaching", "notBreaching", "ignore", "missing"]),
    ("EvaluateLowSampleCountPercentile", &["evaluate", "ignore"]),
];
const LENGTHS: &[(&str, usize)] =
    &[("AlarmName", 255), ("AlarmDescription", 1024), ("Namespace", 255), ("MetricName", 255)];
const LISTS: &[(&str, usize)] =
    &[("Dimensions", 30), ("AlarmActions", 5), ("OKActions", 5), ("InsufficientDataActions", 5)];

rule! {
    /// The properties of an alarm fit together.
    ///
    /// An alarm watches either one metric (name, namespace, period, one of the two kinds of statistics) or the result of
    /// `Metrics`, of which exactly one query returns data. It compares either with a fixed threshold or with the band of an
    /// anomaly detector (`ThresholdMetricId`), each with comparisons of its own. CloudWatch refuses other combinations.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {Namespace: AWS/Lambda, MetricName: Errors, Statistic: Sum, ExtendedStatistic: p99, Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanThreshold}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {Namespace: AWS/Lambda, MetricName: Errors, Statistic: Sum, Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanThreshold}
    /// ```
    ///
    /// Source: CloudWatch API Reference, "PutMetricAlarm" and "MetricDataQuery".
    {
        id: "alarm-shape", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: SingleResource,
        on: ["AWS::CloudWatch::Alarm"],
        aws_error: "ValidationError: the parameters of the alarm do not fit together",
    }
    |check, alarm| {
        words_and_limits(check, alarm);
        // Alarms on a query of another language have other properties.
        if !alarm.get("EvaluationCriteria").is_absent() {
            return;
        }
        let metrics = alarm.get("Metrics");
        let kinds = (metrics.is_present(), metrics.is_absent());
        match kinds {
            (true, _) => {
                for property in OF_ONE_METRIC {
                    let value = alarm.get(property);
                    let empty = matches!(value.items(), Read::Known(items) if items.is_empty());
                    if value.is_present() && !empty {
                        check
                            .fail(&value, format!("{property} cannot stand beside Metrics"))
                            .aws_error(format!("ValidationError: {property} must not be specified with Metrics"));
                    }
                }
                queries(check, alarm, &metrics);
            }
            (_, true) => one_metric(check, alarm),
            _ => {
                if let Some(unknown) = metrics.unknown() {
                    check.undetermined(&metrics, unknown);
                }
            }
        }
        threshold(check, alarm);
    }
}

fn one_metric<'s>(check: &Check<'s>, alarm: Resource<'s>) {
    for property in ["MetricName", "Namespace", "Period"] {
        let value = alarm.get(property);
        if value.is_absent() {
            check
                .fail(&value, format!("{} has no {property}, which an alarm on one metric needs", alarm.label()))
                .aws_error(format!("ValidationError: {property} must be specified"));
        }
    }
    let (plain, extended) = (alarm.get("Statistic"), alarm.get("ExtendedStatistic"));
    let both = plain.is_present() && extended.is_present();
    if both || (plain.is_absent() && extended.is_absent()) {
        let count =
            if both { "both Statistic and ExtendedStatistic" } else { "neither Statistic nor ExtendedStatistic" };
        check
            .fail(if both { &extended } else { &plain }, format!("{} has {count}", alarm.label()))
            .aws_error("ValidationError: One and only one of Statistic and ExtendedStatistic must be specified");
    }
}

fn queries<'s>(check: &Check<'s>, alarm: Resource<'s>, metrics: &Value<'s>) {
    let items = match metrics.items() {
        Read::Known(items) => items,
        Read::Unknown(unknown) => {
            check.undetermined(metrics, unknown);
            return;
        }
        Read::Absent | Read::Other => return,
    };
    // The provider of Terraform sends `false` where CloudWatch itself assumes `true`.
    let default = alarm.deployer() != Deployer::TerraformBridge;
    let (mut returning, mut unknown) = (Vec::new(), None);
    let mut ids: Vec<String> = Vec::new();
    for query in &items {
        if query.is_unknown() {
            unknown = query.unknown().cloned();
            continue;
        }
        let (expression, stat) = (query.get("Expression"), query.get("MetricStat"));
        let both = expression.is_present() && stat.is_present();
        if both || (expression.is_absent() && stat.is_absent()) {
            let count = if both { "both an expression and a metric" } else { "neither an expression nor a metric" };
            check.fail(query, format!("a query has {count}")).aws_error(
                "ValidationError: exactly one of Expression and MetricStat must be specified in a MetricDataQuery",
            );
        }
        let id = query.get("Id");
        if let Some(text) = check.known(&id, id.literal()) {
            let well_formed = text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !well_formed {
                check
                    .fail(&id, format!("the id {text} of a query does not begin with a lower-case letter, or has other characters than letters, digits and _"))
                    .aws_error("ValidationError: The values for parameter id in MetricDataQuery must match ^[a-z][a-zA-Z0-9_]*$");
            } else if ids.iter().any(|known| *known == text) {
                check
                    .fail(&id, format!("two queries have the id {text}"))
                    .aws_error("ValidationError: The values for parameter id in MetricDataQuery must be unique");
            }
            ids.push(text.into_owned());
        }
        let returns = query.get("ReturnData");
        match returns.boolean() {
            Read::Known(true) => returning.push(query),
            Read::Absent if default => returning.push(query),
            Read::Unknown(why) => unknown = Some(why),
            _ => {}
        }
    }
    // An alarm on a band returns the metric and the band.
    let limit = if alarm.get("ThresholdMetricId").is_absent() { 1 } else { 2 };
    if returning.len() > limit {
        check
            .fail(
                returning[limit].get("ReturnData"),
                format!("{} queries return data, an alarm watches one", returning.len()),
            )
            .aws_error("ValidationError: Exactly one element of the metrics list should return data.");
    } else if returning.is_empty() && unknown.is_none() {
        check
            .fail(metrics, "no query returns data for the alarm to watch")
            .aws_error("ValidationError: Exactly one element of the metrics list should return data.");
    } else if let Some(unknown) = unknown {
        check.undetermined(metrics, unknown);
    }
    let band = alarm.get("ThresholdMetricId");
    if let Some(text) = check.known(&band, band.literal())
        && ids.len() == items.len()
        && !ids.iter().any(|id| *id == text)
    {
        check
            .fail(&band, format!("ThresholdMetricId is {text}, but no query has this id"))
            .aws_error("ValidationError: ThresholdMetricId must match the Id of an element of Metrics");
    }
}

fn threshold<'s>(check: &Check<'s>, alarm: Resource<'s>) {
    let (fixed, band, comparison) =
        (alarm.get("Threshold"), alarm.get("ThresholdMetricId"), alarm.get("ComparisonOperator"));
    if fixed.is_present() && band.is_present() {
        check
            .fail(&fixed, "an alarm on a band (ThresholdMetricId) has no Threshold")
            .aws_error("ValidationError: One and only one of Threshold and ThresholdMetricId must be specified");
    } else if fixed.is_absent() && band.is_absent() {
        check
            .fail(&fixed, format!("{} has no threshold to compare with", alarm.label()))
            .aws_error("ValidationError: One and only one of Threshold and ThresholdMetricId must be specified");
    }
    let Some(operator) = check.known(&comparison, comparison.literal()) else { return };
    let (is_static, is_band) = (STATIC.contains(&&*operator), BAND.contains(&&*operator));
    if !is_static && !is_band {
        check.fail(&comparison, format!("there is no comparison {operator}")).aws_error(
            "ValidationError: ComparisonOperator failed to satisfy constraint: Member must satisfy enum value set",
        );
    } else if is_band && band.is_absent() {
        check
            .fail(&comparison, format!("{operator} compares with a band, but the alarm has no ThresholdMetricId"))
            .aws_error("ValidationError: ThresholdMetricId must be specified for range comparison operators");
    } else if is_static && band.is_present() {
        check
            .fail(
                &comparison,
                format!("{operator} does not compare with a band, but the alarm has a ThresholdMetricId"),
            )
            .aws_error(
                "ValidationError: ComparisonOperator must be a range operator where ThresholdMetricId is specified",
            );
    }
}

fn words_and_limits<'s>(check: &Check<'s>, alarm: Resource<'s>) {
    for (property, words) in WORDS {
        let value = alarm.get(property);
        match value.literal() {
            Read::Known(text) if !words.contains(&&*text) => {
                check
                    .fail(&value, format!("{property} is {text}, which is none of {}", words.join(", ")))
                    .aws_error(format!("ValidationError: Value at '{property}' failed to satisfy constraint: Member must satisfy enum value set"));
            }
            Read::Unknown(unknown) => {
                check.undetermined(&value, unknown);
            }
            _ => {}
        }
    }
    let extended = alarm.get("ExtendedStatistic");
    if let Read::Known(text) = extended.literal()
        && !is_extended_statistic(&text)
    {
        check
            .fail(
                &extended,
                format!("{text} is no percentile, trimmed statistic or range (such as p99, tm90, TM(10%:90%))"),
            )
            .aws_error(format!("ValidationError: The value {text} for parameter ExtendedStatistic is not supported."));
    }
    for (property, limit) in LENGTHS {
        let value = alarm.get(property);
        if let Read::Known(text) = value.literal()
            && text.chars().count() > *limit
        {
            check
                .fail(&value, format!("{property} has {} characters, at most {limit} are taken", text.chars().count()))
                .aws_error(format!(
                    "ValidationError: '{property}' failed to satisfy constraint: length less than or equal to {limit}"
                ));
        }
    }
    let namespace = alarm.get("Namespace");
    if let Some(text) = namespace.symbolic()
        && matches!(text.pieces().first(), Some(crate::model::text::Piece::Literal(first)) if first.starts_with(':'))
    {
        check
            .fail(&namespace, "a namespace cannot begin with a colon")
            .aws_error("ValidationError: The value for parameter Namespace is invalid: it must not start with ':'");
    }
    for (property, limit) in LISTS {
        let value = alarm.get(property);
        if let Read::Known(items) = value.items()
            && items.iter().filter(|item| item.is_present()).count() > *limit
        {
            check
                .fail(&value, format!("{property} has {} elements, at most {limit} are taken", items.len()))
                .aws_error(format!(
                    "ValidationError: '{property}' failed to satisfy constraint: at most {limit} elements"
                ));
        }
    }
    let evaluated = alarm.get("EvaluationPeriods");
    if evaluated.is_absent() && alarm.get("EvaluationCriteria").is_absent() {
        check
            .fail(&evaluated, format!("{} does not say how many periods it evaluates", alarm.label()))
            .aws_error("ValidationError: EvaluationPeriods must be specified");
    }
}

/// `p99.9`, `tm90`, `tc`, `ts`, `wm`, `IQM`, and ranges such as `PR(:300)` or `TM(10%:90%)`.
/// Source: CloudWatch User Guide, "CloudWatch statistics definitions".
fn is_extended_statistic(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower == "iqm" {
        return true;
    }
    if let Some(inside) = lower.strip_suffix(')') {
        let known = ["pr(", "tm(", "tc(", "ts(", "wm("].iter().find_map(|name| inside.strip_prefix(name));
        return known.is_some_and(|range| {
            range.contains(':')
                && range.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '%' | '-' | 'e' | '+'))
        });
    }
    let rest = ["p", "tm", "tc", "ts", "wm"]
        .iter()
        .find_map(|name| lower.strip_prefix(name).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    rest.is_some_and(|rest| rest.parse::<f64>().is_ok_and(|percent| (0.0..=100.0).contains(&percent)))
}
