//! See the documentation of the rule below.

use crate::iam::condition::Base;
use crate::iam::evaluate::PolicyKind;
use crate::iam::policy::{Effect, Statement};
use crate::iam::principal::{Arn, PrincipalForm};
use crate::lang::account_id::is_account_id;
use crate::model::pattern::same;
use crate::rules::Check;
use crate::rules::policies::Document;
use crate::rules::prelude::*;
use crate::rules::statements::{covers_action, is_a_demand};

rule! {
    /// A role that another account may assume asks for an external id.
    ///
    /// Whoever gets the other account to act (its other customers, for a vendor) can act in this one: the confused
    /// deputy. An external id that only this customer gives prevents it. It must be demanded by `StringEquals`, without
    /// wildcards, and be no guessable word.
    ///
    /// Add the condition `sts:ExternalId`, or `aws:PrincipalOrgID` for accounts of the own organisation.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::210987654321:root'}, Action: 'sts:AssumeRole'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::210987654321:root'}, Action: 'sts:AssumeRole', Condition: {StringEquals: {'sts:ExternalId': 7f3c9b52-tenant-a}}}]
    /// ```
    ///
    /// Source: IAM User Guide, "Access to AWS accounts owned by third parties" and "The confused deputy problem".
    {
        id: "iam-cross-account-external-id", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::IAM::Role"],
        params: {
            allowOrgInstead: Boolean = "true", "A condition on the organisation of the caller will do as well.";
            trustedAccounts: List = "[]", "Accounts that need no external id.";
        },
    }
    |check, role| {
        for document in check.documents(role).into_iter().filter(|document| document.kind == PolicyKind::Trust) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in document.policy().statements.iter().filter(|statement| statement.effect != Effect::Deny) {
                statement_of(check, role, &document, statement);
            }
        }
    }
}

fn statement_of<'s>(check: &Check<'s>, role: Resource<'s>, document: &Document<'s>, statement: &Statement<'s>) {
    let (Some(principals), Some(actions)) = (&statement.principals, &statement.actions) else { return };
    let covers = covers_action(actions, "sts:AssumeRole");
    if principals.negated || covers.is_no() {
        return;
    }
    let open = statement.unknown.is_some() || statement.effect == Effect::Unclear || covers == Tri::Unknown;
    let trusted = check.list("trustedAccounts");
    for condition in
        statement.conditions.iter().filter(|condition| condition.key.eq_ignore_ascii_case("sts:ExternalId"))
    {
        for value in &condition.values {
            if let Some(text) = value.text.as_literal() {
                grammar(check, role, document.place(value.at), text, open);
            }
        }
    }
    if has_external_id(statement) || check.flag("allowOrgInstead") && is_of_organisation(statement) {
        return;
    }
    for entry in &principals.entries {
        let account = match &entry.form {
            PrincipalForm::Account(account) => account.clone(),
            PrincipalForm::Arn => match Arn::of(&entry.text) {
                Some(arn) => arn.account,
                None => continue,
            },
            PrincipalForm::Open => {
                check.undetermined(
                    document.place(entry.at),
                    Unknown::other("the principal is not known: it may be of another account"),
                );
                continue;
            }
            _ => continue,
        };
        if account.as_literal().is_some_and(|account| trusted.contains(&account)) {
            continue;
        }
        // An account that is written out where the own one is not known is taken for another one.
        let foreign = match same(&account, &role.account()) {
            Tri::Unknown if account.as_literal().is_some() => Tri::Yes,
            Tri::Unknown => Tri::Unknown,
            Tri::Yes => Tri::No,
            Tri::No => Tri::Yes,
        };
        match foreign {
            Tri::No => {}
            _ if open => {
                check.undetermined(document.place(entry.at), Unknown::other("a part of the statement is not known"));
            }
            Tri::Unknown => {
                check.undetermined(document.place(entry.at), role.world().why_symbolic(&account));
            }
            Tri::Yes => {
                check
                    .fail(
                        document.place(entry.at),
                        "a principal of another account may assume the role without an external id",
                    )
                    .fix(Fix::suggested("add the condition StringEquals sts:ExternalId with a value from a parameter"));
            }
        }
    }
}

/// `StringEquals` (or a `StringLike` without wildcards) on `sts:ExternalId`, with a value.
fn has_external_id(statement: &Statement<'_>) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.key.eq_ignore_ascii_case("sts:ExternalId")
            && !is_a_demand(condition).is_no()
            && condition.operator.is_none_or(|operator| match operator.base {
                Base::StringEquals | Base::StringEqualsIgnoreCase => true,
                Base::StringLike => condition.values.iter().all(|value| {
                    !value.text.pieces().iter().any(
                        |piece| matches!(piece, crate::model::text::Piece::Literal(text) if text.contains(['*', '?'])),
                    )
                }),
                _ => false,
            })
            && (condition.unknown.is_some() || condition.values.iter().any(|value| value.text.as_literal() != Some("")))
    })
}

fn is_of_organisation(statement: &Statement<'_>) -> bool {
    statement.conditions.iter().any(|condition| {
        ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"].iter().any(|key| key.eq_ignore_ascii_case(&condition.key))
            && !is_a_demand(condition).is_no()
    })
}

/// The characters of an external id, and words that anybody would guess.
/// Source: STS API Reference, "AssumeRole", ExternalId.
fn grammar<'s>(check: &Check<'s>, role: Resource<'s>, at: crate::model::Place, text: &str, open: bool) {
    if text.is_empty() || text.contains(['*', '?']) {
        return;
    }
    let unsure = || check.undetermined(at, Unknown::other("a part of the statement is not known"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    if !(2..=1224).contains(&text.chars().count()) || !text.chars().all(allowed) {
        if open {
            unsure();
            return;
        }
        check
            .fail(at, "an external id has 2 to 1224 letters, digits or _+=,.@:/- : no caller can give this one")
            .category(Category::Reliability)
            .fix(Fix::suggested("use letters, digits and _+=,.@:/- only"));
        return;
    }
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let words = [
        "externalid",
        "changeme",
        "example",
        "test",
        "secret",
        "placeholder",
        "todo",
        "xxx",
        "foo",
        "bar",
        "id",
        "password",
    ];
    let named_after = role.get("RoleName").literal() == Read::Known(text.into());
    if words.contains(&plain.as_str()) || named_after || is_account_id(text) {
        if open {
            unsure();
            return;
        }
        check
            .fail(at, "anybody would guess this external id")
            .severity(Severity::Medium)
            .fix(Fix::suggested("use a value that the other party makes for each customer"));
    }
}
