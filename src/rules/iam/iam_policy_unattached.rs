//! See the documentation of the rule below.

use crate::iam::policy::Effect;
use crate::model::dependencies::collect;
use crate::rules::prelude::*;

rule! {
    /// A managed policy is attached to somebody.
    ///
    /// A managed policy without role, user or group does nothing: what it should allow is not allowed, and what it
    /// should deny is not denied.
    ///
    /// Attach it, use it as a permissions boundary, or drop it.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Action: 's3:DeleteBucket', Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       ManagedPolicyArns: [!Ref Policy]
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Action: 's3:DeleteBucket', Resource: '*'}]
    /// ```
    ///
    /// Source: IAM User Guide, "Managed policies and inline policies".
    {
        id: "iam-policy-unattached", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: CrossResource,
        on: ["AWS::IAM::ManagedPolicy"],
    }
    |check, policy| {
        let mut doubt = None;
        for list in [policy.get("Roles"), policy.get("Users"), policy.get("Groups")] {
            match list.items_or_one() {
                Read::Known(items) if !items.is_empty() => return,
                Read::Unknown(unknown) => doubt = Some(unknown),
                _ => {}
            }
        }
        let holders = policy.followed_by(Rel::HasPolicy);
        if !holders.edges.is_empty() {
            return;
        }
        let model = policy.world().model;
        let referred = model
            .dependencies()
            .needs
            .iter()
            .any(|needs| needs.iter().any(|(id, by)| *id == policy.id() && by.is_some()));
        // Something else refers to it, such as a custom resource, and may attach it.
        if referred {
            return;
        }
        doubt = doubt.or(holders.maybe.into_iter().next().map(|(_, unknown)| unknown));
        if let Some(unknown) = doubt.or(policy.stack().may_hold_more()) {
            check.undetermined(policy, unknown);
            return;
        }
        let exported = policy.stack().data().outputs.is_some_and(|outputs| {
            let mut edges = Vec::new();
            collect(model, policy.stack().id(), outputs, &mut edges);
            edges.iter().any(|(id, _)| *id == policy.id())
        });
        let documents = check.documents(policy);
        let statements = documents.iter().flat_map(|document| &document.policy().statements).collect::<Vec<_>>();
        let only_denies = !statements.is_empty() && statements.iter().all(|statement| statement.effect == Effect::Deny);
        let message = match (exported, only_denies) {
            (true, _) => "nothing in this stack is under this policy; whoever reads the output must attach it",
            (false, true) => "nothing is under this policy, so what it denies is not denied",
            (false, false) => "nothing is under this policy, so it grants nothing",
        };
        let finding = check.fail(policy, message).fix(Fix::suggested("attach it to a role, user or group, or drop it"));
        if exported {
            finding.severity(Severity::Medium);
        }
    }
}
