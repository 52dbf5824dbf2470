//! See the documentation of the rule below.

use super::recording::recording;
use crate::rules::Doubt;
use crate::rules::prelude::*;

rule! {
    /// A trail is on and records all management events.
    ///
    /// Management events say who changed or read what in the account. A trail that is off, that only records reads or only
    /// writes, or that only records data events leaves a gap that nobody notices until the events are needed. Leaving out the
    /// events of KMS saves money and hides the use of keys: that is reported with less weight. A trail is not reported for
    /// what another trail of the same stack records.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {S3BucketName: logs, IsLogging: true, EventSelectors: [{ReadWriteType: ReadOnly}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties: {S3BucketName: logs, IsLogging: true, EventSelectors: [{ReadWriteType: All}]}
    /// ```
    ///
    /// Source: CloudTrail User Guide, "Logging management events".
    {
        id: "cloudtrail-management-events", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::CloudTrail::Trail"],
    }
    |check, trail| {
        let logging = trail.get("IsLogging");
        match logging.boolean() {
            Read::Known(false) => {
                check
                    .fail(&logging, "this trail is switched off: it records nothing")
                    .fix(Fix::suggested("set IsLogging to true"));
                return;
            }
            Read::Unknown(unknown) => {
                check.undetermined(&logging, unknown);
                return;
            }
            _ => {}
        }
        let found = recording(trail);
        let selectors = ["AdvancedEventSelectors", "EventSelectors"].map(|name| trail.get(name));
        let place = selectors.iter().find(|value| !value.is_absent()).map_or(trail.place(), Value::place);
        let missing = match (found.reads, found.writes) {
            (Tri::No, Tri::No) => "this trail records no management events",
            (Tri::No, _) => "this trail does not record read management events",
            (_, Tri::No) => "this trail does not record write management events",
            (Tri::Yes, Tri::Yes) if found.kms == Tri::No => {
                if let Some(doubt) = uncovered(trail) {
                    check.in_doubt(doubt, || {
                        check
                            .fail(place, "this trail leaves out the management events of KMS")
                            .severity(Severity::Medium)
                            .fix(Fix::suggested("do not exclude kms.amazonaws.com"));
                    });
                }
                return;
            }
            (Tri::Yes, Tri::Yes) if found.kms.is_yes() => return,
            _ => {
                check.undetermined(place, found.why());
                return;
            }
        };
        if let Some(doubt) = uncovered(trail) {
            check.in_doubt(doubt, || {
                check.fail(place, missing).fix(Fix::suggested("record management events with ReadWriteType All"));
            });
        }
    }
}

/// Whether no other trail of the stack certainly records all management events, with what leaves it open.
fn uncovered(trail: Resource<'_>) -> Option<Option<Doubt>> {
    let mut open = None;
    for other in trail.stack().of_type("AWS::CloudTrail::Trail").filter(|other| *other != trail) {
        let (found, logging) = (recording(other), other.get("IsLogging"));
        if !found.reads.and(found.writes).and(found.kms).is_yes() || logging.boolean() == Read::Known(false) {
            continue;
        }
        match Doubt::of(&logging) {
            None => return None,
            doubt => open = doubt,
        }
    }
    Some(open)
}
