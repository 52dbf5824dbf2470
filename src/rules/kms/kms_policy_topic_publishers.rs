//! See the documentation of the rule below.

use crate::graph::EVENT_TARGET;
use crate::iam::condition::KeyState;
use crate::rules::prelude::*;

use super::service_use::{KeyOf, MESSAGE_ACTIONS, Need, documented, has_role, key_of, report, source_arn};

rule! {
    /// The key of an encrypted topic must let the services that publish to it use it.
    ///
    /// CloudWatch alarms, EventBridge, S3, CloudTrail, Budgets and Backup publish as service principals. They need
    /// `kms:Decrypt` and `kms:GenerateDataKey*` in the key policy; without them messages are lost in silence, and S3
    /// refuses the notification. The policy of `alias/aws/sns` cannot be changed, so none of them can ever publish to a
    /// topic with it.
    ///
    /// Mend it with a customer managed key whose policy names the service.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties: {KmsMasterKeyId: alias/aws/sns}
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {ComparisonOperator: GreaterThanThreshold, EvaluationPeriods: 1, AlarmActions: [!Ref Topic]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties: {KmsMasterKeyId: !Ref Key}
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
    ///           - {Effect: Allow, Principal: {Service: cloudwatch.amazonaws.com}, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*'}
    ///   Alarm:
    ///     Type: AWS::CloudWatch::Alarm
    ///     Properties: {ComparisonOperator: GreaterThanThreshold, EvaluationPeriods: 1, AlarmActions: [!Ref Topic]}
    /// ```
    ///
    /// Source: SNS Developer Guide, "Enable compatibility between event sources from AWS services and encrypted
    /// topics".
    {
        id: "kms-policy-topic-publishers", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::SNS::Topic"],
    }
    |check, topic| {
        let mut edges = topic.follow(Rel::EncryptedBy);
        // An empty text is no key.
        edges.retain(|edge| edge.value.literal() != Read::Known("".into()));
        let Some(edge) = edges.pop() else {
            // A key that may or may not be there decides nothing by itself.
            return;
        };
        let publishers = publishers(topic);
        let Some(first) = publishers.first() else { return };
        let key = match key_of(&edge) {
            KeyOf::Key(key) => key,
            KeyOf::Managed => {
                let titles = publishers.iter().map(|(need, _)| need.title).collect::<Vec<_>>();
                let finding = check
                    .fail(
                        &edge.value,
                        format!("{} cannot publish to a topic that is encrypted with a key of AWS", list(&titles)),
                    )
                    .related(first.1, first.1, "publishes to it")
                    .fix(Fix::suggested("encrypt with a customer managed key whose policy names the service"));
                if publishers.iter().any(|(_, from)| from.is("AWS::S3::Bucket")) {
                    refused(finding);
                }
                return;
            }
            KeyOf::Unknown(unknown) => {
                check.undetermined(&edge.value, unknown);
                return;
            }
        };
        for (need, from) in publishers {
            let service = need.services.first().and_then(|text| text.as_literal()).unwrap_or_default().to_owned();
            let actions = ["kms:Decrypt", "kms:GenerateDataKey*"];
            let statement = || documented("AllowPublisher", &service, &actions);
            if let Some(finding) = report(check, &edge.value, key, &need, Some(statement)) {
                let finding = finding.related(from, from, "publishes to the topic");
                if from.is("AWS::S3::Bucket") {
                    refused(finding);
                }
            }
        }
    }
}

/// S3 sends a test message when the notification is set, and refuses the configuration where that fails.
fn refused(finding: crate::rules::Finding<'_>) {
    finding
        .category(Category::DeployFailure)
        .aws_error("InvalidArgument: Unable to validate the following destination configurations");
}

fn list(titles: &[&str]) -> String {
    let mut titles = titles.to_vec();
    titles.sort_unstable();
    titles.dedup();
    match titles.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => titles.concat(),
    }
}

/// What publishes to a topic, one of each service and source.
fn publishers<'s>(topic: Resource<'s>) -> Vec<(Need<'s>, Resource<'s>)> {
    let mut found: Vec<(Need<'s>, Resource<'s>)> = Vec::new();
    let mut add = |service: &'static str, title: &'static str, from: Resource<'s>| {
        if !found.iter().any(|(_, known)| *known == from) {
            let context = topic.arn().map_or(KeyState::Present, |arn| KeyState::Values(vec![arn]));
            let mut need = Need::new(service, title, MESSAGE_ACTIONS, from)
                .context("kms:EncryptionContext:aws:sns:topicArn", context);
            need.source = source_arn(from);
            found.push((need, from));
        }
    };
    for edge in topic.followed_by(Rel::AlarmAction).edges {
        add("cloudwatch.amazonaws.com", "CloudWatch alarms", edge.from);
    }
    for edge in topic.followed_by(Rel::Targets).edges {
        let direct = edge.from.is("AWS::Events::Rule") || edge.from.is(EVENT_TARGET);
        if direct && !has_role(&edge) {
            add("events.amazonaws.com", "EventBridge", edge.from);
        }
    }
    for edge in topic.followed_by(Rel::Notifies).edges {
        match edge.from.kind() {
            "AWS::S3::Bucket" => add("s3.amazonaws.com", "S3 notifications", edge.from),
            "AWS::CloudTrail::Trail" => add("cloudtrail.amazonaws.com", "CloudTrail", edge.from),
            "AWS::Budgets::Budget" => add("budgets.amazonaws.com", "Budgets", edge.from),
            "AWS::CodeStarNotifications::NotificationRule" => {
                add("codestar-notifications.amazonaws.com", "CodeStar notifications", edge.from);
            }
            "AWS::Backup::BackupVault" => add("backup.amazonaws.com", "AWS Backup", edge.from),
            _ => {}
        }
    }
    found
}
