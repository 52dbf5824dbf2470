//! See the documentation of the rule below.

use crate::model::stack::Deployer;
use crate::rules::Doubt;
use crate::rules::names::wait_for;
use crate::rules::prelude::*;

rule! {
    /// AWS Config resources are complete, and made in an order that works.
    ///
    /// A rule or conformance pack is refused while there is no recorder; a delivery channel, while its bucket has no policy
    /// that lets Config write. A recorder records nothing without a delivery channel. A recording group names all types or a
    /// list, not both. Managed rules have identifiers in capitals (`S3_BUCKET_VERSIONING_ENABLED`).
    ///
    /// Mend the order with `DependsOn`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Recorder: {Type: AWS::Config::ConfigurationRecorder, Properties: {RoleARN: 'arn:aws:iam::935871204466:role/config'}}
    ///   Channel: {Type: AWS::Config::DeliveryChannel, Properties: {S3BucketName: audit-config-935871204466}}
    ///   Versioning:
    ///     Type: AWS::Config::ConfigRule
    ///     Properties: {Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_VERSIONING_ENABLED}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Recorder: {Type: AWS::Config::ConfigurationRecorder, Properties: {RoleARN: 'arn:aws:iam::935871204466:role/config'}}
    ///   Channel: {Type: AWS::Config::DeliveryChannel, Properties: {S3BucketName: audit-config-935871204466}}
    ///   Versioning:
    ///     Type: AWS::Config::ConfigRule
    ///     DependsOn: Recorder
    ///     Properties: {Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_VERSIONING_ENABLED}}
    /// ```
    ///
    /// Source: AWS Config API reference, PutConfigRule, PutDeliveryChannel, StartConfigurationRecorder, RecordingGroup.
    {
        id: "config-dependencies", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: [
            "AWS::Config::ConfigRule",
            "AWS::Config::ConfigurationRecorder",
            "AWS::Config::DeliveryChannel",
            "AWS::Config::ConformancePack",
            STATUS,
        ],
        aws_error: "NoAvailableConfigurationRecorderException: Configuration recorder is not available",
    }
    |check, resource| {
        match resource.kind() {
            "AWS::Config::ConfigRule" => {
                after_first(check, resource, RECORDER, "no rule can be made before there is a recorder");
                identifier(check, resource);
            }
            "AWS::Config::ConformancePack" => {
                after_first(check, resource, RECORDER, "no conformance pack can be made before there is a recorder");
            }
            "AWS::Config::ConfigurationRecorder" => {
                recording_group(check, resource);
                needs_other(check, resource, CHANNEL, "a recorder without a delivery channel records nothing");
            }
            "AWS::Config::DeliveryChannel" => {
                bucket_policy(check, resource);
                if resource.deployer() == Deployer::TerraformBridge {
                    after_first(check, resource, RECORDER, "no delivery channel can be made before there is a recorder");
                }
                needs_other(check, resource, RECORDER, "a delivery channel can be made only where there is a recorder");
            }
            _ => {
                if let Some(finding) = after_first(check, resource, CHANNEL, "a recorder can be started only with a delivery channel") {
                    finding.aws_error("NoAvailableDeliveryChannelException: Delivery channel is not available to start configuration recorder.");
                }
            }
        }
    }
}

const RECORDER: &str = "AWS::Config::ConfigurationRecorder";
const CHANNEL: &str = "AWS::Config::DeliveryChannel";
/// What starts a recorder in Pulumi; in CloudFormation the recorder does so itself.
const STATUS: &str = "aws:cfg/recorderStatus:RecorderStatus";

/// Where the stack has one of a type, the resource must wait for it.
fn after_first<'c, 's>(
    check: &'c crate::rules::Check<'s>,
    resource: Resource<'s>,
    kind: &str,
    why: &str,
) -> Option<crate::rules::Finding<'c>> {
    let first = resource.stack().of_type(kind).next()?;
    if resource.comes_after(first) {
        return None;
    }
    let finding = check
        .fail(resource, format!("{} does not wait for {}: {why}", resource.label(), first.label()))
        .related(first, first, "is made at the same time")
        .fix(wait_for(resource, first));
    Some(finding)
}

