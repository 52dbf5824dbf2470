//! See the documentation of the rule below.

use crate::doc::Shape;
use crate::model::Place;
use crate::model::source::NodeRef;
use crate::rules::prelude::*;

/// Inputs of a bucket, and the type of the resource that has the same setting for itself.
const SPLIT: &[(&str, &str)] = &[
    ("corsRules", "BucketCorsConfiguration"),
    ("grants", "BucketAcl"),
    ("lifecycleRules", "BucketLifecycleConfiguration"),
    ("logging", "BucketLogging"),
    ("objectLockConfiguration", "BucketObjectLockConfiguration"),
    ("replicationConfiguration", "BucketReplicationConfig"),
    ("serverSideEncryptionConfiguration", "BucketServerSideEncryptionConfiguration"),
    ("versioning", "BucketVersioning"),
    ("website", "BucketWebsiteConfiguration"),
];

rule! {
    /// S3 resources of Pulumi have their current names, and each setting stands in one place.
    ///
    /// Since version 7 of the AWS provider, `BucketV2`, `BucketVersioningV2` and the other types that end with `V2` are old
    /// names of the types without it, and will go. The new types know the old names as their aliases, so renaming replaces
    /// nothing.
    ///
    /// A bucket may set its versioning (or encryption, lifecycle, logging, …) itself, or a resource of its own may. With both,
    /// two resources write one setting: wherever they differ, each update undoes what the other wrote.
    ///
    /// ```json fails
    /// {"resources": [{"type": "aws:s3/bucketV2:BucketV2", "name": "data", "inputs": {}}]}
    /// ```
    /// ```json passes
    /// {"resources": [{"type": "aws:s3/bucket:Bucket", "name": "data", "inputs": {}}]}
    /// ```
    ///
    /// Source: @pulumi/aws 7.48, `@deprecated s3.BucketV2 has been deprecated in favor of s3.Bucket`; Pulumi Registry, AWS
    /// provider, migration to 7.x; Terraform Registry, aws_s3_bucket, the notes on each of its arguments.
    {
        id: "pulumi-legacy-resource-type", since: "0.1.0", category: Hygiene, severity: Low, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
    }
    stack |check, stack| {
        let ours = |resource: &Resource<'_>| resource.data().source_type.starts_with("aws:s3/");
        for resource in stack.resources().filter(|resource| ours(resource) && !resource.data().external) {
            let data = resource.data();
            let class = data.source_type.rsplit(':').next().unwrap_or_default();
            let current = class.strip_suffix("V2").unwrap_or(class);
            if current != class && !is_before_7(resource) {
                check
                    .fail_on(resource, resource, format!("aws.s3.{class} is an old name of aws.s3.{current}"))
                    .fix(Fix::suggested(format!("write aws.s3.{current}: it has the old name as an alias, so nothing is replaced")));
            }
            let Some(bucket) = data.joined_to.map(|owner| Resource::new(check.world(), owner)) else { continue };
            for (input, _) in SPLIT.iter().filter(|(_, split)| *split == current) {
                if let Some(at) = inline(bucket, input) {
                    let message = format!("{} sets its {input} itself: both write the same setting", bucket.label());
                    check
                        .fail_on(resource, resource, message)
                        .severity(Severity::Medium)
                        .related(bucket, at, format!("sets {input}"))
                        .fix(Fix::suggested(format!("take {input} out of {}", bucket.label())));
                }
            }
        }
    }
}

/// Where the program set an input of a bucket. One that is not known may be absent in the end, and does not count; nor does the
/// older switch of Object Lock, which goes with a resource for its rule.
fn inline(bucket: Resource<'_>, input: &str) -> Option<Place> {
    let written = bucket.data().written_properties?;
    let doc = &bucket.world().model.source(written.source).doc;
    let node = doc.get(written.node, input)?;
    let set = match doc.shape(node) {
        Shape::Object if input == "objectLockConfiguration" => doc.get(node, "rule").is_some(),
        Shape::Object => true,
        Shape::Array(items) => !items.is_empty(),
        _ => false,
    };
    set.then_some(Place { node: NodeRef { source: written.source, node }, missing: None })
}

/// Whether the resource goes through a default provider of an older version, where the `V2` names are the current ones: the
/// engine names it after its version, `default_6_83_0`.
fn is_before_7(resource: Resource<'_>) -> bool {
    let anchor = resource.data().anchor;
    let doc = &resource.world().model.source(anchor.source).doc;
    let provider = doc.get(anchor.node, "provider").and_then(|node| doc.string(node));
    let version = provider.and_then(|urn| urn.split("::").find_map(|part| part.strip_prefix("default_")));
    let major = version.and_then(|version| version.split('_').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major < 7)
}
