//! See the documentation of the rule below.

use crate::rules::calls::service_call;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;

const SERVICE: &str = "cloudwatch.amazonaws.com";

rule! {
    /// The topic of an alarm lets CloudWatch publish.
    ///
    /// The policy that a topic has by default admits the alarms of its account. A policy of your own replaces it: it must allow
    /// `cloudwatch.amazonaws.com` to `sns:Publish`, or keep the default statement. Otherwise the alarm goes off and nobody
    /// hears of it. Alarms only take topics of their own region.
    ///
    /// ```yaml fails
    /// Resources:
    ///   News: {Type: AWS::SNS::Topic}
    ///   NewsPolicy:
    ///     Type: AWS::SNS::TopicPolicy
    ///     Properties:
    ///       Topics: [!Ref News]
    ///       PolicyDocument:
    ///         Statement: [{Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: 'sns:Publish', Resource: !Ref News}]
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold, AlarmActions: [!Ref News]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   News: {Type: AWS::SNS::Topic}
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold, AlarmActions: [!Ref News]}
    /// ```
    ///
    /// Source: CloudWatch User Guide, "Notifying users on alarm changes"; SNS Developer Guide, "Allow CloudWatch alarms to
    /// publish to a topic".
    {
        id: "alarm-topic-policy", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"],
    }
    |check, alarm| {
        let mut seen = Vec::new();
        for edge in alarm.follow(Rel::AlarmAction) {
            let topic = match edge.target {
                Target::Resource(topic) if topic.is("AWS::SNS::Topic") => topic,
                Target::Resource(_) => continue,
                Target::Outside(text) => {
                    let shown = text.to_string();
                    let fields = text.arn_fields();
                    let field = |index: usize| fields.as_ref().and_then(|fields| fields[index].as_literal());
                    if field(2).is_some_and(|service| service != "sns") {
                        continue;
                    }
                    if let (Some(region), Some(own)) = (field(3), alarm.region().as_literal())
                        && region != own
                    {
                        elsewhere(check, &edge.value, region, own);
                        continue;
                    }
                    check.undetermined(&edge.value, Unknown::new(Why::Outside(shown)));
                    continue;
                }
                Target::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    continue;
                }
            };
            if seen.contains(&topic.id()) {
                continue;
            }
            seen.push(topic.id());
            if let (Some(region), Some(own)) = (topic.region().as_literal(), alarm.region().as_literal())
                && region != own
            {
                elsewhere(check, &edge.value, region, own);
                continue;
            }
            let guard = check.guard(topic);
            if guard.documents.is_empty() && guard.unknown.is_none() {
                continue;
            }
            let arn = topic.arn().unwrap_or_else(|| topic.reference());
            // The owner of the source is a key of SNS's own, which its default policy asks for.
            let call = service_call(SERVICE, "sns:Publish", arn, topic, alarm, alarm.arn())
                .with("aws:SourceOwner", alarm.account());
            match guard.ask(&call) {
                Answer::Allowed => {}
                Answer::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                }
                Answer::Denied { explanation, statement } => {
                    let finding = check
                        .fail(&edge.value, format!("the policy of {} denies alarms to publish", topic.label()))
                        .explain(explanation);
                    if let (Some(place), Some(document)) = (statement, guard.documents.first()) {
                        finding.related(document.holder, place, "denies it");
                    }
                }
                Answer::Refused { explanation, .. } => {
                    let finding = check
                        .fail(&edge.value, format!("the policy of {} does not let alarms publish", topic.label()))
                        .explain(explanation);
                    let Some(document) = guard.documents.first() else { continue };
                    let finding = finding.related(document.holder, &document.value, "replaces the default policy");
                    let text = format!("let {SERVICE} publish to {}", topic.label());
                    let list = document.value.document().get("Statement");
                    if document.holder.is_pulumi() || !matches!(list.items(), Read::Known(_)) {
                        finding.fix(Fix::suggested(text));
                        continue;
                    }
                    let statement = serde_json::json!({
                        "Effect": "Allow",
                        "Principal": {"Service": SERVICE},
                        "Action": "sns:Publish",
                        "Resource": {"Ref": topic.logical_id()},
                        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                    });
                    finding.fix(Fix::safe(text, vec![Edit::append(document.holder, &list, statement)]));
                }
            }
        }
    }
}

fn elsewhere(check: &crate::rules::Check<'_>, value: &Value<'_>, region: &str, own: &str) {
    check
        .fail(
            value,
            format!("the topic is in {region}, the alarm in {own}: alarms only take topics of their own region"),
        )
        .category(Category::DeployFailure)
        .aws_error(format!("ValidationError: Invalid region {region} specified. Only {own} is supported."));
}
