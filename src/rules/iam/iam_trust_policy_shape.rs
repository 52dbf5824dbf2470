//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{mended, report};

rule! {
    /// A role's trust policy has STS actions and no resource.
    ///
    /// A trust policy answers who may assume this role: it names no `Resource`, and only the actions of STS that assume
    /// roles. Web identities and SAML have actions of their own.
    ///
    /// Drop `Resource`; write `sts:AssumeRole`, or `sts:AssumeRoleWithWebIdentity` for an OIDC provider.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole', Resource: '*'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
    /// ```
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Resource" and AWS STS API Reference.
    {
        id: "iam-trust-policy-shape", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Has prohibited field Resource",
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::TrustShape], (Category::Security, Severity::Medium), mended);
    }
}
