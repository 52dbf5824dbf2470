//! See the documentation of the rule below.

use serde_json::{Value as Json, json};

use super::pattern::{literals, pattern_of};
use crate::lang::Verdict;
use crate::lang::event_pattern::{Entry, EventPattern};
use crate::lang::filter_pattern::{FilterPattern, parse};
use crate::rules::prelude::*;
use crate::rules::texts;
use crate::rules::{Check, Doubt};

/// The calls that CIS AWS Foundations 4.4 watches.
const CIS: [&str; 16] = [
    "DeleteGroupPolicy",
    "DeleteRolePolicy",
    "DeleteUserPolicy",
    "PutGroupPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
    "CreatePolicy",
    "DeletePolicy",
    "CreatePolicyVersion",
    "DeletePolicyVersion",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "AttachUserPolicy",
    "DetachUserPolicy",
    "AttachGroupPolicy",
    "DetachGroupPolicy",
];
/// Calls that change rights as well, and that the benchmark leaves out.
const MORE: [&str; 6] = [
    "SetDefaultPolicyVersion",
    "UpdateAssumeRolePolicy",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
    "PutUserPermissionsBoundary",
    "DeleteUserPermissionsBoundary",
];

rule! {
    /// A rule on changes of IAM policies covers all of them.
    ///
    /// There are many calls that change what a principal may do. A rule or metric filter that watches one of them is meant to
    /// watch all: an attacker attaches a policy where only `CreatePolicy` is watched. Metric filters are held to the list of
    /// CIS AWS Foundations 4.4, event rules also to the default version, trust policy and permissions boundary.
    ///
    /// Mend it by adding the missing names; matchers such as `prefix` count.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties: {EventPattern: {source: [aws.iam], detail: {eventName: [CreatePolicy]}}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       EventPattern:
    ///         source: [aws.iam]
    ///         detail: {eventName: [prefix: Create, prefix: Delete, prefix: Put, prefix: Attach, prefix: Detach, prefix: Update, prefix: Set]}
    /// ```
    ///
    /// Source: CIS AWS Foundations Benchmark v3.0.0, 4.4; IAM API Reference.
    {
        id: "events-iam-change-coverage", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::Events::Rule", "AWS::Logs::MetricFilter"],
        params: {
            events: List = "null", "Calls that must be covered; by default those of CIS 4.4 and of rights beside policies.";
        },
    }
    |check, resource| {
        let configured = check.list("events");
        if resource.is("AWS::Logs::MetricFilter") {
            let value = resource.get("FilterPattern");
            let Some(Verdict::Valid(pattern)) = texts::parse(&value, parse) else { return };
            if !matches!(pattern, FilterPattern::Json(_)) || pattern.equal_to("$.eventName").is_empty() {
                return;
            }
            let wanted = if configured.is_empty() { CIS.to_vec() } else { configured };
            judge(check, &value, &wanted, None, |name| {
                pattern.matches(&json!({"eventSource": "iam.amazonaws.com", "eventName": name}))
            });
            return;
        }
        let Some((root, reading)) = pattern_of(resource) else { return };
        if root.is_unknown() {
            check.undetermined(&root, &root);
            return;
        }
        // Sources that are not known in full may be others.
        let sources = [root.get("source"), root.get("detail").get("eventSource")];
        let open = sources.iter().find_map(|source| source.items_or_one().known()?.iter().find_map(Doubt::of));
        let of = |path: &[&str], name: &str| literals(&reading, path).is_none_or(|names| names.iter().any(|own| own == name));
        if !of(&["source"], "aws.iam") || !of(&["detail", "eventSource"], "iam.amazonaws.com") {
            return;
        }
        let Some(matchers) = reading.pattern.values(&["detail", "eventName"]) else { return };
        let names = EventPattern {
            fields: vec![(Text::from("eventName"), Entry::AnyOf(matchers.to_vec()))],
            alternatives: Vec::new(),
        };
        let wanted = if configured.is_empty() { CIS.into_iter().chain(MORE).collect() } else { configured };
        judge(check, &root.get("detail").get("eventName"), &wanted, open, |name| {
            names.matches(&json!({"eventName": Json::from(name)}))
        });
    }
}

fn judge(check: &Check<'_>, value: &Value<'_>, wanted: &[&str], doubt: Option<Doubt>, selects: impl Fn(&str) -> Tri) {
    let answers: Vec<(&str, Tri)> = wanted.iter().map(|name| (*name, selects(name))).collect();
    if !answers.iter().any(|(_, answer)| answer.is_yes()) {
        return;
    }
    let missing: Vec<&str> = answers.iter().filter(|(_, answer)| answer.is_no()).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        if answers.iter().any(|(_, answer)| !answer.is_yes()) {
            check.undetermined(value, Unknown::other("some of the event names are not known"));
        }
        return;
    }
    let shown = match missing.len() {
        0..=3 => missing.join(", "),
        more => format!("{} and {} more", missing[..2].join(", "), more - 2),
    };
    check.in_doubt(doubt, || {
        check
            .fail(value, format!("this watches changes of IAM policies, but not {shown}"))
            .explain(format!("Not covered: {}.", missing.join(", ")))
            .fix(Fix::suggested(format!("add {}", missing.join(", "))));
    });
}
