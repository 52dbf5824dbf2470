//! See the documentation of the rule below.

use crate::iam::condition::KeyState;
use crate::rules::prelude::*;

use super::service_use::{KeyOf, Need, Verdict, judge, key_of, late_policy, report};

/// The calls that CloudWatch Logs makes on the key of a log group. `kms:DescribeKey` carries no encryption context, so AWS's
/// own documented statement does not allow it and it does not decide.
/// Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
const CALLS: &[&str] = &["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];

rule! {
    /// A log group's KMS key must let CloudWatch Logs use it.
    ///
    /// CloudWatch Logs encrypts with the key as the service principal `logs.<region>.amazonaws.com`, with the ARN of
    /// the log group as encryption context. Delegation to the account (`root`) does not cover a service: the key policy
    /// itself must name it. Otherwise creating the log group fails.
    ///
    /// Mend it with a statement for the service in the key policy, scoped by `kms:EncryptionContext:aws:logs:arn`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}
    ///             Action: kms:*
    ///             Resource: '*'
    ///   Logs:
    ///     Type: AWS::Logs::LogGroup
    ///     Properties: {KmsKeyId: !GetAtt Key.Arn}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}
    ///             Action: kms:*
    ///             Resource: '*'
    ///           - Effect: Allow
    ///             Principal: {Service: !Sub 'logs.${AWS::Region}.amazonaws.com'}
    ///             Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*']
    ///             Resource: '*'
    ///             Condition:
    ///               ArnLike: {'kms:EncryptionContext:aws:logs:arn': !Sub 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*'}
    ///   Logs:
    ///     Type: AWS::Logs::LogGroup
    ///     Properties: {KmsKeyId: !GetAtt Key.Arn}
    /// ```
    ///
    /// Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    {
        id: "kms-policy-cloudwatch-logs", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::Logs::LogGroup"],
        aws_error: "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn",
    }
    |check, group| {
        for edge in group.follow(Rel::EncryptedBy) {
            let key = match key_of(&edge) {
                KeyOf::Key(key) => key,
                KeyOf::Managed => {
                    check
                        .fail(&edge.value, "CloudWatch Logs cannot use a key of AWS, only a customer managed one")
                        .fix(Fix::suggested("name a customer managed key by its ARN, or leave the property out"));
                    continue;
                }
                KeyOf::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    continue;
                }
            };
            let arn = log_group_arn(group);
            // Both spellings of the principal work; the regional one is what AWS documents.
            let regional = Text::concat([Text::from("logs."), group.region(), Text::from(".amazonaws.com")]);
            let need = Need {
                services: vec![regional, Text::from("logs.amazonaws.com")],
                source: Some(arn.clone()),
                ..Need::new("logs.amazonaws.com", "CloudWatch Logs", CALLS, group)
            }
            .context("kms:EncryptionContext:aws:logs:arn", KeyState::Values(vec![arn]));
            if let Some(policy) = late_policy(key, group)
                && matches!(judge(check, key, &need), Verdict::Allowed)
            {
                // Without it the key has the default policy, which lets no service in.
                check
                    .fail(&edge.value, format!("the log group may be created before {}, the policy of its key", policy.label()))
                    .severity(Severity::High)
                    .category(Category::Reliability)
                    .related(policy, policy, "must exist first")
                    .fix(Fix::suggested(format!("give the log group the option dependsOn: [{}]", policy.label())));
                continue;
            }
            report(check, &edge.value, key, &need, Some(statement));
        }
    }
}

/// The ARN that CloudWatch Logs puts into the encryption context: without the trailing `:*`.
fn log_group_arn<'s>(group: Resource<'s>) -> Text<'s> {
    group.arn_beside("logs", [Text::from("log-group:"), group.name()])
}

fn statement() -> serde_json::Value {
    serde_json::json!({
        "Sid": "AllowCloudWatchLogs",
        "Effect": "Allow",
        "Principal": { "Service": { "Fn::Sub": "logs.${AWS::Region}.amazonaws.com" } },
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": { "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": { "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*" }
        } }
    })
}
