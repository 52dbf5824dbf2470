//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Scope, Statement};
use crate::iam::principal::Arn;
use crate::model::text::Piece;
use crate::model::{Place, Text};
use crate::rules::policies::Document;
use crate::rules::prelude::*;
use crate::rules::statements::{covers_action, covers_everything, is_boundary_only, is_everything};

/// Enough by themselves.
const ALONE: &[&str] = &[
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "sts:AssumeRole",
];

/// Together with `iam:PassRole`.
const WITH_PASS_ROLE: &[&str] = &[
    "lambda:CreateFunction",
    "lambda:UpdateFunctionConfiguration",
    "ec2:RunInstances",
    "cloudformation:CreateStack",
    "glue:CreateDevEndpoint",
    "glue:CreateJob",
    "codebuild:CreateProject",
    "sagemaker:CreateNotebookInstance",
    "datapipeline:CreatePipeline",
    "ecs:RegisterTaskDefinition",
    "ssm:SendCommand",
];

rule! {
    /// Nobody can grant themselves more rights.
    ///
    /// Some actions let their holder become more than they are: changing policies, making keys or passwords for others,
    /// assuming any role, or handing a role to a service whose code they write (`iam:PassRole` with
    /// `lambda:CreateFunction` and the like). On all resources they amount to an administrator.
    ///
    /// Scope the action to single roles, add a permissions boundary, or `iam:PassedToService` for PassRole.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: ['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'], Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 'iam:PassRole', Resource: 'arn:aws:iam::123456789012:role/app-task'}, {Effect: Allow, Action: 'lambda:CreateFunction', Resource: '*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service"; Rhino Security Labs, "AWS
    /// IAM Privilege Escalation".
    {
        id: "iam-privilege-escalation", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: CrossResource,
        on: [
            "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
            "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy", "AWS::SSO::PermissionSet",
            "Stackproof::IAM::PolicyDocument",
        ],
    }
    |check, resource| {
        let principal = matches!(resource.kind(), "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group");
        // A policy that is attached in this stack is judged with its principal.
        if !principal
            && (is_boundary_only(resource)
                || resource.follow(Rel::AttachedTo).iter().any(|edge| edge.target.resource().is_some())
                || !resource.followed_by(Rel::HasPolicy).edges.is_empty())
        {
            return;
        }
        let documents: Vec<_> = if principal {
            let boundary = resource.get("PermissionsBoundary");
            let limits: Vec<_> = resource
                .follow(Rel::HasPolicy)
                .into_iter()
                .filter(|edge| edge.value.place() == boundary.place())
                .filter_map(|edge| edge.target.resource())
                .collect();
            check
                .identity(resource)
                .documents
                .into_iter()
                .filter(|document| !limits.contains(&document.holder))
                .collect()
        } else {
            check.documents(resource)
        };
        let documents: Vec<_> =
            documents.into_iter().filter(|document| document.kind == PolicyKind::Identity).collect();
        if documents.is_empty() {
            return;
        }
        let pass = grant(&documents, "iam:PassRole");
        let mut ways: Vec<(Place, Resource<'_>, String)> = Vec::new();
        for action in ALONE {
            if let Some((at, holder)) = grant(&documents, action) {
                ways.push((at, holder, (*action).to_owned()));
            }
        }
        if let Some((at, holder)) = pass {
            let partner = WITH_PASS_ROLE.iter().find(|action| any_grant(&documents, action));
            let what = match partner {
                Some(action) => format!("iam:PassRole with {action}"),
                None => "iam:PassRole on every role".to_owned(),
            };
            ways.push((at, holder, what));
        }
        let Some((at, holder, first)) = ways.first() else { return };
        let more = match ways.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("{} can grant itself more rights by {first}{more}", resource.label());
        let finding = if *holder == resource {
            check.fail(*at, message)
        } else {
            check.fail(resource, message).related(*holder, *at, "allows it")
        };
        finding
            .explain(ways.iter().map(|(.., way)| way.as_str()).collect::<Vec<_>>().join(", "))
            .fix(Fix::suggested("scope the action to single resources, or demand iam:PassedToService for PassRole"));
    }
}

/// Where an action is allowed without condition on resources of all names, and not denied on all.
fn grant<'s>(documents: &[Document<'s>], action: &str) -> Option<(Place, Resource<'s>)> {
    find(documents, action, |scope| is_wide(scope))
}

/// Whether an action is allowed at all.
fn any_grant(documents: &[Document<'_>], action: &str) -> bool {
    find(documents, action, |_| true).is_some()
}

fn find<'s>(
    documents: &[Document<'s>],
    action: &str,
    wide: impl Fn(&Scope<'s>) -> bool,
) -> Option<(Place, Resource<'s>)> {
    let granted = statements(documents).find_map(|(document, statement)| {
        let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { return None };
        // A grant of everything is another rule's finding; one under a condition is somebody's design.
        let everything =
            actions.negated || actions.entries.iter().any(|entry| entry.text.as_literal().is_some_and(is_everything));
        let counts = statement.effect == Effect::Allow
            && statement.conditions.is_empty()
            && statement.unknown.is_none()
            && !everything
            && !resources.negated
            && wide(resources)
            && covers_action(actions, action).is_yes();
        counts.then(|| (document.place(actions.at), document.holder))
    })?;
    let denied = statements(documents).any(|(_, statement)| {
        statement.effect == Effect::Deny
            && statement.conditions.is_empty()
            && statement.actions.as_ref().is_some_and(|scope| covers_action(scope, action).is_yes())
            && statement.resources.as_ref().is_some_and(|scope| covers_everything(scope).is_yes())
    });
    (!denied).then_some(granted)
}

fn statements<'d, 's>(documents: &'d [Document<'s>]) -> impl Iterator<Item = (&'d Document<'s>, &'d Statement<'s>)> {
    documents
        .iter()
        .flat_map(|document| document.policy().statements.iter().map(move |statement| (document, statement)))
}

/// `*`, or all roles, users, groups or policies of an account.
fn is_wide(scope: &Scope<'_>) -> bool {
    scope.entries.iter().any(|entry| {
        if entry.text.as_literal().is_some_and(is_everything) {
            return true;
        }
        // All of the wide ARNs end so; taking one apart costs more than looking.
        let open_ended = match &entry.text {
            Text::Literal(text) => text.ends_with('*'),
            Text::Symbolic(pieces) => matches!(pieces.last(), Some(Piece::Literal(end)) if end.ends_with('*')),
        };
        if !open_ended {
            return false;
        }
        let Some(arn) = Arn::of(&entry.text).filter(|arn| arn.service.as_literal() == Some("iam")) else {
            return false;
        };
        matches!(arn.rest.as_literal(), Some("*" | "role/*" | "user/*" | "group/*" | "policy/*" | "role*" | "user*"))
    })
}
