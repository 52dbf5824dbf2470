//! See the documentation of the rule below.

use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::rules::policies::{Answer, Document, Guard};
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

/// AWS managed policies that functions often have and that say nothing about network interfaces.
const OTHERS: [&str; 26] = [
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
    "service-role/AWSLambdaSQSQueueExecutionRole",
    "service-role/AWSLambdaKinesisExecutionRole",
    "service-role/AWSLambdaDynamoDBExecutionRole",
    "service-role/AWSLambdaMSKExecutionRole",
    "service-role/AWSLambdaRole",
    "AWSLambdaInvocation-DynamoDB",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
    "CloudWatchFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AmazonSNSFullAccess",
    "AmazonSSMReadOnlyAccess",
    "AmazonSSMFullAccess",
    "SecretsManagerReadWrite",
    "AWSKeyManagementServicePowerUser",
    "AmazonBedrockFullAccess",
    "AmazonKinesisFullAccess",
    "AmazonEventBridgeFullAccess",
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
            let role = match edge.target {
                Target::Resource(role) => role,
                Target::Outside(text) => {
                    check.undetermined(&edge.value, Unknown::new(Why::Outside(text.to_string())));
                    continue;
                }
                Target::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    continue;
                }
            };
            judge(check, function, role, &edge.value);
        }
    }
}

/// A source of permissions: the resource that must exist, and what it says.
struct Source<'s> {
    /// `None` where it is part of the role.
    waits_for: Option<Resource<'s>>,
    documents: Vec<Document<'s>>,
    grants: bool,
}

fn judge<'s>(check: &crate::rules::Check<'s>, function: Resource<'s>, role: Resource<'s>, at: &Value<'s>) {
    let mut unknown: Option<Unknown> = None;
    if let Read::Unknown(reason) = role.get("Policies").items() {
        unknown = Some(reason);
    }
    let mut sources = vec![source(check, role, role, &mut unknown)];
    let incoming = role.followed_by(Rel::AttachedTo);
    for edge in incoming.edges {
        let mut found = source(check, role, edge.from, &mut unknown);
        found.waits_for = Some(edge.from);
        sources.push(found);
    }
    unknown = unknown.or(incoming.maybe.into_iter().next().map(|(_, unknown)| unknown));
    unknown = unknown.or(role.stack().may_hold_more());

    let ask = |documents: Vec<Document<'s>>, action: &'static str| {
        let guard = Guard { resource: role, documents, unknown: None };
        guard.ask(&request(role, action))
    };
    let mut late: Option<Resource<'s>> = None;
    for action in CALLS {
        let all: Vec<Document<'s>> = sources
            .iter()
            .flat_map(|source| source.documents.iter().map(|document| again(check, document)))
            .flatten()
            .collect();
        let whole = ask(all, action);
        if let Answer::Denied { explanation, statement } = whole {
            let finding = check.fail(at, format!("the role {} is denied {action}", role.label())).explain(explanation);
            if let Some(place) = statement {
                finding.related(role, place, "denies it");
            }
            return;
        }
        // Those that grant this action by themselves.
        let granting: Vec<&Source<'s>> = sources
            .iter()
            .filter(|source| {
                source.grants
                    || matches!(
                        ask(source.documents.iter().filter_map(|document| again(check, document)).collect(), action),
                        Answer::Allowed { .. }
                    )
            })
            .collect();
        if granting.is_empty() {
            match (whole, unknown) {
                (Answer::Unknown(reason), _) | (_, Some(reason)) => {
                    check.undetermined(at, reason);
                }
                (Answer::Refused { explanation }, None) => {
                    check
                        .fail(at, format!("the role {} may not call {action}, which Lambda needs for a VPC", role.label()))
                        .explain(explanation)
                        .related(role, role, "is the role")
                        .fix(Fix::suggested("add arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole to the role's managed policies"));
                }
                _ => {}
            }
            return;
        }
        let in_time =
            granting.iter().any(|source| source.waits_for.is_none_or(|resource| function.comes_after(resource)));
        if !in_time {
            late = late.or(granting[0].waits_for);
        }
    }
    if let Some(policy) = late {
        if unknown.is_some() {
            return;
        }
        check
            .fail(
                at,
                format!(
                    "the function does not wait for {}, which gives its role the permissions for the VPC",
                    policy.label()
                ),
            )
            .category(Category::Reliability)
            .severity(Severity::High)
            .related(policy, policy, "gives the permissions")
            .fix(Fix::suggested(format!("let the function depend on {}", policy.label())));
    }
}

/// The same document once more: documents are cheap handles on a parsed one.
fn again<'s>(check: &crate::rules::Check<'s>, document: &Document<'s>) -> Option<Document<'s>> {
    check.document(document.holder, document.value.clone(), document.kind, document.name.clone())
}

fn request<'s>(role: Resource<'s>, action: &'static str) -> Request<'s> {
    let arn = role.arn().unwrap_or_else(|| Text::from("*"));
    let resource = if action.contains("Describe") {
        Text::from("*")
    } else {
        Text::concat([
            Text::from("arn:"),
            role.partition(),
            Text::from(":ec2:"),
            role.region(),
            Text::from(":"),
            role.account(),
            Text::from(":network-interface/eni-0a1b2c3d4e5f60718"),
        ])
    };
    Request::new(Principal::of(arn, Some(role.account())), action, resource)
        .in_account(role.account())
        .with("aws:SecureTransport", "true")
        .with("aws:RequestedRegion", role.region())
        .with("aws:PrincipalAccount", role.account())
}

/// The documents of the role or of what is attached to it.
fn source<'s>(
    check: &crate::rules::Check<'s>,
    role: Resource<'s>,
    holder: Resource<'s>,
    unknown: &mut Option<Unknown>,
) -> Source<'s> {
    use crate::iam::evaluate::PolicyKind;
    let mut documents: Vec<Document<'s>> =
        check.documents(holder).into_iter().filter(|document| document.kind == PolicyKind::Identity).collect();
    let mut grants = false;
    for edge in holder.follow(Rel::HasPolicy) {
        // A boundary limits, it does not grant.
        if edge.value.place() == role.get("PermissionsBoundary").place() {
            *unknown = unknown.take().or_else(|| Some(Unknown::other("the role has a permissions boundary")));
            continue;
        }
        match edge.target {
            Target::Resource(policy) => documents.extend(check.documents(policy)),
            Target::Outside(text) => {
                let text = text.to_string();
                let name = text.rsplit_once(":policy/").map_or(text.as_str(), |(_, name)| name);
                if GRANTING.contains(&name) && text.contains(":aws:policy/") {
                    grants = true;
                } else if !OTHERS.contains(&name) {
                    *unknown = unknown
                        .take()
                        .or_else(|| Some(Unknown::other(format!("the policy {text} is not part of this input"))));
                }
            }
            Target::Unknown(reason) => *unknown = unknown.take().or(Some(reason)),
        }
    }
    Source { waits_for: None, documents, grants }
}
