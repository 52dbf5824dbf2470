//! See the documentation of the rule below.

use crate::iam::policy::Effect;
use crate::rules::policies::POLICY_TYPES;

use crate::rules::prelude::*;

rule! {
    /// Allow is not combined with NotAction, NotResource or NotPrincipal.
    ///
    /// Such a statement allows everything but what it lists, including actions, resources and principals that do not
    /// exist yet. `Deny` with `NotPrincipal` is fragile: it must list every principal of the caller, its account and
    /// session.
    ///
    /// List what is allowed; deny the rest by `aws:PrincipalArn` conditions.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, NotAction: 'iam:*', Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, NotAction: 'iam:*', Resource: '*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: NotAction", "NotResource" and "NotPrincipal".
    {
        id: "iam-allow-with-not", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        on: POLICY_TYPES,
    }
    |check, resource| {
        for document in check.documents(resource) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            if document.policy().unknown.is_some() && document.policy().statements.is_empty() {
                check.undetermined(&document.value, Unknown::other("the statements are not known"));
                continue;
            }
            for statement in &document.policy().statements {
                let principals = statement.principals.as_ref().filter(|principals| principals.negated).map(|found| found.at);
                let actions = statement.actions.as_ref().filter(|actions| actions.negated).map(|found| found.at);
                let resources = statement.resources.as_ref().filter(|resources| resources.negated).map(|found| found.at);
                match statement.effect {
                    Effect::Allow => {
                        for (name, at) in [("NotPrincipal", principals), ("NotAction", actions), ("NotResource", resources)] {
                            if let Some(at) = at {
                                check.fail(document.place(at), format!("Allow with {name} allows everything but what is listed"));
                            }
                        }
                    }
                    Effect::Deny => {
                        if let Some(at) = principals {
                            check
                                .fail(document.place(at), "Deny with NotPrincipal spares only callers that it lists in every form")
                                .severity(Severity::Medium)
                                .fix(Fix::suggested("deny to everyone with a condition ArnNotLike on aws:PrincipalArn"));
                        }
                    }
                    Effect::Unclear => {}
                }
            }
        }
    }
}
