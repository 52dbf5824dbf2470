//! See the documentation of the rule below.

use super::lifecycle::read;
use crate::lang::s3_lifecycle::{self, MAX_ID_LENGTH, MAX_RULES, Place};
use crate::rules::prelude::*;

rule! {
    /// Lifecycle rules are ones that S3 takes.
    ///
    /// Objects move to the infrequent-access classes after 30 days at the earliest, only ever downwards, with 30 days between
    /// infrequent access and Glacier and 90 between Glacier and Deep Archive, and expire after their last move. A rule has an
    /// action, an id of its own, and counts either in days or in dates, which are at midnight UTC. S3 refuses the whole configuration for one bad rule.
    ///
    /// Mend it by raising the days to the minimum, or by dropping a step.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       LifecycleConfiguration:
    ///         Rules:
    ///           - {Status: Enabled, Transitions: [{StorageClass: STANDARD_IA, TransitionInDays: 7}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       LifecycleConfiguration:
    ///         Rules:
    ///           - {Status: Enabled, Transitions: [{StorageClass: STANDARD_IA, TransitionInDays: 30}]}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle" and "Lifecycle configuration elements";
    /// CloudFormation Template Reference, `AWS::S3::Bucket Rule`.
    {
        id: "s3-lifecycle-transitions", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        aws_error: "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
    }
    |check, bucket| {
        let rules = bucket.get("LifecycleConfiguration.Rules");
        let Some(items) = check.known(&rules, rules.items_or_one()) else { return };
        if items.len() > MAX_RULES {
            check
                .fail(&rules, format!("the configuration has {} rules, S3 takes {MAX_RULES}", items.len()))
                .aws_error("InvalidRequest: The number of lifecycle rules must not exceed the allowed limit of 1000 rules");
        }
        let mut ids: Vec<(String, Value<'_>)> = Vec::new();
        for item in items.iter().filter(|item| !item.is_absent()) {
            if let Kind::Unknown(unknown) = item.kind() {
                check.undetermined(item, unknown);
                continue;
            }
            let id = item.get("Id");
            if let Read::Known(text) = id.text() {
                let text = text.to_string();
                if text.chars().count() > MAX_ID_LENGTH && id.literal().known().is_some() {
                    check
                        .fail(&id, format!("the id of a rule has at most {MAX_ID_LENGTH} characters"))
                        .aws_error("InvalidArgument: ID length should not exceed allowed limit of 255");
                }
                // Equal texts are equal whatever their symbols stand for.
                if !text.is_empty() && ids.iter().any(|(known, _)| *known == text) {
                    check
                        .fail(&id, format!("two rules have the id {text}"))
                        .aws_error("InvalidArgument: Rule ID must be unique. Found same ID for more than one rule");
                }
                ids.push((text, id));
            }
            let status = item.get("Status");
            if let Some(text) = check.known(&status, status.literal())
                && !matches!(&*text, "Enabled" | "Disabled")
            {
                check
                    .fail(&status, format!("the status of a rule is Enabled or Disabled, not {text}"))
                    .aws_error("MalformedXML: The XML you provided was not well-formed or did not validate against our published schema");
            }
            for (one, many) in [("Transition", "Transitions"), ("NoncurrentVersionTransition", "NoncurrentVersionTransitions")] {
                let single = item.get(one);
                if single.is_present() && item.get(many).is_present() {
                    // "If you specify this property, don't specify the Transitions property": no refusal is documented.
                    check
                        .fail(&single, format!("a rule has {one} or {many}, not both"))
                        .severity(Severity::Medium)
                        .category(Category::Reliability)
                        .no_aws_error()
                        .fix(Fix::suggested(format!("move it into {many}")));
                }
            }
            let reading = read(item);
            let violations = s3_lifecycle::check(&reading.rule);
            if let (true, Some(unknown)) = (violations.is_empty(), &reading.unknown) {
                check.undetermined(unknown, Unknown::from(unknown));
            }
            for violation in violations {
                let at = match violation.place {
                    Place::Transition(index) => reading.transitions.get(index).cloned(),
                    Place::NoncurrentTransition(index) => reading.noncurrent_transitions.get(index).cloned(),
                    Place::Expiration => Some(reading.expiration.clone()),
                    Place::NoncurrentExpiration => Some(reading.noncurrent_expiration.clone()),
                    Place::AbortIncompleteUpload => Some(item.get("AbortIncompleteMultipartUpload")),
                    Place::ExpiredDeleteMarker => Some(item.get("ExpiredObjectDeleteMarker")),
                    Place::Filter | Place::Rule => None,
                };
                let at = at.unwrap_or_else(|| item.clone());
                let mut message = violation.message.clone();
                if let Some(first) = message.get_mut(..1) {
                    first.make_ascii_lowercase();
                }
                let finding = check.fail(&at, message).aws_error(violation.aws_error);
                if let Some(days) = violation.least_days {
                    finding.fix(Fix::suggested(format!("raise the days to {days} or more")));
                }
            }
        }
    }
}
