//! See the documentation of the rule below.

use serde_json::Value as Json;

use crate::iam::JsonDocument;
use crate::iam::evaluate::{Outcome, PolicyKind, Request, evaluate};
use crate::iam::parse;
use crate::iam::principal::Principal;
use crate::rules::prelude::*;

rule! {
    /// Whoever deploys may make what is deployed.
    ///
    /// Given the policies of the deploying role, its permissions boundary and the service control policies over the account,
    /// each resource is asked for the calls that make it: they must be allowed by an identity policy and the boundary and the
    /// service control policies, and denied by none. Conditions that are known only in the call leave it open.
    ///
    /// Where the organisation requires a permissions boundary, `boundaryArn` also checks that each role and user has it.
    ///
    /// Off without parameters. Documents are given as JSON text.
    ///
    /// ```yaml fails
    /// # params: {"identityPolicies": ["{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"]}
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key}
    /// ```
    /// ```yaml passes
    /// # params: {"identityPolicies": ["{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"*\"}}"]}
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key}
    /// ```
    ///
    /// Source: CloudFormation Registry, handlers.create.permissions of each type; IAM User Guide, "Policy evaluation logic".
    {
        id: "deployer-permissions", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: CrossResource,
        on: ["*"],
        params: {
            identityPolicies: List = "[]", "Policies of the deploying role, each as JSON text.";
            boundary: Text = "null", "Permissions boundary of the deploying role, as JSON text.";
            scps: List = "[]", "Service control policies over the account, each as JSON text; together they form one level.";
            boundaryArn: Text = "null", "Permissions boundary that every role and user must have.";
        },
        aws_error: "AccessDenied: the deploying role is not authorized to perform this action",
    }
    |check, resource| {
        if let Some(arn) = check.string("boundaryArn")
            && matches!(resource.kind(), "AWS::IAM::Role" | "AWS::IAM::User")
        {
            boundary(check, resource, arn);
        }
        let texts: Vec<(PolicyKind, &str)> = check
            .list("identityPolicies")
            .into_iter()
            .map(|text| (PolicyKind::Identity, text))
            .chain(check.string("boundary").map(|text| (PolicyKind::Boundary, text)))
            .chain(check.list("scps").into_iter().map(|text| (PolicyKind::Scp, text)))
            .collect();
        if !texts.iter().any(|(kind, _)| *kind == PolicyKind::Identity) {
            return;
        }
        let calls = calls(resource);
        if calls.is_empty() {
            return;
        }
        let mut documents: Vec<(PolicyKind, Json)> = Vec::new();
        for (kind, text) in texts {
            match serde_json::from_str(text) {
                Ok(document) => documents.push((kind, document)),
                Err(_) => {
                    check.undetermined(resource, Unknown::other("a policy of the deploying role is no JSON document"));
                    return;
                }
            }
        }
        let parsed: Vec<_> = documents.iter().map(|(kind, document)| (*kind, parse::read(&JsonDocument(document)).policy)).collect();
        let policies: Vec<_> = parsed.iter().map(|(kind, policy)| (*kind, policy)).collect();
        let deployer = resource.principal_beside("role/deployer");
        let mut missing = Vec::new();
        let mut open = Vec::new();
        for (action, on) in calls {
            let principal = Principal::of(deployer.clone(), Some(resource.account()));
            let request = Request::new(principal, action, on).in_account(resource.account()).open_context();
            let decision = evaluate(&request, &policies);
            match decision.outcome {
                Outcome::Allow => {}
                Outcome::Unknown => open.push(action),
                Outcome::ImplicitDeny | Outcome::ExplicitDeny => missing.push(action),
            }
        }
        if !missing.is_empty() {
            check.fail(resource, format!("whoever deploys may not call {}, which making {} needs", missing.join(", "), resource.label()));
        } else if !open.is_empty() {
            check.undetermined(resource, Unknown::other(format!("whether the deploying role may call {} depends on the call", open.join(", "))));
        }
    }
}