/// Where no stack of the input has one of a type, there may be one in the account.
fn needs_other<'s>(check: &crate::rules::Check<'s>, resource: Resource<'s>, kind: &str, why: &str) {
    let stack = resource.stack();
    if stack.siblings().any(|sibling| sibling.of_type(kind).next().is_some() || sibling.may_hold_more().is_some()) {
        return;
    }
    check
        .fail(resource, format!("{why}, and this input has none"))
        .category(Category::Reliability)
        .severity(Severity::Medium)
        .no_aws_error()
        .fix(Fix::suggested("declare it beside this one"));
}

fn identifier<'s>(check: &crate::rules::Check<'s>, rule: Resource<'s>) {
    let (owner, identifier) = (rule.get("Source.Owner"), rule.get("Source.SourceIdentifier"));
    let doubt = Doubt::of(&owner);
    if doubt.is_none() && owner.literal() != Read::Known("AWS".into()) {
        return;
    }
    let Some(text) = check.known(&identifier, identifier.literal()) else { return };
    let managed = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if managed && !text.is_empty() {
        return;
    }
    let capitals = text.replace('-', "_").to_ascii_uppercase();
    check.in_doubt(doubt, || {
        check
            .fail(&identifier, format!("{text} is no identifier of a managed rule: these are in capitals"))
            .aws_error(format!("InvalidParameterValueException: The sourceIdentifier {text} is invalid."))
            .fix(Fix::suggested(format!("use {capitals}, or look up the identifier of the rule")));
    });
}

fn recording_group<'s>(check: &crate::rules::Check<'s>, recorder: Resource<'s>) {
    const ERROR: &str = "InvalidRecordingGroupException: The recording group provided is not valid";
    let all = recorder.get("RecordingGroup.AllSupported");
    let types = recorder.get("RecordingGroup.ResourceTypes");
    let has_types = types.items().known().is_some_and(|types| !types.is_empty());
    // Whether it is on decides only where something else is written beside it, or nothing is.
    let all_supported = check.known(&all, all.boolean());
    if all_supported == Some(true) && has_types {
        check
            .fail(&types, format!("{} records all types, and names some as well", recorder.label()))
            .aws_error(ERROR)
            .fix(Fix::suggested("leave ResourceTypes out, or set AllSupported to false"));
    }
    let other = ["RecordingGroup.ExclusionByResourceTypes", "RecordingGroup.RecordingStrategy"];
    let strategy = other.iter().any(|path| !recorder.get(path).is_absent());
    if all_supported == Some(false)
        && types.items().known().is_none_or(|types| types.is_empty())
        && !types.is_unknown()
        && !strategy
    {
        check
            .fail(&all, format!("{} records no type at all", recorder.label()))
            .aws_error(ERROR)
            .fix(Fix::suggested("set AllSupported to true, or name the types"));
    }
    let global = recorder.get("RecordingGroup.IncludeGlobalResourceTypes");
    if global.boolean() == Read::Known(true)
        && (all_supported == Some(false) || (has_types && all_supported != Some(true)))
    {
        check
            .fail(&global, format!("{} includes global types without recording all supported ones", recorder.label()))
            .aws_error(ERROR)
            .fix(Fix::suggested("set IncludeGlobalResourceTypes to false, or AllSupported to true"));
    }
}

/// Config tries to write when the channel is made.
fn bucket_policy<'s>(check: &crate::rules::Check<'s>, channel: Resource<'s>) {
    for edge in channel.follow(Rel::DeliversTo) {
        let Target::Resource(bucket) = edge.target else { continue };
        let policies = bucket.followed_by(Rel::PolicyOf);
        let Some(policy) = policies.edges.first().map(|edge| edge.from) else { continue };
        if policy.id() == bucket.id() || channel.comes_after(policy) {
            continue;
        }
        check
            .fail(&edge.value, format!("{} does not wait for {}, which lets Config write to the bucket", channel.label(), policy.label()))
            .aws_error("InsufficientDeliveryPolicyException: Insufficient delivery policy to s3 bucket, unable to write to bucket")
            // Which of the two is first, chance decides.
            .category(Category::Reliability)
            .related(policy, policy, "is made at the same time")
            .fix(wait_for(channel, policy));
    }
}
