//! See the documentation of the rule below.

use super::selectors::{advanced, target};
use crate::lang::cloudtrail_selector::{
    Kind as ProblemKind, MAX_NAME_LENGTH, MAX_VALUES, Operator, check as problems, count_values,
};
use crate::rules::prelude::*;
use crate::rules::texts::sentence;

rule! {
    /// Advanced event selectors have the required fields, with operators and values that these take.
    ///
    /// Every selector names its `eventCategory` once, by `Equals` with one value; data events also need one
    /// `resources.type`, network activity events an `eventSource`. `readOnly` takes `Equals` and `'true'` or `'false'`; on a
    /// trail the `eventSource` of management events only excludes `kms.amazonaws.com` and `rdsdata.amazonaws.com`. All
    /// selectors together have at most 500 values. Values are compared as they stand: `*` is no wildcard.
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
    ///             - {Field: eventCategory, Equals: [Data]}
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
    ///             - {Field: eventCategory, Equals: [Data]}
    ///             - {Field: resources.type, Equals: ['AWS::S3::Object']}
    /// ```
    ///
    /// Source: CloudTrail API Reference, `AdvancedEventSelector` and `AdvancedFieldSelector`.
    {
        id: "cloudtrail-advanced-selector-operators", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: ["AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore"],
        aws_error: "InvalidEventSelectorsException",
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
        let mut values = 0;
        for written in &selectors {
            values += count_values(&written.selector);
            let mut failed = false;
            for problem in problems(&written.selector, target(resource)) {
                if problem.kind != ProblemKind::FieldNotAllowed {
                    failed = true;
                    check.fail(written.place(&problem), sentence(&problem.message)).aws_error(problem.aws_error);
                }
            }
            if let Read::Known(name) = written.value.get("Name").literal()
                && name.chars().count() > MAX_NAME_LENGTH
            {
                check
                    .fail(written.value.get("Name"), format!("the name of a selector has at most {MAX_NAME_LENGTH} characters"))
                    .aws_error("Member must have length less than or equal to 1000");
            }
            // Only words that AWS lists, and no wildcards, are taken as values.
            let values = written.fields.iter().flat_map(|field| Operator::ALL.map(|operator| field.get(operator.name())));
            let open = values.filter_map(|values| values.items_or_one().known()).flatten().find(is_open);
            if let Some(open) = open {
                check.undetermined(&written.value, &open);
            }
            if failed {
                continue;
            }
            if let Some(value) = wildcard(written) {
                // Accepted as it stands, but it selects nothing.
                check
                    .fail(&value, "selectors compare values as they stand: * is no wildcard here")
                    .severity(Severity::Medium)
                    .category(Category::Reliability)
                    .no_aws_error();
            } else if let Some(unknown) = written.unknown.clone() {
                check.undetermined(&written.value, unknown);
            }
        }
        if values > MAX_VALUES {
            check.fail(
                resource.get("AdvancedEventSelectors"),
                format!("the selectors have {values} values, more than {MAX_VALUES}"),
            );
        }
    }
}

/// Whether a value may be any word. What AWS hands out is a name or an ARN.
fn is_open(value: &Value<'_>) -> bool {
    matches!(value.literal(), Read::Unknown(unknown) if !matches!(unknown.why(), Why::Attribute(_)))
        && value.symbolic().is_some_and(|text| text.has_opaque())
}

fn wildcard<'s>(written: &super::selectors::Written<'s>) -> Option<Value<'s>> {
    written.fields.iter().find_map(|field| {
        Operator::ALL.iter().find_map(|operator| {
            let values = field.get(operator.name()).items_or_one().known()?;
            values.into_iter().find(|value| matches!(value.literal(), Read::Known(text) if text.contains('*')))
        })
    })
}
