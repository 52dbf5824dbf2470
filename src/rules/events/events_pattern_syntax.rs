//! See the documentation of the rule below.

use super::pattern::{node_at, pattern_of};
use crate::lang::event_pattern::{PatternFix, PatternProblem};
use crate::rules::prelude::*;
use crate::rules::texts::sentence;

rule! {
    /// Event patterns follow EventBridge's syntax.
    ///
    /// A pattern is an object of fields; every field at the end of a path holds a list of values or matchers, also when there
    /// is only one. Matchers such as `prefix`, `numeric` or `exists` stand in that list. EventBridge refuses anything else
    /// when the rule is created, and a rule that has neither a pattern nor a schedule. Fields at the top that no event has
    /// (`detailType`) are accepted and never match: they are reported with less weight.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties: {EventPattern: {source: aws.iam}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties: {EventPattern: {source: [aws.iam]}}
    /// ```
    ///
    /// Source: EventBridge User Guide, "Creating Amazon EventBridge event patterns" and "Comparison operators for use in event
    /// patterns".
    {
        id: "events-pattern-syntax", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::Events::Rule", "AWS::Events::Archive"],
        aws_error: "InvalidEventPatternException: Event pattern is not valid.",
    }
    |check, resource| {
        let Some((root, reading)) = pattern_of(resource) else {
            if resource.is("AWS::Events::Rule") && resource.get("ScheduleExpression").is_absent() && !resource.data().external {
                check
                    .fail(resource, "this rule has neither an event pattern nor a schedule")
                    .aws_error("ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.");
            }
            return;
        };
        if root.is_unknown() {
            check.undetermined(&root, &root);
            return;
        }
        if reading.problems.is_empty() && !reading.open.is_empty() {
            let unknown = Unknown::other(reading.open[0]);
            check.undetermined(&root, unknown);
        }
        for problem in &reading.problems {
            let value = node_at(&root, &problem.path);
            let finding = check.fail(&value, sentence(&problem.message)).aws_error(problem.aws_error.as_str());
            if let Some(fix) = mend(resource, &value, problem) {
                finding.fix(fix);
            }
        }
        for name in reading.pattern.foreign_fields() {
            let value = root.member(name);
            let hint = match name.to_lowercase().replace(['_', '-'], "").as_str() {
                "detailtype" => ": it is called detail-type",
                _ => "",
            };
            check
                .fail(if value.is_absent() { &root } else { &value }, format!("no event has a field {name}{hint}"))
                .severity(Severity::Low)
                .category(Category::Reliability)
                .no_aws_error();
        }
    }
}

fn mend<'s>(resource: Resource<'s>, value: &Value<'s>, problem: &PatternProblem) -> Option<Fix> {
    match problem.fix.as_ref()? {
        PatternFix::WrapInArray => {
            let text = "put the value into a list";
            match value.kind() {
                Kind::Text(Text::Literal(literal)) => {
                    let list = serde_json::json!([literal.as_ref()]);
                    Some(Fix::safe(text, vec![Edit::replace(resource, value, list)]))
                }
                Kind::Bool(literal) => {
                    Some(Fix::safe(text, vec![Edit::replace(resource, value, serde_json::json!([literal]))]))
                }
                _ => Some(Fix::suggested(text)),
            }
        }
    }
}
