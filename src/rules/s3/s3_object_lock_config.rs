//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Object Lock has what it needs, and a retention that S3 takes.
    ///
    /// Object Lock works on versions: it needs the bucket to be made with `ObjectLockEnabled`, or versioning turned on first,
    /// and versioning must stay on. A default retention has a mode, `GOVERNANCE` or `COMPLIANCE`, and either days or years.
    ///
    /// Mend it by setting `ObjectLockEnabled` on the bucket and `Enabled` as its versioning status.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       ObjectLockConfiguration:
    ///         ObjectLockEnabled: Enabled
    ///         Rule: {DefaultRetention: {Mode: COMPLIANCE, Days: 365}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       ObjectLockEnabled: true
    ///       VersioningConfiguration: {Status: Enabled}
    ///       ObjectLockConfiguration:
    ///         ObjectLockEnabled: Enabled
    ///         Rule: {DefaultRetention: {Mode: COMPLIANCE, Days: 365}}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Locking objects with Object Lock"; S3 API Reference, "PutObjectLockConfiguration".
    {
        id: "s3-object-lock-config", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        aws_error: "InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    }
    |check, bucket| {
        const MALFORMED: &str =
            "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema";
        let lock = bucket.get("ObjectLockConfiguration");
        let enabled = bucket.get("ObjectLockEnabled");
        let status = bucket.get("VersioningConfiguration.Status");
        let locked = enabled.boolean();
        // An absent configuration and a lock that is not known, or the other way round.
        if !lock.is_present()
            && (locked.is_unknown() && status.literal().known().as_deref() == Some("Suspended")
                || locked == Read::Known(true) && status.literal().is_unknown())
        {
            let open = if locked.is_unknown() { &enabled } else { &status };
            check.undetermined(open, open);
        }
        if lock.is_present() && status.literal().is_unknown() {
            check.undetermined(&status, &status);
        }
        if (lock.is_present() || locked == Read::Known(true))
            && status.literal().known().as_deref() == Some("Suspended")
        {
            check
                .fail(&status, "versioning is suspended on a bucket with Object Lock")
                .aws_error("InvalidBucketState: An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.");
            return;
        }
        if !lock.is_present() {
            return;
        }
        match (&locked, status.literal()) {
            (Read::Known(true), _) => {}
            (_, Read::Known(state)) if state == "Enabled" => order(check, bucket),
            (Read::Unknown(unknown), _) => {
                check.undetermined(&enabled, unknown);
            }
            (_, Read::Unknown(unknown)) => {
                check.undetermined(&status, unknown);
            }
            _ => {
                check
                    .fail(&lock, "Object Lock needs a bucket with ObjectLockEnabled or with versioning turned on")
                    .fix(Fix::suggested("set ObjectLockEnabled to true and VersioningConfiguration.Status to Enabled"));
            }
        }
        let literal = lock.get("ObjectLockEnabled");
        if let Some(text) = check.known(&literal, literal.literal())
            && text != "Enabled"
        {
            check.fail(&literal, "ObjectLockEnabled of the configuration is the word Enabled").aws_error(MALFORMED);
        }
        let rule = lock.get("Rule");
        let retention = rule.get("DefaultRetention");
        if !rule.is_present() || !retention.is_present() || retention.is_unknown() {
            return;
        }
        let (mode, days, years) = (retention.get("Mode"), retention.get("Days"), retention.get("Years"));
        match mode.literal() {
            Read::Known(text) if text == "GOVERNANCE" || text == "COMPLIANCE" => {}
            Read::Unknown(unknown) => {
                check.undetermined(&mode, unknown);
            }
            _ => {
                check.fail(&mode, "a default retention has the mode GOVERNANCE or COMPLIANCE").aws_error(MALFORMED);
            }
        }
        if days.is_present() && years.is_present() {
            check.fail(&years, "a default retention has days or years, not both").aws_error(MALFORMED);
        } else if days.is_absent() && years.is_absent() {
            check.fail(&retention, "a default retention has days or years").aws_error(MALFORMED);
        }
        for (value, most, name) in [(&days, 36_500.0, "days"), (&years, 100.0, "years")] {
            match value.number() {
                Read::Known(number) if number < 1.0 || number > most || number.fract() != 0.0 => {
                    check
                        .fail(value, format!("a default retention of {number} {name} is not between 1 and {most}"))
                        .aws_error("InvalidArgument: Default retention period must be a positive integer value");
                }
                Read::Unknown(unknown) => {
                    check.undetermined(value, unknown);
                }
                _ => {}
            }
        }
    }
}

/// In Pulumi versioning may be a resource of its own, which must be there first.
fn order<'s>(check: &crate::rules::Check<'s>, bucket: Resource<'s>) {
    let split = |token: &str| bucket.parts().find(|part| part.data().source_type.contains(token));
    if let (Some(lock), Some(versioning)) = (split("bucketObjectLockConfiguration"), split("bucketVersioning"))
        && !lock.comes_after(versioning)
    {
        check
            .fail_on(
                lock,
                lock,
                format!("Object Lock does not wait for {}, which turns versioning on", versioning.label()),
            )
            .category(Category::Reliability)
            .severity(Severity::High)
            .related(versioning, versioning, "turns versioning on")
            .fix(Fix::suggested("let the Object Lock configuration depend on the versioning (dependsOn)"));
    }
}
