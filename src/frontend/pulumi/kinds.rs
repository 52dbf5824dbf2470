//! Kinds of our own, for Pulumi resources that CloudFormation has only as a part of another resource.

/// `aws:cloudwatch/eventTarget:EventTarget`: `Rule` and `EventBusName` (names), and the properties of an element of
/// `AWS::Events::Rule.Targets` (`Id`, `Arn`, `RoleArn`, `Input`, `DeadLetterConfig`, `RetryPolicy`, …).
pub const EVENT_TARGET: &str = "Stackproof::Events::Target";

/// `aws:iam/rolePolicyAttachment` and its like: `PolicyArn`, and lists of names under `Roles`, `Users` or `Groups`.
pub const POLICY_ATTACHMENT: &str = "Stackproof::IAM::Attachment";
