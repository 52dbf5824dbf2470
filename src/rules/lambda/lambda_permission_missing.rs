//! See the documentation of the rule below.

use crate::rules::Check;
use crate::rules::prelude::*;

use crate::rules::permission::{Grant, function_of, grant};

rule! {
    /// What calls a function has a permission to invoke it.
    ///
    /// A service that invokes a function is let in by the function's own policy, an `AWS::Lambda::Permission` for the same
    /// function or alias, the service and, best, the source. Without it CloudWatch Logs, Config and Secrets Manager refuse
    /// their resource; EventBridge, SNS and API Gateway take it and never reach the function.
    ///
    /// Mend it with a permission for the service with the ARN of the source. The CDK's targets add it by themselves.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs24.x, Handler: a.b, Code: {ZipFile: x}, Role: r}}
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: f, Arn: !GetAtt Fn.Arn}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs24.x, Handler: a.b, Code: {ZipFile: x}, Role: r}}
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: f, Arn: !GetAtt Fn.Arn}]}
    ///   Permission:
    ///     Type: AWS::Lambda::Permission
    ///     Properties:
    ///       Action: lambda:InvokeFunction
    ///       FunctionName: !Ref Fn
    ///       Principal: events.amazonaws.com
    ///       SourceArn: !GetAtt Rule.Arn
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Granting Lambda function access to AWS services".
    {
        id: "lambda-permission-missing", since: "0.1.0", category: Reliability, severity: Critical, preset: Recommended,
        scope: CrossResource,
        fix: Suggested,
        on: [
            "AWS::Events::Rule",
            crate::graph::EVENT_TARGET,
            "AWS::SNS::Subscription",
            "AWS::SNS::Topic",
            "AWS::ApiGateway::Method",
            "AWS::Logs::SubscriptionFilter",
            "AWS::Config::ConfigRule",
            "AWS::SecretsManager::RotationSchedule",
        ],
    }
    |check, source| {
        let caller = match source.kind() {
            "AWS::SNS::Subscription" | "AWS::SNS::Topic" => Caller::SNS,
            // With credentials it calls as that role.
            "AWS::ApiGateway::Method" if source.get("Integration.Credentials").is_absent() => Caller::API,
            "AWS::ApiGateway::Method" => return,
            "AWS::Logs::SubscriptionFilter" => Caller::LOGS,
            "AWS::Config::ConfigRule" => Caller::CONFIG,
            "AWS::SecretsManager::RotationSchedule" => Caller::SECRETS,
            _ => Caller::EVENTS,
        };
        for edge in source.follow(caller.relation) {
            if let Some(function) = function_of(check, &edge.value, &edge.target) {
                judge(check, source, &caller, function, &edge.value);
            }
        }
    }
}

/// A service that invokes functions.
struct Caller {
    relation: Rel,
    service: &'static str,
    /// What AWS answers where it checks the permission; empty where it does not.
    refusal: &'static str,
}

impl Caller {
    const EVENTS: Caller = Caller { relation: Rel::Targets, service: "events.amazonaws.com", refusal: "" };
    const SNS: Caller = Caller { relation: Rel::Targets, service: "sns.amazonaws.com", refusal: "" };
    const API: Caller = Caller { relation: Rel::Targets, service: "apigateway.amazonaws.com", refusal: "" };
    const LOGS: Caller = Caller {
        relation: Rel::Targets,
        service: "logs.amazonaws.com",
        refusal: "InvalidParameterException: Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.",
    };
    const CONFIG: Caller = Caller {
        relation: Rel::Targets,
        service: "config.amazonaws.com",
        refusal: "InsufficientPermissionsException: The AWS Lambda function cannot be invoked.",
    };
    const SECRETS: Caller = Caller {
        relation: Rel::RotatedBy,
        service: "secretsmanager.amazonaws.com",
        refusal: "Secrets Manager cannot invoke the specified Lambda function.",
    };
}

