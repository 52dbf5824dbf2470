//! See the documentation of the rule below.

use super::rules::{EGRESS, GROUP, ranges, rules};
use crate::model::pattern::Pattern;
use crate::model::stack::Deployer;
use crate::rules::Check;
use crate::rules::prelude::*;
use crate::rules::tags;

rule! {
    /// Databases cannot call the internet.
    ///
    /// A database answers; it has no need to open connections to the world, but who breaks into it does. AWS adds a rule that
    /// lets everything out to each security group whose outgoing rules are not written (CloudFormation; Pulumi's classic
    /// provider removes it). Groups of the data tier are told by their names.
    ///
    /// Mend it with the outgoing rules that are needed, or one to 255.255.255.255/32 where none is.
    ///
    /// ```yaml fails
    /// Resources:
    ///   DatabaseGroup:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties: {GroupDescription: orders}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   DatabaseGroup:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: orders
    ///       SecurityGroupEgress: [{IpProtocol: '-1', CidrIp: 10.0.0.0/16}]
    /// ```
    ///
    /// Source: VPC User Guide, "Security group rules"; CloudFormation reference, "AWS::EC2::SecurityGroup".
    {
        id: "sg-unrestricted-egress", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: [GROUP, EGRESS],
        params: { tiers: List = "[\"*db*\", \"*database*\", \"*rds*\"]", "Names of groups of the data tier, as patterns."; },
    }
    |check, resource| {
        if resource.is(EGRESS) {
            let group = resource.follow(Rel::UsesSecurityGroup).into_iter().find_map(|edge| edge.target.resource());
            if group.is_some_and(|group| is_data_tier(check, group)) {
                open(check, resource);
            }
            return;
        }
        if !is_data_tier(check, resource) {
            return;
        }
        let egress = resource.get("SecurityGroupEgress");
        let empty = egress.is_absent() || matches!(egress.items_or_one(), Read::Known(items) if items.is_empty());
        if let Read::Unknown(unknown) = egress.items_or_one() {
            check.undetermined(&egress, unknown);
        } else if empty && resource.deployer() != Deployer::TerraformBridge {
            let apart = resource.followed_by(Rel::UsesSecurityGroup);
            if apart.edges.iter().any(|edge| edge.from.is(EGRESS)) {
                // CloudFormation takes the rule of AWS away when a rule of its own is made for the group.
                return;
            }
            check
                .fail(&egress, format!("{} has no outgoing rules, so AWS lets everything out", resource.label()))
                .fix(Fix::suggested("write the outgoing rules that are needed, or one to 255.255.255.255/32"));
        } else {
            open(check, resource);
        }
    }
}

fn open<'s>(check: &Check<'s>, resource: Resource<'s>) {
    for (rule, ingress) in rules(resource) {
        if ingress {
            continue;
        }
        for (value, range) in ranges(&rule) {
            match range {
                Read::Known(Some(range)) if range.prefix == 0 => {
                    check
                        .fail(&value, format!("{} may call every address of the internet", resource.label()))
                        .fix(Fix::suggested("name the ranges or prefix lists that the database needs"));
                }
                Read::Unknown(unknown) => {
                    check.undetermined(&value, unknown);
                }
                _ => {}
            }
        }
    }
}

/// Whether the logical id, the name, or the tag `Name` or `Tier` of a group fits one of the patterns.
fn is_data_tier(check: &Check<'_>, group: Resource<'_>) -> bool {
    let mut names: Vec<String> = vec![group.label().to_owned()];
    names.extend(group.get("GroupName").literal().known().map(|name| name.into_owned()));
    if let Read::Known(tags) = tags::tags(group) {
        for key in ["Name", "Tier", "tier"] {
            names.extend(tags::tag(&tags, key).and_then(|value| value.literal().known()).map(|text| text.into_owned()));
        }
    }
    check.list("tiers").iter().any(|tier| {
        let tier = Pattern::glob(&Text::from(tier.to_ascii_lowercase()));
        names.iter().any(|name| tier.matches_literal(&name.to_ascii_lowercase()).is_yes())
    })
}
