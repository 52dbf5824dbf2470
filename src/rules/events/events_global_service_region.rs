//! See the documentation of the rule below.

use super::pattern::{literals, on_default_bus, pattern_of};
use crate::model::stack::partition_of;
use crate::rules::prelude::*;

/// Services whose events only exist in the home region of the partition.
const GLOBAL: [&str; 5] = ["iam", "organizations", "route53", "cloudfront", "support"];

rule! {
    /// Rules on global services stand in the region that has their events.
    ///
    /// IAM, Organizations, Route 53, CloudFront and Support hand their events to EventBridge in one region only: us-east-1
    /// (cn-north-1 in China, us-gov-west-1 in GovCloud). A rule elsewhere is accepted and never fires.
    ///
    /// Mend it by deploying the rule there, or by forwarding the events to a bus of your region.
    ///
    /// ```yaml fails
    /// Conditions:
    ///   Ireland: !Equals [!Ref AWS::Region, eu-west-1]
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Condition: Ireland
    ///     Properties: {EventPattern: {source: [aws.iam]}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties: {EventPattern: {source: [aws.ec2]}}
    /// ```
    ///
    /// Source: EventBridge User Guide, "Troubleshooting Amazon EventBridge", "My rule matches AWS global service API calls but
    /// it didn't run".
    {
        id: "events-global-service-region", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: SingleResource,
        on: ["AWS::Events::Rule"],
        params: {
            region: Text = "null", "Region of rules whose own region is not known.";
        },
    }
    |check, rule| {
        let Some((root, reading)) = pattern_of(rule) else { return };
        if root.is_unknown() {
            check.undetermined(&root, &root);
            return;
        }
        let sources = literals(&reading, &["source"]);
        let services = literals(&reading, &["detail", "eventSource"]);
        let names: Vec<&str> = match (&sources, &services) {
            (Some(sources), _) => sources.iter().filter_map(|name| name.strip_prefix("aws.")).collect(),
            (None, Some(services)) => services.iter().filter_map(|name| name.strip_suffix(".amazonaws.com")).collect(),
            (None, None) => return,
        };
        let global: Vec<&str> = names.iter().copied().filter(|name| GLOBAL.contains(name)).collect();
        // A bus of one's own gets what others forward to it.
        if global.is_empty() || on_default_bus(rule) == Some(false) {
            return;
        }
        let place = if sources.is_some() { root.get("source") } else { root.get("detail").get("eventSource") };
        let own = rule.region();
        let region = match own.as_literal().or(check.string("region")) {
            Some(region) => region,
            None => {
                check.undetermined(&place, Unknown::other("the region is not known (give it in the configuration)"));
                return;
            }
        };
        let home = match partition_of(region) {
            "aws" => "us-east-1",
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => return,
        };
        if region == home {
            return;
        }
        let finding = check.fail(
            &place,
            format!("events of {} only exist in {home}: this rule in {region} does not see them", global.join(", ")),
        );
        if global.len() < names.len() {
            finding.severity(Severity::Medium);
        }
    }
}
