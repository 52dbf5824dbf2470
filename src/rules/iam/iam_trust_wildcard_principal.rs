//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::Effect;
use crate::iam::principal::PrincipalType;
use crate::iam::questions::{Answer, lets_anyone_in};

use crate::rules::prelude::*;

rule! {
    /// A trust policy lets nobody in whom it does not know.
    ///
    /// With the principal `*` any AWS account may assume the role, unless a condition holds callers to an organization,
    /// an account or an ARN. A GitHub or other OIDC provider without a condition on the subject lets every repository
    /// or user of that provider in.
    ///
    /// Name the accounts or services, or add a condition on `aws:PrincipalOrgID`, `aws:PrincipalArn` or the subject of
    /// the token.
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
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: {AWS: '*'}
    ///             Action: sts:AssumeRole
    ///             Condition: {StringEquals: {'aws:PrincipalOrgID': o-a1b2c3d4e5}}
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
            let policy = document.policy();
            match lets_anyone_in(policy, PolicyKind::Trust) {
                Answer::Yes(request) => {
                    let open = policy.statements.iter().enumerate().find(|(index, statement)| {
                        statement.effect == Effect::Allow && policy.applies(*index, PolicyKind::Trust, &request).is_yes()
                    });
                    let at = open.map_or_else(|| document.value.place(), |(_, statement)| document.place(statement.at));
                    check
                        .fail(at, format!("anyone may assume {}", role.label()))
                        .explain(format!("{} is let in, and nothing denies it", request.principal.text));
                }
                Answer::Unknown(why) => {
                    check.undetermined(&document.value, Unknown::other(why));
                }
                Answer::No(_) => {}
            }
            for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                let providers = statement.principals.as_ref().filter(|principals| !principals.negated);
                let federated = providers.into_iter().flat_map(|principals| &principals.entries);
                for entry in federated.filter(|entry| entry.kind == Some(PrincipalType::Federated)) {
                    let web = entry.text.as_literal().is_none_or(|text| !text.contains("saml-provider"));
                    let bound = statement.conditions.iter().any(|condition| {
                        let key = condition.key.to_ascii_lowercase();
                        let positive = condition.operator.as_ref().is_none_or(|operator| !operator.negated && !operator.if_exists);
                        positive && (key.ends_with(":sub") || key.ends_with(":aud") || key.ends_with(":amr") || key.starts_with("aws:"))
                    });
                    let known = statement.unknown.is_none() && (statement.condition_at.is_none() || !statement.conditions.is_empty());
                if web && !bound && known {
                        check.fail(
                            document.place(entry.at),
                            format!("every user of the provider {} may assume {}: no condition on sub or aud", entry.text, role.label()),
                        );
                    }
                }
            }
        }
    }
}
