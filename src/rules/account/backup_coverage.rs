//! See the documentation of the rule below.

use crate::model::pattern::{Pattern, same};
use crate::rules::Check;
use crate::rules::prelude::*;
use crate::rules::texts::at_preview;

/// What a plan of the input should take in, with the property that holds the tags.
const STATEFUL: &[(&str, &str)] =
    &[("AWS::DynamoDB::Table", "Tags"), ("AWS::RDS::DBInstance", "Tags"), ("AWS::EFS::FileSystem", "FileSystemTags")];
/// Days that a recovery point stays in cold storage at least.
const COLD_DAYS: f64 = 90.0;

rule! {
    /// Backup plans keep what they should, and select the data of their stack.
    ///
    /// A plan has a rule that keeps recovery points for `minDays` days, in cold storage for at least 90. Where a stack selects
    /// resources for backups at all, its tables, databases and file systems are among them: by ARN or by tag. Tables with
    /// point-in-time recovery need no plan. AWS Backup takes only buckets with versioning. Nothing is said about a stack
    /// without selections: a plan of another stack may select by tags.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Plan:
    ///     Type: AWS::Backup::BackupPlan
    ///     Properties:
    ///       BackupPlan:
    ///         BackupPlanName: daily
    ///         BackupPlanRule: [{RuleName: daily, TargetBackupVault: Default, Lifecycle: {DeleteAfterDays: 7}}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Plan:
    ///     Type: AWS::Backup::BackupPlan
    ///     Properties:
    ///       BackupPlan:
    ///         BackupPlanName: daily
    ///         BackupPlanRule: [{RuleName: daily, TargetBackupVault: Default, Lifecycle: {DeleteAfterDays: 35}}]
    /// ```
    ///
    /// Source: AWS Backup Developer Guide, "Backup plan options and configuration" and "Amazon S3 backups".
    {
        id: "backup-coverage", since: "0.1.0", category: Reliability, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: [
            "AWS::Backup::BackupPlan",
            "AWS::S3::Bucket",
            "AWS::DynamoDB::Table",
            "AWS::RDS::DBInstance",
            "AWS::EFS::FileSystem",
        ],
        params: {
            minDays: Number = "35", "Days that a rule of each plan keeps its recovery points.";
            crossRegion: Boolean = "false", "Whether each plan copies to another vault.";
        },
    }
    |check, resource| {
        match resource.kind() {
            "AWS::Backup::BackupPlan" => plan(check, resource),
            "AWS::S3::Bucket" => bucket(check, resource),
            kind => {
                if let Some((_, tags)) = STATEFUL.iter().find(|(of, _)| *of == kind) {
                    stateful(check, resource, tags);
                }
            }
        }
    }
}

fn plan<'s>(check: &Check<'s>, plan: Resource<'s>) {
    let rules = plan.get("BackupPlan.BackupPlanRule");
    let Some(items) = check.known(&rules, rules.items_or_one()) else { return };
    let least = check.number("minDays").unwrap_or(35.0);
    let mut longest: Option<f64> = Some(0.0);
    let (mut unknown, mut copies) = (None, Tri::No);
    for rule in &items {
        let (delete, cold) =
            (rule.path("Lifecycle.DeleteAfterDays"), rule.path("Lifecycle.MoveToColdStorageAfterDays"));
        match delete.number() {
            Read::Known(days) => longest = longest.map(|longest| longest.max(days)),
            // Kept for ever.
            Read::Absent => longest = None,
            Read::Unknown(why) => unknown = Some((delete.clone(), why)),
            Read::Other => {}
        }
        if let (Read::Known(_), Read::Unknown(why)) | (Read::Unknown(why), Read::Known(_)) =
            (delete.number(), cold.number())
        {
            check.undetermined(&delete, why);
        }
        if let (Read::Known(days), Read::Known(cold)) = (delete.number(), cold.number())
            && cold >= 0.0
            && days >= 0.0
            && days < cold + COLD_DAYS
        {
            check
                .fail(&delete, format!("recovery points stay {} days in cold storage, at least {COLD_DAYS} are demanded", (days - cold).max(0.0)))
                .category(Category::DeployFailure)
                .aws_error("InvalidParameterValueException: DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays")
                .fix(Fix::suggested(format!("set DeleteAfterDays to {} or more", cold + COLD_DAYS)));
        }
        let actions = rule.get("CopyActions");
        copies = copies.or(match actions.items_or_one() {
            Read::Known(items) => (!items.is_empty()).into(),
            Read::Unknown(_) => Tri::Unknown,
            Read::Absent | Read::Other => Tri::No,
        });
    }
    if let Some(longest) = longest
        && longest < least
        && !items.is_empty()
    {
        match unknown {
            Some((at, why)) => {
                check.undetermined(&at, why);
            }
            None => {
                check
                    .fail(
                        &rules,
                        format!("{} keeps its recovery points for {longest} days at most, not {least}", plan.label()),
                    )
                    .fix(Fix::suggested(format!("set DeleteAfterDays of a rule to {least} or more")));
            }
        }
    }
    if check.flag("crossRegion") {
        match copies {
            Tri::Yes => {}
            Tri::No => {
                check
                    .fail(&rules, format!("{} copies nothing to another vault", plan.label()))
                    .fix(Fix::suggested("add CopyActions with a vault of another region"));
            }
            Tri::Unknown => {
                check.undetermined(&rules, Unknown::other("the copy actions are not known"));
            }
        }
    }
}

