//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Customer managed keys rotate their material every year.
    ///
    /// Without automatic rotation one key material protects everything that was ever encrypted with the key. KMS rotates
    /// only symmetric encryption keys with material of its own (`Origin: AWS_KMS`); asymmetric, HMAC and imported keys
    /// cannot rotate automatically and are not reported.
    ///
    /// Mend it by turning rotation on; nothing that uses the key notices.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       Description: audit logs
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       Description: audit logs
    ///       EnableKeyRotation: true
    /// ```
    ///
    /// Source: AWS KMS Developer Guide, "Rotate AWS KMS keys".
    {
        id: "kms-rotation", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::KMS::Key"],
        params: { maxPeriodDays: Number = "365", "Days between two rotations at most."; },
    }
    |check, key| {
        for (property, rotating) in [("KeySpec", "SYMMETRIC_DEFAULT"), ("Origin", "AWS_KMS")] {
            let value = key.effective(property);
            match value.literal() {
                Read::Known(text) if text != rotating => return,
                Read::Unknown(unknown) => {
                    check.undetermined(&value, unknown);
                    return;
                }
                _ => {}
            }
        }
        let rotation = key.get("EnableKeyRotation");
        match rotation.boolean() {
            Read::Known(true) => {
                let period = key.get("RotationPeriodInDays");
                let most = check.number("maxPeriodDays").unwrap_or(f64::INFINITY);
                match period.number() {
                    Read::Known(days) if days > most => {
                        check
                            .fail(&period, format!("this key is rotated every {days} days, {most} are the most"))
                            .severity(Severity::Medium)
                            .fix(Fix::suggested(format!("rotate it every {most} days")));
                    }
                    Read::Unknown(unknown) => {
                        check.undetermined(&period, unknown);
                    }
                    _ => {}
                }
            }
            Read::Unknown(unknown) => {
                check.undetermined(&rotation, unknown);
            }
            Read::Known(false) | Read::Absent | Read::Other => {
                check.fail(&rotation, "automatic rotation of this key is off").fix(Fix::safe(
                    "set EnableKeyRotation to true",
                    vec![Edit::set(key, "EnableKeyRotation", true)],
                ));
            }
        }
    }
}
