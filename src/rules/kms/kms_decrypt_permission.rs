//! See the documentation of the rule below.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::graph::meant_by;
use crate::iam::condition::KeyState;
use crate::iam::evaluate::{Outcome, PolicyKind, Request, evaluate, explain};
use crate::iam::policy::{Effect, Scope, Statement};
use crate::iam::principal::Principal;
use crate::model::world::Memo;
use crate::model::{ResourceId, StackId};
use crate::rules::Check;
use crate::rules::policies::{Answer, Document};
use crate::rules::prelude::*;
use crate::rules::statements::{covers_action, covers_everything};

use super::service_use::{KeyOf, key_of};

/// Action of a service on a resource type, what is behind the ARN of the resource, and what it takes of the key.
const USES: &[(&str, &str, &str, &str, &str)] = &[
    ("AWS::SecretsManager::Secret", "secretsmanager:GetSecretValue", "", "kms:Decrypt", "secretsmanager"),
    ("AWS::S3::Bucket", "s3:GetObject", "/object", "kms:Decrypt", "s3"),
    ("AWS::S3::Bucket", "s3:PutObject", "/object", "kms:GenerateDataKey", "s3"),
    ("AWS::SQS::Queue", "sqs:ReceiveMessage", "", "kms:Decrypt", "sqs"),
    ("AWS::SQS::Queue", "sqs:SendMessage", "", "kms:GenerateDataKey", "sqs"),
    ("AWS::SNS::Topic", "sns:Publish", "", "kms:GenerateDataKey", "sns"),
];

