//! See the documentation of the rule below.

use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;

/// The calls that CloudWatch Logs makes on the key of a log group. `kms:DescribeKey` carries no encryption context, so AWS's
/// own documented statement does not allow it and it does not decide.
/// Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
const CALLS: &[&str] = &["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];

rule! {
    /// A log group's KMS key must let CloudWatch Logs use it.
    ///
    /// CloudWatch Logs encrypts with the key as the service principal `logs.<region>.amazonaws.com`, with the ARN of the log
    /// group as encryption context. Delegation to the account (`root`) does not cover a service: the key policy itself must
    /// name it. Otherwise creating the log group fails.
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
            let key = match edge.target {
                Target::Resource(key) => key,
                Target::Outside(text) => {
                    check.undetermined(&edge.value, Unknown::new(Why::Outside(text.to_string())));
                    continue;
                }
                Target::Unknown(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    continue;
                }
            };
            let guard = check.guard(key);
            for action in CALLS {
                // Both spellings of the principal work; the regional one is what AWS documents.
                let regional = Text::concat([Text::from("logs."), group.region(), Text::from(".amazonaws.com")]);
                let answers = [regional, Text::from("logs.amazonaws.com")].map(|service| {
                    let request = Request::new(Principal::service(service), *action, key.arn().unwrap_or_else(|| Text::from("*")))
                        .in_account(key.account())
                        .with("kms:EncryptionContext:aws:logs:arn", log_group_arn(group))
                        .with("aws:SourceAccount", group.account())
                        .with("aws:SourceArn", log_group_arn(group));
                    guard.ask(&request)
                });
                let [regional, global] = answers;
                match (regional, global) {
                    (Answer::Denied { explanation, statement }, _) => {
                        let finding = check
                            .fail(&edge.value, format!("the policy of {} denies CloudWatch Logs the use of the key", key.label()))
                            .explain(explanation);
                        if let Some(place) = statement {
                            finding.related(key, place, "denies it");
                        }
                        break;
                    }
                    (Answer::Allowed { .. }, _) | (_, Answer::Allowed { .. }) => {}
                    (Answer::Unknown(unknown), _) | (_, Answer::Unknown(unknown)) => {
                        check.undetermined(&edge.value, unknown);
                        break;
                    }
                    (Answer::Refused { explanation }, _) => {
                        check
                            .fail(
                                &edge.value,
                                format!("the policy of {} does not let CloudWatch Logs use the key ({action})", key.label()),
                            )
                            .explain(explanation)
                            .related(key, key.get("KeyPolicy"), "has the key policy")
                            .fix(statement_fix(key));
                        break;
                    }
                }
            }
        }
    }
}

/// The ARN that CloudWatch Logs puts into the encryption context: without the trailing `:*`.
fn log_group_arn<'s>(group: Resource<'s>) -> Text<'s> {
    Text::concat([
        Text::from("arn:"),
        group.partition(),
        Text::from(":logs:"),
        group.region(),
        Text::from(":"),
        group.account(),
        Text::from(":log-group:"),
        group.name(),
    ])
}

fn statement_fix(key: Resource<'_>) -> Fix {
    let statement = serde_json::json!({
        "Sid": "AllowCloudWatchLogs",
        "Effect": "Allow",
        "Principal": { "Service": { "Fn::Sub": "logs.${AWS::Region}.amazonaws.com" } },
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": { "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": { "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*" }
        } }
    });
    let list = key.get("KeyPolicy.Statement");
    let edits =
        if list.is_present() && !list.is_unknown() { vec![Edit::append(key, &list, statement)] } else { Vec::new() };
    Fix::safe("let CloudWatch Logs use the key: add a statement for logs.<region>.amazonaws.com to its policy", edits)
}
