//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::report;

rule! {
    /// A policy document names a version of the language that its policy type allows.
    ///
    /// The versions are `2012-10-17` and `2008-10-17`; a managed policy must have the newer one. Without a version AWS
    /// reads the old language, where `${aws:username}` is no variable but these characters.
    ///
    /// Write `Version: '2012-10-17'`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-18'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::data-1/*'}
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
    /// Source: IAM User Guide, "IAM JSON policy elements: Version".
    {
        id: "iam-policy-version", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater.",
        cdk_builtin: true,
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::Version, ProblemKind::LiteralVariable], (Category::Security, Severity::High), |finding, document, problem| match problem.kind {
            ProblemKind::Version => {
                let version = document.value.document().get("Version");
                let edit = Edit::replace(document.holder, &version, "2012-10-17");
                let finding = match problem.refused {
                    true => finding,
                    false => finding.category(Category::Hygiene).severity(Severity::Low),
                };
                finding.fix(Fix::safe("set Version to 2012-10-17", vec![edit]))
            }
            _ => finding,
        });
    }
}
