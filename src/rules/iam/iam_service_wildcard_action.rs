//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Statement};
use crate::iam::principal::PrincipalForm;
use crate::model::text::Piece;
use crate::rules::Check;
use crate::rules::policies::Document;
use crate::rules::prelude::*;
use crate::rules::statements::is_boundary_only;

rule! {
    /// Policies name actions, not whole services.
    ///
    /// `service:*` grants every action of a service, also those that delete or that come later; `iam:*Policy*` and the
    /// like grant what changes permissions.
    ///
    /// Name the actions, or prefixes such as `s3:Get*`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: ['dynamodb:*'], Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: ['dynamodb:GetItem', 's3:Get*'], Resource: '*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "AWS JSON policy elements: Action", "Grant least privilege".
    {
        id: "iam-service-wildcard-action", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        on: [
            "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
            "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy", "AWS::SSO::PermissionSet",
            "Stackproof::IAM::PolicyDocument", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::KMS::ReplicaKey",
            "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy", "AWS::SQS::QueuePolicy",
            "AWS::SQS::QueueInlinePolicy", "AWS::SecretsManager::ResourcePolicy", "AWS::Logs::ResourcePolicy",
            "AWS::ECR::Repository", "AWS::EC2::VPCEndpoint", "AWS::Backup::BackupVault", "AWS::EFS::FileSystem",
            "AWS::ApiGateway::RestApi", "AWS::S3::AccessPoint",
        ],
        params: { allowServices: List = "[]", "Services that may be granted as a whole."; },
    }
    |check, resource| {
        if is_boundary_only(resource) {
            return;
        }
        for document in check.documents(resource).into_iter().filter(|document| document.kind != PolicyKind::Trust) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for (_, statement, doubt) in document.statements(Effect::Allow) {
                check.in_doubt(doubt, || actions_of(check, &document, statement));
            }
        }
    }
}

fn actions_of<'s>(check: &Check<'s>, document: &Document<'s>, statement: &Statement<'s>) {
    // The account's own statement in a key policy only hands the decision to IAM policies.
    let delegates = document.kind == PolicyKind::Key
        && statement.principals.as_ref().is_some_and(|principals| {
            !principals.negated
                && principals
                    .entries
                    .iter()
                    .all(|entry| matches!(entry.form, PrincipalForm::Account(_) | PrincipalForm::Open))
        });
    let Some(actions) = statement.actions.as_ref().filter(|actions| !actions.negated && !delegates) else { return };
    for entry in &actions.entries {
        let pieces = entry.text.pieces();
        let start = match pieces.first() {
            Some(Piece::Literal(start)) => &**start,
            Some(Piece::Symbol(_)) => "",
            None => continue,
        };
        // What a parameter adds behind the verb of a reading action changes nothing.
        let known = entry.text.as_literal().is_some();
        let (service, action) = match start.split_once(':') {
            Some(parts) => parts,
            None if known => continue,
            None => ("", ""),
        };
        if check.each("allowServices").any(|spared| spared == service) || service == "*" {
            continue;
        }
        let reads = ["Get", "List", "Generate", "Simulate", "Describe"].iter().any(|verb| action.starts_with(verb));
        let iam = service.eq_ignore_ascii_case("iam") && !reads;
        let message = if known && action.chars().all(|c| c == '*') {
            format!("{service}:{action} grants every action of the service")
        } else if action.starts_with('*') || iam && action.contains('*') {
            format!("{service}:{action} also grants actions that change data or permissions")
        } else {
            check.leave_open(document.doubt(entry.at).filter(|_| action.is_empty() || iam));
            continue;
        };
        check.fail(document.place(entry.at), message).fix(Fix::suggested("name the actions that are needed"));
    }
}
