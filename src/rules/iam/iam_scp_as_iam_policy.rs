//! See the documentation of the rule below.

use crate::model::text::Piece;
use crate::rules::prelude::*;

rule! {
    /// An IAM policy is not sold as a service control policy.
    ///
    /// An IAM policy binds only whom it is attached to, and an administrator of the account can detach it. Only
    /// Organizations makes guardrails that hold for an account.
    ///
    /// Declare an `AWS::Organizations::Policy` of type SERVICE_CONTROL_POLICY in the management account, or call the
    /// policy what it is.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       Description: Service control policy for all teams
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Action: 'organizations:LeaveOrganization', Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       Description: Keeps teams from leaving
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Deny, Action: 'organizations:LeaveOrganization', Resource: '*'}]
    /// ```
    ///
    /// Source: Organizations User Guide, "Service control policies (SCPs)".
    {
        id: "iam-scp-as-iam-policy", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        on: ["AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"],
    }
    |check, policy| {
        let mut texts = vec![];
        for name in ["ManagedPolicyName", "PolicyName", "Description"] {
            let value = policy.get(name);
            if let Some(text) = value.text().known() {
                texts.push((value.place(), text));
            }
        }
        for document in check.documents(policy) {
            for sid in document.policy().statements.iter().filter_map(|statement| statement.sid.as_ref()) {
                texts.push((document.place(sid.at), sid.text.clone()));
            }
        }
        let sold = texts.iter().find(|(_, text)| {
            // What is not known may go on the word beside it.
            let pieces = text.pieces();
            let shown = pieces.iter().map(|piece| match piece {
                Piece::Literal(text) => text,
                Piece::Symbol(_) => "x",
            });
            names_control(&shown.collect::<String>())
        });
        if let Some((place, _)) = sold {
            check.fail(*place, "this is an IAM policy: it binds only whom it is attached to, and can be detached").fix(
                Fix::suggested(
                    "declare an AWS::Organizations::Policy of type SERVICE_CONTROL_POLICY in the management account",
                ),
            );
        }
    }
}

/// `SCP` as a word, or "service control" with or without a mark between.
fn names_control(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == "scp");
    let control = lower.match_indices("service").any(|(at, _)| {
        let rest = &lower[at + "service".len()..];
        rest.starts_with("control")
            || rest.char_indices().nth(1).is_some_and(|(next, _)| rest[next..].starts_with("control"))
    });
    word || control
}
