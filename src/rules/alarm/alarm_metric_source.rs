//! See the documentation of the rule below.

use crate::iam::evaluate::{Outcome, Request};
use crate::iam::principal::Principal;
use crate::model::pattern::same as same_text;
use crate::rules::Check;
use crate::rules::policies::IDENTITY_TYPES;
use crate::rules::prelude::*;

/// Namespaces that agents and services of AWS publish to, besides `AWS/…`.
/// Source: CloudWatch User Guide, "AWS services that publish CloudWatch metrics" and the pages of the agents.
const PUBLISHED: [&str; 9] = [
    "CWAgent",
    "ContainerInsights",
    "ECS/ContainerInsights",
    "LambdaInsights",
    "Glue",
    "WAF",
    "System/Linux",
    "Windows/Default",
    "CloudWatchSynthetics",
];
/// Resources that run code, which may write metrics into its logs (embedded metric format), and rules with metric actions.
const CODE: [&str; 6] = [
    "AWS::Lambda::Function",
    "AWS::Serverless::Function",
    "AWS::ECS::TaskDefinition",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::IoT::TopicRule",
];

rule! {
    /// The metric of an alarm is published by something.
    ///
    /// An alarm on a metric that does not exist stays in INSUFFICIENT_DATA for ever and looks like a quiet one. Names are
    /// compared with their case: the namespace, name and dimensions must be those of the metric filter (or of the code that
    /// calls `PutMetricData`). A filter without dimensions makes a metric without any.
    ///
    /// Mend it by writing the names as the filter does. Name namespaces that others fill in `externallyPublished`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Failures:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: app
    ///       FilterPattern: FAILED
    ///       MetricTransformations: [{MetricName: failures, MetricNamespace: App, MetricValue: '1'}]
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {Namespace: app, MetricName: failures, EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Failures:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: app
    ///       FilterPattern: FAILED
    ///       MetricTransformations: [{MetricName: failures, MetricNamespace: App, MetricValue: '1'}]
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {Namespace: App, MetricName: failures, EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold}
    /// ```
    ///
    /// Source: CloudWatch User Guide, "Metrics concepts"; CloudWatch Logs User Guide, "Creating metrics from log events using
    /// filters".
    {
        id: "alarm-metric-source", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: Assembly,
        fix: Suggested,
        on: ["AWS::CloudWatch::Alarm"],
        params: {
            externallyPublished: List = "[]", "Namespaces that something outside of the input publishes to.";
        },
    }
    |check, alarm| {
        judge(check, alarm, &alarm.get("Namespace"), &alarm.get("MetricName"), &alarm.get("Dimensions"));
        for query in alarm.get("Metrics").items_or_one().known().unwrap_or_default() {
            let metric = query.get("MetricStat").get("Metric");
            judge(check, alarm, &metric.get("Namespace"), &metric.get("MetricName"), &metric.get("Dimensions"));
        }
    }
}

fn judge<'s>(check: &Check<'s>, alarm: Resource<'s>, namespace: &Value<'s>, name: &Value<'s>, dimensions: &Value<'s>) {
    let (Some(space), Some(metric)) = (namespace.symbolic(), name.symbolic()) else { return };
    if let Some(literal) = space.as_literal()
        && (literal.starts_with("AWS/")
            || literal.starts_with("/aws/")
            || PUBLISHED.contains(&literal)
            || check.list("externallyPublished").contains(&literal))
    {
        return;
    }
    let mut near = None;
    let mut unknown = None;
    for stack in alarm.stack().siblings() {
        for filter in stack.of_type("AWS::Logs::MetricFilter") {
            for made in filter.get("MetricTransformations").items_or_one().known().unwrap_or_default() {
                let (Some(own_space), Some(own_name)) =
                    (made.get("MetricNamespace").symbolic(), made.get("MetricName").symbolic())
                else {
                    continue;
                };
                if own_space == space && own_name == metric {
                    return judge_dimensions(check, dimensions, &made.get("Dimensions"), filter);
                }
                if same_text(&own_space, &space).and(same_text(&own_name, &metric)) == Tri::Unknown {
                    unknown = unknown.or(Some(Unknown::from(&made.get("MetricNamespace"))));
                }
                let same = |one: &Text<'_>, other: &Text<'_>| one.to_string().eq_ignore_ascii_case(&other.to_string());
                if same(&own_space, &space) && same(&own_name, &metric) {
                    near = Some((filter, own_space.to_string(), own_name.to_string()));
                }
            }
        }
    }
    if let Some((filter, space, metric)) = near {
        check
            .fail(name, format!("nothing publishes this metric; {} makes {metric} in {space}", filter.label()))
            .related(filter, filter.get("MetricTransformations"), "makes a metric with almost the same name")
            .fix(Fix::suggested(format!("watch {metric} in the namespace {space}")));
        return;
    }
    for value in [namespace, name] {
        if value.symbolic().is_some_and(|text| text.has_opaque()) && unknown.is_none() {
            unknown = Some(Unknown::from(value));
        }
    }
    match publisher(check, alarm, &space) {
        Tri::Yes => return,
        Tri::Unknown => {
            unknown = unknown.or_else(|| Some(Unknown::other("code of this input may publish the metric")));
        }
        Tri::No => {}
    }
    match unknown {
        Some(unknown) => {
            check.undetermined(name, unknown);
        }
        None => {
            check.fail(name, format!("nothing in this input publishes {metric} in the namespace {space}")).fix(
                Fix::suggested("name the metric of a metric filter, or list the namespace in externallyPublished"),
            );
        }
    }
}

fn judge_dimensions<'s>(check: &Check<'s>, wanted: &Value<'s>, made: &Value<'s>, filter: Resource<'s>) {
    let count = |value: &Value<'_>| match value.items() {
        Read::Known(items) => Some(items.len()),
        Read::Absent => Some(0),
        _ => None,
    };
    let (Some(wanted_count), Some(made_count)) = (count(wanted), count(made)) else { return };
    if (wanted_count == 0) != (made_count == 0) {
        let message = match wanted_count {
            0 => format!("{} makes this metric with dimensions, the alarm names none", filter.label()),
            _ => format!("{} makes this metric without dimensions, the alarm names some", filter.label()),
        };
        check.fail(wanted, message).related(filter, made, "makes the metric");
    }
}

/// Whether something of this input may publish to a namespace by `PutMetricData`, or by code that writes logs.
fn publisher<'s>(check: &Check<'s>, alarm: Resource<'s>, namespace: &Text<'s>) -> Tri {
    let mut answer = Tri::No;
    for stack in alarm.stack().siblings() {
        if CODE.iter().any(|kind| stack.of_type(kind).next().is_some()) || stack.may_hold_more().is_some() {
            answer = answer.or(Tri::Unknown);
        }
        for kind in IDENTITY_TYPES {
            for holder in stack.of_type(kind) {
                for document in check.documents(holder) {
                    let anyone = Principal::of(Text::from("arn:aws:iam::111122223333:role/any"), None);
                    let request = Request::new(anyone, "cloudwatch:PutMetricData", "*")
                        .with("cloudwatch:namespace", namespace.clone())
                        .open_context();
                    if document.unknown().is_some() {
                        answer = answer.or(Tri::Unknown);
                        continue;
                    }
                    answer = answer.or(match document.policy().allows(document.kind, &request).outcome {
                        Outcome::Allow => Tri::Yes,
                        Outcome::Unknown => Tri::Unknown,
                        Outcome::ImplicitDeny | Outcome::ExplicitDeny => Tri::No,
                    });
                }
            }
        }
    }
    answer
}
