//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// A trail is created after the policies that it needs.
    ///
    /// A trail names its bucket and topic, never their policies, so nothing tells CloudFormation or Pulumi to create the
    /// policies first. When the trail wins the race, CloudTrail finds no right to write and refuses it; the next attempt may
    /// work. CDK's `Trail` construct adds the dependency, `CfnTrail` and Pulumi do not.
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
        for rel in [Rel::DeliversTo, Rel::Notifies] {
            for edge in trail.follow(rel) {
                let Target::Resource(target) = edge.target else { continue };
                for policy in target.followed_by(Rel::PolicyOf).edges {
                    let policy = policy.from;
                    // A policy that refers to the trail cannot come first.
                    if trail.comes_after(policy) || policy.data().external || trail.data().external || policy.comes_after(trail) {
                        continue;
                    }
                    let finding = check
                        .fail(trail, format!("this trail may be created before {}, the policy of {}", policy.label(), target.label()))
                        .related(policy, policy, "must exist first");
                    if rel == Rel::Notifies {
                        finding
                            .aws_error("InsufficientSnsTopicPolicyException: SNS Topic does not exist or the topic policy is incorrect!")
                            .fix(order(trail, policy));
                    } else {
                        finding.fix(order(trail, policy));
                    }
                }
            }
        }
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
