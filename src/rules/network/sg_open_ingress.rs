//! See the documentation of the rule below.

use super::rules::{GROUP, INGRESS, ports, ranges, rules};
use crate::rules::prelude::*;

rule! {
    /// Security groups are not open to the world.
    ///
    /// A rule with 0.0.0.0/0 or ::/0 (or half of it) lets every address on the internet in. That is meant for the ports of a
    /// web server at most; for ports of administration and databases, or all ports, it is how machines are lost.
    ///
    /// Mend it with the ranges or the security group of those who need the port.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Bastion:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: bastion
    ///       SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Web:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: web
    ///       SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]
    /// ```
    ///
    /// Source: VPC User Guide, "Security group rules"; Security Hub, EC2.18 and EC2.19.
    {
        id: "sg-open-ingress", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        on: [GROUP, INGRESS],
        params: { allowedPorts: Numbers = "[80, 443]", "Ports that may be open to the world."; },
    }
    |check, resource| {
        let allowed: Vec<u32> = check
            .parameter("allowedPorts")
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|port| port.as_u64())
            .map(|port| port as u32)
            .collect();
        for (rule, ingress) in rules(resource) {
            if !ingress {
                continue;
            }
            let (from, to) = match ports(&rule) {
                Read::Known(Some(ports)) => ports,
                Read::Known(None) => continue,
                Read::Unknown(unknown) => {
                    if ranges(&rule).iter().any(|(_, range)| matches!(range, Read::Known(Some(range)) if range.prefix <= 1) || matches!(range, Read::Unknown(_))) {
                        check.undetermined(&rule, unknown);
                    }
                    continue;
                }
                Read::Absent | Read::Other => continue,
            };
            if to.saturating_sub(from) < 64 && (from..=to).all(|port| allowed.contains(&port)) {
                continue;
            }
            for (value, range) in ranges(&rule) {
                match range {
                    Read::Known(Some(range)) if range.prefix <= 1 => {
                        let sensitive = SENSITIVE.iter().any(|port| (from..=to).contains(port));
                        let shown = match (from, to) {
                            (0, 65535) => "all ports".to_owned(),
                            (from, to) if from == to => format!("port {from}"),
                            (from, to) => format!("the ports {from} to {to}"),
                        };
                        check
                            .fail(&value, format!("{} lets every address of the internet reach {shown}", resource.label()))
                            .severity(if sensitive { Severity::Critical } else { Severity::High });
                    }
                    Read::Unknown(unknown) => {
                        check.undetermined(&value, unknown);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Ports of administration, databases and caches.
const SENSITIVE: &[u32] = &[
    20, 21, 22, 23, 25, 110, 135, 139, 143, 445, 1433, 1434, 1521, 2375, 2376, 2379, 3306, 3389, 4333, 5432, 5500,
    5601, 5900, 5985, 5986, 6379, 6443, 8088, 9092, 9200, 9300, 10250, 11211, 27017, 27018,
];
