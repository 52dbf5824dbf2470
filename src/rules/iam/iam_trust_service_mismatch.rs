//! See the documentation of the rule below.

use crate::graph::EVENT_TARGET;
use crate::iam::condition::KeyState;
use crate::iam::evaluate::{Outcome, PolicyKind, Request, explain};
use crate::iam::principal::Principal;
use crate::rules::policies::Guard;

use crate::rules::prelude::*;

rule! {
    /// A role that is given to a service trusts that service.
    ///
    /// A service assumes the role that it is given; the trust policy of the role must let that very service do so.
    /// Lambda, CloudTrail and others check it when the resource is made, others fail later without a word. EventBridge
    /// Scheduler is another service than EventBridge.
    ///
    /// Add the service to the trust policy of the role.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///   Fn:
    ///     Type: AWS::Lambda::Function
    ///     Properties: {Role: !GetAtt Role.Arn, Runtime: nodejs24.x, Handler: a.b, Code: {ZipFile: x}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///   Fn:
    ///     Type: AWS::Lambda::Function
    ///     Properties: {Role: !GetAtt Role.Arn, Runtime: nodejs24.x, Handler: a.b, Code: {ZipFile: x}}
    /// ```
    ///
    /// Source: IAM User Guide, "Create a role to delegate permissions to an AWS service".
    {
        id: "iam-trust-service-mismatch", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ON,
    }
    |check, consumer| {
        for edge in consumer.follow(Rel::AssumesRole) {
            let Some((service, refusal)) = service_of(consumer.kind()) else { continue };
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
            let documents: Vec<_> = check.documents(role).into_iter().filter(|document| document.kind == PolicyKind::Trust).collect();
            let Some(document) = documents.first() else { continue };
            let arn = role.arn().unwrap_or_else(|| role.reference());
            let requests = spellings(consumer, service).map(|name| {
                let request = Request::new(Principal::service(name.clone()), "sts:AssumeRole", arn.clone())
                    .in_account(role.account())
                    .with("aws:SourceAccount", consumer.account())
                    .with("aws:PrincipalServiceName", service)
                    .with("aws:PrincipalIsAWSService", "true")
                    .with("aws:SecureTransport", "true");
                // Firehose sends the account as external id (Firehose Developer Guide, "Controlling access").
                let request = match service {
                    "firehose.amazonaws.com" => request.with("sts:ExternalId", consumer.account()),
                    _ => request,
                };
                match consumer.arn() {
                    Some(arn) => request.with("aws:SourceArn", arn),
                    None => request.with_state("aws:SourceArn", KeyState::Present),
                }
            });
            let decided = requests.map(|request| (document.policy().allows(PolicyKind::Trust, &request), request));
            let best = decided.iter().min_by_key(|(decision, _)| match decision.outcome {
                Outcome::ExplicitDeny => 0,
                Outcome::Allow => 1,
                Outcome::Unknown => 2,
                Outcome::ImplicitDeny => 3,
            });
            let Some((decision, request)) = best else { continue };
            let guard = Guard { resource: role, documents: Vec::new(), unknown: document.unknown() };
            let explanation = explain(decision, request, &[(PolicyKind::Trust, document.policy())]);
            match decision.outcome {
                Outcome::Allow => {}
                Outcome::Unknown => {
                    check.undetermined(&edge.value, guard.unknown.unwrap_or_else(|| Unknown::other(explanation)));
                }
                Outcome::ImplicitDeny if guard.unknown.is_some() => {
                    check.undetermined(&edge.value, guard.unknown.unwrap_or_else(|| Unknown::other(explanation)));
                }
                Outcome::ImplicitDeny | Outcome::ExplicitDeny => {
                    let finding = check
                        .fail(&edge.value, format!("the trust policy of {} does not let {service} assume the role", role.label()))
                        .explain(explanation)
                        .related(role, &document.value, "is the trust policy")
                        .fix(Fix::suggested(format!("allow sts:AssumeRole to the service {service} in the trust policy of {}", role.label())));
                    match refusal {
                        "" => finding.category(Category::Reliability).severity(Severity::High),
                        refusal => finding.aws_error(refusal),
                    };
                }
            }
        }
    }
}

const ON: &[&str] = &[
    "AWS::Lambda::Function",
    "AWS::CloudTrail::Trail",
    "AWS::EC2::FlowLog",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Events::Rule",
    EVENT_TARGET,
    "AWS::Scheduler::Schedule",
    "AWS::S3::Bucket",
    "AWS::StepFunctions::StateMachine",
    "AWS::Backup::BackupSelection",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::CodeBuild::Project",
    "AWS::ECS::TaskDefinition",
    "AWS::Logs::SubscriptionFilter",
    "AWS::ApiGateway::Account",
];

/// The names of a service: the documented one, and the regional ones that older services take too.
fn spellings<'s>(consumer: Resource<'s>, service: &'static str) -> [Text<'s>; 4] {
    let name = service.strip_suffix("amazonaws.com").unwrap_or(service);
    let suffix = consumer.stack().pseudo(Pseudo::UrlSuffix);
    let regional = |suffix| Text::concat([Text::from(name), consumer.region(), Text::from("."), suffix]);
    [
        Text::from(service),
        Text::concat([Text::from(name), suffix.clone()]),
        regional(Text::from("amazonaws.com")),
        regional(suffix),
    ]
}

/// The service that assumes the role of a resource, and what it answers where it checks the role; empty where it does not.
fn service_of(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "AWS::Lambda::Function" => (
            "lambda.amazonaws.com",
            "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.",
        ),
        "AWS::CloudTrail::Trail" => (
            "cloudtrail.amazonaws.com",
            "InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role.",
        ),
        "AWS::EC2::FlowLog" => ("vpc-flow-logs.amazonaws.com", ""),
        "AWS::Config::ConfigurationRecorder" => ("config.amazonaws.com", ""),
        "AWS::Events::Rule" | EVENT_TARGET => ("events.amazonaws.com", ""),
        "AWS::Scheduler::Schedule" => (
            "scheduler.amazonaws.com",
            "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        ),
        "AWS::S3::Bucket" => ("s3.amazonaws.com", ""),
        "AWS::StepFunctions::StateMachine" => (
            "states.amazonaws.com",
            "AccessDeniedException: Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
        ),
        "AWS::Backup::BackupSelection" => ("backup.amazonaws.com", ""),
        "AWS::KinesisFirehose::DeliveryStream" => (
            "firehose.amazonaws.com",
            "InvalidArgumentException: Firehose is unable to assume role. Please check the role provided.",
        ),
        "AWS::CodeBuild::Project" => (
            "codebuild.amazonaws.com",
            "InvalidInputException: CodeBuild is not authorized to perform: sts:AssumeRole on the service role",
        ),
        "AWS::ECS::TaskDefinition" => ("ecs-tasks.amazonaws.com", ""),
        "AWS::Logs::SubscriptionFilter" => (
            "logs.amazonaws.com",
            "InvalidParameterException: Could not deliver test message to specified destination. Check if the destination is valid.",
        ),
        "AWS::ApiGateway::Account" => (
            "apigateway.amazonaws.com",
            "BadRequestException: The role ARN does not have required permissions configured.",
        ),
        _ => return None,
    })
}
