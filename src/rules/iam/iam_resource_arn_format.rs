//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

rule! {
    /// Resources of a policy are `*` or ARNs.
    ///
    /// AWS splits the ARN at its colons and checks the partition, the service, the account and whether the service has
    /// regions. A text that was glued together wrongly fails here: `Partition "1" is not valid for resource` is what
    /// AWS says about a Pulumi output that became a string.
    ///
    /// Take the ARN from the resource (`Fn::GetAtt`, `.arn`), not from pieces of text.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: 'data-1/*'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::data-1/*'}
    /// ```
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Resource"; for accounts, what users report of IAM's answer
    /// (github.com/ryanto/next-s3-upload/issues/58).
    {
        id: "iam-resource-arn-format", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Resource must be in ARN format or \"*\".",
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::ResourceArn], (Category::Hygiene, Severity::Low), as_is);
    }
}
