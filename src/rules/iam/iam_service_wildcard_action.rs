//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::iam::principal::PrincipalForm;
use crate::rules::prelude::*;
use crate::rules::statements::{allows, is_boundary_only};

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
        let spared = check.list("allowServices");
        for document in check.documents(resource).into_iter().filter(|document| document.kind != PolicyKind::Trust) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in document.policy().statements.iter().filter(|statement| allows(statement)) {
                // The account's own statement in a key policy only hands the decision to IAM policies.
                let delegates = document.kind == PolicyKind::Key
                    && statement.principals.as_ref().is_some_and(|principals| {
                        !principals.negated
                            && principals
                                .entries
                                .iter()
                                .all(|entry| matches!(entry.form, PrincipalForm::Account(_) | PrincipalForm::Open))
                    });
                let Some(actions) = statement.actions.as_ref().filter(|actions| !actions.negated && !delegates) else {
                    continue;
                };
                for entry in &actions.entries {
                    let Some((service, action)) = entry.text.as_literal().and_then(|text| text.split_once(':')) else {
                        continue;
                    };
                    if spared.contains(&service) || service == "*" {
                        continue;
                    }
                    let iam = service.eq_ignore_ascii_case("iam") && action.contains('*');
                    let reads =
                        ["Get", "List", "Generate", "Simulate", "Describe"].iter().any(|verb| action.starts_with(verb));
                    let message = if action.chars().all(|c| c == '*') {
                        format!("{service}:{action} grants every action of the service")
                    } else if action.starts_with('*') || iam && !reads {
                        format!("{service}:{action} also grants actions that change data or permissions")
                    } else {
                        continue;
                    };
                    check
                        .fail(document.place(entry.at), message)
                        .fix(Fix::suggested("name the actions that are needed"));
                }
            }
        }
    }
}
