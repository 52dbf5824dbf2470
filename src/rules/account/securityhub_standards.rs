//! See the documentation of the rule below.

use crate::model::stack::Deployer;
use crate::rules::names::wait_for;
use crate::rules::prelude::*;

rule! {
    /// Security Hub standards come after the hub, and not twice.
    ///
    /// A standard can be enabled only where Security Hub is on already. A hub with default standards (the default) has AWS
    /// Foundational Security Best Practices and CIS 1.2.0 from the start; declaring one of them again conflicts.
    ///
    /// Mend it with `DependsOn` on the hub, and `EnableDefaultStandards: false` where the standards are declared.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Hub: {Type: AWS::SecurityHub::Hub, Properties: {EnableDefaultStandards: false}}
    ///   Cis:
    ///     Type: AWS::SecurityHub::Standard
    ///     Properties: {StandardsArn: !Sub 'arn:${AWS::Partition}:securityhub:${AWS::Region}::standards/cis-aws-foundations-benchmark/v/5.0.0'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Hub: {Type: AWS::SecurityHub::Hub, Properties: {EnableDefaultStandards: false}}
    ///   Cis:
    ///     Type: AWS::SecurityHub::Standard
    ///     DependsOn: Hub
    ///     Properties: {StandardsArn: !Sub 'arn:${AWS::Partition}:securityhub:${AWS::Region}::standards/cis-aws-foundations-benchmark/v/5.0.0'}
    /// ```
    ///
    /// Source: Security Hub API reference, EnableSecurityHub and BatchEnableStandards; User Guide, "Standards reference".
    {
        id: "securityhub-standards", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::SecurityHub::Standard"],
        aws_error: "InvalidAccessException: Account is not subscribed to AWS Security Hub",
    }
    |check, standard| {
        let arn = standard.get("StandardsArn");
        let text = arn.symbolic();
        if let Some(text) = &text {
            judge_arn(check, standard, &arn, text);
        }
        let stack = standard.stack();
        let Some(hub) = stack.of_type("AWS::SecurityHub::Hub").next() else { return };
        if !standard.comes_after(hub) {
            check
                .fail(standard, format!("{} does not wait for {}, without which no standard can be enabled", standard.label(), hub.label()))
                .related(hub, hub, "switches Security Hub on")
                .fix(wait_for(standard, hub));
        }
        let Some(rest) = text.as_ref().and_then(|text| text.arn_fields()).and_then(|[.., rest]| rest.as_literal().map(str::to_owned)) else {
            // It may be one of those.
            if hub.get("EnableDefaultStandards").boolean() != Read::Known(false) {
                check.undetermined(&arn, &arn);
            }
            return;
        };
        if !DEFAULT_STANDARDS.contains(&rest.as_str()) {
            return;
        }
        let defaults = hub.get("EnableDefaultStandards");
        match defaults.boolean() {
            Read::Known(false) => {}
            Read::Unknown(unknown) => {
                check.undetermined(&arn, unknown);
            }
            _ => {
                let finding = check
                    .fail(&arn, format!("{} enables this standard by default already", hub.label()))
                    .related(hub, &defaults, "has default standards")
                    .aws_error("ResourceConflictException: the standard is enabled already")
                    .fix(Fix::suggested(format!("set EnableDefaultStandards of {} to false, or leave the standard out", hub.label())));
                // The Terraform provider takes over what is enabled.
                if standard.deployer() == Deployer::TerraformBridge {
                    finding.category(Category::Reliability).severity(Severity::Low).no_aws_error();
                }
            }
        }
    }
}

/// Resource part of the ARNs of what a hub enables by itself.
const DEFAULT_STANDARDS: [&str; 2] =
    ["standards/aws-foundational-security-best-practices/v/1.0.0", "ruleset/cis-aws-foundations-benchmark/v/1.2.0"];

/// All standards, as of late 2025.
const STANDARDS: &[&str] = &[
    "standards/aws-foundational-security-best-practices/v/1.0.0",
    "ruleset/cis-aws-foundations-benchmark/v/1.2.0",
    "standards/cis-aws-foundations-benchmark/v/1.4.0",
    "standards/cis-aws-foundations-benchmark/v/3.0.0",
    "standards/cis-aws-foundations-benchmark/v/5.0.0",
    "standards/nist-800-53/v/5.0.0",
    "standards/nist-800-171/v/2.0.0",
    "standards/pci-dss/v/3.2.1",
    "standards/pci-dss/v/4.0.1",
    "standards/aws-resource-tagging-standard/v/1.0.0",
    "standards/service-managed-aws-control-tower/v/1.0.0",
];

fn judge_arn<'s>(check: &crate::rules::Check<'s>, standard: Resource<'s>, at: &Value<'s>, text: &Text<'s>) {
    let Some([_, _, _, region, _, rest]) = text.arn_fields() else { return };
    if let (Some(named), Some(own)) = (region.as_literal(), standard.region().as_literal())
        && !named.is_empty()
        && named != own
    {
        check
            .fail(at, format!("the standard is one of {named}, the stack is in {own}"))
            .aws_error("InvalidInputException: the standard does not exist in this region")
            .fix(Fix::suggested("use ${AWS::Region} in the ARN"));
    }
    let Some(rest) = rest.as_literal() else { return };
    let name = |arn: &str| arn.split('/').nth(1).unwrap_or_default().to_owned();
    let versions: Vec<&str> = STANDARDS.iter().copied().filter(|known| name(known) == name(rest)).collect();
    if !versions.is_empty() && !versions.contains(&rest) {
        check
            .fail(at, format!("{rest} is no version that is known of this standard; there is {}", versions.join(", ")))
            .category(Category::Reliability)
            .severity(Severity::Low)
            .no_aws_error()
            .fix(Fix::suggested("use the ARN of a version that there is"));
    }
}
