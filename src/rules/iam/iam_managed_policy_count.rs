//! See the documentation of the rule below.

use crate::graph::POLICY_ATTACHMENT;
use crate::rules::prelude::*;

rule! {
    /// A principal has no more managed policies than IAM takes.
    ///
    /// A group has at most 10 managed policies; a role 10 by default, which can be raised to 25, and a user 10, which
    /// can be raised to 20. The list of the principal, the policies that name it, and attachments all count.
    ///
    /// Join policies, or raise the quota.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Group:
    ///     Type: AWS::IAM::Group
    ///     Properties:
    ///       ManagedPolicyArns:
    ///         - arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonVPCReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonRDSReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonEKSServicePolicy
    ///         - arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/IAMReadOnlyAccess
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Group:
    ///     Type: AWS::IAM::Group
    ///     Properties:
    ///       ManagedPolicyArns:
    ///         - arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
    ///         - arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess
    /// ```
    ///
    /// Source: IAM User Guide, "IAM and AWS STS quotas".
    {
        id: "iam-managed-policy-count", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        on: ["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"],
        params: { roleQuota: Number = "10", "Managed policies per role or user that the account allows."; },
        aws_error: "LimitExceeded: Cannot exceed quota for PoliciesPerRole",
    }
    |check, principal| {
        let list = principal.get("ManagedPolicyArns");
        // The same policy twice is one attachment.
        let mut policies: Vec<Text<'_>> = Vec::new();
        let mut add = |text: Option<Text<'_>>| {
            if let Some(text) = text
                && !policies.iter().any(|known| known.to_string() == text.to_string())
            {
                policies.push(text.into_owned());
            }
        };
        let items = list.items();
        let mut doubt = match &items {
            Read::Unknown(unknown) => Some(unknown.clone()),
            _ => None,
        };
        for item in items.known().unwrap_or_default() {
            add(item.symbolic());
        }
        let incoming = principal.followed_by(Rel::AttachedTo);
        for edge in incoming.edges {
            match edge.from.kind() {
                "AWS::IAM::ManagedPolicy" => add(edge.from.arn()),
                POLICY_ATTACHMENT => add(edge.from.get("PolicyArn").symbolic()),
                _ => {}
            }
        }
        if let Some((_, unknown)) = incoming
            .maybe
            .into_iter()
            .find(|(from, _)| matches!(from.kind(), "AWS::IAM::ManagedPolicy" | POLICY_ATTACHMENT))
        {
            doubt = doubt.or(Some(unknown));
        }
        let quota = check.number("roleQuota").unwrap_or(10.0).max(10.0) as usize;
        let (default, most, name) = match principal.kind() {
            "AWS::IAM::Role" => (quota, 25, "PoliciesPerRole"),
            "AWS::IAM::User" => (quota.min(20), 20, "PoliciesPerUser"),
            _ => (10, 10, "PoliciesPerGroup"),
        };
        // One that is not known may be another of them.
        let open = policies.iter().filter(|policy| policy.has_opaque()).count();
        let all = policies.len();
        let count = if open == all { all } else { all - open };
        if all > default.max(count) && count <= most && doubt.is_none() {
            doubt = policies.iter().find(|policy| policy.has_opaque()).map(|policy| principal.world().why_symbolic(policy));
        }
        let place = if list.is_present() { list.place() } else { principal.place() };
        if count > most {
            check
                .fail(place, format!("{count} managed policies are attached, and IAM takes at most {most}"))
                .aws_error(format!("LimitExceeded: Cannot exceed quota for {name}: {most}"));
        } else if count > default {
            check
                .fail(place, format!("{count} managed policies are attached, more than the quota of {default}"))
                .category(Category::Reliability)
                .severity(Severity::Low)
                .aws_error(format!("LimitExceeded: Cannot exceed quota for {name}: {default}"))
                .fix(Fix::suggested("join policies, or raise the quota"));
        } else if let Some(unknown) = doubt
            && !incoming_is_idle(count, default)
        {
            check.undetermined(place, unknown);
        }
    }
}

/// Far from the quota an unknown list decides nothing that anybody would want to hear of.
fn incoming_is_idle(count: usize, quota: usize) -> bool {
    count * 2 < quota
}
