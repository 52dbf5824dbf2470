//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Trails write digests of their log files.
    ///
    /// With `EnableLogFileValidation` CloudTrail signs an hourly digest, so that a log file that was changed, deleted or made
    /// up can be told from a real one. It is off by default and costs nothing.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: logs, IsLogging: true}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: logs, IsLogging: true, EnableLogFileValidation: true}}
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Validating CloudTrail log file integrity".
    {
        id: "cloudtrail-log-validation", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail"],
    }
    |check, trail| {
        let value = trail.get("EnableLogFileValidation");
        match value.boolean() {
            Read::Known(true) => {}
            Read::Unknown(unknown) => {
                check.undetermined(&value, unknown);
            }
            Read::Known(false) | Read::Absent | Read::Other => {
                check.fail(&value, "changes to the log files of this trail would go unnoticed").fix(Fix::safe(
                    "set EnableLogFileValidation to true",
                    vec![Edit::set(trail, "EnableLogFileValidation", true)],
                ));
            }
        }
    }
}
