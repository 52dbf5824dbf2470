//! See the documentation of the rule below.

use serde_json::json;

use super::pattern::{literals, pattern_of};
use crate::rules::Doubt;
use crate::rules::prelude::*;

/// The detail types of events that CloudTrail hands to EventBridge.
/// Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
const DETAIL_TYPES: [&str; 6] = [
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Service Event via CloudTrail",
    "AWS Insight via CloudTrail",
];
const ALL_EVENTS: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

rule! {
    /// Patterns on API calls say where the events come from.
    ///
    /// API calls reach EventBridge through CloudTrail, with the detail type `AWS API Call via CloudTrail` and the service in
    /// `source` (`aws.iam`) and in `detail.eventSource` (`iam.amazonaws.com`). A pattern whose parts contradict each other never
    /// matches. One that leaves `detail-type` or `detail.eventSource` out may match more than is meant. Calls that begin with
    /// Get, List or Describe only arrive when the state of the rule is `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties: {EventPattern: {source: [aws.kms], detail: {eventSource: [iam.amazonaws.com], eventName: [DisableKey]}}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       EventPattern:
    ///         source: [aws.kms]
    ///         detail-type: [AWS API Call via CloudTrail]
    ///         detail: {eventSource: [kms.amazonaws.com], eventName: [DisableKey]}
    /// ```
    ///
    /// Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
    {
        id: "events-cloudtrail-pattern-shape", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::Events::Rule"],
    }
    |check, rule| {
        let Some((root, reading)) = pattern_of(rule) else { return };
        if root.is_unknown() {
            check.undetermined(&root, &root);
            return;
        }
        if reading.pattern.values(&["detail", "eventName"]).is_none() {
            return;
        }
        let parts = ["source", "detail-type"].map(|name| root.get(name));
        let details = ["eventSource", "eventName"].map(|name| root.get("detail").get(name));
        check.leave_open(parts.iter().chain(&details).find_map(open));
        let sources = literals(&reading, &["source"]);
        let event_sources = literals(&reading, &["detail", "eventSource"]);
        let of_aws = sources.iter().flatten().any(|source| source.starts_with("aws."))
            || event_sources.iter().flatten().any(|source| source.ends_with(".amazonaws.com"));
        // Events of the user's own may have an eventName too.
        if !of_aws {
            return;
        }
        let place = |path: [&'static str; 2]| {
            let value = if path[1].is_empty() { root.get(path[0]) } else { root.get(path[0]).get(path[1]) };
            if value.is_absent() { root.clone() } else { value }
        };
        if let Some(types) = literals(&reading, &["detail-type"])
            && !types.iter().any(|kind| DETAIL_TYPES.contains(&kind.as_str()))
        {
            check.fail(
                place(["detail-type", ""]),
                format!("events with detail.eventName have the detail-type {}, not {}", DETAIL_TYPES[0], types.join(", ")),
            );
            return;
        }
        if let (Some(sources), Some(services)) = (&sources, &event_sources)
            && !sources.iter().any(|source| services.iter().any(|service| agree(source, service)))
        {
            check.fail(
                place(["detail", "eventSource"]),
                format!("events from {} never have the eventSource {}", sources.join(", "), services.join(", ")),
            );
            return;
        }
        if let Some(names) = literals(&reading, &["detail", "eventName"])
            && let Some(first) = names.first()
            && names.iter().all(|name| is_read_only(name))
            && !has_data_events(sources.as_deref(), event_sources.as_deref())
        {
            let state = rule.get("State");
            match state.literal() {
                Read::Known(text) if text == ALL_EVENTS || text == "DISABLED" => {}
                Read::Unknown(unknown) => {
                    check.undetermined(&state, unknown);
                }
                _ => {
                    check
                        .fail(
                            place(["detail", "eventName"]),
                            format!("calls such as {first} do not reach EventBridge while the state of the rule is ENABLED"),
                        )
                        .fix(Fix::suggested(format!("set State to {ALL_EVENTS}")));
                }
            }
        }
        if reading.pattern.mentions(&["detail-type"]) == Tri::No {
            let kind = match event_sources.iter().flatten().chain(sources.iter().flatten()).any(|name| name.contains("signin")) {
                true => DETAIL_TYPES[1],
                false => DETAIL_TYPES[0],
            };
            let edit = Edit {
                resource: rule.id(),
                at: root.place(),
                op: Op::Set { path: "detail-type".into(), value: json!([kind]) },
            };
            check
                .fail(&root, format!("this pattern on API calls has no detail-type ({kind})"))
                .severity(Severity::Low)
                .fix(Fix::safe(format!("add detail-type: [{kind}]"), vec![edit]));
        }
        // Who names parameters of the call has said which call is meant.
        if reading.pattern.mentions(&["detail", "eventSource"]) == Tri::No
            && !root.get("detail").get("requestParameters").is_present()
            && let Some([source]) = sources.as_deref()
            && let Some(service) = source.strip_prefix("aws.")
        {
            let service = format!("{service}.amazonaws.com");
            let detail = root.get("detail");
            let edit = Edit {
                resource: rule.id(),
                at: detail.place(),
                op: Op::Set { path: "eventSource".into(), value: json!([service]) },
            };
            check
                .fail(&detail, format!("this pattern on API calls has no detail.eventSource ({service})"))
                .severity(Severity::Low)
                .fix(Fix::safe(format!("add eventSource: [{service}] to detail"), vec![edit]));
        }
    }
}

/// Whether a source (`aws.iam`) and an event source (`iam.amazonaws.com`) are of one service.
fn agree(source: &str, service: &str) -> bool {
    let (Some(source), Some(service)) = (source.strip_prefix("aws."), service.strip_suffix(".amazonaws.com")) else {
        return false;
    };
    source == service || source.replace('-', "") == service.replace('-', "")
}

/// Calls that EventBridge leaves out by default, but for two of STS.
fn is_read_only(name: &str) -> bool {
    ["Get", "List", "Describe"].iter().any(|start| name.starts_with(start))
        && !matches!(name, "GetFederationToken" | "GetSessionToken")
}

/// What leaves open which values a field of the pattern has.
fn open(field: &Value<'_>) -> Option<Doubt> {
    field.items_or_one().known()?.iter().find_map(Doubt::of)
}

/// Services whose reads may be data events, which arrive by other means.
fn has_data_events(sources: Option<&[String]>, services: Option<&[String]>) -> bool {
    let names = sources.into_iter().flatten().chain(services.into_iter().flatten());
    let mut any = false;
    for name in names {
        any = true;
        if ["s3", "dynamodb", "lambda", "secretsmanager"].iter().any(|service| name.contains(service)) {
            return true;
        }
    }
    !any
}
