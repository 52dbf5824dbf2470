//! See the documentation of the rule below.

use crate::iam::condition::Condition;
use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Statement};
use crate::iam::principal::{Arn, PrincipalEntry, PrincipalForm, PrincipalType};
use crate::rules::Check;

use crate::rules::prelude::*;

rule! {
    /// Another account needs an external id to assume a role.
    ///
    /// A vendor that assumes roles for many customers can be talked into assuming yours for somebody else, unless the
    /// trust policy asks for an id that only you and the vendor share: `StringEquals` on `sts:ExternalId`. Accounts of
    /// your own organization may be let in by `aws:PrincipalOrgID` instead.
    ///
    /// Add the condition with an id from a parameter; it has 2 to 1,224 letters, digits or `+=,.@:/-_` and is not to be
    /// guessed.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::428190573662:root'}, Action: 'sts:AssumeRole'}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::428190573662:root'}, Action: 'sts:AssumeRole', Condition: {StringEquals: {'sts:ExternalId': 7f3b-c41e-90aa}}}]}
    /// ```
    ///
    /// Source: IAM User Guide, "Access to AWS accounts owned by third parties".
    {
        id: "iam-cross-account-external-id", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::IAM::Role"],
        params: {
            allowOrgInstead: Boolean = "true", "A condition on aws:PrincipalOrgID is enough.";
            trustedAccounts: List = "[]", "Accounts that need no external id.";
        },
    }
    |check, role| {
        for document in check.documents(role).into_iter().filter(|document| document.kind == PolicyKind::Trust) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in document.policy().statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                let assumes = statement.actions.as_ref().is_some_and(|actions| {
                    actions.negated || actions.entries.iter().any(|entry| !entry.pattern.matches_literal("sts:assumerole").is_no())
                });
                let Some(principals) = statement.principals.as_ref().filter(|principals| assumes && !principals.negated) else {
                    continue;
                };
                let condition = external_id(check, statement);
                for entry in &principals.entries {
                    let account = match foreign_account(check, role, entry) {
                        Foreign::No => continue,
                        Foreign::Unknown => {
                            if matches!(condition, ExternalId::Missing) {
                                let why = format!("whether {} is another account is not known", entry.text);
                                check.undetermined(document.place(entry.at), Unknown::other(why));
                            }
                            continue;
                        }
                        Foreign::Yes(account) => account,
                    };
                    let place = document.place(entry.at);
                    match &condition {
                        ExternalId::Good => {}
                        ExternalId::Missing => {
                            check
                                .fail(place, format!("account {account} may assume {} without an external id", role.label()))
                                .fix(Fix::suggested(
                                    "add Condition: {StringEquals: {sts:ExternalId: …}} with an id from a parameter",
                                ));
                        }
                        ExternalId::Loose(why) => {
                            check.fail(place, format!("the external id that account {account} needs {why}")).fix(Fix::suggested(
                                "compare sts:ExternalId with StringEquals and a value of its own",
                            ));
                        }
                        ExternalId::Malformed(value) => {
                            check
                                .fail(place, format!("the external id has characters or a length that STS refuses: {value}"))
                                .aws_error("ValidationError: Value at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*");
                        }
                        ExternalId::Unknown(unknown) => {
                            check.undetermined(place, unknown);
                        }
                    }
                }
            }
        }
    }
}

enum Foreign {
    No,
    Yes(String),
    Unknown,
}

/// Whether a principal belongs to another account than the role.
fn foreign_account<'s>(check: &Check<'s>, role: Resource<'s>, entry: &PrincipalEntry<'s>) -> Foreign {
    if entry.kind != Some(PrincipalType::Aws) {
        return Foreign::No;
    }
    let account = match &entry.form {
        PrincipalForm::Account(account) => account.clone(),
        PrincipalForm::Arn => match Arn::of(&entry.text) {
            Some(arn) => arn.account,
            None => return Foreign::Unknown,
        },
        PrincipalForm::Open => {
            // A resource of this stack is of this account.
            let own = entry.text.symbols().any(|symbol| match symbol {
                Symbol::Opaque(id) => !role.world().model.unknown(id).depends_on().is_empty(),
                _ => true,
            });
            return if own { Foreign::No } else { Foreign::Unknown };
        }
        _ => return Foreign::No,
    };
    let own = role.account();
    if account == own {
        return Foreign::No;
    }
    match (account.as_literal(), own.as_literal()) {
        (Some(account), _) if check.list("trustedAccounts").contains(&account) => Foreign::No,
        // A literal account in a template without one is taken for another: the own one is written ${AWS::AccountId}.
        (Some(account), _) => Foreign::Yes(account.to_owned()),
        (None, _) => Foreign::Unknown,
    }
}

enum ExternalId {
    Missing,
    Good,
    Loose(&'static str),
    Malformed(String),
    Unknown(Unknown),
}

fn external_id<'s>(check: &Check<'s>, statement: &Statement<'s>) -> ExternalId {
    let mut found = ExternalId::Missing;
    for condition in &statement.conditions {
        let Some(operator) = &condition.operator else { continue };
        if check.flag("allowOrgInstead")
            && condition.key.eq_ignore_ascii_case("aws:PrincipalOrgID")
            && !operator.negated
            && !operator.if_exists
        {
            return ExternalId::Good;
        }
        if !condition.key.eq_ignore_ascii_case("sts:ExternalId") {
            continue;
        }
        let name = condition.operator_name.to_ascii_lowercase();
        found = if operator.if_exists {
            ExternalId::Loose("may be left out (IfExists)")
        } else if operator.negated || !name.contains("string") {
            ExternalId::Loose("is not compared by StringEquals")
        } else if condition.values.is_empty() && condition.unknown.is_none() {
            ExternalId::Loose("has no value")
        } else {
            judge_values(condition, name.contains("like"))
        };
        if matches!(found, ExternalId::Good) {
            return found;
        }
    }
    found
}

fn judge_values(condition: &Condition<'_>, like: bool) -> ExternalId {
    for value in &condition.values {
        let Some(text) = value.text.as_literal() else { continue };
        if like && text.contains(['*', '?']) {
            return ExternalId::Loose("is compared with a wildcard");
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
        if text.len() < 2 || text.len() > 1224 || !text.chars().all(allowed) {
            return ExternalId::Malformed(text.to_owned());
        }
        let guessable = ["external-id", "externalid", "changeme", "placeholder", "example"];
        if guessable.contains(&text.to_ascii_lowercase().as_str())
            || text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
        {
            return ExternalId::Loose("is easy to guess");
        }
    }
    if condition.values.is_empty() {
        return ExternalId::Unknown(Unknown::other("the external id is not known"));
    }
    ExternalId::Good
}
