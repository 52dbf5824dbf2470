//! See the documentation of the rule below.

use crate::lang::security_group_text::{description, group_name};
use crate::lang::{Verdict, repair};
use crate::model::stack::Deployer;
use crate::rules::prelude::*;

rule! {
    /// Texts of security groups have only characters that EC2 takes.
    ///
    /// Descriptions of groups and rules have up to 255 of the characters `a-zA-Z0-9 ._-:/()#,@[]+=&;{}!$*`: no apostrophe, no
    /// quotes, no arrows, no umlauts. A name does not begin with `sg-` and is not `default`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Group:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties: {GroupDescription: the bastion's group}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Group:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties: {GroupDescription: group of the bastion (ssh)}
    /// ```
    ///
    /// Source: EC2 API reference, CreateSecurityGroup and IpRange.
    {
        id: "sg-description-charset", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"],
        aws_error: "InvalidParameterValue: Invalid security group description.",
    }
    |check, group| {
        let judge = |value: &Value<'_>, what: &str, parse: &dyn Fn(&Text<'_>) -> Verdict<()>| {
            let Some(text) = value.symbolic() else { return };
            let verdict = parse(&text);
            let Some(problem) = verdict.problem() else { return };
            let mended = match repair(&text, parse) {
                Some(Text::Literal(mended)) => Fix::safe(
                    "leave out the characters that EC2 does not take",
                    vec![Edit::replace(group, value, mended.into_owned())],
                ),
                _ => Fix::suggested("use other characters"),
            };
            let finding = check
                .fail(value, format!("{what} of {}: {}", group.label(), problem.message))
                .aws_error(problem.aws_error.clone())
                .fix(mended);
            if text.as_literal().is_some() {
                finding.within(problem.offset, problem.length);
            }
        };
        if !group.is("AWS::EC2::SecurityGroup") {
            judge(&group.get("Description"), "the description", &|text| description(text));
            return;
        }
        let written = group.get("GroupDescription");
        // The classic provider of Pulumi has one of its own.
        if group.deployer() != Deployer::TerraformBridge
            && (written.is_absent() || written.literal() == Read::Known("".into()))
        {
            check
                .fail(&written, format!("{} has no description, which EC2 requires", group.label()))
                .aws_error("MissingParameter: The request must contain the parameter GroupDescription")
                .fix(Fix::suggested("say in GroupDescription what the group is for"));
        }
        judge(&written, "the description", &|text| description(text));
        judge(&group.get("GroupName"), "the name", &|text| group_name(text));
        for list in ["SecurityGroupIngress", "SecurityGroupEgress"] {
            for rule in group.get(list).items_or_one().known().unwrap_or_default() {
                judge(&rule.get("Description"), "the description of a rule", &|text| description(text));
            }
        }
    }
}
