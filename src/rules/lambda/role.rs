//! Whether the role of a function may do what Lambda does with it when the function is made.

use crate::iam::evaluate::{PolicyKind, Request};
use crate::iam::policy::Effect;
use crate::rules::policies::{Answer, Document, Documents, Guard};
use crate::rules::prelude::*;
use crate::rules::{Check, Doubt};

/// AWS managed policies that functions often have and that allow nothing but what their names say.
const OTHERS: [&str; 26] = [
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
    "service-role/AWSLambdaSQSQueueExecutionRole",
    "service-role/AWSLambdaKinesisExecutionRole",
    "service-role/AWSLambdaDynamoDBExecutionRole",
    "service-role/AWSLambdaMSKExecutionRole",
    "service-role/AWSLambdaRole",
    "AWSLambdaInvocation-DynamoDB",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
    "CloudWatchFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AmazonSNSFullAccess",
    "AmazonSSMReadOnlyAccess",
    "AmazonSSMFullAccess",
    "SecretsManagerReadWrite",
    "AWSKeyManagementServicePowerUser",
    "AmazonBedrockFullAccess",
    "AmazonKinesisFullAccess",
    "AmazonEventBridgeFullAccess",
];

/// A source of permissions: the resource that must exist, and what it says.
struct Source<'s> {
    /// `None` where it is part of the role.
    waits_for: Option<Resource<'s>>,
    documents: Vec<Document<'s>>,
    grants: bool,
}

/// What a function's role must allow before the function is made.
pub(super) struct Need<'n, 's> {
    pub calls: &'n [Request<'s>],
    /// Names of AWS managed policies that allow all of it.
    pub granting: &'n [&'static str],
    /// Ends the sentence "the role may not call x, which …".
    pub what: &'n str,
    pub advice: &'n str,
}

/// `refused` names the call in AWS's words where the rule itself is not about a refusal.
/// Reports a role that may not make one of the calls, or may only once a policy exists that the function does not wait for.
pub(super) fn judge<'s>(
    check: &Check<'s>,
    function: Resource<'s>,
    role: Resource<'s>,
    at: &Value<'s>,
    need: &Need<'_, 's>,
    refused: Option<&str>,
) {
    let mut unknown: Option<Unknown> = None;
    if let Read::Unknown(reason) = role.get("Policies").items() {
        unknown = Some(reason);
    }
    let mut sources = vec![source(check, role, role, need.granting, &mut unknown)];
    let incoming = role.followed_by(Rel::AttachedTo);
    for edge in incoming.edges {
        let mut found = source(check, role, edge.from, need.granting, &mut unknown);
        found.waits_for = Some(edge.from);
        sources.push(found);
    }
    unknown = unknown.or(incoming.maybe.into_iter().next().map(|(_, unknown)| unknown));
    unknown = unknown.or(role.stack().may_hold_more());

    let ask = |documents: Documents<'s>, call: &Request<'s>| {
        let guard = Guard { resource: role, documents, unknown: None };
        guard.ask(call)
    };
    let mut late: Option<Resource<'s>> = None;
    for call in need.calls {
        let action = call.action.to_string();
        let all = sources.iter().flat_map(|source| &source.documents).cloned().collect();
        let whole = ask(all, call);
        if let Answer::Denied { explanation, statement } = whole {
            let finding = check.fail(at, format!("the role {} is denied {action}", role.label())).explain(explanation);
            let finding = refusal(finding, refused);
            if let Some(place) = statement {
                finding.related(role, place, "denies it");
            }
            return;
        }
        // Those that grant this action by themselves.
        let granting: Vec<&Source<'s>> = sources
            .iter()
            .filter(|source| {
                source.grants || matches!(ask(source.documents.iter().cloned().collect(), call), Answer::Allowed)
            })
            .collect();
        if granting.is_empty() {
            match (whole, unknown) {
                (Answer::Unknown(reason), _) | (_, Some(reason)) => {
                    check.undetermined(at, reason);
                }
                (Answer::Refused { explanation, .. }, None) => {
                    refusal(
                        check.fail(at, format!("the role {} may not call {action}, which {}", role.label(), need.what)),
                        refused,
                    )
                    .explain(explanation)
                    .related(role, role, "is the role")
                    .fix(Fix::suggested(need.advice));
                }
                _ => {}
            }
            return;
        }
        // What a managed policy allows, a statement that is not known may deny.
        if !matches!(whole, Answer::Allowed)
            && let Some(doubt) =
                sources.iter().flat_map(|source| &source.documents).find_map(|own| perhaps_denies(own, call))
        {
            check.undetermined(at, doubt.unknown);
            return;
        }
        let in_time =
            granting.iter().any(|source| source.waits_for.is_none_or(|resource| function.comes_after(resource)));
        if !in_time {
            late = late.or(granting[0].waits_for);
        }
    }
    if let Some(policy) = late {
        if unknown.is_some() {
            return;
        }
        check
            .fail(
                at,
                format!("the function does not wait for {}, which gives its role the permissions", policy.label()),
            )
            .category(Category::Reliability)
            .severity(Severity::High)
            .related(policy, policy, "gives the permissions")
            .fix(Fix::suggested(format!("let the function depend on {}", policy.label())));
    }
}

/// What leaves open whether a statement of a document denies a call.
fn perhaps_denies<'s>(document: &Document<'s>, call: &Request<'s>) -> Option<Doubt> {
    document.statements(Effect::Deny).find_map(|(index, statement, doubt)| {
        let applies = document.policy().applies(index, document.kind, call);
        doubt.filter(|_| !applies.is_no()).or_else(|| document.doubt_about(statement, applies))
    })
}

/// The documents of the role or of what is attached to it.
fn source<'s>(
    check: &Check<'s>,
    role: Resource<'s>,
    holder: Resource<'s>,
    granting: &[&str],
    unknown: &mut Option<Unknown>,
) -> Source<'s> {
    let mut documents: Vec<Document<'s>> =
        check.documents(holder).into_iter().filter(|document| document.kind == PolicyKind::Identity).collect();
    let mut grants = false;
    for edge in holder.follow(Rel::HasPolicy) {
        // A boundary limits, it does not grant.
        if edge.value.place() == role.get("PermissionsBoundary").place() {
            *unknown = unknown.take().or_else(|| Some(Unknown::other("the role has a permissions boundary")));
            continue;
        }
        match edge.target {
            Target::Resource(policy) => documents.extend(check.documents(policy)),
            Target::Outside(text) => {
                let text = text.to_string();
                let name = text.rsplit_once(":policy/").map_or(text.as_str(), |(_, name)| name);
                if granting.contains(&name) && text.contains(":aws:policy/") {
                    grants = true;
                } else if !OTHERS.contains(&name) || !text.contains(":aws:policy/") {
                    *unknown = unknown
                        .take()
                        .or_else(|| Some(Unknown::other(format!("the policy {text} is not part of this input"))));
                }
            }
            Target::Unknown(reason) => *unknown = unknown.take().or(Some(reason)),
        }
    }
    Source { waits_for: None, documents, grants }
}

/// Makes a finding of a rule on something else one about a refusal.
fn refusal<'c>(finding: crate::rules::Finding<'c>, call: Option<&str>) -> crate::rules::Finding<'c> {
    match call {
        Some(call) => finding.category(Category::DeployFailure).severity(Severity::High).aws_error(format!(
            "InvalidParameterValueException: The provided execution role does not have permissions to call {call}"
        )),
        None => finding,
    }
}
