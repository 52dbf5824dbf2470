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
    const IDS: [&str; 7] = [
        "CustomS3AutoDelete",
        "CustomCDKBucketDeployment",
        "BucketNotificationsHandler",
        "LogRetentionaae0aa3c",
        "AWS679f53fac002430cb0da5b7982bd2287",
        "AWSCDK",
        "CustomVpcRestrictDefaultSG",
    ];
    const PATHS: [&str; 4] =
        ["CustomResourceProvider/Handler", "/framework-onEvent", "/framework-isComplete", "/framework-onTimeout"];
    let id = function.logical_id();
    let path = function.data().construct_path.as_deref().unwrap_or_default();
    IDS.iter().any(|start| id.starts_with(start)) || PATHS.iter().any(|part| path.contains(part))
}
