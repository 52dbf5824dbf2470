//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Every VPC has a flow log.
    ///
    /// Without flow logs nobody can say afterwards who talked to whom. A flow log of the VPC, or of each of its subnets, that
    /// keeps all or the rejected traffic does.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    ///   Flow:
    ///     Type: AWS::EC2::FlowLog
    ///     Properties: {ResourceId: !Ref Vpc, ResourceType: VPC, TrafficType: ALL, LogDestinationType: s3, LogDestination: 'arn:aws:s3:::flows-935871204466'}
    /// ```
    ///
    /// Source: VPC User Guide, "Logging IP traffic using VPC Flow Logs"; Security Hub, EC2.6.
    {
        id: "vpc-flow-logs", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::EC2::VPC"],
    }
    |check, vpc| {
        let mut unknown = match covered(vpc) {
            Covered::Yes => return,
            Covered::Maybe(unknown) => Some(unknown),
            Covered::No => vpc.stack().may_hold_more(),
        };
        let subnets: Vec<Resource<'_>> = vpc
            .followed_by(Rel::InVpc)
            .edges
            .into_iter()
            .map(|edge| edge.from)
            .filter(|resource| resource.is("AWS::EC2::Subnet"))
            .collect();
        let mut all = !subnets.is_empty();
        for subnet in subnets {
            match covered(subnet) {
                Covered::Yes => {}
                Covered::Maybe(why) => {
                    unknown = unknown.or(Some(why));
                    all = false;
                }
                Covered::No => all = false,
            }
        }
        if all {
            return;
        }
        match unknown {
            Some(unknown) => check.undetermined(vpc, unknown),
            None => check
                .fail(vpc, format!("{} has no flow log of all or the rejected traffic", vpc.label()))
                .fix(Fix::suggested("add an AWS::EC2::FlowLog with TrafficType ALL or REJECT")),
        };
    }
}

enum Covered {
    Yes,
    No,
    Maybe(Unknown),
}

fn covered(resource: Resource<'_>) -> Covered {
    let logs = resource.followed_by(Rel::Covers);
    let mut maybe = logs.maybe.into_iter().next().map(|(_, unknown)| unknown);
    for edge in logs.edges {
        match edge.from.get("TrafficType").literal() {
            Read::Known(kind) if kind == "ALL" || kind == "REJECT" => return Covered::Yes,
            Read::Unknown(unknown) => maybe = maybe.or(Some(unknown)),
            _ => {}
        }
    }
    maybe.map_or(Covered::No, Covered::Maybe)
}