/// AWS Backup takes only buckets with versioning.
fn bucket<'s>(check: &Check<'s>, bucket: Resource<'s>) {
    let mut named = Tri::No;
    for selection in selections(bucket) {
        let resources = selection.get("BackupSelection.Resources").items_or_one().known().unwrap_or_default();
        // A wildcard over everything says nothing about this bucket.
        for text in resources.iter().filter_map(Value::symbolic) {
            let is = bucket.arn().is_some_and(|arn| same(&text, &arn).is_yes());
            // At a preview an output of the bucket may be its ARN.
            let may = at_preview(&text, selection).is_some_and(|output| output.depends_on().contains(&bucket.id()));
            named = named.or(if is {
                Tri::Yes
            } else if may {
                Tri::Unknown
            } else {
                Tri::No
            });
        }
    }
    if named.is_no() {
        return;
    }
    let versioning = bucket.get("VersioningConfiguration.Status");
    match versioning.literal() {
        Read::Known(status) if status == "Enabled" => {}
        Read::Unknown(unknown) => {
            check.undetermined(&versioning, unknown);
        }
        _ if !named.is_yes() => {
            check.undetermined(&versioning, Unknown::other("what the backup selections take in is not known"));
        }
        _ => {
            check
                .fail(&versioning, format!("AWS Backup cannot take {}: it has no versioning", bucket.label()))
                .explain("Each backup of the bucket fails with BucketVersioningNotEnabled.")
                .fix(Fix::suggested("set VersioningConfiguration.Status to Enabled"));
        }
    }
}

fn stateful<'s>(check: &Check<'s>, resource: Resource<'s>, tags: &'static str) {
    let recovery = resource.get("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled");
    if matches!(recovery.boolean(), Read::Known(true)) {
        return;
    }
    let mut any = false;
    let mut answer = Tri::No;
    for selection in selections(resource) {
        any = true;
        answer = answer.or(selects(selection, resource, tags));
    }
    match answer {
        _ if !any => {}
        Tri::Yes => {}
        Tri::No => {
            if let Read::Unknown(unknown) = recovery.boolean() {
                check.undetermined(&recovery, unknown);
                return;
            }
            check
                .fail(resource, format!("no backup selection takes in {}", resource.label()))
                .fix(Fix::suggested("give it a tag that a selection asks for, or name its ARN in a selection"));
        }
        Tri::Unknown => {
            check.undetermined(resource, Unknown::other("what the backup selections take in is not known"));
        }
    }
}

fn selections<'s>(resource: Resource<'s>) -> impl Iterator<Item = Resource<'s>> {
    resource.stack().siblings().flat_map(|stack| stack.of_type("AWS::Backup::BackupSelection"))
}

fn selects<'s>(selection: Resource<'s>, resource: Resource<'s>, tags: &'static str) -> Tri {
    let arn = resource.arn();
    let named = |path: &'static str| match selection.get(path).items_or_one() {
        Read::Known(items) => items.iter().fold(Tri::No, |answer, item| {
            answer.or(match (item.symbolic(), &arn) {
                (Some(text), _) if text.as_literal() == Some("*") => Tri::Yes,
                (Some(text), Some(arn)) => Pattern::glob(&text).matches(arn),
                _ => Tri::Unknown,
            })
        }),
        Read::Unknown(_) => Tri::Unknown,
        Read::Absent | Read::Other => Tri::No,
    };
    let tagged = match selection.get("BackupSelection.ListOfTags").items_or_one() {
        // One of them is enough.
        Read::Known(items) => items.iter().fold(Tri::No, |answer, item| {
            let part = |name: &'static str| item.get(name).symbolic();
            answer.or(match (part("ConditionKey"), part("ConditionValue")) {
                (Some(key), Some(value)) => has_tag(resource, tags, &key, &value),
                _ => Tri::Unknown,
            })
        }),
        Read::Unknown(_) => Tri::Unknown,
        Read::Absent | Read::Other => Tri::No,
    };
    let mut taken = named("BackupSelection.Resources").or(tagged);
    let left_out = named("BackupSelection.NotResources");
    if selection.get("BackupSelection.NotResources").is_present()
        && selection.get("BackupSelection.Resources").is_absent()
    {
        taken = taken.or(Tri::Yes);
    }
    let conditions = if selection.get("BackupSelection.Conditions").is_absent() { Tri::Yes } else { Tri::Unknown };
    taken.and(conditions).and(match left_out {
        Tri::Yes => Tri::No,
        Tri::No => Tri::Yes,
        Tri::Unknown => Tri::Unknown,
    })
}

fn has_tag<'s>(resource: Resource<'s>, tags: &'static str, key: &Text<'s>, value: &Text<'s>) -> Tri {
    match resource.get(tags).items() {
        Read::Known(items) => items.iter().fold(Tri::No, |answer, tag| {
            let part = |name: &'static str, wanted: &Text<'s>| {
                tag.get(name).symbolic().map_or(Tri::Unknown, |own| same(&own, wanted))
            };
            answer.or(part("Key", key).and(part("Value", value)))
        }),
        Read::Unknown(_) => Tri::Unknown,
        // Tags of the whole stack may be added at deployment, but are not seen here.
        Read::Absent | Read::Other => Tri::No,
    }
}
