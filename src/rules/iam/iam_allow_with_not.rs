//! See the documentation of the rule below.

use crate::iam::policy::Effect;
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
            let policy = document.policy();
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for (index, statement) in policy.statements.iter().enumerate() {
                let negated = [
                    statement.actions.as_ref().filter(|scope| scope.negated).map(|scope| (scope.at, "NotAction")),
                    statement.resources.as_ref().filter(|scope| scope.negated).map(|scope| (scope.at, "NotResource")),
                    statement
                        .principals
                        .as_ref()
                        .filter(|principals| principals.negated)
                        .map(|principals| (principals.at, "NotPrincipal")),
                ];
                for (at, element) in negated.into_iter().flatten() {
                    let name = policy.statement_name(index);
                    match statement.effect {
                        Effect::Allow => {
                            check
                                .fail(document.place(at), format!("{name} allows all but what {element} lists"))
                                .fix(Fix::suggested("list what is allowed"));
                        }
                        Effect::Deny if element == "NotPrincipal" => {
                            check
                                .fail(
                                    document.place(at),
                                    format!(
                                        "{name} denies everyone but its NotPrincipal, who is easily locked out as well"
                                    ),
                                )
                                .severity(Severity::Medium)
                                .fix(Fix::suggested("deny everyone, with the condition ArnNotLike aws:PrincipalArn"));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
