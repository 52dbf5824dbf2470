//! See the documentation of the rule below.

use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::rules::policies::Answer;
use crate::rules::prelude::*;

rule! {
    /// Topics and queues refuse requests without TLS.
    ///
    /// SNS and SQS take plain HTTP requests unless a policy denies them.
    ///
    /// Deny every action where `aws:SecureTransport` is false. A topic policy replaces the default one: keep what
    /// publishers need.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Queue: {Type: AWS::SQS::Queue}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Queue: {Type: AWS::SQS::Queue}
    ///   Policy:
    ///     Type: AWS::SQS::QueuePolicy
    ///     Properties:
    ///       Queues: [!Ref Queue]
    ///       PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Deny, Principal: '*', Action: 'sqs:*', Resource: !GetAtt Queue.Arn, Condition: {Bool: {'aws:SecureTransport': 'false'}}}]}
    /// ```
    ///
    /// Source: SNS Developer Guide, "Security best practices"; SQS Developer Guide, "Security best practices".
    {
        id: "sns-sqs-ssl-only", since: "0.1.0", category: Security, severity: Low, preset: All,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::SNS::Topic", "AWS::SQS::Queue"],
    }
    |check, resource| {
        let (actions, what): (&[&str], _) = match resource.is("AWS::SNS::Topic") {
            true => (&["sns:Publish"], "publishing"),
            false => (&["sqs:SendMessage", "sqs:ReceiveMessage"], "sending or receiving"),
        };
        let guard = check.guard(resource);
        let arn = resource.arn().unwrap_or_else(|| Text::from("*"));
        for action in actions {
            // Somebody of the account, whose requests nothing but a deny for plain text would stop.
            let caller = resource.principal_beside("role/stackproof");
            let request = Request::new(Principal::of(caller, Some(resource.account())), *action, arn.clone())
                .in_account(resource.account())
                .with("aws:SecureTransport", "false")
                .with("aws:PrincipalAccount", resource.account())
                .with("aws:PrincipalIsAWSService", "false");
            match guard.ask(&request) {
                Answer::Denied { .. } => {}
                Answer::Unknown(unknown) => {
                    check.undetermined(resource, unknown);
                    return;
                }
                Answer::Refused { explanation, perhaps_denied: true } => {
                    check.undetermined(resource, Unknown::other(explanation));
                    return;
                }
                Answer::Allowed | Answer::Refused { .. } => {
                    if let Some(unknown) =
                        guard.unknown.clone().or_else(|| guard.documents.iter().find_map(|document| document.unknown()))
                    {
                        check.undetermined(resource, unknown);
                    } else {
                        check
                            .fail(resource, format!("{what} without TLS is not denied"))
                            .fix(Fix::suggested("deny every action where aws:SecureTransport is false"));
                    }
                    return;
                }
            }
        }
    }
}
