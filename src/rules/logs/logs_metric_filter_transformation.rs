//! See the documentation of the rule below.

use crate::lang::Verdict;
use crate::lang::filter_pattern::{FilterPattern, parse};
use crate::model::text::Piece;
use crate::rules::Check;
use crate::rules::prelude::*;
use crate::rules::texts;

rule! {
    /// The transformation of a metric filter is one that CloudWatch Logs takes.
    ///
    /// A filter makes exactly one metric, not in a namespace of AWS (`AWS/…`), with a value that is a number or a field of
    /// the event (`$.latency`, `$size`). It has dimensions or a default value, not both; dimensions need a JSON or
    /// space-delimited pattern. Log groups of the classes INFREQUENT_ACCESS and DELIVERY take no metric filters.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Failures:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: app
    ///       FilterPattern: FAILED
    ///       MetricTransformations: [{MetricName: failures, MetricNamespace: AWS/App, MetricValue: '1'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Failures:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: app
    ///       FilterPattern: FAILED
    ///       MetricTransformations: [{MetricName: failures, MetricNamespace: App, MetricValue: '1'}]
    /// ```
    ///
    /// Source: CloudWatch Logs API Reference, `PutMetricFilter` and `MetricTransformation`.
    {
        id: "logs-metric-filter-transformation", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::Logs::MetricFilter"],
        aws_error: "InvalidParameterException: Invalid metric transformation",
    }
    |check, filter| {
        let list = filter.get("MetricTransformations");
        match list.items_or_one() {
            Read::Known(items) => {
                if items.len() != 1 {
                    check.fail(&list, format!("a metric filter has one transformation, not {}", items.len()));
                }
                let pattern = texts::parse(&filter.get("FilterPattern"), parse);
                for item in &items {
                    transformation(check, filter, item, pattern.as_ref());
                }
            }
            Read::Unknown(unknown) => {
                check.undetermined(&list, unknown);
            }
            Read::Absent | Read::Other => {}
        }
        let name = filter.get("FilterName");
        if has_any(&name, &[':', '*']) {
            check.fail(&name, "the name of a filter has no : and no *");
        }
        for edge in filter.follow(Rel::Listens) {
            let Target::Resource(group) = edge.target else { continue };
            let class = group.get("LogGroupClass");
            match class.literal() {
                Read::Known(name) if name != "STANDARD" => {
                    check
                        .fail(&edge.value, format!("{} has the class {name}, which takes no metric filters", group.label()))
                        .aws_error("ValidationException: This operation is only supported on the Standard log class.")
                        .related(group, &class, "has the class");
                }
                Read::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                }
                _ => {}
            }
        }
    }
}

fn transformation<'s>(
    check: &Check<'s>,
    filter: Resource<'s>,
    item: &Value<'s>,
    pattern: Option<&Verdict<FilterPattern>>,
) {
    let namespace = item.get("MetricNamespace");
    let text = namespace.symbolic();
    if text
        .as_ref()
        .is_some_and(|text| matches!(text.pieces().first(), Some(Piece::Literal(start)) if start.starts_with("AWS/")))
    {
        check
            .fail(&namespace, "namespaces that begin with AWS/ are reserved")
            .aws_error("InvalidParameterException: MetricNamespace can not start with AWS/");
    } else if text.is_some_and(|text| {
        text.has_opaque()
            && match text.pieces().first() {
                Some(Piece::Literal(start)) => "AWS/".starts_with(&**start),
                first => matches!(first, Some(Piece::Symbol(Symbol::Opaque(_)))),
            }
    }) {
        check.undetermined(&namespace, &namespace);
    }
    let is_open = matches!(pattern, Some(Verdict::Undetermined(_)));
    let pattern = match pattern {
        Some(Verdict::Valid(pattern)) => Some(pattern),
        _ => None,
    };
    // What the pattern is decides about columns and dimensions.
    let needs = |of: &Value<'s>| {
        if is_open {
            let written = filter.get("FilterPattern");
            check.undetermined(of, &written);
        }
    };
    for (property, limit) in [("MetricNamespace", 255), ("MetricName", 255)] {
        let value = item.get(property);
        if has_any(&value, &[':', '*', '$']) {
            check.fail(&value, format!("{property} has no :, * or $"));
        }
        if let Read::Known(text) = value.literal()
            && text.chars().count() > limit
        {
            check.fail(&value, format!("{property} has at most {limit} characters"));
        }
    }
    let value = item.get("MetricValue");
    if let Some(text) = check.known(&value, value.literal()) {
        let column = text.strip_prefix('$').filter(|rest| !rest.starts_with('.') && !rest.starts_with('['));
        if !text.starts_with('$') && text.trim().parse::<f64>().is_err() {
            check.fail(&value, format!("a metric value is a number or a field such as $.size, not {text}"));
        } else if let (Some(column), Some(FilterPattern::Delimited(columns))) = (column, pattern)
            && !columns.iter().any(|own| own.name.as_ref().and_then(Text::as_literal).is_none_or(|name| name == column))
        {
            check.fail(&value, format!("the pattern has no field {column}"));
        } else if column.is_some() {
            needs(&value);
        }
    }
    let dimensions = item.get("Dimensions");
    let Read::Known(named) = dimensions.items() else { return };
    if named.is_empty() {
        return;
    }
    needs(&dimensions);
    if named.len() > 3 {
        check.fail(&dimensions, format!("a metric of a filter has at most 3 dimensions, not {}", named.len()));
    }
    let default = item.get("DefaultValue");
    if default.is_present() {
        check
            .fail(&default, "a metric with dimensions takes no default value")
            .aws_error("InvalidParameterException: Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
            .fix(Fix::safe("leave DefaultValue out", vec![Edit::remove(filter, &default)]));
    }
    if matches!(pattern, Some(FilterPattern::Everything | FilterPattern::Terms(_))) {
        check.fail(&dimensions, "dimensions need a JSON or space-delimited pattern");
    }
}

/// Whether a known part of a string has one of the characters.
fn has_any(value: &Value<'_>, characters: &[char]) -> bool {
    value.symbolic().is_some_and(|text| {
        text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(characters)))
    })
}
