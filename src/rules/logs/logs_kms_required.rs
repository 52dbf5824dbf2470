//! See the documentation of the rule below.

use crate::model::pattern::Pattern;
use crate::rules::prelude::*;

rule! {
    /// Log groups are encrypted with a key of your own.
    ///
    /// CloudWatch Logs always encrypts, with a key of its own where you name none. A customer managed key makes reading depend
    /// on a second right that can be taken away: a choice of policy, which some standards ask for.
    ///
    /// Mend it with `KmsKeyId`, the ARN of a key whose policy lets CloudWatch Logs use it.
    ///
    /// ```yaml fails
    /// Resources:
    ///   App: {Type: AWS::Logs::LogGroup}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   App: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: !ImportValue logs-key}}
    /// ```
    ///
    /// Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    {
        id: "logs-kms-required", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::Logs::LogGroup"],
        params: {
            exempt: List = "[]", "Patterns of names of log groups that need no key.";
        },
    }
    |check, group| {
        let name = group.get("LogGroupName");
        if let Read::Known(text) = name.literal()
            && check.list("exempt").into_iter().any(|glob| Pattern::glob(&Text::from(glob)).matches_literal(&text).is_yes())
        {
            return;
        }
        let key = group.get("KmsKeyId");
        let managed = matches!(key.literal(), Read::Known(text) if text.contains("alias/aws/"));
        if key.is_absent() || managed {
            check
                .fail(&key, "this log group is not encrypted with a customer managed key")
                .fix(Fix::suggested("set KmsKeyId to the ARN of a key whose policy lets CloudWatch Logs use it"));
        } else if !key.is_present() {
            check.undetermined(&key, &key);
        }
    }
}
