//! See the documentation of the rule below.

use super::lifecycle::read;
use crate::lang::s3_lifecycle::Timing;
use crate::rules::prelude::*;

rule! {
    /// A lifecycle does not delete what must be kept.
    ///
    /// Object Lock keeps a version for its retention: an expiration before its end only hides the object behind a delete
    /// marker, and the space is paid for on. A bucket that holds audit logs (the target of a trail, of Config or of flow logs)
    /// must keep them as long as the organisation's rules say.
    ///
    /// Mend it by raising the days of the expiration to the retention.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       ObjectLockEnabled: true
    ///       ObjectLockConfiguration:
    ///         ObjectLockEnabled: Enabled
    ///         Rule: {DefaultRetention: {Mode: COMPLIANCE, Days: 365}}
    ///       LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 90}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       ObjectLockEnabled: true
    ///       ObjectLockConfiguration:
    ///         ObjectLockEnabled: Enabled
    ///         Rule: {DefaultRetention: {Mode: COMPLIANCE, Days: 365}}
    ///       LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 400}]}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Managing Object Lock" (Object Lock with S3 Lifecycle).
    {
        id: "s3-lifecycle-retention-conflict", since: "0.1.0", category: Compliance, severity: High, preset: Enhanced,
        scope: CrossResource,
        on: ["AWS::S3::Bucket"],
        params: { auditDays: Number = "2557", "Days that audit logs must be kept: 7 years." },
    }
    |check, bucket| {
        let rules = bucket.get("LifecycleConfiguration.Rules");
        let Some(items) = check.known(&rules, rules.items_or_one()) else { return };
        let retention = bucket.get("ObjectLockConfiguration.Rule.DefaultRetention");
        let mut required: Option<(f64, &str)> = None;
        let mut open: Option<Value<'_>> = None;
        for (path, factor) in [("Days", 1.0), ("Years", 365.0)] {
            let value = retention.get(path);
            match value.number() {
                Read::Known(number) => required = Some((number * factor, "Object Lock keeps them")),
                Read::Unknown(_) => open = Some(value),
                _ => {}
            }
        }
        let audit = bucket.followed_by(Rel::DeliversTo);
        let is_audit = audit.edges.iter().any(|edge| {
            ["AWS::CloudTrail::Trail", "AWS::Config::DeliveryChannel", "AWS::EC2::FlowLog"].contains(&edge.from.kind())
        });
        if let (true, Some(days)) = (is_audit, check.number("auditDays"))
            && required.is_none_or(|(least, _)| days > least)
        {
            required = Some((days, "audit logs are kept"));
        }
        for item in items.iter().filter(|item| !item.is_absent()) {
            let status = item.get("Status");
            if status.literal().known().as_deref() == Some("Disabled") {
                continue;
            }
            let reading = read(item);
            for (timing, at, what) in [
                (reading.rule.expiration, &reading.expiration, "objects"),
                (reading.rule.noncurrent_expiration, &reading.noncurrent_expiration, "noncurrent versions"),
            ] {
                match (timing, required) {
                    (Some(Timing::Days(days)), Some((least, _))) if (days as f64) < least && status.literal().is_unknown() => {
                        check.undetermined(&status, &status);
                    }
                    (Some(Timing::Days(days)), Some((least, why))) if (days as f64) < least => {
                        check.fail(at, format!("{what} expire after {days} days, {why} for {least}"));
                    }
                    (Some(Timing::Unknown), Some(_)) if at.literal().is_unknown() => {
                        check.undetermined(at, at);
                    }
                    // Object Lock may keep them longer.
                    (Some(_), _) => {
                        if let Some(open) = &open {
                            check.undetermined(open, Unknown::from(open));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
