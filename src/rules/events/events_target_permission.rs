//! See the documentation of the rule below.

use super::targets::{EventTarget, targets_of};
use crate::graph::EVENT_TARGET;
use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::rules::Check;
use crate::rules::calls::service_call;
use crate::rules::policies::{Answer, Guard};
use crate::rules::prelude::*;

const SERVICE: &str = "events.amazonaws.com";

/// How a target lets EventBridge in: what it is called in an ARN, the action, and how messages call it.
struct ByRole {
    kind: &'static str,
    service: &'static str,
    /// `None` where the resource of the call cannot be told from the target.
    action: Option<&'static str>,
}

const fn by_role(kind: &'static str, service: &'static str, action: Option<&'static str>) -> ByRole {
    ByRole { kind, service, action }
}

/// Targets that EventBridge calls with the role of the target.
/// Source: EventBridge User Guide, "Identity-based policies: permissions required for EventBridge to access targets using IAM
/// roles".
const ROLE_TARGETS: &[ByRole] = &[
    by_role("AWS::StepFunctions::StateMachine", "states", Some("states:StartExecution")),
    by_role("AWS::Kinesis::Stream", "kinesis", Some("kinesis:PutRecord")),
    by_role("AWS::KinesisFirehose::DeliveryStream", "firehose", Some("firehose:PutRecord")),
    by_role("AWS::CodeBuild::Project", "codebuild", Some("codebuild:StartBuild")),
    by_role("AWS::CodePipeline::Pipeline", "codepipeline", Some("codepipeline:StartPipelineExecution")),
    by_role("AWS::Events::ApiDestination", "", None),
    by_role("AWS::ECS::Cluster", "ecs", None),
    by_role("AWS::Batch::JobQueue", "batch", None),
];

const TOPIC_BY_ROLE: ByRole = by_role("AWS::SNS::Topic", "sns", Some("sns:Publish"));
const QUEUE_BY_ROLE: ByRole = by_role("AWS::SQS::Queue", "sqs", Some("sqs:SendMessage"));

rule! {
    /// The target of a rule lets EventBridge in.
    ///
    /// EventBridge sends to topics, queues and log groups as `events.amazonaws.com`: their resource policy must allow it, the
    /// default one does not. It calls state machines, streams, builds, pipelines, tasks, batch jobs and API destinations with
    /// the `RoleArn` of the target, which must trust it and may do what the target takes. When this is missing the rule is
    /// created and every event fails. The policy of a topic should have no condition on the source for EventBridge, and
    /// functions and log groups should have no role.
    ///
    /// ```yaml fails
    /// Resources:
    ///   News: {Type: AWS::SNS::Topic}
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       EventPattern: {source: [aws.ec2]}
    ///       Targets: [{Id: news, Arn: !Ref News}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   News: {Type: AWS::SNS::Topic}
    ///   NewsPolicy:
    ///     Type: AWS::SNS::TopicPolicy
    ///     Properties:
    ///       Topics: [!Ref News]
    ///       PolicyDocument:
    ///         Statement: [{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: 'sns:Publish', Resource: !Ref News}]
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       EventPattern: {source: [aws.ec2]}
    ///       Targets: [{Id: news, Arn: !Ref News}]
    /// ```
    ///
    /// Source: EventBridge User Guide, "Using resource-based policies for Amazon EventBridge" and "Using IAM roles".
    {
        id: "events-target-permission", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::Events::Rule", EVENT_TARGET],
    }
    |check, resource| {
        let targets = match targets_of(resource) {
            Read::Known(targets) => targets,
            Read::Unknown(unknown) => {
                check.undetermined(resource, unknown);
                return;
            }
            Read::Absent | Read::Other => return,
        };
        for target in &targets {
            let Some(edge) = target.edge(Rel::Targets, "Arn") else { continue };
            match edge.target {
                Target::Resource(on) => judge(check, target, on, &edge.value),
                Target::Outside(text) => outside(check, target, &edge.value, &text),
                Target::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                }
            }
        }
    }
}

