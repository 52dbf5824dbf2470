//! See the documentation of the rule below.

use super::rules::{INGRESS, ports, rules};
use crate::model::pattern::same;
use crate::model::text::Piece;
use crate::rules::prelude::*;
use crate::rules::{Check, Doubt};

/// Services with gateway endpoints.
/// Source: AWS PrivateLink Guide, "Gateway endpoints"; S3 User Guide, "Networking for directory buckets".
const GATEWAYS: &[&str] = &["s3", "dynamodb", "s3express"];

rule! {
    /// A VPC endpoint can be made, and is of use.
    ///
    /// An interface endpoint stands in subnets, behind a security group that lets HTTPS in. With private DNS the service's
    /// usual name leads to it; that needs `EnableDnsSupport` and `EnableDnsHostnames` of the VPC (the latter is off unless it
    /// is set), and one endpoint per service and VPC can have it. Gateway endpoints exist for S3 and DynamoDB only and work
    /// by route tables. The service is named with the region of the endpoint.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    ///   Endpoint:
    ///     Type: AWS::EC2::VPCEndpoint
    ///     Properties: {VpcEndpointType: Interface, VpcId: !Ref Vpc, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.kms', PrivateDnsEnabled: true, SubnetIds: [subnet-0123456789abcdef0]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
    ///   Endpoint:
    ///     Type: AWS::EC2::VPCEndpoint
    ///     Properties: {VpcEndpointType: Interface, VpcId: !Ref Vpc, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.kms', PrivateDnsEnabled: true, SubnetIds: [subnet-0123456789abcdef0]}
    /// ```
    ///
    /// Source: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint" and "Gateway endpoints".
    {
        id: "vpc-endpoint-config", since: "0.1.0", category: Reliability, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::EC2::VPCEndpoint"],
    }
    |check, endpoint| {
        region(check, endpoint);
        let kind = endpoint.get("VpcEndpointType");
        match kind.literal() {
            Read::Absent => gateway(check, endpoint),
            Read::Known(kind) if kind == "Gateway" => gateway(check, endpoint),
            Read::Known(kind) if kind == "Interface" => interface(check, endpoint),
            Read::Unknown(unknown) => {
                check.undetermined(&kind, unknown);
            }
            _ => {}
        }
    }
}

/// `com.amazonaws.eu-west-1.kms` where the endpoint is in another region.
fn region<'s>(check: &Check<'s>, endpoint: Resource<'s>) {
    let name = endpoint.get("ServiceName");
    let (Read::Known(text), here) = (name.literal(), endpoint.region()) else { return };
    let Some(here) = here.as_literal() else { return };
    let there = text.strip_prefix("com.amazonaws.").and_then(|rest| rest.split_once('.')).map(|(region, _)| region);
    // Names such as `com.amazonaws.s3-global.accesspoint` have no region.
    if let Some(there) = there
        && there != here
        && there.split('-').count() >= 3
        && there.ends_with(|c: char| c.is_ascii_digit())
        && endpoint.get("ServiceRegion").is_absent()
    {
        check
            .fail(&name, format!("{text} is a service of {there}, but the endpoint is made in {here}"))
            .category(Category::DeployFailure)
            .aws_error(format!("InvalidServiceName: The Vpc Endpoint Service '{text}' does not exist"))
            .fix(Fix::suggested("put the region of the stack into the name"));
    }
}

fn gateway<'s>(check: &Check<'s>, endpoint: Resource<'s>) {
    let name = endpoint.get("ServiceName");
    let service = name.symbolic().and_then(|text| match text.pieces().last() {
        Some(Piece::Literal(last)) if last.contains('.') => last.rsplit('.').next().map(str::to_owned),
        _ => None,
    });
    if let Some(service) = service
        && !GATEWAYS.contains(&service.as_str())
    {
        check
            .fail(&name, format!("there is no gateway endpoint for {service}"))
            .category(Category::DeployFailure)
            .aws_error("InvalidParameter: VpcEndpoint Type (Gateway) does not match service type")
            .fix(Fix::suggested("set VpcEndpointType to Interface"));
        return;
    }
    for property in ["SubnetIds", "SecurityGroupIds"] {
        let value = endpoint.get(property);
        if let Read::Known(items) = value.items()
            && items.iter().any(Value::is_present)
        {
            check
                .fail(&value, format!("a gateway endpoint takes no {property}"))
                .category(Category::DeployFailure)
                .aws_error(format!("InvalidParameter: {property} are not supported for Gateway endpoints"))
                .fix(Fix::suggested("name route tables instead"));
        }
    }
    let tables = endpoint.get("RouteTableIds");
    let none = tables.is_absent() || matches!(tables.items(), Read::Known(items) if items.is_empty());
    // Pulumi attaches route tables by resources of their own.
    if none && !endpoint.is_pulumi() {
        check
            .fail(&tables, format!("{} is in no route table, so nothing uses it", endpoint.label()))
            .fix(Fix::suggested("name the route tables of the subnets in RouteTableIds"));
    }
}

