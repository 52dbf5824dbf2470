//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// A bucket's default encryption is one that S3 takes.
    ///
    /// The algorithm is `AES256`, `aws:kms` or `aws:kms:dsse`; a KMS key goes with the KMS algorithms only; and there is one
    /// rule. Anything else is refused when the bucket is made.
    ///
    /// Mend it by choosing `aws:kms` for a key, or by dropping the key.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       BucketEncryption:
    ///         ServerSideEncryptionConfiguration:
    ///           - ServerSideEncryptionByDefault: {SSEAlgorithm: AES256, KMSMasterKeyID: alias/data}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       BucketEncryption:
    ///         ServerSideEncryptionConfiguration:
    ///           - ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: alias/data}
    /// ```
    ///
    /// Source: Amazon S3 API Reference, "ServerSideEncryptionByDefault".
    {
        id: "s3-encryption-config", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::S3::Bucket"],
        aws_error: "InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        cdk_builtin: true,
    }
    |check, bucket| {
        let rules = bucket.get("BucketEncryption.ServerSideEncryptionConfiguration");
        let Some(items) = check.known(&rules, rules.items_or_one()) else { return };
        if items.iter().filter(|item| item.is_present()).count() != 1 && !items.iter().any(Value::is_unknown) {
            check
                .fail(&rules, "default encryption has exactly one rule")
                .aws_error("MalformedXML: The XML you provided was not well-formed or did not validate against our published schema");
        }
        for item in items {
            let by_default = item.get("ServerSideEncryptionByDefault");
            let algorithm = by_default.get("SSEAlgorithm");
            let key = by_default.get("KMSMasterKeyID");
            let Some(name) = check.known(&algorithm, algorithm.literal()) else { continue };
            match name.as_ref() {
                "aws:kms" | "aws:kms:dsse" => {}
                "AES256" => match key.kind() {
                    Kind::Unknown(unknown) if unknown.maybe_absent() || matches!(unknown.why(), Why::Transform(_)) => {
                        check.undetermined(&key, unknown);
                    }
                    Kind::Absent | Kind::Null => {}
                    Kind::Text(Text::Literal(text)) if text.is_empty() => {}
                    _ => {
                        check
                            .fail(&key, "a KMS key goes with aws:kms, not with AES256")
                            .fix(Fix::safe("drop the key", vec![Edit::remove(bucket, &key)]));
                    }
                },
                other => {
                    check
                        .fail(&algorithm, format!("{other} is no algorithm of S3: AES256, aws:kms or aws:kms:dsse"))
                        .aws_error("MalformedXML: The XML you provided was not well-formed or did not validate against our published schema");
                }
            }
            let bucket_key = item.get("BucketKeyEnabled");
            if name != "aws:kms" && bucket_key.boolean() == Read::Known(true) {
                check
                    .fail(&bucket_key, format!("a bucket key does nothing with {name}"))
                    .severity(Severity::Info)
                    .category(Category::Hygiene)
                    .no_aws_error();
            }
        }
    }
}