fn judge<'s>(check: &Check<'s>, target: &EventTarget<'s>, on: Resource<'s>, value: &Value<'s>) {
    if let Some(row) = ROLE_TARGETS.iter().find(|row| on.is(row.kind)) {
        return role(check, target, row, value, on.arn(), on.label());
    }
    let role_arn = target.value.get("RoleArn");
    if !role_arn.is_absent() {
        // With a role EventBridge calls topics and queues as that role; functions and log groups only know their own policy.
        match on.kind() {
            "AWS::SNS::Topic" => return role(check, target, &TOPIC_BY_ROLE, value, on.arn(), on.label()),
            "AWS::SQS::Queue" => return role(check, target, &QUEUE_BY_ROLE, value, on.arn(), on.label()),
            "AWS::Lambda::Function" | "AWS::Serverless::Function" | "AWS::Logs::LogGroup" if role_arn.is_present() => {
                check
                    .fail(
                        &role_arn,
                        format!("{} takes its permission from its own policy: leave RoleArn out", on.label()),
                    )
                    .severity(Severity::Low);
                return;
            }
            _ => {}
        }
    }
    let arn = on.arn().unwrap_or_else(|| on.reference());
    let rule_arn = target.rule().and_then(Resource::arn);
    match on.kind() {
        "AWS::SNS::Topic" => topic(check, target, on, value, arn, rule_arn),
        "AWS::SQS::Queue" => {
            let call = service_call(SERVICE, "sqs:SendMessage", arn, on, target.holder, rule_arn);
            report(check, &check.guard(on), &call, on, value);
            if on.get("FifoQueue").boolean() == Read::Known(true)
                && target.value.get("SqsParameters").get("MessageGroupId").is_absent()
            {
                check.fail(value, format!("{} is a FIFO queue: SqsParameters.MessageGroupId is missing", on.label()));
            }
        }
        "AWS::Logs::LogGroup" => log_group(check, target, on, value, rule_arn),
        _ => {}
    }
}

/// EventBridge sends topics no source ARN: the answer without one decides.
fn topic<'s>(
    check: &Check<'s>,
    target: &EventTarget<'s>,
    topic: Resource<'s>,
    value: &Value<'s>,
    arn: Text<'s>,
    rule_arn: Option<Text<'s>>,
) {
    let guard = check.guard(topic);
    let plain = Request::new(Principal::service(SERVICE), "sns:Publish", arn.clone())
        .in_account(topic.account())
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", SERVICE)
        .with("aws:SecureTransport", "true");
    if let Answer::Refused { .. } = guard.ask(&plain) {
        let with_source = service_call(SERVICE, "sns:Publish", arn, topic, target.holder, rule_arn);
        match guard.ask(&with_source) {
            Answer::Refused { .. } | Answer::Denied { .. } => {}
            Answer::Unknown(unknown) => {
                check.undetermined(value, unknown);
                return;
            }
            Answer::Allowed => {
                let finding = check
                    .fail(
                        value,
                        format!(
                            "the policy of {} puts a condition on EventBridge, which topics do not support",
                            topic.label()
                        ),
                    )
                    .severity(Severity::Medium);
                if let Some(document) = guard.documents.first() {
                    finding.related(document.holder, &document.value, "is the policy");
                }
                return;
            }
        }
    }
    report(check, &guard, &plain, topic, value);
}

fn report<'s>(check: &Check<'s>, guard: &Guard<'s>, call: &Request<'s>, on: Resource<'s>, value: &Value<'s>) {
    let label = on.label();
    match guard.ask(call) {
        Answer::Allowed => {}
        Answer::Unknown(unknown) => {
            check.undetermined(value, unknown);
        }
        Answer::Denied { explanation, statement } => {
            let finding = check
                .fail(value, format!("the policy of {label} denies EventBridge {}", call.action))
                .explain(explanation);
            if let (Some(place), Some(document)) = (statement, guard.documents.first()) {
                finding.related(document.holder, place, "denies it");
            }
        }
        Answer::Refused { explanation, .. } => {
            let text = format!("let {SERVICE} {} in the policy of {label}", call.action);
            let finding = check
                .fail(value, format!("no policy of {label} lets EventBridge send to it ({})", call.action))
                .explain(explanation);
            let Some(document) = guard.documents.first() else {
                finding.fix(Fix::suggested(text));
                return;
            };
            let list = document.value.document().get("Statement");
            let finding = finding.related(document.holder, &document.value, "is the policy");
            if document.holder.is_pulumi() || !matches!(list.items(), Read::Known(_)) {
                finding.fix(Fix::suggested(text));
                return;
            }
            let resource = match on.is("AWS::SNS::Topic") {
                true => serde_json::json!({"Ref": on.logical_id()}),
                false => serde_json::json!({"Fn::GetAtt": [on.logical_id(), "Arn"]}),
            };
            let statement = serde_json::json!({
                "Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": call.action.to_string(), "Resource": resource,
            });
            finding.fix(Fix::safe(text, vec![Edit::append(document.holder, &list, statement)]));
        }
    }
}

