//! See the documentation of the rule below.

use crate::graph::POLICY_ATTACHMENT;
use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::Effect;
use crate::iam::principal::Arn;
use crate::model::Symbol;
use crate::model::text::Piece;
use crate::rules::Check;
use crate::rules::prelude::*;
use crate::rules::statements::{is_boundary_only, is_everything};

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
            for (index, statement) in policy.statements.iter().enumerate() {
                let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { continue };
                let effect = match statement.effect {
                    Effect::Allow => Tri::Yes,
                    Effect::Unclear => Tri::Unknown,
                    Effect::Deny => Tri::No,
                };
                let entries = actions.entries.iter().map(|entry| (entry.at, is_all(check, &entry.text)));
                let wide = match actions.negated {
                    false => {
                        let more = actions.unknown.map(|at| (at, Tri::Unknown));
                        let widest = entries.rev().chain(more).max_by_key(|(_, all)| (all.is_yes(), !all.is_no()));
                        widest.map(|(at, all)| (at, all, "every action"))
                    }
                    true if actions.entries.is_empty() && actions.unknown.is_none() => None,
                    true => {
                        let open = if actions.unknown.is_some() { Tri::Unknown } else { Tri::No };
                        let spared = entries.fold(open, |spared, (_, all)| spared.or(all));
                        Some((actions.at, !spared, "every action but a few"))
                    }
                };
                let Some((at, all, what)) = wide else { continue };
                let everywhere = match resources.negated {
                    true => Tri::No,
                    false => {
                        let entries = resources.entries.iter().map(|entry| is_all(check, &entry.text));
                        entries.fold(if resources.unknown.is_some() { Tri::Unknown } else { Tri::No }, Tri::or)
                    }
                };
                match effect.and(all).and(everywhere) {
                    Tri::No => {}
                    Tri::Unknown => {
                        let name = policy.statement_name(index);
                        let why = Unknown::other(format!("whether {name} allows {what} on every resource is not known"));
                        check.undetermined(document.place(at), why);
                    }
                    Tri::Yes => {
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
}

/// Whether an action or resource is all of them. What is not known may be a wildcard, unless a resource of AWS yields it.
fn is_all(check: &Check<'_>, text: &Text<'_>) -> Tri {
    if let Some(text) = text.as_literal() {
        return is_everything(text).into();
    }
    let may_be_wild = |symbol| match symbol {
        Symbol::Opaque(id) => !matches!(check.world().model.unknown(id).why(), Why::Attribute(_)),
        _ => false,
    };
    let mut with_wildcard: String = text
        .pieces()
        .iter()
        .filter_map(|piece| match piece {
            Piece::Literal(text) => Some(&**text),
            Piece::Symbol(_) => None,
        })
        .collect();
    with_wildcard.push('*');
    match text.symbols().all(may_be_wild) && is_everything(&with_wildcard) {
        true => Tri::Unknown,
        false => Tri::No,
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
