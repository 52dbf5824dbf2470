//! See the documentation of the rule below.

use crate::rules::Doubt;
use crate::rules::prelude::*;
use crate::rules::tags;

rule! {
    /// A bucket with sensitive data is encrypted with KMS, and with a bucket key.
    ///
    /// S3 encrypts every object with keys of its own. Data of higher classes must be under a KMS key, whose policy says who may
    /// read and which can be turned off. A bucket key saves most of the requests to KMS, which are paid for.
    ///
    /// Buckets that take access logs are exempt, since S3 does not write them with KMS.
    ///
    /// Mend it with `aws:kms` and the ARN of a customer managed key, and `BucketKeyEnabled: true`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {Tags: [{Key: DataClassification, Value: Restricted}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       Tags: [{Key: DataClassification, Value: Restricted}]
    ///       BucketEncryption:
    ///         ServerSideEncryptionConfiguration:
    ///           - BucketKeyEnabled: true
    ///             ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: alias/data}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys" and "Reducing the cost of SSE-KMS with
    /// Amazon S3 Bucket Keys".
    {
        id: "s3-encryption-required", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        params: {
            tag: Text = "\"DataClassification\"", "The tag with the class of the data.";
            classes: List = "[\"Confidential\", \"Restricted\"]", "Classes whose data must be under a KMS key."
        },
    }
    |check, bucket| {
        let logs = bucket.followed_by(Rel::DeliversTo).edges.iter().any(|edge| edge.from.is("AWS::S3::Bucket"));
        if logs {
            return;
        }
        let encryption = bucket.get("BucketEncryption.ServerSideEncryptionConfiguration");
        let rule = match encryption.items_or_one() {
            Read::Known(items) => items.into_iter().next(),
            Read::Unknown(unknown) => {
                if classified(check, bucket) != Tri::No {
                    check.undetermined(&encryption, unknown);
                }
                return;
            }
            _ => None,
        };
        let algorithm = rule.as_ref().map(|rule| rule.path("ServerSideEncryptionByDefault.SSEAlgorithm"));
        let kms = match algorithm.as_ref().map(Value::literal) {
            Some(Read::Known(name)) => Tri::from(name.starts_with("aws:kms")),
            Some(Read::Unknown(_)) => Tri::Unknown,
            _ => Tri::No,
        };
        let at = algorithm.as_ref().filter(|value| !value.is_absent()).unwrap_or(&encryption);
        match (classified(check, bucket), kms) {
            (Tri::Yes, Tri::No) => {
                check
                    .fail(at, "the class of this bucket's data asks for a KMS key")
                    .fix(Fix::suggested("set SSEAlgorithm to aws:kms with a customer managed key, and BucketKeyEnabled to true"));
            }
            (Tri::Unknown, Tri::No) | (Tri::Yes, Tri::Unknown) => {
                check.undetermined(at, Unknown::other("the class of the data or the encryption is not known"));
            }
            _ => {}
        }
        let Some(rule) = rule else { return };
        let Some(algorithm) = algorithm else { return };
        let doubt = Doubt::of(&algorithm);
        if doubt.is_none() && algorithm.literal().known().as_deref() != Some("aws:kms") {
            return;
        }
        let key = rule.get("BucketKeyEnabled");
        if key.boolean() == Read::Known(true) {
            return;
        }
        check.in_doubt(doubt.or_else(|| Doubt::of(&key)), || {
            check
                .fail(&key, "objects are encrypted with KMS without a bucket key: every request costs a call to KMS")
                .severity(Severity::Low)
                .category(Category::Cost)
                .fix(Fix::suggested("set BucketKeyEnabled to true"));
        });
    }
}

/// Whether the data is of a class that asks for KMS.
fn classified<'s>(check: &crate::rules::Check<'s>, bucket: Resource<'s>) -> Tri {
    let Some(name) = check.string("tag") else { return Tri::No };
    match tags::tags(bucket) {
        Read::Known(all) => match tags::tag(&all, name).map(|value| value.literal()) {
            Some(Read::Known(class)) => {
                Tri::from(check.list("classes").iter().any(|wanted| wanted.eq_ignore_ascii_case(&class)))
            }
            Some(Read::Unknown(_)) => Tri::Unknown,
            _ => Tri::No,
        },
        // Tags from elsewhere: nothing says that this one is among them.
        _ => Tri::No,
    }
}
