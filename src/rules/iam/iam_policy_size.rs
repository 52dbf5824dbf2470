//! See the documentation of the rule below.

use crate::iam::evaluate::PolicyKind;
use crate::rules::Check;
use crate::rules::policies::Document;
use crate::rules::prelude::*;

rule! {
    /// Policies are no longer than their service takes.
    ///
    /// IAM counts the characters of a policy without white space: 6144 for a managed policy; 10240, 2048 and 5120 for
    /// all inline policies of a role, user and group together; 2048 for a trust policy unless the quota is raised, at
    /// most 8192. Other services have limits of their own. Only what is certain is counted: unknown parts count as
    /// empty.
    ///
    /// Split the policy, or use wildcards and conditions for long lists.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Action: s3:GetObject
    ///             Resource: !Sub
    ///               - arn:aws:s3:::acme/${Part}${Part}${Part}${Part}${Part}${Part}${Part}${Part}
    ///               - Part: !Sub
    ///                   - ${Row}${Row}${Row}${Row}${Row}${Row}${Row}${Row}
    ///                   - {Row: abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-*/*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "IAM and AWS STS quotas"; S3 User Guide, "Bucket policies"; KMS Developer Guide,
    /// "Quotas".
    {
        id: "iam-policy-size", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: [
            "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
            "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy", "AWS::SSO::PermissionSet",
            "Stackproof::IAM::PolicyDocument", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::KMS::ReplicaKey",
            "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy", "AWS::SQS::QueuePolicy",
            "AWS::SQS::QueueInlinePolicy", "AWS::SecretsManager::ResourcePolicy", "AWS::Logs::ResourcePolicy",
            "AWS::ECR::Repository", "AWS::EC2::VPCEndpoint", "AWS::Backup::BackupVault", "AWS::EFS::FileSystem",
            "AWS::ApiGateway::RestApi", "AWS::S3::AccessPoint",
        ],
        params: {
            trustQuota: Number = "2048", "Characters of a trust policy that the account allows.";
            warnAt: Number = "0.9", "Part of a limit from which on a policy is reported as nearly full.";
        },
    }
    |check, resource| {
        let mut inline = 0;
        for document in check.documents(resource) {
            let size = document.size();
            let (limit, what) = match document.kind {
                PolicyKind::Trust => {
                    let quota = check.number("trustQuota").unwrap_or(2048.0) as usize;
                    trust(check, &document, size, quota);
                    continue;
                }
                PolicyKind::Identity
                    if matches!(resource.kind(), "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group") =>
                {
                    inline += size;
                    continue;
                }
                _ => match limit_of(resource) {
                    Some(limit) => limit,
                    None => continue,
                },
            };
            judge(check, document.value.place(), size, limit, what);
        }
        let Some((limit, what)) = inline_limit(resource) else { return };
        for edge in resource.followed_by(Rel::AttachedTo).edges {
            if matches!(
                edge.from.kind(),
                "AWS::IAM::Policy" | "AWS::IAM::RolePolicy" | "AWS::IAM::UserPolicy" | "AWS::IAM::GroupPolicy"
            ) {
                inline += check.documents(edge.from).iter().map(|document| document.size()).sum::<usize>();
            }
        }
        let policies = resource.get("Policies");
        let place = if policies.is_present() { policies.place() } else { resource.place() };
        judge(check, place, inline, limit, what);
    }
}

fn judge(check: &Check<'_>, place: crate::model::Place, size: usize, limit: usize, what: &str) {
    let near = check.number("warnAt").unwrap_or(0.9) * limit as f64;
    if size > limit {
        check
            .fail(place, format!("{what} {size} characters long, and the limit is {limit}"))
            .aws_error(format!("LimitExceeded: Cannot exceed quota: {limit}"))
            .fix(Fix::suggested("split the policy, or use wildcards and conditions for long lists"));
    } else if size as f64 >= near && size > 0 {
        check
            .fail(place, format!("{what} {size} characters long, close to the limit of {limit}"))
            .category(Category::Reliability)
            .severity(Severity::Low);
    }
}

/// The quota of trust policies is the account's to raise, up to 8192.
fn trust(check: &Check<'_>, document: &Document<'_>, size: usize, quota: usize) {
    const MOST: usize = 8192;
    let place = document.value.place();
    if size > MOST {
        judge(check, place, size, MOST, "the trust policy is");
    } else if size > quota {
        check
            .fail(place, format!("the trust policy is {size} characters long, more than the quota of {quota}"))
            .category(Category::Reliability)
            .severity(Severity::Medium)
            .aws_error(format!("LimitExceeded: Cannot exceed quota for ACLSizePerRole: {quota}"))
            .fix(Fix::suggested("shorten it, or raise the quota and set trustQuota"));
    }
}

fn inline_limit(resource: Resource<'_>) -> Option<(usize, &'static str)> {
    Some(match resource.kind() {
        "AWS::IAM::Role" => (10_240, "the inline policies of the role are together"),
        "AWS::IAM::User" => (2048, "the inline policies of the user are together"),
        "AWS::IAM::Group" => (5120, "the inline policies of the group are together"),
        _ => return None,
    })
}

fn limit_of(resource: Resource<'_>) -> Option<(usize, &'static str)> {
    Some(match resource.kind() {
        "AWS::IAM::ManagedPolicy" => (6144, "the managed policy is"),
        "AWS::IAM::Policy" | "AWS::IAM::RolePolicy" => (10_240, "the inline policy is"),
        "AWS::IAM::UserPolicy" => (2048, "the inline policy is"),
        "AWS::IAM::GroupPolicy" => (5120, "the inline policy is"),
        "AWS::S3::BucketPolicy" => (20_480, "the bucket policy is"),
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => (32_768, "the key policy is"),
        "AWS::SNS::TopicPolicy" | "AWS::SNS::TopicInlinePolicy" => (30_720, "the topic policy is"),
        "AWS::SQS::QueuePolicy" | "AWS::SQS::QueueInlinePolicy" => (8192, "the queue policy is"),
        "AWS::SecretsManager::ResourcePolicy" => (20_480, "the resource policy is"),
        "AWS::Logs::ResourcePolicy" => (5120, "the resource policy is"),
        _ => return None,
    })
}
