//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

rule! {
    /// Policies of resources and roles name a principal, policies of identities do not.
    ///
    /// An identity policy belongs to whom it is attached to and must not name a principal; a resource or trust policy
    /// must name one in every statement.
    ///
    /// Move the statement to a policy of the right kind, or add or drop the principal.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}
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
    /// Source: IAM User Guide, "AWS JSON policy elements: Principal".
    {
        id: "iam-principal-placement", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Policy document should not specify a principal.",
        cdk_builtin: true,
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::PrincipalPlacement], (Category::Hygiene, Severity::Low), as_is);
    }
}
