//! See the documentation of the rule below.

use crate::lang::Verdict;
use crate::lang::cloudtrail_selector::{
    BASIC_TYPES, EXCLUDABLE_SOURCES, MAX_BASIC_SELECTORS, MAX_DATA_RESOURCES, data_resource_value,
};
use crate::rules::prelude::*;
use crate::rules::texts;

rule! {
    /// Basic event selectors stay within what CloudTrail takes.
    ///
    /// A trail has basic or advanced selectors, not both; at most five basic ones with 250 data resources. Data resources are
    /// S3 objects, Lambda functions and DynamoDB tables: all buckets are `arn:aws:s3:::` (or `arn:aws:s3`), one bucket
    /// is `arn:aws:s3:::bucket/` with its slash, all functions are `arn:aws:lambda`. A `*` is refused. Only the management events
    /// of `kms.amazonaws.com` and `rdsdata.amazonaws.com` can be excluded.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::*']}]}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::']}]}]
    /// ```
    ///
    /// Source: CloudTrail API Reference, `EventSelector` and `DataResource`.
    {
        id: "cloudtrail-basic-selector", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::CloudTrail::Trail"],
        aws_error: "InvalidEventSelectorsException",
    }
    |check, trail| {
        let basic = trail.get("EventSelectors");
        let Some(selectors) = check.known(&basic, basic.items_or_one()) else { return };
        if selectors.is_empty() {
            return;
        }
        let advanced = trail.get("AdvancedEventSelectors");
        if advanced.items().known().is_some_and(|items| !items.is_empty()) {
            check
                .fail(&basic, "a trail takes EventSelectors or AdvancedEventSelectors, not both")
                .aws_error("InvalidEventSelectorsException: You cannot specify both event selectors and advanced event selectors.")
                .related(trail, &advanced, "has the advanced selectors");
        }
        if selectors.len() > MAX_BASIC_SELECTORS {
            check.fail(&basic, format!("a trail takes {MAX_BASIC_SELECTORS} event selectors, not {}", selectors.len()));
        }
        let mut resources = 0;
        for selector in &selectors {
            if let Some(unknown) = selector.unknown() {
                check.undetermined(selector, unknown);
                continue;
            }
            let access = selector.get("ReadWriteType");
            if let Some(text) = check.known(&access, access.literal())
                && !["All", "ReadOnly", "WriteOnly"].contains(&&*text)
            {
                check.fail(&access, format!("ReadWriteType is All, ReadOnly or WriteOnly, not {text}"));
            }
            for source in selector.get("ExcludeManagementEventSources").items_or_one().known().unwrap_or_default() {
                if let Some(text) = check.known(&source, source.literal())
                    && !EXCLUDABLE_SOURCES.contains(&&*text)
                {
                    check
                        .fail(&source, format!("management events of {text} cannot be excluded, only those of {}", EXCLUDABLE_SOURCES.join(" and ")))
                        .aws_error("InvalidEventSelectorsException: Event selector ExcludeManagementEventSources is not valid");
                }
            }
            for data in selector.get("DataResources").items_or_one().known().unwrap_or_default() {
                resources += judge(check, trail, &data);
            }
        }
        if resources > MAX_DATA_RESOURCES {
            check.fail(&basic, format!("the selectors have {resources} data resources, more than {MAX_DATA_RESOURCES}"));
        }
    }
}

/// Judges one data resource; the answer is how many values it has.
fn judge<'s>(check: &crate::rules::Check<'s>, trail: Resource<'s>, data: &Value<'s>) -> usize {
    let kind = data.get("Type");
    let name = match kind.literal() {
        Read::Known(name) => name,
        Read::Unknown(unknown) => {
            check.undetermined(&kind, unknown);
            return 0;
        }
        Read::Absent | Read::Other => return 0,
    };
    if !BASIC_TYPES.contains(&&*name) {
        check.fail(
            &kind,
            format!("basic selectors take {}, not {name}: use advanced event selectors", BASIC_TYPES.join(", ")),
        );
        return 0;
    }
    let list = data.get("Values");
    let values = match list.items_or_one() {
        Read::Known(values) => values,
        Read::Unknown(unknown) => {
            check.undetermined(&list, unknown);
            return 0;
        }
        Read::Absent | Read::Other => return 0,
    };
    for value in &values {
        let parser = |text: &Text<'s>| data_resource_value(&name, text);
        match texts::parse(value, parser) {
            Some(Verdict::Invalid(problem)) => {
                texts::refuse(check, trail, value, &problem, parser);
            }
            Some(Verdict::Undetermined(why)) => texts::open(check, value, &why),
            Some(Verdict::Valid(())) | None => {}
        }
    }
    values.len()
}
