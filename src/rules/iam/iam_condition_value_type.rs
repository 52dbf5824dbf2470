//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

rule! {
    /// Condition values have the type of their operator.
    ///
    /// `Bool` and `Null` take true or false, `Numeric…` a number, `Arn…` an ARN, `IpAddress` an address or CIDR block,
    /// `BinaryEquals` base64.
    ///
    /// Write a value of that type; `10.*` is `10.0.0.0/8`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {IpAddress: {'aws:SourceIp': 300.1.1.1}}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {IpAddress: {'aws:SourceIp': 198.51.100.0/24}}}
    /// ```
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
    {
        id: "iam-condition-value-type", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: The policy failed legacy parsing",
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::ValueType, ProblemKind::HostBits], (Category::Hygiene, Severity::Low), as_is);
    }
}
