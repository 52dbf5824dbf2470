//! See the documentation of the rule below.

use super::routes::{Way, way_out};
use crate::rules::prelude::*;

rule! {
    /// A function in a VPC is not put into a public subnet to reach the internet.
    ///
    /// The network interfaces of a function never get a public address: a route to an internet gateway leads nowhere for them,
    /// and calls to the internet or to AWS APIs time out.
    ///
    /// Mend it by using private subnets behind a NAT gateway, or VPC endpoints for the services that it calls.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Public:
    ///     Type: AWS::EC2::Subnet
    ///     Properties: {VpcId: vpc-0a1b2c3d4e5f60718, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: true}
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///       VpcConfig: {SubnetIds: [!Ref Public], SecurityGroupIds: [sg-0a1b2c3d4e5f60718]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Private:
    ///     Type: AWS::EC2::Subnet
    ///     Properties: {VpcId: vpc-0a1b2c3d4e5f60718, CidrBlock: 10.0.0.0/24}
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///       VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [sg-0a1b2c3d4e5f60718]}
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Enable internet access for VPC-connected Lambda functions".
    {
        id: "lambda-vpc-public-subnet", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::Lambda::Function"],
    }
    |check, function| {
        for edge in function.follow(Rel::InSubnet) {
            let subnet = match edge.target.found() {
                Ok(subnet) => subnet,
                // What a macro may add is not there to be judged.
                Err(unknown) if matches!(unknown.why(), Why::Transform(_)) => continue,
                Err(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    continue;
                }
            };
            let maps = subnet.get("MapPublicIpOnLaunch");
            let route = match way_out(subnet) {
                Ok(ways) => ways.into_iter().find(|way| matches!(way.0, Way::InternetGateway)),
                Err(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    continue;
                }
            };
            let public = maps.boolean() == Read::Known(true);
            if !public && route.is_none() {
                if let Read::Unknown(unknown) = maps.boolean() {
                    check.undetermined(&edge.value, unknown);
                }
                continue;
            }
            let finding = check
                .fail(&edge.value, format!("{} is a public subnet: the function gets no public address and no internet", subnet.label()))
                .fix(Fix::suggested("use private subnets with a NAT gateway, or VPC endpoints"));
            match route {
                Some((_, route)) => finding.related(route, route, "leads to the internet gateway"),
                None => finding.related(subnet, &maps, "makes the subnet public"),
            };
        }
    }
}
