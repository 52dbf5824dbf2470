//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// A trail covers all regions and the global services.
    ///
    /// Who has stolen credentials works in a region that nobody looks at; a trail of one region does not see it. The events of
    /// IAM, STS and CloudFront come from a global service and are recorded where `IncludeGlobalServiceEvents` is on. A trail of
    /// all regions must have it on: CloudTrail refuses the combination.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {S3BucketName: logs, IsLogging: true}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {S3BucketName: logs, IsLogging: true, IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true}
    /// ```
    ///
    /// Source: CloudTrail API Reference, `CreateTrail`.
    {
        id: "cloudtrail-multi-region", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail"],
    }
    |check, trail| {
        let multi = trail.get("IsMultiRegionTrail");
        let global = trail.get("IncludeGlobalServiceEvents");
        let everywhere = match multi.boolean() {
            Read::Known(value) => Some(value),
            Read::Absent => Some(false),
            Read::Unknown(unknown) => {
                check.undetermined(&multi, unknown);
                None
            }
            Read::Other => None,
        };
        if everywhere == Some(false) {
            check
                .fail(&multi, "this trail only records the events of its own region")
                .fix(Fix::suggested("set IsMultiRegionTrail to true"));
        }
        match global.boolean() {
            Read::Known(false) => {
                let fix = Fix::safe(
                    "set IncludeGlobalServiceEvents to true",
                    vec![Edit::set(trail, "IncludeGlobalServiceEvents", true)],
                );
                if everywhere == Some(true) {
                    check
                        .fail(&global, "a trail of all regions must include the events of global services")
                        .category(Category::DeployFailure)
                        .severity(Severity::Critical)
                        .aws_error("InvalidParameterCombinationException: Multi-Region trail must include global service events.")
                        .fix(fix);
                } else {
                    check.fail(&global, "this trail does not record the events of global services such as IAM").fix(fix);
                }
            }
            Read::Unknown(unknown) => {
                check.undetermined(&global, unknown);
            }
            _ => {}
        }
    }
}
