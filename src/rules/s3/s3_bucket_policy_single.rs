//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// A bucket has one policy resource.
    ///
    /// S3 keeps one policy per bucket. CloudFormation refuses a second `AWS::S3::BucketPolicy` for it; in Pulumi each update of
    /// one overwrites the other. In Pulumi, a policy and a public access block that do not wait for each other may also
    /// collide, since S3 takes one change of a bucket at a time.
    ///
    /// Mend it by merging the statements into one policy; order the access block and the policy with `dependsOn`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data: {Type: AWS::S3::Bucket}
    ///   Readers:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Data
    ///       PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: '111122223333'}, Action: 's3:GetObject', Resource: !Sub '${Data.Arn}/*'}]}
    ///   Writers:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Data
    ///       PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: '111122223333'}, Action: 's3:PutObject', Resource: !Sub '${Data.Arn}/*'}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data: {Type: AWS::S3::Bucket}
    ///   Policy:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Data
    ///       PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: '111122223333'}, Action: ['s3:GetObject', 's3:PutObject'], Resource: !Sub '${Data.Arn}/*'}]}
    /// ```
    ///
    /// Source: CloudFormation Template Reference, "AWS::S3::BucketPolicy".
    {
        id: "s3-bucket-policy-single", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::S3::BucketPolicy"],
        aws_error: "The bucket policy already exists on bucket.",
    }
    |check, policy| {
        let Some(own) = policy.follow(Rel::PolicyOf).into_iter().next() else { return };
        let is_earlier = |other: &Resource<'_>| other.is("AWS::S3::BucketPolicy") && other.id() < policy.id();
        let first = match &own.target {
            Target::Resource(bucket) => {
                let others = bucket.followed_by(Rel::PolicyOf).edges;
                others.into_iter().filter(|edge| is_earlier(&edge.from)).min_by_key(|edge| edge.from.id())
            }
            _ => policy
                .stack()
                .of_type("AWS::S3::BucketPolicy")
                .filter(is_earlier)
                .filter_map(|other| other.follow(Rel::PolicyOf).into_iter().next())
                // The same parameter, or the same name.
                .find(|theirs| match (&theirs.target, own.value.symbolic(), theirs.value.symbolic()) {
                    (Target::Resource(_), ..) => false,
                    (_, Some(one), Some(another)) => crate::model::pattern::same(&one, &another).is_yes(),
                    _ => false,
                }),
        };
        if let Some(theirs) = first {
            let consequence = if policy.is_pulumi() { "they overwrite each other" } else { "AWS refuses the second" };
            check
                .fail(&own.value, format!("the bucket has a policy already, {}: {consequence}", theirs.from.label()))
                .related(theirs.from, &theirs.value, "is the other policy")
                .fix(Fix::suggested("merge the statements into one policy"));
            return;
        }
        let Some(bucket) = own.target.resource().filter(|_| policy.is_pulumi()) else { return };
        for block in bucket.parts() {
            if block.data().source_type.contains("bucketPublicAccessBlock")
                && !policy.comes_after(block)
                && !block.comes_after(policy)
            {
                check
                    .fail(&own.value, format!("the policy and {} of the bucket do not wait for each other", block.label()))
                    .category(Category::Reliability)
                    .severity(Severity::Low)
                    .aws_error("OperationAborted: A conflicting conditional operation is currently in progress against this resource. Please try again.")
                    .fix(Fix::suggested("let the policy depend on the public access block (dependsOn)"));
            }
        }
    }
}
