//! See the documentation of the rule below.

use crate::rules::names::{key_policies, may_come_late};
use crate::rules::prelude::*;

rule! {
    /// A trail is created after the policies that it needs.
    ///
    /// A trail names its bucket, key and topic, never their policies, so nothing tells CloudFormation or Pulumi to create the
    /// policies first. When the trail wins the race, CloudTrail finds no right to write and refuses it; the next attempt may
    /// work. CDK's `Trail` construct adds the dependency on the bucket's policy, `CfnTrail` and Pulumi do not. A topic's policy
    /// mostly wins its race, for the trail waits for its bucket.
    ///
    /// Mend it with `DependsOn` (Pulumi: the option `dependsOn`).
    ///
    /// ```yaml fails
    /// Resources:
    ///   Logs: {Type: AWS::S3::Bucket}
    ///   LogsPolicy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Logs, PolicyDocument: {Statement: []}}}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {S3BucketName: !Ref Logs, IsLogging: true}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Logs: {Type: AWS::S3::Bucket}
    ///   LogsPolicy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Logs, PolicyDocument: {Statement: []}}}
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     DependsOn: LogsPolicy
    ///     Properties: {S3BucketName: !Ref Logs, IsLogging: true}
    /// ```
    ///
    /// Source: CloudFormation Template Reference, `AWS::CloudTrail::Trail`, example with `DependsOn`.
    {
        id: "cloudtrail-depends-on-bucket-policy", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail"],
        aws_error: "InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket (when the trail is created first)",
    }
    |check, trail| {
        for rel in [Rel::DeliversTo, Rel::EncryptedBy, Rel::Notifies] {
            for edge in trail.follow(rel) {
                let Target::Resource(target) = edge.target else { continue };
                for policy in policies(rel, target).into_iter().filter(|policy| may_come_late(*policy, trail)) {
                    let finding = check
                        .fail(trail, format!("this trail may be created before {}, the policy of {}", policy.label(), target.label()))
                        .related(policy, policy, "must exist first")
                        .fix(order(trail, policy));
                    match rel {
                        Rel::EncryptedBy => {
                            finding.aws_error("InsufficientEncryptionPolicyException: Insufficient permissions to access S3 bucket or KMS key");
                        }
                        // A topic and its policy are made in the time that a bucket takes, which the trail waits for.
                        Rel::Notifies => {
                            finding
                                .category(Category::Reliability)
                                .severity(Severity::Medium)
                                .aws_error("InsufficientSnsTopicPolicyException: SNS Topic does not exist or the topic policy is incorrect!");
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

/// The policies of a bucket, key or topic that are created for themselves: a key's in Pulumi's classic provider alone.
fn policies<'s>(rel: Rel, of: Resource<'s>) -> Vec<Resource<'s>> {
    match rel {
        Rel::EncryptedBy => key_policies(of).collect(),
        _ => of.followed_by(Rel::PolicyOf).edges.into_iter().map(|edge| edge.from).collect(),
    }
}

fn order(trail: Resource<'_>, policy: Resource<'_>) -> Fix {
    if trail.is_pulumi() {
        return Fix::suggested(format!("give the trail the option dependsOn: [{}]", policy.label()));
    }
    let text = format!("add DependsOn: {}", policy.label());
    let written = trail.stack().value(trail.data().anchor).get("DependsOn");
    let edit = match written.is_absent() {
        true => Edit {
            resource: trail.id(),
            at: trail.place(),
            op: Op::Set { path: "DependsOn".into(), value: policy.label().into() },
        },
        false => Edit::append(trail, &written, policy.label()),
    };
    Fix::safe(text, vec![edit])
}
