//! See the documentation of the rule below.

use crate::model::stack::partition_of;
use crate::rules::prelude::*;
use crate::rules::strings::{self, PARTITION};

rule! {
    /// ARNs are in the partition of the stack.
    ///
    /// `arn:aws:` is the partition of the commercial regions; China has `aws-cn`, GovCloud `aws-us-gov`. An ARN of another
    /// partition is refused in a policy, and names nothing elsewhere.
    ///
    /// Mend it with `${AWS::Partition}` in `Fn::Sub`, in Pulumi with `aws.getPartitionOutput()`.
    ///
    /// With `strictPartition` every `arn:aws:` is reported, whatever the region.
    ///
    /// ```yaml fails
    /// Conditions: {China: !Equals [!Ref AWS::Region, cn-north-1]}
    /// Resources:
    ///   Group:
    ///     Type: AWS::IAM::Group
    ///     Condition: China
    ///     Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}
    /// ```
    /// ```yaml passes
    /// Conditions: {China: !Equals [!Ref AWS::Region, cn-north-1]}
    /// Resources:
    ///   Group:
    ///     Type: AWS::IAM::Group
    ///     Condition: China
    ///     Properties: {ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess']}
    /// ```
    ///
    /// Source: AWS General Reference, "Amazon Resource Names (ARNs)".
    {
        id: "hardcoded-partition", since: "0.1.0", category: Hygiene, severity: Low, preset: All,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
        params: { strictPartition: Boolean = "false", "Whether arn:aws: is reported wherever the stack goes."; },
    }
    |check, resource| {
        let region = resource.region();
        let elsewhere = region.as_literal().map(partition_of).filter(|partition| *partition != "aws");
        if elsewhere.is_none() && !check.flag("strictPartition") {
            return;
        }
        const CODE: &[&str] = &["ZipFile", "UserData", "InlineCode", "BuildSpec"];
        for hit in strings::look(resource, PARTITION).iter().filter(|hit| !hit.name().ends_with("Description") && !CODE.iter().any(|name| hit.is_below(name))) {
            let value = strings::value(resource, hit.at);
            let fix = Fix::suggested("put ${AWS::Partition} (in Pulumi aws.getPartitionOutput()) in place of aws");
            match elsewhere {
                Some(partition) => {
                    check
                        .fail(&value, format!("{} has an ARN of the partition aws, but the stack goes to {partition}", hit.name()))
                        .category(Category::DeployFailure)
                        .severity(Severity::High)
                        .aws_error("MalformedPolicyDocument: Partition \"aws\" is not valid for resource")
                        .fix(fix);
                }
                None => {
                    check.fail(&value, format!("{} has an ARN with the partition aws written out", hit.name())).fix(fix);
                }
            }
        }
    }
}
