//! See the documentation of the rule below.

use super::groups::{RETENTION_DAYS, at_least};
use crate::model::stack::Deployer;
use crate::rules::prelude::*;

rule! {
    /// The retention of a log group is one of the periods that CloudWatch Logs has.
    ///
    /// `RetentionInDays` takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    /// 3288 or 3653 and nothing between; Pulumi's `aws` provider also takes 0 for ever. CDK's `RetentionDays.ONE_MONTH` is
    /// the number 30: as a word it is refused.
    ///
    /// ```yaml fails
    /// Resources:
    ///   App: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 91}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   App: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 120}}
    /// ```
    ///
    /// Source: CloudWatch Logs API Reference, `PutRetentionPolicy`.
    {
        id: "logs-retention-valid", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::Logs::LogGroup"],
        aws_error: "failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, …]",
    }
    |check, group| {
        let value = group.get("RetentionInDays");
        match value.number() {
            Read::Known(days) if RETENTION_DAYS.iter().any(|&period| f64::from(period) == days) => {}
            Read::Known(0.0) if group.deployer() == Deployer::TerraformBridge => {}
            Read::Known(days) => {
                check
                    .fail(&value, format!("{days} days is no retention period of CloudWatch Logs"))
                    .aws_error(format!(
                        "Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set"
                    ))
                    .fix(Fix::suggested(format!("use {}, the next longer period", at_least(days))));
            }
            Read::Other => {
                check.fail(&value, "RetentionInDays is no number of days");
            }
            Read::Unknown(unknown) => {
                check.undetermined(&value, unknown);
            }
            Read::Absent => {}
        }
    }
}
