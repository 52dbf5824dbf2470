//! See the documentation of the rule below.

use crate::graph::EVENT_TARGET;
use crate::iam::condition::KeyState;
use crate::iam::evaluate::{Outcome, PolicyKind, Request, evaluate, explain};
use crate::iam::principal::Principal;
use crate::rules::prelude::*;

/// Who assumes the role of a resource, and what AWS answers where it cannot; without an answer the failure shows only later.
const SERVICES: &[(&str, &str, Option<&str>)] = &[
    (
        "AWS::Lambda::Function",
        "lambda",
        Some("InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."),
    ),
    (
        "AWS::CloudTrail::Trail",
        "cloudtrail",
        Some("InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role."),
    ),
    ("AWS::EC2::FlowLog", "vpc-flow-logs", None),
    ("AWS::Config::ConfigurationRecorder", "config", None),
    (
        "AWS::Events::Rule",
        "events",
        Some("ValidationException: Provided role cannot be assumed by principal 'events.amazonaws.com'."),
    ),
    (
        EVENT_TARGET,
        "events",
        Some("ValidationException: Provided role cannot be assumed by principal 'events.amazonaws.com'."),
    ),
    (
        "AWS::Scheduler::Schedule",
        "scheduler",
        Some(
            "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        ),
    ),
    ("AWS::S3::Bucket", "s3", None),
    (
        "AWS::StepFunctions::StateMachine",
        "states",
        Some(
            "AccessDeniedException: Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
        ),
    ),
    (
        "AWS::ApiGateway::Account",
        "apigateway",
        Some(
            "BadRequestException: The role ARN does not have required permissions configured. Please grant trust permission for API Gateway",
        ),
    ),
    (
        "AWS::Backup::BackupSelection",
        "backup",
        Some("InvalidParameterValueException: IAM Role cannot be assumed by AWS Backup"),
    ),
    ("AWS::SNS::Topic", "sns", None),
    (
        "AWS::RDS::DBInstance",
        "monitoring.rds",
        Some(
            "InvalidParameterValue: IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING",
        ),
    ),
    (
        "AWS::CodePipeline::Pipeline",
        "codepipeline",
        Some("InvalidStructureException: CodePipeline is not authorized to perform AssumeRole on role"),
    ),
    ("AWS::Glue::Job", "glue", None),
    ("AWS::ECS::TaskDefinition", "ecs-tasks", None),
    (
        "AWS::KinesisFirehose::DeliveryStream",
        "firehose",
        Some("InvalidArgumentException: Firehose is unable to assume role. Please check the role provided."),
    ),
    (
        "AWS::CodeBuild::Project",
        "codebuild",
        Some("InvalidInputException: CodeBuild is not authorized to perform: sts:AssumeRole on service role"),
    ),
    (
        "AWS::Logs::SubscriptionFilter",
        "logs",
        Some(
            "InvalidParameterException: Could not deliver test message: check that CloudWatch Logs can assume the role",
        ),
    ),
];

rule! {
    /// A role that a service is given can be assumed by that service.
    ///
    /// A service assumes the role as its own service principal. A trust policy that names another service, or denies
    /// this one, makes the creation fail, or the service stand still.
    ///
    /// Let the trust policy name the service.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Function:
    ///     Type: AWS::Lambda::Function
    ///     Properties: {Runtime: nodejs22.x, Handler: index.handler, Code: {ZipFile: x}, Role: !GetAtt Role.Arn}
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Function:
    ///     Type: AWS::Lambda::Function
    ///     Properties: {Runtime: nodejs22.x, Handler: index.handler, Code: {ZipFile: x}, Role: !GetAtt Role.Arn}
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
    /// ```
    ///
    /// Source: IAM User Guide, "Create a role to delegate permissions to an AWS service"; Service Authorization
    /// Reference.
    {
        id: "iam-trust-service-mismatch", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: [
            "AWS::Lambda::Function", "AWS::CloudTrail::Trail", "AWS::EC2::FlowLog",
            "AWS::Config::ConfigurationRecorder", "AWS::Events::Rule", EVENT_TARGET, "AWS::Scheduler::Schedule",
            "AWS::S3::Bucket", "AWS::StepFunctions::StateMachine", "AWS::ApiGateway::Account",
            "AWS::Backup::BackupSelection", "AWS::ECS::TaskDefinition", "AWS::KinesisFirehose::DeliveryStream",
            "AWS::CodeBuild::Project", "AWS::Logs::SubscriptionFilter", "AWS::SNS::Topic", "AWS::RDS::DBInstance",
            "AWS::CodePipeline::Pipeline", "AWS::Glue::Job",
        ],
    }
    |check, consumer| {
        let Some(&(_, service, refusal)) = SERVICES.iter().find(|(kind, ..)| consumer.is(kind)) else { return };
        for edge in consumer.follow(Rel::AssumesRole) {
            let Some(role) = check.target(&edge) else { continue };
            let documents = check.documents(role);
            let Some(trust) = documents.iter().find(|document| document.kind == PolicyKind::Trust) else { continue };
            if let Some(unknown) = trust.unknown() {
                check.undetermined(&edge.value, unknown);
                continue;
            }
            let policies = [(PolicyKind::Trust, trust.policy())];
            let global = Text::from(format!("{service}.amazonaws.com"));
            // The regional name is another spelling that Step Functions and Logs take; a name without its suffix is for the
            // rule about the format of principals.
            let regional =
                Text::concat([Text::from(format!("{service}.")), consumer.region(), Text::from(".amazonaws.com")]);
            let takes_regional = matches!(service, "states" | "logs");
            let mut spellings = vec![global, Text::from(service)];
            if takes_regional {
                spellings.push(regional);
            }
            let source = source_arn(consumer, service).map_or(KeyState::Unknown, |arn| KeyState::Values(vec![arn]));
            let mut answer = None;
            for spelling in spellings {
                let mut request = Request::new(
                    Principal::service(spelling),
                    "sts:AssumeRole",
                    role.arn().unwrap_or_else(|| Text::from("*")),
                )
                .in_account(role.account())
                .with("aws:SourceAccount", consumer.account())
                .with("aws:PrincipalIsAWSService", "true")
                .with("aws:SecureTransport", "true")
                .with_state("aws:SourceArn", source.clone())
                .with_state("aws:SourceOrgID", KeyState::Unknown)
                .with_state("aws:PrincipalServiceName", KeyState::Present);
                if service == "firehose" {
                    // Firehose gives the account as external id, and its documented trust policy asks for it.
                    request = request.with("sts:ExternalId", consumer.account());
                }
                let decision = evaluate(&request, &policies);
                let better = match (&answer, decision.outcome) {
                    (None, _) | (_, Outcome::Allow) => true,
                    (Some((Outcome::Allow | Outcome::ExplicitDeny, _)), _) => false,
                    (_, Outcome::Unknown) => true,
                    _ => false,
                };
                if better {
                    answer = Some((decision.outcome, explain(&decision, &request, &policies)));
                }
            }
            match answer {
                Some((Outcome::Unknown, explanation)) => {
                    check.undetermined(&edge.value, Unknown::other(explanation));
                }
                Some((Outcome::ImplicitDeny | Outcome::ExplicitDeny, explanation)) => {
                    let finding = check
                        .fail(
                            &edge.value,
                            format!(
                                "{service}.amazonaws.com cannot assume {}: its trust policy does not let it",
                                role.label()
                            ),
                        )
                        .explain(explanation)
                        .related(role, &trust.value, "is the trust policy")
                        .fix(Fix::suggested(format!("let the trust policy name {service}.amazonaws.com")));
                    match refusal {
                        Some(refusal) => finding.aws_error(refusal),
                        None => finding.category(Category::Reliability).severity(Severity::High),
                    };
                }
                _ => {}
            }
        }
    }
}

/// What a service sends as `aws:SourceArn` when it assumes the role of a resource, where that is documented.
fn source_arn<'s>(consumer: Resource<'s>, service: &str) -> Option<Text<'s>> {
    let of = |namespace: &'static str, rest: Text<'s>| {
        let account = [Text::from(":"), consumer.account(), Text::from(":"), rest];
        let start = [Text::from("arn:"), consumer.partition(), Text::from(namespace), consumer.region()];
        Some(Text::concat(start.into_iter().chain(account)))
    };
    match service {
        "cloudtrail" | "states" | "s3" | "firehose" | "codebuild" | "codepipeline" | "sns" => consumer.arn(),
        "events" if consumer.is(EVENT_TARGET) => match consumer.follow(Rel::Listens).pop()?.target {
            Target::Resource(rule) => rule.arn(),
            _ => None,
        },
        "events" => consumer.arn(),
        "vpc-flow-logs" => of(":ec2:", Text::concat([Text::from("vpc-flow-log/"), consumer.reference()])),
        "scheduler" => {
            let group = match consumer.get("GroupName").text() {
                Read::Known(group) => group,
                Read::Absent => Text::from("default"),
                _ => return None,
            };
            of(":scheduler:", Text::concat([Text::from("schedule-group/"), group]))
        }
        "logs" => {
            let group = consumer.get("LogGroupName").text().known()?;
            of(":logs:", Text::concat([Text::from("log-group:"), group, Text::from(":*")]))
        }
        "ecs-tasks" => of(":ecs:", Text::from("task/cluster/0123456789abcdef0123456789abcdef")),
        _ => None,
    }
}
