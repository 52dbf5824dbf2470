//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

rule! {
    /// Condition operators are among those that IAM has.
    ///
    /// The set of operators is closed; `ForAllValues:` or `ForAnyValue:` may stand before one and `IfExists` after any
    /// but `Null`.
    ///
    /// Use the nearest operator; a range of dates or numbers is two operators.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {StringMatches: {'aws:PrincipalTag/team': a}}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {StringLike: {'aws:PrincipalTag/team': a*}}}
    /// ```
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
    {
        id: "iam-condition-operator", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Syntax errors in policy.",
        cdk_builtin: true,
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::ConditionOperator], (Category::Hygiene, Severity::Low), as_is);
    }
}
