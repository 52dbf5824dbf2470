//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

rule! {
    /// Actions are `*` or `service:Name`.
    ///
    /// An action has one colon; the service before it has no wildcard, the name after it has letters, digits, `*` and
    /// `?`.
    ///
    /// Write the service prefix, such as `s3:GetObject`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: GetObject, Resource: '*'}
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
    /// Source: IAM User Guide, "IAM JSON policy elements: Action".
    {
        id: "iam-action-format", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        cdk_builtin: true,
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::Action], (Category::Hygiene, Severity::Low), as_is);
    }
}
