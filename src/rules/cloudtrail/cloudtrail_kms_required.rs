//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Trails encrypt their log files with a key of your own.
    ///
    /// Without `KMSKeyId` the log files are encrypted with a key of S3, and whoever may read the bucket reads them. A customer
    /// managed key asks for a second right, and its use is recorded.
    ///
    /// Mend it with a key whose policy lets `cloudtrail.amazonaws.com` generate data keys.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: logs, IsLogging: true}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: logs, IsLogging: true, KMSKeyId: alias/audit}}
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Encrypting CloudTrail log files with AWS KMS keys".
    {
        id: "cloudtrail-kms-required", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::CloudTrail::Trail"],
    }
    |check, trail| {
        let key = trail.get("KMSKeyId");
        if key.is_present() {
            return;
        }
        if key.is_absent() {
            check
                .fail(&key, "the log files of this trail are not encrypted with a customer managed key")
                .fix(Fix::suggested("set KMSKeyId to a key whose policy lets cloudtrail.amazonaws.com use it"));
        } else {
            check.undetermined(&key, &key);
        }
    }
}
