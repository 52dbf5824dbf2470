//! See the documentation of the rule below.

use crate::lang::cidr::{Cidr, DOCUMENTATION};
use crate::rules::prelude::*;
use crate::rules::strings::{ADDRESS, Strings, each_text};

rule! {
    /// Allow lists have addresses that exist.
    ///
    /// 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 and 3fff::/20 are reserved for documentation; no caller
    /// has such an address. An allow list of them lets nobody in; a deny for everybody else (`NotIpAddress`) shuts everybody
    /// out.
    ///
    /// Mend it by requiring the real ranges as an input without a default.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Office:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: office
    ///       SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 203.0.113.0/24}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Office:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: office
    ///       SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 203.0.114.0/24}]
    /// ```
    ///
    /// Source: RFC 5737, RFC 3849, RFC 9637; IAM User Guide, "IP address condition operators".
    {
        id: "documentation-ip-range", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
    }
    |check, resource| {
        let strings = Strings::of(check.world().model);
        if !strings.may_have(resource.id(), resource.stack().id(), ADDRESS) || is_no_list(resource.kind()) {
            return;
        }
        // With the range in a parameter or mapping any property may have it; else only those that hold it.
        let own: Vec<&str> =
            strings.hits(resource.id(), ADDRESS).map(|hit| hit.path.split('/').next().unwrap_or_default()).collect();
        let elsewhere = strings.template_hits(resource.stack().id(), ADDRESS).next().is_some();
        let tops: Vec<Value<'_>> = if elsewhere {
            LISTS.iter().map(|name| resource.properties().member(name)).filter(|value| !value.is_absent()).collect()
        } else {
            Vec::new()
        };
        let mut seen: Vec<&str> = Vec::new();
        let mut values = tops;
        for name in own {
            let listed = elsewhere && LISTS.contains(&name);
            if !listed && !seen.contains(&name) {
                seen.push(name);
                values.push(resource.properties().member(name));
            }
        }
        for value in values {
            each_text(&value, &mut |path, at, text| {
                let last = path.iter().rev().find(|name| !name.is_empty()).copied().unwrap_or_default();
                if last.ends_with("Description") {
                    return;
                }
                let Some(literal) = text.as_literal() else { return };
                // Lists in one string, as environment variables have them.
                for part in literal.split(',').map(str::trim) {
                    let Some(range) = Cidr::parse_or_address(part) else { continue };
                    if let Some(reserved) = DOCUMENTATION.iter().find(|reserved| reserved.contains(range)) {
                        let reserved = format!("{}/{}", reserved.address, reserved.prefix);
                        check
                            .fail(at, format!("{part} is in {reserved}, which is reserved for documentation: no caller has such an address"))
                            .fix(Fix::suggested("pass the real ranges as a required input without a default"));
                        return;
                    }
                }
            });
        }
    }
}

/// Properties that hold lists of addresses.
const LISTS: &[&str] = &[
    "SecurityGroupIngress",
    "SecurityGroupEgress",
    "CidrIp",
    "CidrIpv6",
    "Addresses",
    "PolicyDocument",
    "AssumeRolePolicyDocument",
    "KeyPolicy",
    "Policies",
    "Policy",
    "Entries",
    "LoadBalancerSourceRanges",
];

/// Types whose addresses admit nobody: records, networks, routes.
fn is_no_list(kind: &str) -> bool {
    const KINDS: &[&str] = &[
        "AWS::EC2::VPC",
        "AWS::EC2::VPCCidrBlock",
        "AWS::EC2::Subnet",
        "AWS::EC2::Route",
        "AWS::EC2::CustomerGateway",
        "AWS::EC2::VPNConnectionRoute",
        "AWS::EC2::TransitGatewayRoute",
        "AWS::EC2::Instance",
        "AWS::EC2::NetworkInterface",
    ];
    KINDS.contains(&kind) || ["AWS::Route53", "aws:route53"].iter().any(|start| kind.starts_with(start))
}
