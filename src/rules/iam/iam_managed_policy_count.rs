//! See the documentation of the rule below.

use crate::graph::POLICY_ATTACHMENT;

use crate::rules::prelude::*;

rule! {
    /// A role, user or group has no more managed policies than its quota.
    ///
    /// A role takes 10 managed policies, or up to 25 after a quota increase; a user 10, or up to 20; a group 10. What
    /// is attached from the other side (`Roles` of a managed policy, attachments) counts too.
    ///
    /// Join policies, or ask for a higher quota and set `roleQuota`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       ManagedPolicyArns: [arn:aws:iam::aws:policy/P0, arn:aws:iam::aws:policy/P1, arn:aws:iam::aws:policy/P2, arn:aws:iam::aws:policy/P3, arn:aws:iam::aws:policy/P4, arn:aws:iam::aws:policy/P5, arn:aws:iam::aws:policy/P6, arn:aws:iam::aws:policy/P7, arn:aws:iam::aws:policy/P8, arn:aws:iam::aws:policy/P9, arn:aws:iam::aws:policy/P10]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       ManagedPolicyArns: [arn:aws:iam::aws:policy/P0, arn:aws:iam::aws:policy/P1, arn:aws:iam::aws:policy/P2, arn:aws:iam::aws:policy/P3, arn:aws:iam::aws:policy/P4, arn:aws:iam::aws:policy/P5, arn:aws:iam::aws:policy/P6, arn:aws:iam::aws:policy/P7, arn:aws:iam::aws:policy/P8, arn:aws:iam::aws:policy/P9]
    /// ```
    ///
    /// Source: IAM User Guide, "IAM and AWS STS quotas".
    {
        id: "iam-managed-policy-count", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        on: ["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"],
        params: { roleQuota: Number = "10", "Managed policies per role that the account allows." },
        aws_error: "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10",
    }
    |check, principal| {
        let (quota, most) = match principal.kind() {
            "AWS::IAM::Role" => (check.number("roleQuota").unwrap_or(10.0) as usize, 25),
            "AWS::IAM::User" => (10, 20),
            _ => (10, 10),
        };
        let inline = principal.get("ManagedPolicyArns");
        let mut policies: Vec<Text<'s>> = Vec::new();
        let mut unknown = None;
        match inline.items() {
            Read::Known(items) => {
                for item in items {
                    match item.symbolic() {
                        Some(text) if !policies.contains(&text) => policies.push(text),
                        _ => {}
                    }
                }
            }
            Read::Unknown(why) => unknown = Some(why),
            Read::Absent | Read::Other => {}
        }
        let incoming = principal.followed_by(Rel::AttachedTo);
        unknown = unknown.or(incoming.maybe.into_iter().next().map(|(_, why)| why));
        let mut last = inline.clone();
        for edge in incoming.edges {
            let text = match edge.from.kind() {
                "AWS::IAM::ManagedPolicy" => edge.from.arn().unwrap_or_else(|| edge.from.reference()),
                POLICY_ATTACHMENT => match edge.from.get("PolicyArn").symbolic() {
                    Some(text) => text,
                    None => continue,
                },
                _ => continue,
            };
            if !policies.contains(&text) {
                policies.push(text);
                last = edge.value;
            }
        }
        let count = policies.len();
        let at = if inline.is_present() { &inline } else { &last };
        let of = match principal.kind() {
            "AWS::IAM::Role" => "PoliciesPerRole",
            "AWS::IAM::User" => "PoliciesPerUser",
            _ => "PoliciesPerGroup",
        };
        let error = format!("LimitExceeded: Cannot exceed quota for {of}: {quota}");
        if count > most {
            check
                .fail(at, format!("{} has {count} managed policies, and no quota is higher than {most}", principal.label()))
                .aws_error(error);
        } else if count > quota {
            check
                .fail(at, format!("{} has {count} managed policies: the quota is {quota} unless it was raised", principal.label()))
                .category(Category::Reliability)
                .severity(Severity::Low)
                .aws_error(error);
        } else if let Some(unknown) = unknown {
            check.undetermined(at, unknown);
        }
    }
}
