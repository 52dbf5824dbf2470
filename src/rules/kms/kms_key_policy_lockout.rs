//! See the documentation of the rule below.

use crate::iam::condition::KeyState;
use crate::iam::evaluate::Request;
use crate::iam::policy::Effect;
use crate::iam::principal::{Arn, Principal, PrincipalForm, is_account_id};
use crate::model::pattern::same;
use crate::rules::policies::{Answer, Document};
use crate::rules::prelude::*;
use crate::rules::statements::{allows, covers_action, names_everyone};

rule! {
    /// A key policy leaves somebody in the account who can change it.
    ///
    /// KMS refuses a policy that does not let its author call `kms:PutKeyPolicy` later, since nobody could mend the key
    /// then. The usual guarantee is a statement for the account (`arn:aws:iam::<account>:root`) with `kms:*`; it is
    /// also what lets IAM policies grant anything on the key.
    ///
    /// Mend it with that statement.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {Service: logs.amazonaws.com}, Action: ['kms:Encrypt*', 'kms:Decrypt*'], Resource: '*'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
    /// ```
    ///
    /// Source: KMS API Reference, "PutKeyPolicy"; KMS Developer Guide, "Default key policy".
    {
        id: "kms-key-policy-lockout", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::KMS::Key", "AWS::KMS::ReplicaKey"],
        aws_error: "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.",
    }
    |check, key| {
        let policy = key.get("KeyPolicy");
        let guard = check.guard(key);
        let Some(document) = guard.documents.first() else { return };
        let bypass = key.get("BypassPolicyLockoutSafetyCheck");
        if bypass.boolean() == Read::Known(true) {
            return;
        }
        if let Some(unknown) = document.unknown() {
            check.undetermined(&policy, unknown);
            return;
        }
        // What is no policy, and accounts that cannot be, are findings of the rules about syntax and principals.
        if document.policy().statements.is_empty() && !document.policy().flaws.is_empty() {
            return;
        }
        if names_no_account(document) {
            check.undetermined(
                &document.value,
                Unknown::other("a principal of the policy is an account that cannot be"),
            );
            return;
        }
        let root = key.principal_beside("root");
        // What the deploying principal has besides its account is not known.
        let request = Request::new(
            Principal::of(root, Some(key.account())),
            "kms:PutKeyPolicy",
            key.arn().unwrap_or_else(|| Text::from("*")),
        )
        .in_account(key.account())
        .with("kms:CallerAccount", key.account())
        .with("aws:PrincipalAccount", key.account())
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SecureTransport", "true")
        .with_state("aws:PrincipalArn", KeyState::Present)
        .with_state("aws:userid", KeyState::Present)
        .open_context();
        match guard.ask(&request) {
            Answer::Allowed => {}
            Answer::Denied { explanation, .. } if denies_everyone(document) => {
                check
                    .fail(&document.value, "the key policy denies everyone kms:PutKeyPolicy: nobody could change it")
                    .explain(explanation)
                    .fix(Fix::suggested("spare an administrator of the account from the deny"));
            }
            Answer::Denied { .. } => {
                let why = "a deny takes the root user out; whether it takes the deploying role out is not known";
                check.undetermined(&policy, Unknown::other(why));
            }
            Answer::Unknown(unknown) => {
                check.undetermined(&policy, unknown);
            }
            Answer::Refused { explanation, .. } => {
                if let Read::Unknown(unknown) = bypass.boolean()
                    && bypass.is_present()
                {
                    check.undetermined(&policy, unknown);
                    return;
                }
                let fix = Fix::suggested("add a statement that allows kms:* to the account's root");
                match others(document, key) {
                    Tri::No => {
                        check
                            .fail(&document.value, "nobody in this account could change the key policy: no statement grants kms:PutKeyPolicy")
                            .explain(explanation)
                            .fix(fix);
                    }
                    Tri::Yes => {
                        check
                            .fail(&document.value, "the key policy does not delegate to the account: IAM policies grant nothing on the key")
                            .category(Category::Security)
                            .severity(Severity::Medium)
                            .no_aws_error()
                            .fix(fix);
                    }
                    Tri::Unknown => {
                        check.undetermined(
                            &document.value,
                            Unknown::other("whether the deploying principal is among those of the policy"),
                        );
                    }
                }
            }
        }
    }
}

/// Whether a statement grants `kms:PutKeyPolicy` to single principals of the account, one of which may be who deploys.
fn others<'s>(document: &Document<'s>, key: Resource<'s>) -> Tri {
    let mut answer = Tri::No;
    for statement in document.policy().statements.iter().filter(|statement| allows(statement)) {
        let covered = match &statement.actions {
            Some(scope) => covers_action(scope, "kms:PutKeyPolicy"),
            None => Tri::No,
        };
        let Some(principals) = &statement.principals else { continue };
        if principals.negated {
            answer = answer.or(covered.and(Tri::Unknown));
            continue;
        }
        let mut named = if principals.unknown.is_some() { Tri::Unknown } else { Tri::No };
        for entry in &principals.entries {
            named = named.or(match &entry.form {
                PrincipalForm::Arn => match Arn::of(&entry.text) {
                    Some(arn) => same(&arn.account, &key.account()),
                    None => Tri::Unknown,
                },
                PrincipalForm::Open => match entry.text.as_symbol() {
                    Some(_) => Tri::Unknown,
                    None => Tri::Yes,
                },
                PrincipalForm::Account(_) | PrincipalForm::Everyone if !statement.conditions.is_empty() => Tri::Unknown,
                _ => Tri::No,
            });
        }
        answer = answer.or(covered.and(named));
    }
    answer
}

/// A deny without conditions and exceptions.
fn denies_everyone(document: &Document<'_>) -> bool {
    document.policy().statements.iter().any(|statement| {
        statement.effect == Effect::Deny
            && statement.conditions.is_empty()
            && statement.unknown.is_none()
            && statement.principals.as_ref().is_some_and(|principals| names_everyone(principals).is_yes())
            && statement.actions.as_ref().is_some_and(|scope| covers_action(scope, "kms:PutKeyPolicy").is_yes())
    })
}

/// Whether a principal is the root of something that is no account id.
fn names_no_account(document: &Document<'_>) -> bool {
    document.policy().statements.iter().filter_map(|statement| statement.principals.as_ref()).any(|principals| {
        principals.entries.iter().any(|entry| match &entry.form {
            PrincipalForm::Account(account) => account.as_literal().is_some_and(|account| !is_account_id(account)),
            _ => false,
        })
    })
}
