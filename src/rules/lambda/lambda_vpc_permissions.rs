//! See the documentation of the rule below.

use super::role::{Need, judge};
use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::rules::prelude::*;

/// What Lambda does with the function's role to connect it to a VPC.
/// Source: AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC" (required permissions).
const CALLS: [&str; 3] = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"];

/// AWS managed policies with these permissions.
const GRANTING: [&str; 6] = [
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "service-role/AWSLambdaENIManagementAccess",
    "AdministratorAccess",
    "PowerUserAccess",
    "AmazonEC2FullAccess",
    "AmazonVPCFullAccess",
];

rule! {
    /// The role of a function in a VPC may make network interfaces, before the function is made.
    ///
    /// Lambda connects a function to a VPC with the function's own role and checks that when the function is made. A role
    /// without the permissions is refused; one that gets them from a separate policy resource has them only once that exists,
    /// so the function must wait for it.
    ///
    /// Mend it with the managed policy `AWSLambdaVPCAccessExecutionRole` on the role, or with `DependsOn` on the policy.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: !GetAtt Role.Arn
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///       VpcConfig: {SubnetIds: [subnet-0a1b2c3d4e5f60718], SecurityGroupIds: [sg-0a1b2c3d4e5f60718]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole']
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: !GetAtt Role.Arn
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///       VpcConfig: {SubnetIds: [subnet-0a1b2c3d4e5f60718], SecurityGroupIds: [sg-0a1b2c3d4e5f60718]}
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
    {
        id: "lambda-vpc-permissions", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::Lambda::Function"],
        aws_error: "InvalidParameterValueException: The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
    }
    |check, function| {
        let subnets = function.get("VpcConfig.SubnetIds");
        match subnets.items_or_one() {
            Read::Known(items) if items.iter().any(|item| !item.is_absent()) => {}
            // A list from a parameter or an import: who writes that has subnets in mind.
            Read::Unknown(unknown) if unknown.maybe_absent() => {
                check.undetermined(&subnets, unknown);
                return;
            }
            Read::Unknown(unknown) if matches!(unknown.why(), Why::Transform(_)) => return,
            Read::Unknown(_) => {}
            _ => return,
        }
        for edge in function.follow(Rel::AssumesRole) {
            let Some(role) = check.target(&edge) else { continue };
            let calls: Vec<Request<'_>> = CALLS.iter().map(|action| request(role, action)).collect();
            let need = Need {
                calls: &calls,
                granting: &GRANTING,
                what: "Lambda needs for a VPC",
                advice: "add arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole to the role's managed policies",
            };
            judge(check, function, role, &edge.value, &need, None);
        }
    }
}

fn request<'s>(role: Resource<'s>, action: &'static str) -> Request<'s> {
    let arn = role.arn().unwrap_or_else(|| Text::from("*"));
    let resource = if action.contains("Describe") {
        Text::from("*")
    } else {
        role.arn_beside("ec2", [Text::from("network-interface/eni-0a1b2c3d4e5f60718")])
    };
    Request::new(Principal::of(arn, Some(role.account())), action, resource)
        .in_account(role.account())
        .with("aws:SecureTransport", "true")
        .with("aws:RequestedRegion", role.region())
        .with("aws:PrincipalAccount", role.account())
}
