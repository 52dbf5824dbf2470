//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Scope};
use crate::iam::principal::Arn;
use crate::rules::policies::Document;
use crate::rules::prelude::*;
use crate::rules::statements::{covers_action, covers_everything, is_boundary_only};
use crate::rules::{Check, Doubt};

rule! {
    /// Who is allowed something is also denied what is sensitive.
    ///
    /// The organisation asks that every role or policy with an allow carries an explicit deny of the sensitive actions,
    /// in its own policies or its permissions boundary: a deny also holds against what is attached later.
    ///
    /// Add a Deny statement with the sensitive actions, or a permissions boundary that has it. It is never added by
    /// itself, since it can lock out.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}, {Effect: Deny, Action: ['iam:*', 'kms:*', 's3:DeleteBucket', 's3:PutBucketPolicy', 'cloudtrail:*', 'logs:DeleteLogGroup', 'organizations:*'], Resource: '*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "Policy evaluation logic", "Explicit deny".
    {
        id: "iam-explicit-deny-required", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"],
        params: {
            sensitiveActions: List = r#"["iam:CreateUser", "iam:DeleteUser", "iam:CreateAccessKey", "iam:DeleteRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy", "s3:DeleteBucket", "s3:PutBucketPolicy", "cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail", "logs:DeleteLogGroup", "organizations:LeaveOrganization"]"#, "Actions that must be denied.";
            allowConditionalDeny: Boolean = "true", "A deny with conditions counts.";
        },
    }
    |check, resource| {
        let (documents, unknown, managed) = if resource.is("AWS::IAM::Role") {
            let guard = check.identity(resource);
            let managed = resource.get("ManagedPolicyArns").items().known().unwrap_or_default();
            // Policies of AWS allow and do not deny; others that are not here may.
            let theirs = |edge: &crate::graph::Edge<'_>| matches!(&edge.target, Target::Outside(text) if Arn::of(text).is_some_and(|arn| arn.account.as_literal() == Some("aws")));
            let known =
                resource.follow(Rel::HasPolicy).iter().all(|edge| edge.target.resource().is_some() || theirs(edge));
            (guard.documents, guard.unknown.filter(|_| !known), managed.len())
        } else {
            if is_boundary_only(resource)
                || resource.follow(Rel::AttachedTo).iter().any(|edge| edge.target.resource().is_some())
                || !resource.followed_by(Rel::HasPolicy).edges.is_empty()
            {
                return;
            }
            (check.documents(resource), None, 0)
        };
        let documents: Vec<_> =
            documents.into_iter().filter(|document| document.kind == PolicyKind::Identity).collect();
        let Some(doubt) = grants(&documents, managed) else { return };
        if basic_only(resource, &documents) {
            return;
        }
        let denied = denied(check, &documents);
        let is_denied = |action: &str| {
            denied.iter().fold(Tri::No, |any, (scope, sure)| any.or(covers_action(scope, action).and(*sure)))
        };
        let answers = check.list("sensitiveActions").into_iter().map(|action| (action, is_denied(action)));
        let (maybe, missing): (Vec<_>, Vec<_>) =
            answers.filter(|(_, denied)| !denied.is_yes()).partition(|(_, denied)| *denied == Tri::Unknown);
        let missing: Vec<&str> = missing.into_iter().map(|(action, _)| action).collect();
        let Some(first) = missing.first() else {
            if let Some((action, _)) = maybe.first() {
                let why = unknown.unwrap_or_else(|| Unknown::other(format!("whether {action} is denied is not known")));
                check.undetermined(resource, why);
            }
            return;
        };
        if let Some(unknown) = unknown.or_else(|| documents.iter().find_map(|document| document.unknown())) {
            check.undetermined(resource, unknown);
            return;
        }
        let more = match missing.len() - 1 {
            0 => String::new(),
            more => format!(" nor {more} more sensitive actions"),
        };
        check.in_doubt(doubt, || {
            check
                .fail(resource, format!("nothing denies {} {first}{more}", resource.label()))
                .explain(missing.join(", "))
                .fix(Fix::suggested(
                    "add a Deny statement with the sensitive actions, or a permissions boundary that has it",
                ));
        });
    }
}

/// Whether anything is granted: `None` where nothing is, else what leaves it open.
fn grants(documents: &[Document<'_>], managed: usize) -> Option<Option<Doubt>> {
    if managed > 0 {
        return Some(None);
    }
    let mut granted = None;
    for (.., doubt) in documents.iter().flat_map(|document| document.statements(Effect::Allow)) {
        match doubt {
            None => return Some(None),
            doubt => granted = Some(doubt),
        }
    }
    granted
}

/// The actions that statements deny on everything, and how sure that is.
fn denied<'d, 's>(check: &Check<'s>, documents: &'d [Document<'s>]) -> Vec<(&'d Scope<'s>, Tri)> {
    let conditional = check.flag("allowConditionalDeny");
    documents
        .iter()
        .flat_map(|document| &document.policy().statements)
        .filter(|statement| statement.conditions.is_empty() || conditional)
        .filter_map(|statement| {
            let effect = match statement.effect {
                Effect::Deny => Tri::Yes,
                Effect::Unclear => Tri::Unknown,
                Effect::Allow => Tri::No,
            };
            let part = if statement.unknown.is_some() { Tri::Unknown } else { Tri::Yes };
            let sure = effect.and(part).and(covers_everything(statement.resources.as_ref()?));
            (!sure.is_no()).then_some((statement.actions.as_ref()?, sure))
        })
        .collect()
}

/// A role that may only write its function's logs.
fn basic_only(resource: Resource<'_>, documents: &[Document<'_>]) -> bool {
    let managed = resource.get("ManagedPolicyArns").items().known().unwrap_or_default();
    documents.is_empty()
        && !managed.is_empty()
        && managed.iter().all(|value| {
            value.text().known().is_some_and(|text| text.to_string().ends_with("/AWSLambdaBasicExecutionRole"))
        })
}
