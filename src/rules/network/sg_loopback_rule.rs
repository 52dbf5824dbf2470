//! See the documentation of the rule below.

use super::rules::{EGRESS, GROUP, INGRESS, ranges, rules};
use crate::rules::prelude::*;

rule! {
    /// Rules of security groups are about traffic that there is.
    ///
    /// Traffic to 127.0.0.0/8 or ::1 never leaves the machine, so a rule on it has no effect. It is no way to close a group
    /// either: in CloudFormation a group without egress rules lets everything out, and the CDK's `allowAllOutbound: false`
    /// writes a rule of its own (255.255.255.255/32) for that. A security group has no rule that denies.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Database:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: database
    ///       SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 127.0.0.1/32}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Database:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: database
    ///       SecurityGroupEgress: [{IpProtocol: icmp, FromPort: 252, ToPort: 86, CidrIp: 255.255.255.255/32, Description: Disallow all traffic}]
    /// ```
    ///
    /// Source: VPC User Guide, "Security groups for your VPC"; RFC 1122, 3.2.1.3.
    {
        id: "sg-loopback-rule", since: "0.1.0", category: Hygiene, severity: Low, preset: All,
        scope: SingleResource,
        fix: Suggested,
        on: [GROUP, INGRESS, EGRESS],
    }
    |check, resource| {
        for (rule, _) in rules(resource) {
            for (value, range) in ranges(&rule) {
                let Read::Known(Some(range)) = range else { continue };
                if range.address.is_loopback() && range.prefix >= 8 {
                    check
                        .fail(&value, format!("a rule of {} is about loopback addresses, which never reach it", resource.label()))
                        .fix(Fix::suggested("remove the rule; to let nothing out, keep one rule to 255.255.255.255/32"));
                }
            }
        }
    }
}
