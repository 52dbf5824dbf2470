//! See the documentation of the rule below.

use crate::graph::POLICY_ATTACHMENT;
use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Scope};

use crate::rules::prelude::*;

rule! {
    /// No policy allows everything on everything.
    ///
    /// `Allow` of `*` on `*` makes an administrator of whoever has it; so do the managed policies
    /// `AdministratorAccess`, `IAMFullAccess` and `PowerUserAccess`. A `Deny` elsewhere does not make up for it.
    ///
    /// List the actions and resources that are needed.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: ['*'], Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "Security best practices in IAM"; Security Hub control IAM.1.
    {
        id: "iam-admin-wildcard", since: "0.1.0", category: Security, severity: Critical, preset: Dev,
        scope: SingleResource,
        on: ON,
        params: { bannedManaged: List = r#"["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"]"#, "Names of AWS managed policies that nobody may have." },
    }
    |check, resource| {
        for document in check.documents(resource) {
            if !matches!(document.kind, PolicyKind::Identity) {
                continue;
            }
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in document.policy().statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                let everything = |scope: &Scope<'s>| match scope.negated {
                    false => scope.entries.iter().any(|entry| is_everything(&entry.text)),
                    // All but a few actions is as good as all.
                    true => !scope.entries.iter().any(|entry| is_everything(&entry.text)) && scope.unknown.is_none(),
                };
                let actions = statement.actions.as_ref().filter(|scope| everything(scope));
                let resources = statement.resources.as_ref().filter(|scope| !scope.negated && everything(scope));
                if let (Some(actions), Some(_)) = (actions, resources) {
                    check.fail(document.place(actions.at), "this statement allows every action on every resource");
                }
            }
        }
        for property in ["ManagedPolicyArns", "PermissionsBoundary", "PolicyArn"] {
            if property == "PermissionsBoundary" {
                continue;
            }
            let list = resource.get(property);
            for item in list.items_or_one().known().unwrap_or_default() {
                let Some(text) = item.symbolic() else { continue };
                let shown = text.to_string();
                let Some((_, name)) = shown.split_once(":iam::aws:policy/") else { continue };
                let name = name.rsplit('/').next().unwrap_or(name);
                if check.list("bannedManaged").contains(&name) {
                    check.fail(&item, format!("the managed policy {name} allows everything, or to become an administrator"));
                }
            }
        }
    }
}

/// Types with identity policies, and Pulumi's attachments of managed ones.
const ON: &[&str] = &[
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::IAM::Group",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
    "AWS::SSO::PermissionSet",
    "Stackproof::IAM::PolicyDocument",
    POLICY_ATTACHMENT,
];

fn is_everything(text: &Text<'_>) -> bool {
    matches!(text.as_literal(), Some("*" | "*:*" | "arn:*" | "**"))
}
