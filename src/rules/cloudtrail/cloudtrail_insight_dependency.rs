//! See the documentation of the rule below.

use super::recording::recording;
use crate::rules::prelude::*;

const TYPES: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];
const CATEGORIES: [&str; 2] = ["Management", "Data"];

rule! {
    /// Insights are only asked for on events that the trail records.
    ///
    /// CloudTrail Insights looks for unusual rates among the events of the trail. `ApiCallRateInsight` needs write management
    /// events, `ApiErrorRateInsight` needs read or write management events, insights on data events need a selector of data
    /// events. CloudTrail refuses insight selectors without them, and types other than these two.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       EventSelectors: [{ReadWriteType: ReadOnly}]
    ///       InsightSelectors: [{InsightType: ApiCallRateInsight}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Trail:
    ///     Type: AWS::CloudTrail::Trail
    ///     Properties:
    ///       S3BucketName: logs
    ///       IsLogging: true
    ///       InsightSelectors: [{InsightType: ApiCallRateInsight}]
    /// ```
    ///
    /// Source: CloudTrail API Reference, `PutInsightSelectors` and `InsightSelector`.
    {
        id: "cloudtrail-insight-dependency", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::CloudTrail::Trail"],
        aws_error: "InvalidInsightSelectorsException",
    }
    |check, trail| {
        let list = trail.get("InsightSelectors");
        let Some(selectors) = check.known(&list, list.items_or_one()) else { return };
        let found = recording(trail);
        let mut seen: Vec<String> = Vec::new();
        for selector in &selectors {
            let kind = selector.get("InsightType");
            let name = match kind.literal() {
                Read::Known(name) => name.into_owned(),
                Read::Unknown(unknown) => {
                    check.undetermined(&kind, unknown);
                    continue;
                }
                Read::Absent | Read::Other => continue,
            };
            if !TYPES.contains(&name.as_str()) {
                check.fail(&kind, format!("{name} is no type of insight; there are {}", TYPES.join(" and ")));
                continue;
            }
            if seen.contains(&name) {
                check.fail(&kind, format!("{name} is asked for twice"));
                continue;
            }
            let listed = selector.get("EventCategories");
            let categories = match listed.items_or_one() {
                Read::Known(values) => values,
                Read::Unknown(unknown) => {
                    check.undetermined(&listed, unknown);
                    continue;
                }
                Read::Absent | Read::Other => Vec::new(),
            };
            let mut wanted: Vec<String> = Vec::new();
            for category in &categories {
                match category.literal() {
                    Read::Known(text) if CATEGORIES.contains(&&*text) => wanted.push(text.into_owned()),
                    Read::Known(text) => {
                        check.fail(category, format!("{text} is no category of insights; there are {}", CATEGORIES.join(" and ")));
                    }
                    _ => {
                        check.undetermined(category, category);
                    }
                }
            }
            if categories.is_empty() {
                wanted.push("Management".into());
            }
            for category in wanted {
                let (there, needed) = match (category.as_str(), name.as_str()) {
                    ("Data", _) => (found.data, "data events"),
                    (_, "ApiCallRateInsight") => (found.writes, "write management events"),
                    _ => (found.reads.or(found.writes), "management events"),
                };
                match there {
                    Tri::Yes => {}
                    Tri::No => {
                        check
                            .fail(&kind, format!("{name} needs {needed}, which this trail does not record"))
                            .fix(Fix::suggested(format!("record {needed}, or remove the insight selector")));
                    }
                    Tri::Unknown => {
                        check.undetermined(&kind, found.why());
                    }
                }
            }
            seen.push(name);
        }
    }
}