fn judge<'s>(check: &Check<'s>, source: Resource<'s>, caller: &Caller, function: Resource<'s>, value: &Value<'s>) {
    let mut services = vec![Text::from(caller.service)];
    if caller.service == "logs.amazonaws.com" {
        services.push(Text::concat([Text::from("logs."), source.region(), Text::from(".amazonaws.com")]));
    }
    let arns = source_arns(source, caller);
    let mut answer = Grant::Missing(None);
    for arn in &arns {
        answer = grant(function, &services, arn.0, arn.1.as_ref());
        if matches!(answer, Grant::Granted(_)) {
            break;
        }
    }
    let name = function.label();
    match answer {
        Grant::Granted(_) => {}
        Grant::Unscoped(permission) => {
            check
                .fail(value, format!("{} lets {} invoke {name} for any source", permission.label(), caller.service))
                .category(Category::Security)
                .severity(Severity::Medium)
                .related(permission, permission, "names neither SourceArn nor SourceAccount")
                .fix(Fix::suggested("add SourceArn with the ARN of the source to the permission"));
        }
        Grant::Unknown(unknown) => {
            check.undetermined(value, unknown);
        }
        Grant::Missing(near) => {
            let finding = check
                .fail(value, format!("no permission lets {} invoke {name}", caller.service))
                .fix(Fix::suggested(format!(
                    "add an AWS::Lambda::Permission: Action lambda:InvokeFunction, FunctionName {name}, Principal {}, SourceArn of {}",
                    caller.service,
                    source.label()
                )));
            let finding = match caller.refusal {
                "" => finding,
                refusal => finding.category(Category::DeployFailure).aws_error(refusal),
            };
            if let Some((permission, why)) = near {
                finding.related(permission, permission, why);
            }
        }
    }
}

/// The resources on whose behalf the service calls, with their ARNs.
fn source_arns<'s>(source: Resource<'s>, caller: &Caller) -> Vec<(Resource<'s>, Option<Text<'s>>)> {
    let listened = || {
        let edges = source.follow(Rel::Listens);
        edges.into_iter().filter_map(|edge| match edge.target {
            Target::Resource(of) => Some((of, of.arn())),
            Target::Outside(text) => Some((source, Some(text))),
            Target::Unknown(_) => None,
        })
    };
    let found: Vec<_> = match source.kind() {
        "AWS::Events::Rule" | "AWS::SNS::Topic" => vec![(source, source.arn())],
        // The ARN of a call holds its stage, method and path; a permission for the API is meant for its methods.
        "AWS::ApiGateway::Method" => listened().map(|(api, _)| (api, None)).collect(),
        crate::graph::EVENT_TARGET | "AWS::SNS::Subscription" => listened().collect(),
        "AWS::Logs::SubscriptionFilter" => log_groups(source),
        "AWS::SecretsManager::RotationSchedule" => source
            .follow(Rel::Configures)
            .into_iter()
            .filter_map(|edge| edge.target.resource().map(|secret| (secret, secret.arn())))
            .collect(),
        _ => Vec::new(),
    };
    let _ = caller;
    if found.is_empty() { vec![(source, None)] } else { found }
}

/// The log group of a filter with its ARN, with `:*` as the documentation has it and without: whether that will do is not said.
fn log_groups<'s>(filter: Resource<'s>) -> Vec<(Resource<'s>, Option<Text<'s>>)> {
    let Some(edge) = filter.follow(Rel::Listens).pop() else { return Vec::new() };
    let (group, name) = match edge.target {
        Target::Resource(group) => (group, group.name()),
        Target::Outside(name) => (filter, name),
        Target::Unknown(_) => return Vec::new(),
    };
    let arn =
        |end: &'static str| Some(group.arn_beside("logs", [Text::from("log-group:"), name.clone(), Text::from(end)]));
    vec![(group, arn(":*")), (group, arn(""))]
}
