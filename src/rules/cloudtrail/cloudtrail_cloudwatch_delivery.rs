//! See the documentation of the rule below.

use crate::model::text::Piece;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;
use crate::rules::{Check, Doubt};

const SERVICE: &str = "cloudtrail.amazonaws.com";

rule! {
    /// A trail that writes to CloudWatch Logs has everything that this takes.
    ///
    /// CloudTrail needs a log group and a role, both or neither. The ARN of the group must end in `:*` (`GetAtt Arn` in
    /// CloudFormation does, `logGroup.arn` in Pulumi does not). The role must trust `cloudtrail.amazonaws.com` and may
    /// `logs:CreateLogStream` and `logs:PutLogEvents` on the streams of the group. CloudTrail tries all that when the trail is
    /// created.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       CloudWatchLogsLogGroupArn: arn:aws:logs:eu-west-1:935871204466:log-group:audit:*
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Audit: {Type: AWS::Logs::LogGroup}
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Statement: [{Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: 'sts:AssumeRole'}]
    ///       Policies:
    ///         - PolicyName: write
    ///           PolicyDocument:
    ///             Statement: [{Effect: Allow, Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: !GetAtt Audit.Arn}]
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       CloudWatchLogsLogGroupArn: !GetAtt Audit.Arn
    ///       CloudWatchLogsRoleArn: !GetAtt Role.Arn
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Sending events to CloudWatch Logs" and "Role policy document for CloudTrail to use
    /// CloudWatch Logs for monitoring".
    {
        id: "cloudtrail-cloudwatch-delivery", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail"],
        aws_error: "InvalidCloudWatchLogsRoleArnException: Access denied. Check the permissions for your role.",
    }
    |check, trail| {
        let group = trail.get("CloudWatchLogsLogGroupArn");
        let role = trail.get("CloudWatchLogsRoleArn");
        if group.is_absent() && role.is_absent() {
            return;
        }
        let half = match (&group, &role) {
            (_, role) if role.is_absent() && group.is_present() => Some((&group, "a log group without a role: set CloudWatchLogsRoleArn")),
            (group, _) if group.is_absent() && role.is_present() => {
                Some((&role, "a role without a log group: set CloudWatchLogsLogGroupArn"))
            }
            _ => None,
        };
        if let Some((value, message)) = half {
            check
                .fail(value, format!("this trail names {message}"))
                .aws_error("InvalidParameterCombinationException: You must specify both CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn.");
            return;
        }
        judge_arn(check, trail, &group);
        judge_class(check, trail);
        judge_role(check, trail, &group);
    }
}

/// The ARN of the group ends in `:*`.
fn judge_arn<'s>(check: &Check<'s>, trail: Resource<'s>, group: &Value<'s>) {
    let text = match group.text() {
        Read::Known(text) => text,
        _ => {
            check.undetermined(group, group);
            return;
        }
    };
    let ends = match text.pieces().last() {
        Some(Piece::Literal(end)) => Tri::from(end.ends_with(":*")),
        // The name of a log group has no colon.
        Some(Piece::Symbol(Symbol::Name(_) | Symbol::Id(_) | Symbol::Pseudo(..))) => Tri::No,
        Some(Piece::Symbol(Symbol::Opaque(_))) | None => Tri::Unknown,
    };
    match ends {
        Tri::Yes => {}
        Tri::Unknown => {
            check.undetermined(group, group);
        }
        Tri::No => {
            let fix = match &text {
                Text::Literal(literal) => Fix::safe(
                    "append :* to the ARN of the log group",
                    vec![Edit::replace(trail, group, format!("{literal}:*"))],
                ),
                Text::Symbolic(_) => Fix::suggested("append :* to the ARN of the log group"),
            };
            check
                .fail(group, "the ARN of the log group must end in :*")
                .aws_error(
                    "InvalidCloudWatchLogsLogGroupArnException: CloudTrail cannot validate the specified log group ARN.",
                )
                .fix(fix);
        }
    }
}

/// Only groups of the standard class take metric and subscription filters, which is what a trail is sent there for.
/// Source: CloudWatch Logs User Guide, "Log classes".
fn judge_class<'s>(check: &Check<'s>, trail: Resource<'s>) {
    for edge in trail.follow(Rel::LogsTo) {
        let Some(group) = edge.target.resource() else { continue };
        let class = group.get("LogGroupClass");
        if let Some(doubt) = Doubt::of(&class) {
            check.undetermined(&edge.value, doubt.unknown);
        } else if let Read::Known(name) = class.literal()
            && name != "STANDARD"
        {
            check
                .fail(
                    &edge.value,
                    format!("{} is of the class {name}: no metric filter and no alarm can watch it", group.label()),
                )
                .severity(Severity::Low)
                .category(Category::Reliability)
                .no_aws_error()
                .related(group, &class, "is the class");
        }
    }
}

fn judge_role<'s>(check: &Check<'s>, trail: Resource<'s>, group: &Value<'s>) {
    for edge in trail.follow(Rel::AssumesRole) {
        let Some(role) = check.target(&edge) else { continue };
        match check.trusts(role, SERVICE, trail) {
            Answer::Allowed => {}
            Answer::Unknown(unknown) => {
                check.undetermined(&edge.value, unknown);
                continue;
            }
            Answer::Refused { explanation, .. } | Answer::Denied { explanation, .. } => {
                check
                    .fail(&edge.value, format!("{} does not trust {SERVICE}", role.label()))
                    .explain(explanation)
                    .aws_error("InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role.")
                    .related(role, role.get("AssumeRolePolicyDocument"), "has the trust policy");
                continue;
            }
        }
        let Some(stream) = stream_of(trail, group) else { continue };
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            match check.role_may(role, action, stream.clone()) {
                Answer::Allowed => continue,
                Answer::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                }
                Answer::Refused { explanation, .. } | Answer::Denied { explanation, .. } => {
                    check
                        .fail(&edge.value, format!("{} may not {action} on the log group of the trail", role.label()))
                        .explain(explanation)
                        .related(role, role, "is the role")
                        .fix(Fix::suggested(format!("allow {action} on the ARN of the log group with :* at its end")));
                }
            }
            break;
        }
    }
}

/// The log stream that CloudTrail writes to. `None` where the group is not known.
fn stream_of<'s>(trail: Resource<'s>, group: &Value<'s>) -> Option<Text<'s>> {
    let target = trail.follow(Rel::LogsTo).into_iter().next()?.target;
    let group = match target {
        Target::Resource(group) => group.arn_beside("logs", [Text::from("log-group:"), group.name()]),
        Target::Outside(_) => {
            let text = group.text().known()?;
            let literal = text.as_literal()?;
            Text::literal(literal.strip_suffix(":*").unwrap_or(literal).to_owned())
        }
        Target::Unknown(_) => return None,
    };
    Some(Text::concat([group, Text::from(":log-stream:"), trail.account(), Text::from("_CloudTrail_"), trail.region()]))
}
