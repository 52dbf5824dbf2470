//! See the documentation of the rule below.

use crate::graph::POLICY_ATTACHMENT;
use crate::iam::evaluate::PolicyKind;
use crate::iam::principal::Arn;
use crate::rules::Check;
use crate::rules::prelude::*;
use crate::rules::statements::{allows, covers_everything, is_boundary_only, is_everything};

rule! {
    /// No identity policy grants every action on every resource.
    ///
    /// A statement that allows `*` on `*` makes its holder an administrator, whatever a deny elsewhere takes away. The
    /// AWS managed policies of the list grant as much.
    ///
    /// Name the actions and resources that are needed. A permissions boundary grants nothing and may be wide.
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
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "Security best practices in IAM", "Grant least privilege".
    {
        id: "iam-admin-wildcard", since: "0.1.0", category: Security, severity: Critical, preset: Dev,
        scope: CrossResource,
        on: [
            "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
            "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy", "AWS::SSO::PermissionSet",
            "Stackproof::IAM::PolicyDocument", POLICY_ATTACHMENT,
        ],
        params: { bannedManaged: List = r#"["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"]"#, "AWS managed policies that nobody gets." },
    }
    |check, resource| {
        managed(check, resource);
        if resource.is(POLICY_ATTACHMENT) || is_boundary_only(resource) {
            return;
        }
        for document in check.documents(resource).into_iter().filter(|document| document.kind == PolicyKind::Identity) {
            let policy = document.policy();
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for (index, statement) in policy.statements.iter().enumerate().filter(|(_, statement)| allows(statement)) {
                let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { continue };
                let all = actions.entries.iter().find(|entry| entry.text.as_literal().is_some_and(is_everything));
                let wide = match (actions.negated, all) {
                    (false, Some(entry)) => Some((entry.at, "every action")),
                    (true, None) if actions.unknown.is_none() && !actions.entries.is_empty() => {
                        Some((actions.at, "every action but a few"))
                    }
                    _ => None,
                };
                let Some((at, what)) = wide else { continue };
                if covers_everything(resources).is_yes() {
                    check
                        .fail(
                            document.place(at),
                            format!("{} allows {what} on every resource", policy.statement_name(index)),
                        )
                        .fix(Fix::suggested("name the actions and resources that are needed"));
                }
            }
        }
    }
}

/// AWS managed policies by which a principal becomes an administrator.
fn managed<'s>(check: &Check<'s>, resource: Resource<'s>) {
    let banned = check.list("bannedManaged");
    let lists = [resource.get("ManagedPolicyArns"), resource.get("ManagedPolicies"), resource.get("PolicyArn")];
    for value in lists.iter().flat_map(|list| list.items_or_one().known().unwrap_or_default()) {
        let Read::Known(text) = value.text() else { continue };
        let Some(arn) = Arn::of(&text).filter(|arn| arn.account.as_literal() == Some("aws")) else { continue };
        let Some(name) = arn.rest.as_literal().and_then(|rest| rest.rsplit('/').next()) else { continue };
        if banned.contains(&name) {
            check
                .fail(&value, format!("{name} makes its holder an administrator"))
                .fix(Fix::suggested("attach a policy with the actions that are needed"));
        }
    }
}
