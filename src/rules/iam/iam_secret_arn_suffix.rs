//! See the documentation of the rule below.

use crate::lang::secret_arn::{Suffix, WILDCARD, suffix};
use crate::rules::prelude::*;

rule! {
    /// ARNs of secrets in policies end with their random suffix.
    ///
    /// Secrets Manager adds a hyphen and six characters to the name of a secret in its ARN. A resource without them
    /// matches no secret, so reading it is denied.
    ///
    /// Append `-??????`, or refer to the secret.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-??????'}]
    /// ```
    ///
    /// Source: Secrets Manager User Guide, "Secret" (ARN) and "Wildcards in resource ARNs".
    {
        id: "iam-secret-arn-suffix", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Safe,
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
            for scope in document.policy().statements.iter().filter_map(|statement| statement.resources.as_ref()) {
                for entry in &scope.entries {
                    if suffix(&entry.text) != Some(Suffix::Missing) {
                        continue;
                    }
                    let place = document.place(entry.at);
                    let text = format!("append {WILDCARD}");
                    let fix = match entry.text.as_literal() {
                        Some(arn) => {
                            Fix::safe(text, vec![Edit::replace(document.holder, place, format!("{arn}{WILDCARD}"))])
                        }
                        None => Fix::suggested(text),
                    };
                    check
                        .fail(
                            place,
                            "the ARN of a secret ends with a hyphen and six random characters: this matches none",
                        )
                        .fix(fix);
                }
            }
        }
    }
}