/// Log groups are guarded by resource policies of the account, of which this input may hold some.
fn log_group<'s>(
    check: &Check<'s>,
    target: &EventTarget<'s>,
    group: Resource<'s>,
    value: &Value<'s>,
    rule_arn: Option<Text<'s>>,
) {
    let documents =
        group.stack().of_type("AWS::Logs::ResourcePolicy").flat_map(|policy| check.documents(policy)).collect();
    let arn = group.arn_beside("logs", [Text::from("log-group:"), group.name(), Text::from(":log-stream:events")]);
    let guard = Guard { resource: group, documents, unknown: None };
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        let call = service_call(SERVICE, action, arn.clone(), group, target.holder, rule_arn.clone());
        match guard.ask(&call) {
            Answer::Allowed => {}
            Answer::Unknown(unknown) => {
                check.undetermined(value, unknown);
                return;
            }
            Answer::Denied { .. } | Answer::Refused { .. } => {
                check.undetermined(
                    value,
                    Unknown::other(
                        "no resource policy of this stack lets EventBridge write to log groups, one of the account may",
                    ),
                );
                return;
            }
        }
    }
}

fn role<'s>(
    check: &Check<'s>,
    target: &EventTarget<'s>,
    row: &ByRole,
    value: &Value<'s>,
    arn: Option<Text<'s>>,
    label: &str,
) {
    let role = target.value.get("RoleArn");
    if role.is_absent() {
        check
            .fail(value, format!("{label} is called with a role, and this target has no RoleArn"))
            .category(Category::DeployFailure)
            .aws_error("ValidationException: RoleArn is required for target.");
        return;
    }
    let Some(edge) = target.edge(Rel::AssumesRole, "RoleArn") else { return };
    let Some(role) = check.target(&edge) else { return };
    match check.trusts(role, SERVICE, target.rule().unwrap_or(target.holder)) {
        Answer::Allowed => {}
        Answer::Unknown(unknown) => {
            check.undetermined(&edge.value, unknown);
            return;
        }
        Answer::Refused { explanation, .. } | Answer::Denied { explanation, .. } => {
            check.fail(&edge.value, format!("{} does not trust {SERVICE}", role.label())).explain(explanation).related(
                role,
                role.get("AssumeRolePolicyDocument"),
                "has the trust policy",
            );
            return;
        }
    }
    let (Some(action), Some(arn)) = (row.action, arn) else { return };
    match check.role_may(role, action, arn) {
        Answer::Allowed => {}
        Answer::Unknown(unknown) => {
            check.undetermined(&edge.value, unknown);
        }
        Answer::Refused { explanation, .. } | Answer::Denied { explanation, .. } => {
            check
                .fail(&edge.value, format!("{} may not {action} on {label}", role.label()))
                .explain(explanation)
                .related(role, role, "is the role")
                .fix(Fix::suggested(format!("allow {action} on the ARN of {label}")));
        }
    }
}

/// A target that is not part of this input: its role is judged, its policy cannot be seen.
fn outside<'s>(check: &Check<'s>, target: &EventTarget<'s>, value: &Value<'s>, text: &Text<'s>) {
    let fields = text.arn_fields();
    let service = fields.as_ref().and_then(|fields| fields[2].as_literal()).unwrap_or_default();
    if let Some(row) = ROLE_TARGETS.iter().find(|row| !row.service.is_empty() && row.service == service) {
        return role(check, target, row, value, Some(text.clone()), "this target");
    }
    if service != "lambda" {
        check.undetermined(value, Unknown::new(Why::Outside(text.to_string())));
    }
}
