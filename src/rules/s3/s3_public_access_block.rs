//! See the documentation of the rule below.

use crate::rules::prelude::*;

const FLAGS: [(&str, &str); 4] = [
    ("PublicAccessBlockConfiguration.BlockPublicAcls", "BlockPublicAcls"),
    ("PublicAccessBlockConfiguration.BlockPublicPolicy", "BlockPublicPolicy"),
    ("PublicAccessBlockConfiguration.IgnorePublicAcls", "IgnorePublicAcls"),
    ("PublicAccessBlockConfiguration.RestrictPublicBuckets", "RestrictPublicBuckets"),
];

rule! {
    /// A bucket blocks public access in all four ways.
    ///
    /// New buckets block public access by default; a configuration that is there turns off what it does not mention. Saying
    /// all four keeps a bucket private that was made before, or whose default somebody changed.
    ///
    /// Mend it by setting all four to true.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: false}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
    {
        id: "s3-public-access-block", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        params: { allow: List = "[]", "Logical ids or Pulumi names of buckets that may be public." },
    }
    |check, bucket| {
        let allowed = check.list("allow");
        if allowed.contains(&bucket.logical_id()) || allowed.contains(&bucket.label()) {
            return;
        }
        let whole = bucket.get("PublicAccessBlockConfiguration");
        let all = || {
            Fix::suggested("set BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls and RestrictPublicBuckets to true")
        };
        match whole.kind() {
            Kind::Absent | Kind::Null => {
                check
                    .fail(&whole, "the bucket does not say that it blocks public access")
                    .severity(Severity::Medium)
                    .fix(all());
                return;
            }
            Kind::Unknown(unknown) => {
                check.undetermined(&whole, unknown);
                return;
            }
            _ => {}
        }
        let mut off = Vec::new();
        let mut open = None;
        for (path, name) in FLAGS {
            let flag = bucket.get(path);
            match flag.boolean() {
                Read::Known(true) => {}
                Read::Unknown(unknown) => open = open.or(Some((flag, unknown))),
                _ => off.push((name, flag)),
            }
        }
        if let Some((_, at)) = off.first() {
            let names: Vec<&str> = off.iter().map(|(name, _)| *name).collect();
            check.fail(at, format!("the bucket does not block all public access: {} is off", names.join(", "))).fix(all());
        } else if let Some((flag, unknown)) = open {
            check.undetermined(&flag, unknown);
        }
    }
}
