//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

const PERMISSION: &str = "AWS::Lambda::Permission";

const TYPES: [&str; POLICY_TYPES.len() + 1] = {
    let mut types = [PERMISSION; POLICY_TYPES.len() + 1];
    let mut index = 0;
    while index < POLICY_TYPES.len() {
        types[index] = POLICY_TYPES[index];
        index += 1;
    }
    types
};

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
    /// Source: IAM User Guide, "IAM JSON policy elements: Action"; Lambda API Reference, `AddPermission`.
    {
        id: "iam-action-format", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: TYPES,
        aws_error: "MalformedPolicyDocument: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        cdk_builtin: true,
    }
    |check, resource| {
        if resource.is(PERMISSION) {
            permission(check, &resource.get("Action"));
            return;
        }
        report(check, resource, &[ProblemKind::Action], (Category::Hygiene, Severity::Low), as_is);
    }
}

/// The action of a permission on a function: `lambda:` and a name, or `*`.
fn permission<'s>(check: &crate::rules::Check<'s>, action: &Value<'s>) {
    let Read::Known(text) = action.literal() else { return };
    let name = text.get(..7).filter(|start| start.eq_ignore_ascii_case("lambda:")).map(|_| &text[7..]);
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'*');
    if text != "*" && !name.is_some_and(is_name) {
        check
            .fail(action, format!("\"{text}\" is no action of Lambda: write lambda:InvokeFunction"))
            .aws_error("ValidationException: Value at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
    }
}