fn interface<'s>(check: &Check<'s>, endpoint: Resource<'s>) {
    let subnets = endpoint.get("SubnetIds");
    let none = subnets.is_absent() || matches!(subnets.items(), Read::Known(items) if items.is_empty());
    if none && !endpoint.is_pulumi() {
        check
            .fail(&subnets, format!("{} stands in no subnet, so it has no address", endpoint.label()))
            .fix(Fix::suggested("name a subnet per zone in SubnetIds"));
    }
    private_dns(check, endpoint);
    let groups = endpoint.follow(Rel::UsesSecurityGroup);
    let mut found = Tri::No;
    for edge in &groups {
        found = found.or(match &edge.target {
            Target::Resource(group) => lets_https_in(*group),
            Target::Outside(_) | Target::Unknown(_) => Tri::Unknown,
        });
    }
    if let (Tri::No, Some(first)) = (found, groups.first()) {
        check
            .fail(&first.value, format!("no security group of {} lets HTTPS in", endpoint.label()))
            .fix(Fix::suggested("allow TCP 443 from the range of the VPC, or from those who use the endpoint"));
    } else if let (Tri::Unknown, Some(first)) = (found, groups.first()) {
        check.undetermined(&first.value, Unknown::other("the rules of the security group are not known"));
    }
}

fn private_dns<'s>(check: &Check<'s>, endpoint: Resource<'s>) {
    let private = endpoint.get("PrivateDnsEnabled");
    match private.boolean() {
        Read::Known(true) => {}
        Read::Unknown(unknown) => {
            check.undetermined(&private, unknown);
            return;
        }
        _ => {
            public_name(check, endpoint, &private);
            return;
        }
    }
    for edge in endpoint.follow(Rel::InVpc) {
        let Target::Resource(vpc) = edge.target else { continue };
        for property in ["EnableDnsSupport", "EnableDnsHostnames"] {
            let value = vpc.effective(property);
            match value.boolean() {
                Read::Known(false) => {
                    check
                        .fail(&private, format!("private DNS needs {property} of {}, which is off", vpc.label()))
                        .category(Category::DeployFailure)
                        .aws_error("InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true")
                        .related(vpc, &value, "is off")
                        .fix(Fix::safe(
                            format!("set {property} of {} to true", vpc.label()),
                            vec![Edit::set(vpc, property, true)],
                        ));
                }
                Read::Unknown(unknown) => {
                    check.undetermined(&value, unknown);
                }
                _ => {}
            }
        }
    }
    let (Some(vpc), Some(service)) = (endpoint.get("VpcId").symbolic(), endpoint.get("ServiceName").symbolic()) else {
        return;
    };
    // At a preview the id of a VPC is not known, but which one it is.
    let own = vpc_of(endpoint);
    let twins = || {
        endpoint.stack().of_type("AWS::EC2::VPCEndpoint").filter(|other| {
            let is = |value: Value<'_>, text: &Text<'_>| value.symbolic().is_some_and(|own| same(&own, text).is_yes());
            other.id() < endpoint.id()
                && (is(other.get("VpcId"), &vpc) || (own.is_some() && vpc_of(*other) == own))
                && is(other.get("ServiceName"), &service)
        })
    };
    let private_dns = |other: &Resource<'s>| other.get("PrivateDnsEnabled");
    if let Some(twin) = twins().find(|other| private_dns(other).boolean() == Read::Known(true)) {
        check
            .fail(&private, format!("{} already has the private DNS name of this service", twin.label()))
            .category(Category::DeployFailure)
            .aws_error("InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain in the VPC")
            .related(twin, twin, "has it")
            .fix(Fix::suggested("keep one endpoint of the service in this VPC"));
    } else if let Some(doubt) = twins().find_map(|other| Doubt::of(&private_dns(&other))) {
        check.undetermined(&private, doubt.unknown);
    }
}

/// The VPC of the stack that an endpoint stands in.
fn vpc_of(endpoint: Resource<'_>) -> Option<Resource<'_>> {
    endpoint.follow(Rel::InVpc).into_iter().find_map(|edge| edge.target.resource())
}

/// Whether a group, or a rule of its own for it, allows TCP 443.
fn lets_https_in(group: Resource<'_>) -> Tri {
    let inline = group.get("SecurityGroupIngress");
    let mut answer = if inline.is_unknown() { Tri::Unknown } else { Tri::No };
    let incoming = group.followed_by(Rel::UsesSecurityGroup);
    if incoming.maybe.iter().any(|(from, _)| from.is(INGRESS)) || group.stack().may_hold_more().is_some() {
        answer = answer.or(Tri::Unknown);
    }
    let own = incoming.edges.iter().map(|edge| edge.from).filter(|from| from.is(INGRESS));
    for (rule, ingress) in rules(group).into_iter().chain(own.flat_map(rules)) {
        if ingress {
            answer = answer.or(match ports(&rule) {
                Read::Known(Some((from, to))) => (from <= 443 && 443 <= to).into(),
                Read::Unknown(_) => Tri::Unknown,
                _ => Tri::No,
            });
        }
    }
    answer
}

/// Without private DNS the usual name of a service of AWS leads past the endpoint. S3 has gateways for that.
/// Source: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint".
fn public_name<'s>(check: &Check<'s>, endpoint: Resource<'s>, private: &Value<'s>) {
    let name = endpoint.get("ServiceName").symbolic().map(|name| name.to_string()).unwrap_or_default();
    if name.starts_with("com.amazonaws.") && !name.contains(".vpce.") && !name.ends_with(".s3") {
        check
            .fail(
                private,
                format!("without private DNS nobody who uses the service's usual name reaches {}", endpoint.label()),
            )
            .severity(Severity::Low)
            .fix(Fix::suggested("set PrivateDnsEnabled to true"));
    }
}
