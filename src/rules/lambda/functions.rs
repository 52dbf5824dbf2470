//! What the rules about functions share.

use crate::model::Resource;

/// Types that are functions.
pub(super) const FUNCTIONS: [&str; 2] = ["AWS::Lambda::Function", "AWS::Serverless::Function"];

/// Whether a function is named as an exception (by its logical id or Pulumi name, or its name), or is one that the CDK makes
/// for its own custom resources, which the author cannot change.
pub(super) fn is_exempt(function: Resource<'_>, named: &[&str]) -> bool {
    named.contains(&function.logical_id()) || named.contains(&function.label()) || is_made_by_cdk(function)
}

/// Whether the CDK made the function for a custom resource of its own.
pub(super) fn is_made_by_cdk(function: Resource<'_>) -> bool {
    // Singleton handlers have fixed ids; providers have a fixed construct below them.
    const STARTS: [&str; 9] = [
        "CustomS3AutoDelete",
        "CustomCDKBucketDeployment",
        "BucketNotificationsHandler",
        "LogRetentionaae0aa3c",
        "AWS679f53fac002430cb0da5b7982bd2287",
        "AWSCDK",
        "CustomVpcRestrictDefaultSG",
        "CustomCrossRegionExport",
        "comamazonawscdkcustomresources",
    ];
    const PARTS: [&str; 7] = [
        "CustomResourceProviderHandler",
        "frameworkonEvent",
        "frameworkisComplete",
        "frameworkonTimeout",
        "KubectlProvider",
        "DrainECSHook",
        "AutoDeleteImages",
    ];
    let id = function.logical_id();
    let path = function.data().construct_path.as_deref().unwrap_or_default();
    // `SingletonFunction` and a UUID: the CDK's own handlers, and those of its integration tests.
    let singleton = id
        .strip_prefix("SingletonFunction")
        .is_some_and(|rest| rest.bytes().take_while(u8::is_ascii_hexdigit).count() >= 32);
    singleton
        || STARTS.iter().any(|start| id.starts_with(start))
        || PARTS.iter().any(|part| id.contains(part))
        || path.contains("CustomResourceProvider/Handler")
}
