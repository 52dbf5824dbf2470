//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::Effect;
use crate::iam::principal::PrincipalForm;
use crate::rules::prelude::*;
use crate::rules::statements::{covers_action, demands, is_open};

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
            for (_, statement, doubt) in document.statements(Effect::Allow) {
                let (Some(principals), Some(actions)) = (&statement.principals, &statement.actions) else { continue };
                let place = document.place(principals.at);
                let open = is_open(&document, statement);
                if !open.is_no() {
                    let doubt = doubt.clone().or_else(|| document.doubt_about(statement, open));
                    check.in_doubt(doubt, || {
                        check
                            .fail(place, "every AWS account may assume this role")
                            .fix(Fix::suggested("name the principals, or add a condition on aws:PrincipalOrgID"));
                    });
                }
                let federated = principals.entries.iter().any(|entry| matches!(entry.form, PrincipalForm::Federated));
                let limited = demands(statement, |key| key.contains(':') && !key.starts_with("aws:"));
                let anyone = covers_action(actions, "sts:AssumeRoleWithWebIdentity").and(!limited);
                if federated && !principals.negated && !anyone.is_no() {
                    check.in_doubt(doubt.or_else(|| document.doubt_about(statement, anyone)), || {
                        check.fail(place, "every user of the identity provider may assume this role").fix(Fix::suggested(
                            "add conditions on the audience (aud) and the subject (sub) of the provider's tokens",
                        ));
                    });
                }
            }
        }
    }
}
