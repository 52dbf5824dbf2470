//! See the documentation of the rule below.

use crate::iam::evaluate::{PolicyKind, Request};
use crate::iam::principal::Principal;
use crate::rules::policies::{Answer, Guard};
use crate::rules::prelude::*;

rule! {
    /// Flow logs can be delivered.
    ///
    /// To CloudWatch Logs a flow log needs a log group and a role that the flow log service may assume
    /// (`vpc-flow-logs.amazonaws.com`) and that may create log streams and write to them. To S3 it needs the ARN of a bucket
    /// and no role. The aggregation interval is 60 or 600 seconds, and all but transit gateways have a traffic type. A flow
    /// log with a role that does not work is made, and stays without data ("Access error").
    ///
    /// ```yaml fails
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    ///   Group: {Type: AWS::Logs::LogGroup}
    ///   Flow:
    ///     Type: AWS::EC2::FlowLog
    ///     Properties: {ResourceId: !Ref Vpc, ResourceType: VPC, TrafficType: ALL, LogGroupName: !Ref Group}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    ///   Bucket: {Type: AWS::S3::Bucket}
    ///   Flow:
    ///     Type: AWS::EC2::FlowLog
    ///     Properties: {ResourceId: !Ref Vpc, ResourceType: VPC, TrafficType: ALL, LogDestinationType: s3, LogDestination: !GetAtt Bucket.Arn}
    /// ```
    ///
    /// Source: VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"; EC2 API reference, CreateFlowLogs.
    {
        id: "vpc-flow-log-delivery", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::EC2::FlowLog"],
        aws_error: "Access error: the flow log cannot be delivered",
    }
    |check, flow| {
        shape(check, flow);
        let kind = flow.get("LogDestinationType");
        let kind = match kind.literal() {
            Read::Known(text) => text.into_owned(),
            Read::Absent => "cloud-watch-logs".to_owned(),
            Read::Unknown(unknown) => {
                check.undetermined(&kind, unknown);
                return;
            }
            Read::Other => return,
        };
        let role = flow.get("DeliverLogsPermissionArn");
        let (group, destination) = (flow.get("LogGroupName"), flow.get("LogDestination"));
        if kind != "cloud-watch-logs" {
            if destination.is_absent() {
                check
                    .fail(&destination, format!("{} has no LogDestination to deliver to", flow.label()))
                    .aws_error("InvalidParameter: LogDestination can't be empty for this LogDestinationType");
            }
            if kind == "s3" && role.is_present() && role.literal() != Read::Known("".into()) {
                check
                    .fail(&role, "a flow log to S3 takes no role: the bucket's policy lets it in")
                    .aws_error("InvalidParameter: DeliverLogsPermissionArn is not applicable for s3 delivery")
                    .fix(Fix::suggested("leave DeliverLogsPermissionArn out"));
            }
            return;
        }
        if group.is_absent() && destination.is_absent() {
            check
                .fail(&destination, format!("{} names no log group to deliver to", flow.label()))
                .aws_error("InvalidParameter: LogGroupName or LogDestination is required");
        }
        if role.is_absent() {
            check
                .fail(&role, format!("{} delivers to CloudWatch Logs, but has no role to do so", flow.label()))
                .aws_error("InvalidParameter: DeliverLogsPermissionArn is required for cloud-watch-logs")
                .fix(Fix::suggested("give it a role that vpc-flow-logs.amazonaws.com may assume"));
            return;
        }
        for edge in flow.follow(Rel::AssumesRole) {
            if let Some(role) = check.target(&edge) {
                judge_role(check, flow, role, &edge.value);
            }
        }
        if flow.follow(Rel::AssumesRole).is_empty()
            && let Some(unknown) = role.unknown()
        {
            check.undetermined(&role, unknown);
        }
    }
}