/// The resources of a type that one of the scopes may take in, so that a role is not asked about every one of its stack.
fn meant<'s>(scopes: &[&Scope<'s>], stack: Stack<'s>, kind: &str) -> Vec<Resource<'s>> {
    let mut ids = Vec::new();
    for scope in scopes {
        for entry in &scope.entries {
            match meant_by(stack, &entry.text).filter(|_| !scope.negated) {
                Some(some) => ids.extend(some),
                None => return stack.of_type(kind).collect(),
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let resources = ids.into_iter().map(|id| Resource::new(stack.world(), id));
    resources.filter(|resource| resource.is(kind) && resource.stack().id() == stack.id() && resource.exists()).collect()
}

/// Whether a role's policies allow an action on every resource, and nothing in them could deny it. Most that are this wide need
/// no look at single keys.
fn allows_everywhere(documents: &[Document<'_>], action: &str) -> bool {
    let mut allowed = false;
    for document in documents {
        for statement in &document.policy().statements {
            let covers = statement.actions.as_ref().map_or(Tri::Unknown, |scope| covers_action(scope, action));
            match statement.effect {
                Effect::Allow => allowed |= covers.is_yes() && is_plain(statement),
                _ if covers.is_no() => {}
                _ => return false,
            }
        }
    }
    allowed
}

/// Whether a key's policies let the caller's own policies decide: one statement does, and none could deny. A key without a
/// policy has AWS's, which does.
fn leaves_it_to(caller: &Principal<'_>, documents: &[Document<'_>], action: &str) -> bool {
    let names = |statement: &Statement<'_>| {
        statement.principals.as_ref().is_some_and(|principals| {
            !principals.negated && principals.entries.iter().any(|entry| entry.names(caller).contains(&Tri::Yes))
        })
    };
    let mut left = documents.is_empty();
    for document in documents {
        for statement in &document.policy().statements {
            match statement.effect {
                Effect::Allow => {
                    left |= is_plain(statement)
                        && statement.actions.as_ref().is_some_and(|scope| covers_action(scope, action).is_yes())
                        && names(statement);
                }
                _ => return false,
            }
        }
    }
    left && documents.iter().all(|document| document.policy().unknown.is_none())
}

/// The resources of a type with a key that does not leave an action to the roles of the account: the only ones that matter to a
/// role that may do everything. Made once for all such roles.
fn guarded<'s>(check: &Check<'s>, role: Resource<'s>, kind: &'static str, action: &'static str) -> Vec<Resource<'s>> {
    let stack = role.stack();
    let Guarded(cache) = stack.world().model.extension(Guarded::default);
    let memo = cache.borrow_mut().entry((stack.id(), kind, action)).or_default().clone();
    let ids = stack.world().remember(&memo, || {
        let root = Principal::of(role.principal_beside("root"), Some(role.account()));
        let is_guarded = |resource: &Resource<'s>| {
            resource.follow(Rel::EncryptedBy).pop().is_some_and(|edge| match key_of(&edge) {
                KeyOf::Key(key) => !leaves_it_to(&root, &check.guard(key).documents, action),
                _ => false,
            })
        };
        stack.of_type(kind).filter(is_guarded).map(Resource::id).collect::<Rc<[ResourceId]>>()
    });
    ids.iter().map(|&id| Resource::new(stack.world(), id)).collect()
}

type GuardedMemo = Rc<RefCell<Memo<Rc<[ResourceId]>>>>;

/// By stack, resource type and action.
#[derive(Default)]
struct Guarded(RefCell<FxHashMap<(StackId, &'static str, &'static str), GuardedMemo>>);

/// Whether a policy that is not known at a preview is made from a resource with a key of its own.
fn is_about_encrypted(role: Resource<'_>, unknown: &Unknown) -> bool {
    unknown.depends_on().iter().map(|&id| Resource::new(role.world(), id)).any(|resource| {
        let keys = resource.follow(Rel::EncryptedBy);
        USES.iter().any(|(kind, ..)| resource.is(kind)) && keys.iter().any(|edge| matches!(key_of(edge), KeyOf::Key(_)))
    })
}

/// Whether a parameter decides if a statement allows an action, or on what.
fn leaves_open(statement: &Statement<'_>, action: &str) -> bool {
    statement.effect == Effect::Unclear
        || statement.actions.as_ref().is_some_and(|scope| covers_action(scope, action) == Tri::Unknown)
        || statement.resources.iter().flat_map(|scope| &scope.entries).any(|entry| entry.text.has_opaque())
}

/// Without condition, on everything, and all of it known.
fn is_plain(statement: &Statement<'_>) -> bool {
    statement.conditions.is_empty()
        && statement.unknown.is_none()
        && statement.resources.as_ref().is_some_and(|scope| covers_everything(scope).is_yes())
}

rule! {
    /// Who may read encrypted data may also decrypt it.
    ///
    /// Reading a secret, object or message that is encrypted with a customer managed key takes `kms:Decrypt` on the
    /// key; writing takes `kms:GenerateDataKey`. Without it the call is denied although the service's own action is
    /// allowed.
    ///
    /// Allow the action on the key, in the policy of the role or of the key.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key}
    ///   Secret: {Type: AWS::SecretsManager::Secret, Properties: {KmsKeyId: !Ref Key}}
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       Policies:
    ///         - PolicyName: read
    ///           PolicyDocument:
    ///             Version: '2012-10-17'
    ///             Statement:
    ///               - {Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: !Ref Secret}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key: {Type: AWS::KMS::Key}
    ///   Secret: {Type: AWS::SecretsManager::Secret, Properties: {KmsKeyId: !Ref Key}}
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       Policies:
    ///         - PolicyName: read
    ///           PolicyDocument:
    ///             Version: '2012-10-17'
    ///             Statement:
    ///               - {Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: !Ref Secret}
    ///               - {Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt Key.Arn}
    /// ```
    ///
    /// Source: KMS Developer Guide, "Permissions for AWS services in key policies"; Secrets Manager User Guide, "Secret
    /// encryption and decryption".
    {
        id: "kms-decrypt-permission", since: "0.1.0", category: Reliability, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::IAM::Role"],
    }
    |check, role| {
        let Some(role_arn) = role.arn() else { return };
        let identity = check.identity(role);
        let caller = Principal::of(role_arn.clone(), Some(role.account()));
        if role.is_pulumi() {
            let unread = identity.documents.iter().filter_map(|document| document.unknown());
            if let Some(unknown) = unread.into_iter().find(|unknown| is_about_encrypted(role, unknown)) {
                check.undetermined(role, unknown);
            }
        }
        for &(kind, action, below, on_key, service) in USES {
            let statements: Vec<&Statement<'_>> = identity
                .documents
                .iter()
                .flat_map(|document| &document.policy().statements)
                .filter(|statement| {
                    statement.effect != Effect::Deny
                        && statement.actions.as_ref().is_some_and(|scope| !covers_action(scope, action).is_no())
                })
                .collect();
            let granting: Vec<&Scope<'_>> =
                statements.iter().filter_map(|statement| statement.resources.as_ref()).collect();
            // At a preview it is not known what the role may do, in a template only where it says so.
            let open = role.is_pulumi() || statements.iter().any(|statement| leaves_open(statement, action));
            if granting.is_empty() {
                continue;
            }
            let resources = match allows_everywhere(&identity.documents, on_key) {
                true => {
                    let mut resources = guarded(check, role, kind, on_key);
                    if !resources.is_empty() {
                        let meant = meant(&granting, role.stack(), kind);
                        resources.retain(|resource| meant.contains(resource));
                    }
                    resources
                }
                false => meant(&granting, role.stack(), kind),
            };
            for resource in resources {
                let Some(edge) = resource.follow(Rel::EncryptedBy).pop() else { continue };
                let KeyOf::Key(key) = key_of(&edge) else { continue };
                let guard = check.guard(key);
                let Some(arn) = resource.arn() else { continue };
                let subject = Text::concat([arn, Text::from(below)]);
                let request =
                    Request::new(caller.clone(), action, subject).in_account(resource.account()).open_context();
                let may = identity.ask(&request);
                let perhaps = match may {
                    Answer::Allowed => None,
                    Answer::Unknown(unknown) if open => Some(unknown),
                    _ => continue,
                };
                let policies: Vec<_> = identity
                    .documents
                    .iter()
                    .chain(&guard.documents)
                    .map(|document| (document.kind, document.policy()))
                    .filter(|(kind, _)| matches!(kind, PolicyKind::Identity | PolicyKind::Key))
                    .collect();
                let via =
                    Text::concat([Text::from(service), Text::from("."), key.region(), Text::from(".amazonaws.com")]);
                let request = Request::new(caller.clone(), on_key, key.arn().unwrap_or_else(|| Text::from("*")))
                    .in_account(key.account())
                    .with("kms:ViaService", via)
                    .with("kms:CallerAccount", role.account())
                    .with("aws:PrincipalAccount", role.account())
                    .with("aws:PrincipalArn", role_arn.clone())
                    .with_state("kms:EncryptionContextKeys", KeyState::Present)
                    .open_context();
                let decision = evaluate(&request, &policies);
                // A key without a policy of its own has the default one, which leaves it to the role's policies.
                let default = guard.documents.is_empty();
                let by_role = || {
                    let own: Vec<_> =
                        policies.iter().copied().filter(|(kind, _)| *kind == PolicyKind::Identity).collect();
                    evaluate(&request, &own).outcome
                };
                let outcome = if default { by_role() } else { decision.outcome };
                let doubt = identity.unknown.clone().or_else(|| {
                    identity.documents.iter().chain(&guard.documents).find_map(|document| document.unknown())
                });
                match (outcome, perhaps, doubt) {
                    (Outcome::Allow, ..) => {}
                    (Outcome::ImplicitDeny | Outcome::ExplicitDeny, Some(unknown), _)
                    | (Outcome::ImplicitDeny, None, Some(unknown)) => {
                        check.undetermined(role, unknown);
                    }
                    (Outcome::Unknown, ..) => {
                        check.undetermined(role, Unknown::other(explain(&decision, &request, &policies)));
                    }
                    (Outcome::ImplicitDeny | Outcome::ExplicitDeny, None, _) => {
                        check
                            .fail(
                                role,
                                format!(
                                    "{} may call {action} on {}, but not {on_key} on its key {}",
                                    role.label(),
                                    resource.label(),
                                    key.label()
                                ),
                            )
                            .explain(explain(&decision, &request, &policies))
                            .related(resource, &edge.value, "is encrypted with the key")
                            .aws_error(format!("AccessDeniedException: not authorized to perform: {on_key}"))
                            .fix(Fix::suggested(format!("allow {on_key} on the key")));
                    }
                }
            }
        }
    }
}
