//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Scope};
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
            check.documents(resource).to_vec()
        };
        let documents: Vec<_> =
            documents.into_iter().filter(|document| document.kind == PolicyKind::Identity).collect();
        if documents.is_empty() {
            return;
        }
        let grants = Grants::of(&documents);
        if grants.given.is_empty() {
            return;
        }
        let pass = grants.wide("iam:PassRole");
        let mut ways: Vec<(Place, Resource<'_>, String)> = Vec::new();
        for action in ALONE {
            if let Some((at, holder)) = grants.wide(action) {
                ways.push((at, holder, (*action).to_owned()));
            }
        }
        if let Some((at, holder)) = pass {
            let partner = WITH_PASS_ROLE.iter().find(|action| grants.any(action));
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

/// What the documents allow without condition, and deny on everything: looked through once, asked for many actions.
struct Grants<'d, 's> {
    given: Vec<Grant<'d, 's>>,
    denied: Vec<&'d Scope<'s>>,
}

struct Grant<'d, 's> {
    document: &'d Document<'s>,
    actions: &'d Scope<'s>,
    /// On resources of all names.
    wide: bool,
}

impl<'d, 's> Grants<'d, 's> {
    fn of(documents: &'d [Document<'s>]) -> Self {
        let mut grants = Grants { given: Vec::new(), denied: Vec::new() };
        let statements = documents
            .iter()
            .flat_map(|document| document.policy().statements.iter().map(move |statement| (document, statement)));
        for (document, statement) in statements.filter(|(_, statement)| statement.conditions.is_empty()) {
            let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { continue };
            match statement.effect {
                // What may be denied is not certainly allowed.
                Effect::Deny | Effect::Unclear if !covers_everything(resources).is_no() => grants.denied.push(actions),
                // A grant of everything is another rule's finding; one under a condition is somebody's design.
                Effect::Allow if statement.unknown.is_none() && !resources.negated && !is_of_everything(actions) => {
                    grants.given.push(Grant { document, actions, wide: is_wide(resources) });
                }
                _ => {}
            }
        }
        grants
    }

    /// Where an action is allowed on resources of all names, and not denied on all.
    fn wide(&self, action: &str) -> Option<(Place, Resource<'s>)> {
        self.find(action, |grant| grant.wide)
    }

    /// Whether an action is allowed at all.
    fn any(&self, action: &str) -> bool {
        self.find(action, |_| true).is_some()
    }

    fn find(&self, action: &str, counts: impl Fn(&Grant<'d, 's>) -> bool) -> Option<(Place, Resource<'s>)> {
        let covers = |scope: &Scope<'s>| covers_action(scope, action);
        let grant = self.given.iter().filter(|grant| counts(grant)).find(|grant| covers(grant.actions).is_yes())?;
        let denied = self.denied.iter().any(|scope| !covers(scope).is_no());
        (!denied).then(|| (grant.document.place(grant.actions.at), grant.document.holder))
    }
}

fn is_of_everything(actions: &Scope<'_>) -> bool {
    actions.negated || actions.entries.iter().any(|entry| entry.text.as_literal().is_some_and(is_everything))
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
