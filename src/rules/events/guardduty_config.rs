//! See the documentation of the rule below.

use crate::graph::EVENT_TARGET;
use crate::lang::event_pattern::{Matcher, Scalar};
use crate::rules::{Check, Doubt};

use crate::model::stack::Deployer;
use crate::rules::prelude::*;

use super::pattern::pattern_of;

/// Where findings arrive: from GuardDuty itself, or by way of Security Hub.
const SOURCES: &[&str] = &["aws.guardduty", "aws.securityhub"];

rule! {
    /// GuardDuty is on, and somebody hears of its findings.
    ///
    /// A detector with `Enable: false` watches nothing. Its features are given either in `Features` or in the older
    /// `DataSources`; GuardDuty refuses both at once. Findings go to EventBridge: without a rule for them they wait in the
    /// console. A rule of another stack is not seen here, so this is reported as low only.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Detector: {Type: AWS::GuardDuty::Detector, Properties: {Enable: false}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Detector: {Type: AWS::GuardDuty::Detector, Properties: {Enable: true}}
    ///   Topic: {Type: AWS::SNS::Topic}
    ///   Findings:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       EventPattern: {source: [aws.guardduty]}
    ///       Targets: [{Id: topic, Arn: !Ref Topic}]
    /// ```
    ///
    /// Source: GuardDuty User Guide, "Processing GuardDuty findings with Amazon EventBridge"; GuardDuty API Reference,
    /// "CreateDetector".
    {
        id: "guardduty-config", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::GuardDuty::Detector"],
        params: { features: List = "[\"S3_DATA_EVENTS\"]", "Features that may not be turned off."; },
    }
    |check, detector| {
        let enable = detector.get("Enable");
        match enable.boolean() {
            Read::Known(false) => {
                check
                    .fail(&enable, format!("{} is turned off", detector.label()))
                    .fix(Fix::safe("set Enable to true", vec![Edit::set(detector, "Enable", true)]));
                return;
            }
            Read::Unknown(unknown) => {
                check.undetermined(&enable, unknown);
            }
            _ => {}
        }
        let (sources, features) = (detector.get("DataSources"), detector.get("Features"));
        // In Pulumi's classic provider features are resources of their own, which are set one by one.
        let at_once = detector.deployer() != Deployer::TerraformBridge;
        if sources.is_present() && features.is_present() && at_once {
            check
                .fail(&sources, "a detector has DataSources or Features, not both")
                .category(Category::DeployFailure)
                .aws_error("The request failed because both DataSources and Features were provided.")
                .fix(Fix::suggested("move what DataSources says into Features"));
        }
        let required = check.list("features");
        for feature in features.items_or_one().known().unwrap_or_default() {
            let (name, status) = (feature.get("Name"), feature.get("Status"));
            if let (Some(doubt), false) = (Doubt::of(&name), status.literal() == Read::Known("ENABLED".into())) {
                check.leave_open(Some(doubt));
            }
            let Read::Known(name) = name.literal() else { continue };
            if !required.contains(&&*name) {
                continue;
            }
            match status.literal() {
                Read::Known(text) if text == "DISABLED" => off(check, &status, &name),
                Read::Unknown(unknown) => {
                    check.undetermined(&status, unknown);
                }
                _ => {}
            }
        }
        let logs = sources.path("S3Logs.Enable");
        if required.contains(&"S3_DATA_EVENTS") && matches!(logs.boolean(), Read::Known(false)) {
            off(check, &logs, "S3_DATA_EVENTS");
        }
        match routed(detector) {
            Tri::Yes => {}
            Tri::No => {
                check
                    .fail(detector, format!("no rule here passes on the findings of {}", detector.label()))
                    .severity(Severity::Low)
                    .fix(Fix::suggested("add an EventBridge rule for the source aws.guardduty with a topic as target"));
            }
            Tri::Unknown => {
                check.undetermined(detector, Unknown::other("the event patterns or targets are not known"));
            }
        }
    }
}

fn off(check: &Check<'_>, at: &Value<'_>, name: &str) {
    check.fail(at, format!("the feature {name} is turned off")).fix(Fix::suggested("turn it on"));
}

/// Whether a rule with a target matches findings of GuardDuty, as far as the source says.
fn routed(detector: Resource<'_>) -> Tri {
    let mut answer = Tri::No;
    for stack in detector.stack().siblings() {
        if stack.may_hold_more().is_some() {
            answer = answer.or(Tri::Unknown);
        }
        for rule in stack.of_type("AWS::Events::Rule") {
            let Some((_, reading)) = pattern_of(rule) else { continue };
            let from = match reading.pattern.values(&["source"]) {
                None => reading.pattern.mentions(&["source"]),
                Some(matchers) => matchers.iter().fold(Tri::No, |any, matcher| {
                    any.or(match matcher {
                        Matcher::Equal(Scalar::String(text)) => match text.as_literal() {
                            Some(text) => SOURCES.contains(&text).into(),
                            None => Tri::Unknown,
                        },
                        Matcher::Prefix { text, .. } => match text.as_literal() {
                            Some(text) => SOURCES.iter().any(|source| source.starts_with(text)).into(),
                            None => Tri::Unknown,
                        },
                        Matcher::Unknown => Tri::Unknown,
                        _ => Tri::No,
                    })
                }),
            };
            let incoming = rule.followed_by(Rel::Listens);
            let mut split = incoming.edges.iter().filter(|edge| edge.from.is(EVENT_TARGET));
            let targets = match rule.get("Targets").items_or_one() {
                Read::Known(items) if !items.is_empty() => Tri::Yes,
                _ if split.next().is_some() => Tri::Yes,
                Read::Unknown(_) => Tri::Unknown,
                _ if !incoming.maybe.is_empty() => Tri::Unknown,
                _ => Tri::No,
            };
            answer = answer.or(from.and(targets));
        }
    }
    answer
}
