//! See the documentation of the rule below.

use super::groups::receives_trail;
use crate::model::pattern::Pattern;
use crate::model::text::Piece;
use crate::rules::prelude::*;

rule! {
    /// Log groups with audit logs are protected from deletion.
    ///
    /// Who covers tracks deletes the log group first. Deletion protection must be switched off before a group can be deleted;
    /// a deletion policy of `Retain` at least keeps the group when its stack goes. Groups that a trail writes to are audit
    /// logs, as are those with a name that fits one of `audit`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Audit: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /org/audit}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Audit: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /org/audit, DeletionProtectionEnabled: true}}
    /// ```
    ///
    /// Source: CloudWatch Logs API Reference, `PutLogGroupDeletionProtection`; CloudFormation User Guide, "DeletionPolicy
    /// attribute".
    {
        id: "logs-audit-deletion-protection", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::Logs::LogGroup"],
        params: {
            audit: List = "[\"*cloudtrail*\", \"*audit*\", \"*security*\"]", "Patterns of names of audit log groups, in any case.";
        },
    }
    |check, group| {
        if !is_audit(group, &check.list("audit")) {
            return;
        }
        if group.data().deletion_policy.as_deref().is_some_and(|policy| policy.starts_with("Retain")) {
            return;
        }
        let protection = group.get("DeletionProtectionEnabled");
        match protection.boolean() {
            Read::Known(true) => {}
            Read::Unknown(unknown) => {
                check.undetermined(&protection, unknown);
            }
            _ => {
                check.fail(&protection, "this audit log group can be deleted").fix(Fix::safe(
                    "set DeletionProtectionEnabled to true",
                    vec![Edit::set(group, "DeletionProtectionEnabled", true)],
                ));
            }
        }
    }
}

/// By the literal parts of the name, or by what is written to the group.
fn is_audit(group: Resource<'_>, globs: &[&str]) -> bool {
    let named = group.get("LogGroupName").symbolic().is_some_and(|text| {
        let known: String = text
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Literal(literal) => literal.to_lowercase(),
                Piece::Symbol(_) => "?".to_owned(),
            })
            .collect();
        globs.iter().any(|glob| Pattern::glob(&Text::from(glob.to_lowercase())).matches_literal(&known).is_yes())
    });
    named || receives_trail(group)
}