fn boundary<'s>(check: &crate::rules::Check<'s>, resource: Resource<'s>, arn: &str) {
    let value = resource.get("PermissionsBoundary");
    match value.literal() {
        Read::Known(text) if text == arn => {}
        Read::Unknown(unknown) => {
            check.undetermined(&value, unknown);
        }
        _ => {
            check.fail(
                &value,
                format!(
                    "{} does not have the permissions boundary {arn}, which the organisation requires",
                    resource.label()
                ),
            );
        }
    }
}

/// The calls that make a resource, each with what it is about.
fn calls<'s>(resource: Resource<'s>) -> Vec<(&'static str, Text<'s>)> {
    let Ok(index) = CREATE.binary_search_by(|(kind, _)| (*kind).cmp(resource.kind())) else { return Vec::new() };
    let own = resource.arn().unwrap_or_else(|| Text::from("*"));
    let tagged = crate::rules::tags::property(resource).is_present();
    let mut calls: Vec<(&'static str, Text<'s>)> = CREATE[index]
        .1
        .iter()
        .filter(|action| tagged || !action.contains(":Tag"))
        // CreateKey makes the key that it is about.
        .map(|&action| (action, if action == "kms:CreateKey" { Text::from("*") } else { own.clone() }))
        .collect();
    for edge in resource.follow(Rel::AssumesRole) {
        let role = match edge.target {
            Target::Resource(role) => role.arn(),
            _ => edge.value.symbolic(),
        };
        if let Some(role) = role {
            calls.push(("iam:PassRole", role));
            break;
        }
    }
    calls
}

/// What CloudFormation and Pulumi both call to make a resource: the least that works. Sorted by type.
const CREATE: &[(&str, &[&str])] = &[
    ("AWS::CloudTrail::Trail", &["cloudtrail:CreateTrail", "cloudtrail:StartLogging", "cloudtrail:AddTags"]),
    ("AWS::CloudWatch::Alarm", &["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]),
    ("AWS::DynamoDB::Table", &["dynamodb:CreateTable", "dynamodb:DescribeTable", "dynamodb:TagResource"]),
    ("AWS::EC2::FlowLog", &["ec2:CreateFlowLogs"]),
    ("AWS::EC2::SecurityGroup", &["ec2:CreateSecurityGroup"]),
    ("AWS::EC2::Subnet", &["ec2:CreateSubnet"]),
    ("AWS::EC2::VPC", &["ec2:CreateVpc"]),
    ("AWS::EC2::VPCEndpoint", &["ec2:CreateVpcEndpoint"]),
    ("AWS::Events::Rule", &["events:PutRule"]),
    ("AWS::GuardDuty::Detector", &["guardduty:CreateDetector"]),
    ("AWS::IAM::ManagedPolicy", &["iam:CreatePolicy"]),
    ("AWS::IAM::Role", &["iam:CreateRole", "iam:TagRole"]),
    ("AWS::IAM::User", &["iam:CreateUser", "iam:TagUser"]),
    ("AWS::KMS::Alias", &["kms:CreateAlias"]),
    ("AWS::KMS::Key", &["kms:CreateKey", "kms:TagResource"]),
    ("AWS::Lambda::Function", &["lambda:CreateFunction", "lambda:GetFunction", "lambda:TagResource"]),
    ("AWS::Logs::LogGroup", &["logs:CreateLogGroup", "logs:TagResource"]),
    ("AWS::S3::Bucket", &["s3:CreateBucket"]),
    ("AWS::S3::BucketPolicy", &["s3:PutBucketPolicy"]),
    ("AWS::SNS::Topic", &["sns:CreateTopic", "sns:TagResource"]),
    ("AWS::SQS::Queue", &["sqs:CreateQueue", "sqs:TagQueue"]),
    ("AWS::SSM::Parameter", &["ssm:PutParameter"]),
    ("AWS::SecretsManager::Secret", &["secretsmanager:CreateSecret", "secretsmanager:TagResource"]),
    ("AWS::SecurityHub::Hub", &["securityhub:EnableSecurityHub"]),
    ("AWS::StepFunctions::StateMachine", &["states:CreateStateMachine", "states:TagResource"]),
];

#[cfg(test)]
mod tests {
    #[test]
    fn types_are_sorted() {
        assert!(super::CREATE.is_sorted_by(|one, other| one.0 < other.0));
    }
}
