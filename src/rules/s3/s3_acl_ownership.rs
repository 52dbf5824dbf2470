//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// A bucket with an ACL allows ACLs.
    ///
    /// New buckets have ACLs turned off (`BucketOwnerEnforced`): S3 refuses every ACL but the owner's own. Public ACLs are
    /// refused besides while the bucket blocks them, which it does unless it says otherwise.
    ///
    /// Mend it by removing the ACL and granting access in the bucket's policy.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {AccessControl: LogDeliveryWrite}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Logs:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       AccessControl: LogDeliveryWrite
    ///       OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerPreferred}]}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
    {
        id: "s3-acl-ownership", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
        aws_error: "InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    }
    |check, bucket| {
        let acl = bucket.get("AccessControl");
        let Some(name) = check.known(&acl, acl.literal()) else { return };
        // Both dialects: `LogDeliveryWrite` and `log-delivery-write`.
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        if ["private", "bucketownerfullcontrol", "bucketownerread", ""].contains(&plain.as_str()) {
            return;
        }
        let rules = bucket.get("OwnershipControls.Rules");
        let ownership = match rules.items_or_one() {
            Read::Known(items) => items.first().map(|item| item.get("ObjectOwnership")),
            Read::Unknown(unknown) => {
                check.undetermined(&rules, unknown);
                return;
            }
            _ => None,
        };
        match ownership.as_ref().map(Value::literal) {
            Some(Read::Known(text)) if text == "ObjectWriter" || text == "BucketOwnerPreferred" => {}
            Some(Read::Unknown(unknown)) => {
                check.undetermined(&rules, unknown);
                return;
            }
            _ => {
                check
                    .fail(&acl, format!("the bucket has the ACL {name}, but ACLs are turned off (BucketOwnerEnforced)"))
                    .fix(Fix::suggested("remove the ACL and grant the access in the bucket's policy"));
                return;
            }
        }
        if !["publicread", "publicreadwrite"].contains(&plain.as_str()) {
            return;
        }
        let blocked = bucket.effective("PublicAccessBlockConfiguration.BlockPublicAcls");
        match blocked.boolean() {
            Read::Known(true) => {
                check
                    .fail(&acl, format!("the bucket has the ACL {name}, but blocks public ACLs"))
                    .aws_error("AccessDenied: public ACLs are blocked by the BlockPublicAcls block public access setting")
                    .fix(Fix::suggested("remove the ACL"));
            }
            Read::Unknown(unknown) => {
                check.undetermined(&blocked, unknown);
            }
            _ => {}
        }
    }
}
