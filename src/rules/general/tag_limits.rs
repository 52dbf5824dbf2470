//! See the documentation of the rule below.

use crate::lang::tag::{self, Characters, MAX_TAGS};
use crate::model::pattern::{fold, same};
use crate::rules::prelude::*;
use crate::rules::tags;

rule! {
    /// Tags are within the limits of AWS.
    ///
    /// A resource has at most 50 tags, a key 1 to 128 characters, a value at most 256; keys that begin with `aws:` belong to
    /// AWS, and no key comes twice (with IAM not even in another case).
    ///
    /// ```yaml fails
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties:
    ///       Tags: [{Key: 'aws:owner', Value: audit}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties:
    ///       Tags: [{Key: 'company:owner', Value: audit}]
    /// ```
    ///
    /// Source: Tagging AWS Resources User Guide, "Tag naming limits and requirements".
    {
        id: "tag-limits", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
        aws_error: "aws: prefixed tag key names are not allowed for external use",
    }
    |check, resource| {
        let Read::Known(tags) = tags::tags(resource) else { return };
        if tags.is_empty() {
            return;
        }
        let kind = resource.kind();
        let iam = kind.starts_with("AWS::IAM::");
        let strict = iam || ["AWS::KMS::", "AWS::Lambda::", "AWS::CloudWatch::"].iter().any(|start| kind.starts_with(start));
        let characters = if strict { Characters::Documented } else { Characters::Open };
        if tags.len() > MAX_TAGS {
            check
                .fail(tags::property(resource), format!("{} tags are more than the {MAX_TAGS} that a resource may have", tags.len()))
                .aws_error("TagLimitExceeded")
                .fix(Fix::suggested("leave out the tags that nothing uses"));
        }
        for (index, tag) in tags.iter().enumerate().take(10 * MAX_TAGS) {
            if let Some(problem) = tag::key(&tag.key, characters).problem() {
                check
                    .fail(&tag.key_at, format!("the tag key {:?}: {}", shown(&tag.key), problem.message))
                    .aws_error(problem.aws_error.clone())
                    .fix(Fix::suggested("rename the tag"));
            }
            if let Some(text) = tag.value.symbolic()
                && let Some(problem) = tag::value(&text, characters).problem()
            {
                check
                    .fail(&tag.value, format!("the value of the tag {:?}: {}", shown(&tag.key), problem.message))
                    .aws_error(problem.aws_error.clone())
                    .fix(Fix::suggested("shorten the value"));
            }
            if may_collide(&tag.key, tags.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, other)| &other.key), iam) {
                check.undetermined(&tag.key_at, &tag.key_at);
            }
            if let Some(key) = tag.key.as_literal() {
                let same = |other: &str| match iam {
                    true => key.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase)),
                    false => key == other,
                };
                if tags[..index].iter().filter_map(|before| before.key.as_literal()).any(same) {
                    check
                        .fail(&tag.key_at, format!("the tag key {:?} comes twice", shown(&tag.key)))
                        .aws_error("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
                        .fix(Fix::suggested("keep one of them"));
                }
            }
        }
    }
}

fn shown(text: &Text<'_>) -> String {
    let text = text.to_string();
    if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text }
}

/// Whether a key that is not known may begin with `aws:` or be another one.
fn may_collide<'t, 's: 't>(key: &Text<'s>, mut others: impl Iterator<Item = &'t Text<'s>>, any_case: bool) -> bool {
    let alike = |other: &Text<'s>| match any_case {
        true => same(&fold(key), &fold(other)),
        false => same(key, other),
    };
    key.has_opaque() && (key.as_symbol().is_some() || others.any(|other| !alike(other).is_no()))
}
