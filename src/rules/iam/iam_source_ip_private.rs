//! See the documentation of the rule below.

use crate::iam::condition::Base;
use crate::lang::cidr::{Cidr, Use};
use crate::rules::prelude::*;

rule! {
    /// Conditions on the source address name public addresses.
    ///
    /// `aws:SourceIp` is the public address of the caller, and absent for calls through a VPC endpoint. A private range
    /// never matches, so an allow never applies and a deny of all others denies everyone.
    ///
    /// Use `aws:VpcSourceIp` together with `aws:SourceVpc`, or public ranges.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {IpAddress: {'aws:SourceIp': 52.94.76.0/24}}}]
    /// ```
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", aws:SourceIp and aws:VpcSourceIp.
    {
        id: "iam-source-ip-private", since: "0.1.0", category: Security, severity: High, preset: Recommended,
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
            for condition in document.policy().statements.iter().flat_map(|statement| &statement.conditions) {
                let compares = condition.operator.is_some_and(|operator| operator.base == Base::Ip);
                if !compares || !condition.key.eq_ignore_ascii_case("aws:SourceIp") {
                    continue;
                }
                let ranges: Vec<_> = condition
                    .values
                    .iter()
                    .map(|value| (value, value.text.as_literal().and_then(Cidr::parse_or_address)))
                    .collect();
                let private = |range: &Option<Cidr>| range.is_some_and(|range| range.kind() == Use::Private);
                let Some((first, _)) = ranges.iter().find(|(_, range)| private(range)) else {
                    check.leave_open(condition.values.iter().find_map(|value| document.doubt(value.at)));
                    continue;
                };
                let fix = Fix::suggested("use aws:VpcSourceIp with aws:SourceVpc, or public ranges");
                let unknown = condition.values.iter().find(|value| value.text.as_literal().is_none());
                if ranges.iter().all(|(_, range)| private(range)) && condition.unknown.is_none() {
                    check
                        .fail(
                            document.place(condition.at),
                            "aws:SourceIp is a public address: these private ranges never match",
                        )
                        .fix(fix);
                } else if let (Some(unknown), true) =
                    (unknown, ranges.iter().all(|(value, range)| private(range) || value.text.as_literal().is_none()))
                {
                    check.undetermined(document.place(unknown.at), resource.world().why_symbolic(&unknown.text));
                } else {
                    check
                        .fail(
                            document.place(first.at),
                            "aws:SourceIp is a public address: this private range never matches",
                        )
                        .severity(Severity::Medium)
                        .fix(fix);
                }
            }
        }
    }
}