/// What the call itself is checked for.
fn shape<'s>(check: &crate::rules::Check<'s>, flow: Resource<'s>) {
    let interval = flow.get("MaxAggregationInterval");
    if let Some(seconds) = check.known(&interval, interval.number())
        && seconds != 60.0
        && seconds != 600.0
    {
        check
            .fail(&interval, format!("flow logs are aggregated over 60 or 600 seconds, not {seconds}"))
            .aws_error("InvalidParameter: MaxAggregationInterval must be 60 or 600")
            .fix(Fix::suggested("set MaxAggregationInterval to 60 or 600"));
    }
    let traffic = flow.get("TrafficType");
    let of = flow.get("ResourceType").literal();
    // Pulumi names the resource by its kind of id instead of a type.
    if traffic.is_absent()
        && let Read::Known(kind) = of
        && !kind.starts_with("TransitGateway")
    {
        check
            .fail(&traffic, format!("{} has no TrafficType, which flow logs of a {kind} need", flow.label()))
            .aws_error("InvalidParameter: TrafficType is required")
            .fix(Fix::suggested("set TrafficType to ALL or REJECT"));
    }
}

fn judge_role<'s>(check: &crate::rules::Check<'s>, flow: Resource<'s>, role: Resource<'s>, at: &Value<'s>) {
    let arn = role.arn().unwrap_or_else(|| Text::from("*"));
    let trust = Guard {
        resource: role,
        documents: check.documents(role).into_iter().filter(|document| document.kind == PolicyKind::Trust).collect(),
        unknown: None,
    };
    let source = flow.arn_beside("ec2", [Text::from("vpc-flow-log/fl-0123456789abcdef0")]);
    let assume = Request::new(Principal::service("vpc-flow-logs.amazonaws.com"), "sts:AssumeRole", arn.clone())
        .in_account(role.account())
        .with("aws:PrincipalServiceName", "vpc-flow-logs.amazonaws.com")
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:SecureTransport", "true")
        .with("aws:SourceAccount", flow.account())
        .with("aws:SourceArn", source);
    match trust.ask(&assume) {
        Answer::Allowed => {}
        Answer::Unknown(unknown) => {
            check.undetermined(at, unknown);
            return;
        }
        Answer::Refused { explanation, .. } | Answer::Denied { explanation, .. } => {
            check
                .fail(at, format!("{} does not let vpc-flow-logs.amazonaws.com assume it", role.label()))
                .explain(explanation)
                .related(role, role.get("AssumeRolePolicyDocument"), "has the trust policy")
                .fix(Fix::suggested(
                    "allow sts:AssumeRole to the service vpc-flow-logs.amazonaws.com in the role's trust policy",
                ));
            return;
        }
    }
    let stream = Text::concat([group_arn(flow), Text::from(":log-stream:eni-0123456789abcdef0-all")]);
    let identity = check.identity(role);
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        let request = Request::new(Principal::of(arn.clone(), Some(role.account())), action, stream.clone())
            .with("aws:SecureTransport", "true")
            .with("aws:PrincipalIsAWSService", "false");
        match identity.ask(&request) {
            Answer::Allowed => {}
            Answer::Unknown(unknown) => {
                check.undetermined(at, unknown);
                return;
            }
            Answer::Refused { explanation, .. } | Answer::Denied { explanation, .. } => {
                check
                    .fail(at, format!("{} may not call {action}, so the flow log stays empty", role.label()))
                    .explain(explanation)
                    .related(role, role, "is the role")
                    .fix(Fix::suggested("allow logs:CreateLogStream, logs:PutLogEvents and logs:DescribeLogStreams on the log group to the role"));
                return;
            }
        }
    }
}

/// The ARN of the log group without the trailing `:*`.
fn group_arn<'s>(flow: Resource<'s>) -> Text<'s> {
    let named = |name: Text<'s>| flow.arn_beside("logs", [Text::from("log-group:"), name]);
    for edge in flow.follow(Rel::DeliversTo) {
        if let Target::Resource(group) = edge.target
            && group.is("AWS::Logs::LogGroup")
        {
            return named(group.name());
        }
    }
    if let Some(name) = flow.get("LogGroupName").symbolic() {
        return named(name);
    }
    match flow.get("LogDestination").symbolic() {
        Some(Text::Literal(arn)) => Text::from(arn.trim_end_matches(":*").to_owned()),
        Some(arn) => arn,
        None => Text::from("*"),
    }
}
