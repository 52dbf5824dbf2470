//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::principal::PrincipalForm;
use crate::rules::prelude::*;
use crate::rules::statements::{allows, covers_action, is_a_demand, limits_callers, names_everyone};

rule! {
    /// The trust policy of a role is not open to everyone.
    ///
    /// With the principal `*` any AWS account may assume the role, unless a condition says which. A web identity
    /// provider vouches for all its users: without a condition on its audience or subject anyone with an account there
    /// gets in.
    ///
    /// Name the principals, or add `aws:PrincipalOrgID`; for a web identity add `<provider>:aud` and `<provider>:sub`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {AWS: '*'}, Action: 'sts:AssumeRole'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {AWS: '*'}, Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:PrincipalOrgID': o-a1b2c3d4e5}}}]
    /// ```
    ///
    /// Source: IAM User Guide, "AWS JSON policy elements: Principal" and "Create a role for OpenID Connect federation".
    {
        id: "iam-trust-wildcard-principal", since: "0.1.0", category: Security, severity: Critical, preset: Dev,
        scope: SingleResource,
        on: ["AWS::IAM::Role"],
    }
    |check, role| {
        for document in check.documents(role).into_iter().filter(|document| document.kind == PolicyKind::Trust) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in document.policy().statements.iter().filter(|statement| allows(statement)) {
                let Some(principals) = &statement.principals else { continue };
                let place = document.place(principals.at);
                if names_everyone(principals).is_yes() && !limits_callers(statement) {
                    if statement.unknown.is_some() {
                        check.undetermined(place, Unknown::other("a part of the statement is not known"));
                    } else {
                        check
                            .fail(place, "every AWS account may assume this role")
                            .fix(Fix::suggested("name the principals, or add a condition on aws:PrincipalOrgID"));
                    }
                }
                let Some(actions) = &statement.actions else { continue };
                let web = covers_action(actions, "sts:AssumeRoleWithWebIdentity").is_yes() && !principals.negated;
                let limited = statement.unknown.is_some()
                    || statement.conditions.iter().any(|condition| {
                        condition.key.contains(':') && !condition.key.starts_with("aws:") && is_a_demand(condition)
                    });
                if web
                    && !limited
                    && principals.entries.iter().any(|entry| matches!(entry.form, PrincipalForm::Federated))
                {
                    check.fail(place, "every user of the identity provider may assume this role").fix(Fix::suggested(
                        "add conditions on the audience (aud) and the subject (sub) of the provider's tokens",
                    ));
                }
            }
        }
    }
}
