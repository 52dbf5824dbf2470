//! See the documentation of the rule below.

use crate::rules::Check;
use crate::rules::calls::service_call;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;

rule! {
    /// The dead-letter queue of a rule target takes messages from EventBridge.
    ///
    /// EventBridge puts events that it could not deliver into a standard queue of the same region whose policy lets
    /// `events.amazonaws.com` send. It does not check this: with a queue that refuses, the events are lost and only the metric
    /// `InvocationsFailedToBeSentToDLQ` tells. CDK's targets add the policy; plain resources and Pulumi programs must.
    ///
    /// Mend it with a queue policy for `events.amazonaws.com`, scoped to the rule by `aws:SourceArn`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Dead: {Type: AWS::SQS::Queue}
    ///   Topic: {Type: AWS::SNS::Topic}
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       EventPattern: {source: [acme.orders]}
    ///       Targets: [{Id: t, Arn: !Ref Topic, DeadLetterConfig: {Arn: !GetAtt Dead.Arn}}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Dead: {Type: AWS::SQS::Queue}
    ///   Topic: {Type: AWS::SNS::Topic}
    ///   Policy:
    ///     Type: AWS::SQS::QueuePolicy
    ///     Properties:
    ///       Queues: [!Ref Dead]
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {Service: events.amazonaws.com}
    ///             Action: sqs:SendMessage
    ///             Resource: !GetAtt Dead.Arn
    ///             Condition: {ArnEquals: {'aws:SourceArn': !GetAtt Rule.Arn}}
    ///   Rule:
    ///     Type: AWS::Events::Rule
    ///     Properties:
    ///       EventPattern: {source: [acme.orders]}
    ///       Targets: [{Id: t, Arn: !Ref Topic, DeadLetterConfig: {Arn: !GetAtt Dead.Arn}}]
    /// ```
    ///
    /// Source: Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events".
    {
        id: "events-dlq-queue", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::Events::Rule", crate::graph::EVENT_TARGET],
    }
    |check, source| {
        for edge in source.follow(Rel::DeadLetters) {
            match edge.target {
                Target::Resource(queue) => judge(check, source, queue, &edge.value),
                Target::Outside(text) => outside(check, source, &edge.value, &text),
                Target::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                }
            }
        }
    }
}

fn outside<'s>(check: &Check<'s>, source: Resource<'s>, value: &Value<'s>, text: &Text<'s>) {
    // An ARN that is written out says what it names.
    if let Some(arn) = text.as_literal().filter(|arn| arn.starts_with("arn:")) {
        let fields: Vec<&str> = arn.split(':').collect();
        if fields.len() >= 6 && fields[2] != "sqs" {
            check
                .fail(value, format!("a dead-letter queue is an SQS queue, not a resource of {}", fields[2]))
                .category(Category::DeployFailure)
                .aws_error(format!("ValidationException: {arn} is not supported as a dead letter resource"));
            return;
        }
        if fields.len() == 6 && fields[5].ends_with(".fifo") {
            fifo(check, value);
            return;
        }
        if let (Some(region), Some(field)) = (source.region().as_literal(), fields.get(3))
            && !field.is_empty()
            && *field != region
        {
            check.fail(value, format!("the dead-letter queue is in {field}, the rule in {region}: EventBridge takes queues of its own region only"));
            return;
        }
    }
    check.undetermined(value, Unknown::new(Why::Outside(text.to_string())));
}

fn fifo(check: &Check<'_>, value: &Value<'_>) {
    check
        .fail(value, "a FIFO queue cannot be the dead-letter queue of a rule target")
        .fix(Fix::suggested("use a standard queue"));
}

fn judge<'s>(check: &Check<'s>, source: Resource<'s>, queue: Resource<'s>, value: &Value<'s>) {
    let is_fifo = queue.get("FifoQueue");
    match is_fifo.boolean() {
        Read::Known(true) => return fifo(check, value),
        Read::Unknown(unknown) => {
            check.undetermined(value, unknown);
            return;
        }
        _ => {}
    }
    let target = value_target(source);
    if target.contains(&queue) && source.is(crate::graph::EVENT_TARGET) {
        check.fail(value, format!("{} is both the target and its dead-letter queue", queue.label()));
        return;
    }
    let rule = rule_of(source);
    let arn = rule.and_then(Resource::arn);
    let guard = check.guard(queue);
    let resource = queue.arn().unwrap_or_else(|| queue.reference());
    let request = service_call("events.amazonaws.com", "sqs:SendMessage", resource.clone(), queue, source, arn);
    match guard.ask(&request) {
        Answer::Allowed => {}
        Answer::Unknown(unknown) => {
            check.undetermined(value, unknown);
        }
        Answer::Refused { explanation, .. } => {
            let finding = check
                .fail(
                    value,
                    format!("no policy of {} lets EventBridge send to it: undelivered events are lost", queue.label()),
                )
                .explain(explanation);
            match guard.documents.first() {
                Some(document) => {
                    let list = document.value.document().get("Statement");
                    let statement = serde_json::json!({
                        "Effect": "Allow",
                        "Principal": { "Service": "events.amazonaws.com" },
                        "Action": "sqs:SendMessage",
                        "Resource": { "Fn::GetAtt": [queue.logical_id(), "Arn"] },
                        "Condition": { "ArnEquals": { "aws:SourceArn": { "Fn::GetAtt": [source.logical_id(), "Arn"] } } }
                    });
                    let edits = if source.is_pulumi() {
                        Vec::new()
                    } else {
                        vec![Edit::append(document.holder, &list, statement)]
                    };
                    finding.related(document.holder, &document.value, "is the policy of the queue").fix(Fix::safe(
                        "add a statement that lets events.amazonaws.com call sqs:SendMessage for this rule",
                        edits,
                    ));
                }
                None => {
                    finding.fix(Fix::suggested(
                        "add an AWS::SQS::QueuePolicy that lets events.amazonaws.com call sqs:SendMessage for this rule",
                    ));
                }
            }
        }
        Answer::Denied { explanation, statement } => {
            let finding = check
                .fail(value, format!("the policy of {} denies EventBridge to send to it", queue.label()))
                .explain(explanation);
            if let (Some(place), Some(document)) = (statement, guard.documents.first()) {
                finding.related(document.holder, place, "denies it");
            }
        }
    }
}

/// The rule that a target belongs to; a rule with its targets inside is its own.
pub(super) fn rule_of(source: Resource<'_>) -> Option<Resource<'_>> {
    if source.is("AWS::Events::Rule") {
        return Some(source);
    }
    source.follow(Rel::Listens).into_iter().find_map(|edge| edge.target.resource())
}

fn value_target(source: Resource<'_>) -> Vec<Resource<'_>> {
    source.follow(Rel::Targets).into_iter().filter_map(|edge| edge.target.resource()).collect()
}
