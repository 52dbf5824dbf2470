//! See the documentation of the rule below.

use super::selectors::{advanced, target};
use crate::lang::cloudtrail_selector::{Kind as ProblemKind, check as problems};
use crate::rules::prelude::*;
use crate::rules::texts::sentence;

rule! {
    /// Advanced event selectors only use fields that their event category has.
    ///
    /// On a trail, management events can be selected by `readOnly` and, to exclude two noisy services, `eventSource`; not by
    /// `eventName` or `resources.ARN`. Data and network activity events have lists of their own, and an event data store takes
    /// more fields than a trail. One field too many and CloudTrail refuses all selectors.
    ///
    /// Mend it by removing the field (the trail then records more, which costs more), and filter by event name where the
    /// events are used: an EventBridge rule or a metric filter.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       AdvancedEventSelectors:
    ///         - FieldSelectors:
    ///             - {Field: eventCategory, Equals: [Management]}
    ///             - {Field: eventName, Equals: [CreateUser]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       AdvancedEventSelectors:
    ///         - FieldSelectors:
    ///             - {Field: eventCategory, Equals: [Management]}
    ///             - {Field: readOnly, Equals: ['false']}
    /// ```
    ///
    /// Source: CloudTrail API Reference, `AdvancedFieldSelector`.
    {
        id: "cloudtrail-advanced-selector-fields", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore"],
        aws_error: "InvalidEventSelectorsException: The following field is not allowed when the eventCategory field value equals Management: eventName.",
    }
    |check, resource| {
        let selectors = match advanced(resource) {
            Read::Known(selectors) => selectors,
            Read::Unknown(unknown) => {
                check.undetermined(resource.get("AdvancedEventSelectors"), unknown);
                return;
            }
            Read::Absent | Read::Other => return,
        };
        for written in selectors {
            let mut failed = false;
            for problem in problems(&written.selector, target(resource)) {
                if problem.kind == ProblemKind::FieldNotAllowed {
                    failed = true;
                    let text = "remove the field selector (more events are recorded and billed); filter by it in an EventBridge rule or metric filter";
                    let field = problem.field.and_then(|index| written.fields.get(index));
                    let fix = match field {
                        Some(field) => Fix::safe(text, vec![Edit::remove(resource, field)]),
                        None => Fix::suggested(text),
                    };
                    check.fail(written.place(&problem), sentence(&problem.message)).aws_error(problem.aws_error).fix(fix);
                }
            }
            if let Some(unknown) = written.unknown.clone()
                && !failed
            {
                check.undetermined(&written.value, unknown);
            }
        }
    }
}
