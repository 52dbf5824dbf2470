//! See the documentation of the rule below.

use super::functions::is_made_by_cdk;
use super::role::{Need, judge};
use crate::graph::EVENT_TARGET;
use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::rules::prelude::*;

rule! {
    /// A function that is called asynchronously keeps the events that it fails on.
    ///
    /// EventBridge, SNS, S3 and Config call a function without waiting. After three attempts the event is gone unless the
    /// function has a dead-letter queue or a destination for failures. A dead-letter target must be one that the function's
    /// role may send to, which Lambda checks when the function is made.
    ///
    /// Mend it with `DeadLetterConfig`, or with an `AWS::Lambda::EventInvokeConfig` with `OnFailure`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///   Nightly:
    ///     Type: AWS::Events::Rule
    ///     Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: handler, Arn: !GetAtt Handler.Arn}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///   Failures:
    ///     Type: AWS::Lambda::EventInvokeConfig
    ///     Properties:
    ///       FunctionName: !Ref Handler
    ///       Qualifier: $LATEST
    ///       DestinationConfig: {OnFailure: {Destination: arn:aws:sqs:eu-west-1:111122223333:failures}}
    ///   Nightly:
    ///     Type: AWS::Events::Rule
    ///     Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: handler, Arn: !GetAtt Handler.Arn}]}
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations".
    {
        id: "lambda-failure-destination", since: "0.1.0", category: Reliability, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::Lambda::Function"],
    }
    |check, function| {
        let target = function.get("DeadLetterConfig.TargetArn");
        if !target.is_absent() && !matches!(target.unknown().map(Unknown::why), Some(Why::Transform(_))) {
            dead_letters(check, function, &target);
            return;
        }
        if is_made_by_cdk(function) {
            return;
        }
        let configured = function.followed_by(Rel::Configures);
        let mut called: Option<Resource<'_>> = caller(function);
        let mut unknown = configured.maybe.into_iter().next().map(|(_, unknown)| unknown);
        for edge in configured.edges {
            match edge.from.kind() {
                "AWS::Lambda::EventInvokeConfig" => {
                    let destination = edge.from.get("DestinationConfig.OnFailure.Destination");
                    if destination.is_present() {
                        return;
                    }
                    unknown = unknown.or_else(|| destination.unknown().cloned());
                }
                "AWS::Lambda::Alias" | "AWS::Lambda::Version" => {
                    let destined = edge.from.followed_by(Rel::Configures).edges.iter().any(|edge| {
                        edge.from.get("DestinationConfig.OnFailure.Destination").is_present()
                    });
                    if !destined {
                        called = called.or_else(|| caller(edge.from));
                    } else {
                        return;
                    }
                }
                _ => {}
            }
        }
        let Some(caller) = called else { return };
        match unknown.or(function.stack().may_hold_more()) {
            Some(unknown) => {
                check.undetermined(&target, unknown);
            }
            None => {
                check
                    .fail(&target, format!("{} calls the function asynchronously, and events that it fails on are lost", caller.label()))
                    .related(caller, caller, "calls it")
                    .fix(Fix::suggested("set DeadLetterConfig, or an EventInvokeConfig with OnFailure"));
            }
        }
    }
}

/// A resource that calls the function without waiting for it.
fn caller<'s>(function: Resource<'s>) -> Option<Resource<'s>> {
    const SOURCES: [&str; 5] =
        ["AWS::Events::Rule", EVENT_TARGET, "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::Config::ConfigRule"];
    let targets = function.followed_by(Rel::Targets).edges;
    let notified = function.followed_by(Rel::Notifies).edges;
    targets
        .into_iter()
        .map(|edge| edge.from)
        .find(|from| SOURCES.contains(&from.kind()))
        .or_else(|| notified.into_iter().map(|edge| edge.from).find(|from| from.is("AWS::S3::Bucket")))
}

/// Lambda refuses a target that the role may not send to.
fn dead_letters<'s>(check: &crate::rules::Check<'s>, function: Resource<'s>, at: &Value<'s>) {
    let Some(edge) = function.follow(Rel::DeadLetters).into_iter().next() else { return };
    let (arn, action, granting, error): (_, _, &[&str], _) = match edge.target {
        Target::Resource(target) if target.is("AWS::SQS::Queue") => (
            target.arn(),
            "sqs:SendMessage",
            &["AmazonSQSFullAccess", "AdministratorAccess", "PowerUserAccess"],
            "SendMessage on SQS",
        ),
        Target::Resource(target) if target.is("AWS::SNS::Topic") => (
            target.arn(),
            "sns:Publish",
            &["AmazonSNSFullAccess", "AdministratorAccess", "PowerUserAccess"],
            "Publish on SNS",
        ),
        _ => return,
    };
    let Some(arn) = arn else { return };
    let written = arn.to_string();
    if written.ends_with(".fifo") {
        check.fail(at, "a dead-letter target of a function is no FIFO queue or topic");
        return;
    }
    for edge in function.follow(Rel::AssumesRole) {
        let role = match edge.target.found() {
            Ok(role) => role,
            Err(unknown) => {
                check.undetermined(at, unknown);
                continue;
            }
        };
        let role_arn = role.arn().unwrap_or_else(|| Text::from("*"));
        let call = Request::new(Principal::of(role_arn, Some(role.account())), action, arn.clone())
            .in_account(role.account())
            .with("aws:SecureTransport", "true")
            .with("aws:PrincipalAccount", role.account());
        let need = Need {
            calls: &[call],
            granting,
            what: "Lambda needs for the dead-letter target",
            advice: "allow the role to send to the dead-letter target",
        };
        judge(check, function, role, at, &need, Some(error));
    }
}
