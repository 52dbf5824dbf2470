//! The rules of security groups, inline or of their own.

use crate::lang::cidr::Cidr;
use crate::model::{Read, Resource, Value};

/// Types that hold rules.
pub const GROUP: &str = "AWS::EC2::SecurityGroup";
pub const INGRESS: &str = "AWS::EC2::SecurityGroupIngress";
pub const EGRESS: &str = "AWS::EC2::SecurityGroupEgress";

/// The rules in a resource, each with whether it is about incoming traffic.
pub fn rules(resource: Resource<'_>) -> Vec<(Value<'_>, bool)> {
    match resource.kind() {
        INGRESS => vec![(resource.properties(), true)],
        EGRESS => vec![(resource.properties(), false)],
        _ => {
            let of = |property: &'static str, ingress: bool| {
                let rules = resource.get(property).items_or_one().known().unwrap_or_default();
                rules.into_iter().map(move |rule| (rule, ingress)).collect::<Vec<_>>()
            };
            let mut all = of("SecurityGroupIngress", true);
            all.extend(of("SecurityGroupEgress", false));
            all
        }
    }
}

/// The range of a rule: the value, and what it is if that is known.
pub fn ranges<'s>(rule: &Value<'s>) -> Vec<(Value<'s>, Read<Option<Cidr>>)> {
    ["CidrIp", "CidrIpv6"]
        .iter()
        .map(|&name| rule.get(name))
        .filter(|value| !value.is_absent())
        .map(|value| {
            let range = value.literal().map(|text| Cidr::parse_or_address(text.trim()));
            (value, range)
        })
        .collect()
}

/// The ports of a rule; `None` for protocols without ports (ICMP).
pub fn ports(rule: &Value<'_>) -> Read<Option<(u32, u32)>> {
    const ALL: (u32, u32) = (0, 65535);
    let protocol = match rule.get("IpProtocol").literal() {
        Read::Known(text) => text.to_ascii_lowercase(),
        Read::Unknown(unknown) => return Read::Unknown(unknown),
        Read::Absent | Read::Other => return Read::Known(Some(ALL)),
    };
    match protocol.as_str() {
        "tcp" | "6" | "udp" | "17" => {}
        "icmp" | "1" | "icmpv6" | "58" => return Read::Known(None),
        // Other protocols have no ports: everything of it is let in.
        _ => return Read::Known(Some(ALL)),
    }
    let mut found = [0, 0];
    for (index, name) in ["FromPort", "ToPort"].into_iter().enumerate() {
        found[index] = match rule.get(name).number() {
            Read::Known(port) if (0.0..=65535.0).contains(&port) => port as u32,
            Read::Known(_) => return Read::Known(Some(ALL)),
            Read::Unknown(unknown) => return Read::Unknown(unknown),
            Read::Absent | Read::Other => return Read::Known(Some(ALL)),
        };
    }
    Read::Known(Some((found[0], found[1])))
}
