//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::iam::policy::{Effect, Version};
use crate::iam::principal::PrincipalForm;
use crate::lang::account_id::is_account_id;
use crate::rules::Check;
use crate::rules::prelude::*;
use crate::rules::statements::names_everyone;

use super::syntax::{mended, report};

rule! {
    /// Policies of an organisation are in the form that Organizations takes.
    ///
    /// A service control policy has at most 5120 characters, names no principal, and says its version; a resource
    /// control policy denies only, for the principal `*`. Targets are roots, organisational units or accounts.
    ///
    /// Mend what is named; put principals into conditions on `aws:PrincipalArn`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Guardrail:
    ///     Type: AWS::Organizations::Policy
    ///     Properties:
    ///       Name: guardrail
    ///       Type: SERVICE_CONTROL_POLICY
    ///       Content:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Principal: '*', Action: 'cloudtrail:StopLogging', Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Guardrail:
    ///     Type: AWS::Organizations::Policy
    ///     Properties:
    ///       Name: guardrail
    ///       Type: SERVICE_CONTROL_POLICY
    ///       Content:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Action: 'cloudtrail:StopLogging', Resource: '*'}]
    /// ```
    ///
    /// Source: Organizations User Guide, "SCP syntax", "RCP syntax" and "Quotas".
    {
        id: "iam-scp-syntax", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: ["AWS::Organizations::Policy"],
        aws_error: "MalformedPolicyDocumentException: The provided policy document does not meet the requirements of the specified policy type.",
    }
    |check, resource| {
        let kind = resource.get("Type");
        let resource_control = match kind.literal() {
            Read::Known(text) if text == "SERVICE_CONTROL_POLICY" => false,
            Read::Known(text) if text == "RESOURCE_CONTROL_POLICY" => true,
            // What the provider of Pulumi takes where nothing is said.
            Read::Absent if resource.is_pulumi() => false,
            Read::Unknown(unknown) => {
                check.undetermined(&kind, unknown);
                return;
            }
            _ => return,
        };
        targets(check, resource);
        // The elements have the grammar of IAM; what is said of principals and versions is said below.
        let kinds = [
            ProblemKind::Syntax,
            ProblemKind::Sid,
            ProblemKind::Action,
            ProblemKind::ResourceArn,
            ProblemKind::ConditionOperator,
            ProblemKind::DateValue,
            ProblemKind::ValueType,
        ];
        report(check, resource, &kinds, (Category::Hygiene, Severity::Low), mended);
        for document in check.documents(resource) {
            if document.unknown().is_some() {
                continue;
            }
            let policy = document.policy();
            if matches!(policy.version, Version::Absent | Version::V2008) {
                let place = policy.version_at.map_or(document.value.place(), |at| document.place(at));
                check.fail(place, "a policy of an organisation says Version 2012-10-17");
            }
            // A text counts as it is written; an object at least as compact JSON.
            let length = match document.value.literal() {
                Read::Known(text) => text.chars().count(),
                _ => document.size(),
            };
            if length > 5120 {
                check
                    .fail(
                        &document.value,
                        format!("the policy is {length} characters long, and Organizations takes 5120"),
                    )
                    .aws_error("ConstraintViolationException: POLICY_CONTENT_LIMIT_EXCEEDED");
            }
            for (index, statement) in policy.statements.iter().enumerate() {
                let name = policy.statement_name(index);
                match (&statement.principals, resource_control) {
                    (Some(principals), false) => {
                        check
                            .fail(
                                document.place(principals.at),
                                format!("{name} names principals, which a service control policy cannot"),
                            )
                            .fix(Fix::suggested("use a condition on aws:PrincipalArn"));
                    }
                    (Some(principals), true)
                        if principals.negated
                            || principals
                                .entries
                                .iter()
                                .any(|entry| !matches!(entry.form, PrincipalForm::Everyone | PrincipalForm::Open)) =>
                    {
                        check.fail(
                            document.place(principals.at),
                            format!("{name} names principals; a resource control policy is for *"),
                        );
                    }
                    (Some(principals), true) if !names_everyone(principals).is_yes() => {
                        check.leave_open(document.doubt_about(statement, Tri::Unknown));
                    }
                    (None, true) if statement.unknown.is_none() => {
                        check.fail(
                            document.place(statement.at),
                            format!("{name} lacks the principal *, which a resource control policy has"),
                        );
                    }
                    _ => {}
                }
            }
            for (index, statement, doubt) in document.statements(Effect::Allow).filter(|_| resource_control) {
                check.in_doubt(doubt, || {
                    let name = policy.statement_name(index);
                    check.fail(
                        document.place(statement.at),
                        format!("{name} allows; a resource control policy only denies"),
                    );
                });
            }
        }
    }
}

fn targets<'s>(check: &Check<'s>, resource: Resource<'s>) {
    for target in resource.get("TargetIds").items().known().unwrap_or_default() {
        let Read::Known(text) = target.literal() else { continue };
        let lower = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let valid = is_account_id(&text)
            || text.strip_prefix("r-").is_some_and(|id| (4..=32).contains(&id.len()) && lower(id))
            || text.strip_prefix("ou-").and_then(|id| id.split_once('-')).is_some_and(|(root, unit)| {
                (4..=32).contains(&root.len()) && (8..=32).contains(&unit.len()) && lower(root) && lower(unit)
            });
        if !valid {
            check
                .fail(&target, "a target is a root (r-…), an organisational unit (ou-…) or the 12 digits of an account")
                .aws_error("InvalidInputException: You provided a value that does not match the required pattern.");
        }
    }
}
