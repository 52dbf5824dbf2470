//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{mended, report};

rule! {
    /// A policy document follows the grammar that AWS accepts.
    ///
    /// AWS reads `Version`, `Id`, `Statement` and, in a statement, `Sid`, `Effect`, `Principal`, `Action`, `Resource`,
    /// `Condition` and their `Not` forms, and refuses anything else: a wrong case (`allow`), a missing `Action`, an
    /// empty list, a nested condition, a character beyond U+00FF.
    ///
    /// Write the elements as the grammar names them; that a text parses as JSON says nothing about it.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: allow, Action: 's3:GetObject', Resource: '*'}
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
    /// Source: IAM User Guide, "Grammar of the IAM JSON policy language".
    {
        id: "iam-policy-syntax", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Syntax errors in policy.",
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::Syntax, ProblemKind::Characters], (Category::Hygiene, Severity::Low), mended);
    }
}
