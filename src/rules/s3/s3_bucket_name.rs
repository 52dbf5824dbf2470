//! See the documentation of the rule below.

use crate::lang::Verdict;
use crate::lang::bucket_name::{self, Namespace};
use crate::lang::holes::Units;
use crate::rules::prelude::*;

rule! {
    /// A bucket's name is one that S3 takes.
    ///
    /// A name has 3 to 63 lower-case letters, digits, dots and hyphens, begins and ends with a letter or digit, is no IP
    /// address, and keeps clear of the prefixes and suffixes that S3 reserves. Parts that are known only at deployment are
    /// judged by what they can be.
    ///
    /// Mend it by choosing another name, or leave the name to CloudFormation or Pulumi.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {BucketName: Audit_Logs}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {BucketName: !Sub 'audit-logs-${AWS::AccountId}'}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "General purpose bucket naming rules".
    {
        id: "s3-bucket-name", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        aws_error: "InvalidBucketName: The specified bucket is not valid.",
        cdk_builtin: true,
    }
    |check, bucket| {
        let value = bucket.get("BucketName");
        let namespace = bucket.get("BucketNamespace");
        let namespace = match namespace.literal() {
            Read::Known(text) if text == "account-regional" => Namespace::AccountRegional,
            Read::Unknown(unknown) => {
                if value.is_present() {
                    check.undetermined(&namespace, unknown);
                }
                return;
            }
            _ => Namespace::Global,
        };
        let Some(text) = check.known(&value, value.text()) else { return };
        match bucket_name::check(&text, namespace) {
            Verdict::Invalid(problem) => {
                let finding = check.fail(&value, lower(&problem.message)).aws_error(problem.aws_error.clone());
                let finding = finding.within(problem.offset, problem.length);
                if let Some(better) = crate::lang::repair(&text, |text| bucket_name::check(text, namespace)) {
                    finding.fix(Fix::suggested(format!("call it {better}")));
                }
            }
            Verdict::Undetermined(why) => {
                check.undetermined(&value, Unknown::other(why.into_owned()));
            }
            Verdict::Valid(()) => {
                let accelerated = bucket.get("AccelerateConfiguration.AccelerationStatus").literal().known();
                if accelerated.as_deref() == Some("Enabled") && Units::of(&text).units.iter().any(|unit| unit.is('.')) {
                    check
                        .fail(&value, "a bucket with Transfer Acceleration has no dots in its name")
                        .aws_error("InvalidRequest: S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
                }
            }
        }
    }
}

fn lower(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
