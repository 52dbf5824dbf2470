//! See the documentation of the rule below.

use crate::lang::Verdict;
use crate::lang::filter_pattern::{FilterPattern, MAX_REGEX_FILTERS_PER_LOG_GROUP, parse};
use crate::rules::prelude::*;
use crate::rules::texts;

const FILTERS: [&str; 2] = ["AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter"];

rule! {
    /// Filter patterns follow the syntax of CloudWatch Logs.
    ///
    /// A pattern is empty, words to find, a JSON pattern in braces, or the columns of a line in brackets. CloudWatch Logs
    /// refuses anything else when the filter is created: a column called `...fields` (`...` only stands alone), `==` for
    /// `=`, strings in single quotes, words with punctuation that are not quoted, brackets that do not close. It also takes
    /// at most two regular expressions in a pattern and five filters with regular expressions per log group.
    ///
    /// Mend it by writing what the page below asks for; misspellings with one meaning are corrected by the fix. In CDK the
    /// methods of `FilterPattern` build valid patterns.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Failures:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: app
    ///       FilterPattern: '[...fields, status=FAILED]'
    ///       MetricTransformations: [{MetricName: failures, MetricNamespace: app, MetricValue: '1'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Failures:
    ///     Type: AWS::Logs::MetricFilter
    ///     Properties:
    ///       LogGroupName: app
    ///       FilterPattern: '[..., status=FAILED]'
    ///       MetricTransformations: [{MetricName: failures, MetricNamespace: app, MetricValue: '1'}]
    /// ```
    ///
    /// Source: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
    /// events, and Live Tail".
    {
        id: "logs-metric-filter-pattern", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: FILTERS,
        aws_error: "InvalidParameterException: Invalid filter pattern",
    }
    |check, filter| {
        let value = filter.get("FilterPattern");
        match texts::parse(&value, parse) {
            Some(Verdict::Invalid(problem)) => {
                texts::refuse(check, filter, &value, &problem, parse);
            }
            Some(Verdict::Undetermined(why)) => texts::open(check, &value, &why),
            Some(Verdict::Valid(pattern)) => {
                if pattern.has_idle_options() {
                    check
                        .fail(&value, "the terms with ? have no effect beside terms without: CloudWatch Logs ignores them")
                        .severity(Severity::Low)
                        .category(Category::Reliability)
                        .no_aws_error();
                }
                if pattern.regexes() > 0 {
                    count_regex_filters(check, filter, &value);
                }
            }
            None if value.is_unknown() => texts::open(check, &value, "the pattern is not known"),
            None => {}
        }
    }
}

/// A log group takes few filters with regular expressions: those beyond are refused, in the order of the file.
fn count_regex_filters<'s>(check: &crate::rules::Check<'s>, filter: Resource<'s>, value: &Value<'s>) {
    let Some(edge) = filter.follow(Rel::Listens).into_iter().next() else { return };
    let (name, others): (String, Vec<Resource<'s>>) = match &edge.target {
        Target::Resource(group) => (
            group.label().to_owned(),
            group.followed_by(Rel::Listens).edges.into_iter().map(|edge| edge.from).collect(),
        ),
        Target::Outside(name) => (name.to_string(), neighbours(filter, name)),
        Target::Unknown(_) => return,
    };
    let earlier = others.into_iter().filter(|other| other.id() < filter.id() && has_regex(*other)).count();
    if earlier >= MAX_REGEX_FILTERS_PER_LOG_GROUP {
        check
            .fail(
                value,
                format!("{name} has more than {MAX_REGEX_FILTERS_PER_LOG_GROUP} filters with regular expressions"),
            )
            .aws_error("LimitExceededException: Resource limit exceeded.");
    }
}

/// The filters of a log group that is not part of this input.
fn neighbours<'s>(filter: Resource<'s>, group: &Text<'s>) -> Vec<Resource<'s>> {
    let stack = filter.stack();
    let filters = FILTERS.iter().flat_map(|kind| stack.of_type(kind));
    filters.filter(|other| other.get("LogGroupName").text().known().is_some_and(|name| name == *group)).collect()
}

fn has_regex(filter: Resource<'_>) -> bool {
    let pattern: Option<FilterPattern> =
        texts::parse(&filter.get("FilterPattern"), parse).and_then(|verdict| verdict.valid());
    pattern.is_some_and(|pattern| pattern.regexes() > 0)
}
