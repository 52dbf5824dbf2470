//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Scope, Statement};
use crate::iam::principal::Arn;
use crate::model::text::Piece;
use crate::model::{Place, Text};
use crate::rules::Doubt;
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
        let mut ways: Vec<(Place, Resource<'_>, String)> = Vec::new();
        let mut open: Option<Doubt> = None;
        for action in ALONE.iter().chain(&["iam:PassRole"]) {
            let (said, Some(grant)) = grants.of_action(action, |grant| grant.wide) else { continue };
            if said.is_yes() {
                let partner = || WITH_PASS_ROLE.iter().find(|action| grants.of_action(action, |_| Tri::Yes).0.is_yes());
                let what = match (*action == "iam:PassRole").then(partner) {
                    Some(Some(partner)) => format!("iam:PassRole with {partner}"),
                    Some(None) => "iam:PassRole on every role".to_owned(),
                    None => (*action).to_owned(),
                };
                ways.push((grant.document.place(grant.actions.at), grant.document.holder, what));
            } else if !said.is_no() {
                open = open.or_else(|| Some(grant.doubt(said)));
            }
        }
        if let (true, Some(doubt)) = (ways.is_empty(), open) {
            check.undetermined(resource, doubt.unknown);
            return;
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
    /// With how sure it is.
    denied: Vec<(&'d Scope<'s>, Tri)>,
}

struct Grant<'d, 's> {
    document: &'d Document<'s>,
    statement: &'d Statement<'s>,
    actions: &'d Scope<'s>,
    /// Whether it is one.
    sure: Tri,
    /// On resources of all names.
    wide: Tri,
}

impl Grant<'_, '_> {
    /// What leaves it open.
    fn doubt(&self, said: Tri) -> Doubt {
        let effect = self.document.has_effect(self.statement, Effect::Allow).err();
        effect.or_else(|| self.document.doubt_about(self.statement, said)).unwrap_or_else(|| Doubt {
            at: self.document.place(self.actions.at),
            unknown: Unknown::other("whether the action is denied is not known"),
        })
    }
}

impl<'d, 's> Grants<'d, 's> {
    fn of(documents: &'d [Document<'s>]) -> Self {
        let mut grants = Grants { given: Vec::new(), denied: Vec::new() };
        let statements = documents
            .iter()
            .flat_map(|document| document.policy().statements.iter().map(move |statement| (document, statement)));
        for (document, statement) in statements.filter(|(_, statement)| statement.conditions.is_empty()) {
            let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { continue };
            let sure = match statement.effect == Effect::Unclear || statement.unknown.is_some() {
                true => Tri::Unknown,
                false => Tri::Yes,
            };
            let denies = sure.and(covers_everything(resources));
            if statement.effect != Effect::Allow && !denies.is_no() {
                grants.denied.push((actions, denies));
            }
            // A grant of everything is another rule's finding; one under a condition is somebody's design.
            if statement.effect != Effect::Deny && !resources.negated && !is_of_everything(actions) {
                grants.given.push(Grant { document, statement, actions, sure, wide: is_wide(resources) });
            }
        }
        grants
    }

    /// Whether an action is allowed by a grant that counts and not denied on everything, with the grant that decides.
    fn of_action(&self, action: &str, counts: impl Fn(&Grant<'d, 's>) -> Tri) -> (Tri, Option<&Grant<'d, 's>>) {
        let mut best: (Tri, Option<&Grant<'d, 's>>) = (Tri::No, None);
        for grant in &self.given {
            match grant.sure.and(counts(grant)) {
                Tri::No => continue,
                said => match said.and(covers_action(grant.actions, action)) {
                    Tri::Yes => {
                        best = (Tri::Yes, Some(grant));
                        break;
                    }
                    Tri::Unknown if best.1.is_none() => best = (Tri::Unknown, Some(grant)),
                    _ => {}
                },
            }
        }
        if best.1.is_some() {
            let denied = |any: Tri, (scope, sure): &(&Scope<'s>, Tri)| any.or(covers_action(scope, action).and(*sure));
            best.0 = best.0.and(!self.denied.iter().fold(Tri::No, denied));
        }
        best
    }
}

fn is_of_everything(actions: &Scope<'_>) -> bool {
    actions.negated || actions.entries.iter().any(|entry| entry.text.as_literal().is_some_and(is_everything))
}

/// `*`, or all roles, users, groups or policies of an account.
fn is_wide(scope: &Scope<'_>) -> Tri {
    let unknown = if scope.unknown.is_some() { Tri::Unknown } else { Tri::No };
    scope.entries.iter().fold(unknown, |any, entry| any.or(is_wide_entry(&entry.text)))
}

fn is_wide_entry(text: &Text<'_>) -> Tri {
    // All of the wide ARNs end so; taking one apart costs more than looking.
    let open_ended = match text {
        Text::Literal(text) if is_everything(text) => return Tri::Yes,
        Text::Literal(text) => text.ends_with('*'),
        Text::Symbolic(pieces) if pieces.iter().all(may_be_everything) => return Tri::Unknown,
        Text::Symbolic(pieces) => matches!(pieces.last(), Some(Piece::Literal(end)) if end.ends_with('*')),
    };
    if !open_ended {
        return Tri::No;
    }
    let Some(arn) = Arn::of(text).filter(|arn| arn.service.as_literal() == Some("iam")) else { return Tri::No };
    matches!(arn.rest.as_literal(), Some("*" | "role/*" | "user/*" | "group/*" | "policy/*" | "role*" | "user*")).into()
}

fn may_be_everything(piece: &Piece<'_>) -> bool {
    match piece {
        Piece::Literal(text) => is_everything(text),
        Piece::Symbol(symbol) => matches!(symbol, Symbol::Opaque(_)),
    }
}
