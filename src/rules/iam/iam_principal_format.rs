//! See the documentation of the rule below.

use crate::graph::named;
use crate::iam::lint::ProblemKind;
use crate::iam::principal::PrincipalForm;
use crate::rules::Check;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

rule! {
    /// Principals are accounts, ARNs, services or providers in the form that AWS takes.
    ///
    /// A principal ARN has no wildcard in part of it, a service is `name.amazonaws.com`, an account has 12 digits; a
    /// group is no principal.
    ///
    /// Name the account, user, role or service in full; use a condition such as `aws:PrincipalArn` for patterns.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {AWS: 'arn:aws:iam::935871204466:role/*'}, Action: 'sts:AssumeRole'}
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
    /// Source: IAM User Guide, "AWS JSON policy elements: Principal".
    {
        id: "iam-principal-format", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Invalid principal in policy",
        cdk_builtin: true,
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::PrincipalFormat], (Category::Hygiene, Severity::Low), as_is);
        not_yet_there(check, resource);
    }
}

/// AWS looks a principal up when the policy is saved: a role of the same stack that is spelled out, not referred to, may not
/// exist by then.
fn not_yet_there<'s>(check: &Check<'s>, resource: Resource<'s>) {
    let stack = resource.stack();
    for document in check.documents(resource) {
        let entries = document.policy().statements.iter().filter_map(|statement| statement.principals.as_ref());
        for entry in entries.flat_map(|principals| &principals.entries) {
            if !matches!(entry.form, PrincipalForm::Arn) {
                continue;
            }
            let Some(named) = named(stack, &entry.text, &["AWS::IAM::Role", "AWS::IAM::User"]) else { continue };
            if named != resource && !resource.comes_after(named) {
                check
                    .fail(
                        document.place(entry.at),
                        format!("{} is spelled out here, and nothing makes it exist before this policy", named.label()),
                    )
                    .related(named, named, "is created in any order")
                    .fix(Fix::suggested("refer to it (Fn::GetAtt …Arn, role.arn), or add DependsOn"));
            }
        }
    }
}
