//! See the documentation of the rule below.

use crate::iam::policy::{At, Effect, Scope, Statement};
use crate::rules::prelude::*;

rule! {
    /// Allow statements say what they allow, not what they do not.
    ///
    /// `Allow` with `NotAction`, `NotResource` or `NotPrincipal` grants everything else, also what AWS adds later.
    /// `Deny` with `NotPrincipal` must list every session and role ARN of who is spared, and easily locks out too many.
    ///
    /// List what is allowed; deny with a condition on `aws:PrincipalArn` instead of `NotPrincipal`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, NotAction: 'iam:*', Resource: 'arn:aws:s3:::acme-data/*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, NotAction: 'iam:*', Resource: '*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "AWS JSON policy elements: NotAction", "NotResource" and "NotPrincipal".
    {
        id: "iam-allow-with-not", since: "0.1.0", category: Security, severity: High, preset: Recommended,
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
    }
    |check, resource| {
        for document in check.documents(resource) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            let policy = document.policy();
            for (index, statement, doubt) in document.statements(Effect::Allow) {
                check.in_doubt(doubt, || {
                    for (at, element) in negated(statement) {
                        let name = policy.statement_name(index);
                        check
                            .fail(document.place(at), format!("{name} allows all but what {element} lists"))
                            .fix(Fix::suggested("list what is allowed"));
                    }
                });
            }
            for (index, statement, doubt) in document.statements(Effect::Deny) {
                check.in_doubt(doubt, || {
                    for (at, _) in negated(statement).filter(|(_, element)| *element == "NotPrincipal") {
                        let name = policy.statement_name(index);
                        check
                            .fail(
                                document.place(at),
                                format!("{name} denies everyone but its NotPrincipal, who is easily locked out as well"),
                            )
                            .severity(Severity::Medium)
                            .fix(Fix::suggested("deny everyone, with the condition ArnNotLike aws:PrincipalArn"));
                    }
                });
            }
        }
    }
}

/// The elements of a statement that list what is not meant.
fn negated(statement: &Statement<'_>) -> impl Iterator<Item = (At, &'static str)> {
    let scope =
        |scope: &Option<Scope<'_>>, name| scope.as_ref().filter(|scope| scope.negated).map(|scope| (scope.at, name));
    let principals = statement.principals.as_ref().filter(|principals| principals.negated);
    [
        scope(&statement.actions, "NotAction"),
        scope(&statement.resources, "NotResource"),
        principals.map(|principals| (principals.at, "NotPrincipal")),
    ]
    .into_iter()
    .flatten()
}
