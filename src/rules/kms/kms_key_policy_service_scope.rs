//! See the documentation of the rule below.

use crate::iam::policy::Statement;
use crate::iam::principal::PrincipalForm;
use crate::rules::Check;
use crate::rules::policies::Document;
use crate::rules::prelude::*;
use crate::rules::statements::{allows, covers_action, is_a_demand};

rule! {
    /// Key policies give services no more than they need.
    ///
    /// A service principal needs to encrypt and decrypt, never to administer a key; a condition on the source account,
    /// source ARN or encryption context keeps the service from using the key for somebody else. Wide principals should
    /// come through a named service (`kms:ViaService`).
    ///
    /// Name the actions, and add the condition.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: 'kms:*', Resource: '*'}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*', Condition: {StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}}]}
    /// ```
    ///
    /// Source: KMS Developer Guide, "Permissions for AWS services in key policies" and "kms:ViaService".
    {
        id: "kms-key-policy-service-scope", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::KMS::Key", "AWS::KMS::ReplicaKey"],
        params: {
            allowedServices: List = r#"["logs", "lambda", "cloudtrail", "sns", "sqs", "s3", "events", "cloudwatch", "secretsmanager", "ssm", "config", "delivery.logs", "backup"]"#, "Services that may use keys.";
            allowRoot: Boolean = "true", "The account may have every action, so that IAM policies decide.";
        },
    }
    |check, key| {
        for document in check.documents(key) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in document.policy().statements.iter().filter(|statement| allows(statement)) {
                statement_of(check, &document, statement);
            }
        }
    }
}

fn statement_of<'s>(check: &Check<'s>, document: &Document<'s>, statement: &Statement<'s>) {
    let (Some(principals), Some(actions)) = (&statement.principals, &statement.actions) else { return };
    let allowed = check.list("allowedServices");
    let has = |prefixes: &[&str]| {
        statement.unknown.is_some()
            || statement.conditions.iter().any(|condition| {
                let key = condition.key.to_ascii_lowercase();
                prefixes.iter().any(|prefix| key.starts_with(prefix)) && is_a_demand(condition)
            })
    };
    let crypto = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"]
        .iter()
        .any(|action| covers_action(actions, action).is_yes());
    let admin = ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"]
        .iter()
        .find(|action| covers_action(actions, action).is_yes());
    for entry in &principals.entries {
        let place = document.place(entry.at);
        match entry.form {
            PrincipalForm::Service => {
                let name = entry.text.pieces().first().map(|piece| match piece {
                    crate::model::text::Piece::Literal(text) => text.to_string(),
                    crate::model::text::Piece::Symbol(_) => String::new(),
                });
                let name = name.unwrap_or_default();
                let known = name.is_empty()
                    || allowed.iter().any(|service| {
                        name.strip_prefix(service).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                    });
                if let Some(admin) = admin {
                    check.fail(document.place(actions.at), format!("a service may administer the key ({admin})")).fix(
                        Fix::suggested(
                            "name the actions that the service needs, such as kms:Decrypt and kms:GenerateDataKey*",
                        ),
                    );
                } else if !known {
                    check
                        .fail(place, format!("{name} is not among the services that may use keys"))
                        .fix(Fix::suggested("drop the service, or add it to allowedServices"));
                } else if crypto
                    && !has(&["aws:sourceaccount", "aws:sourcearn", "aws:sourceorg", "kms:encryptioncontext"])
                {
                    check
                        .fail(place, "the service may use the key on behalf of anybody: no condition names the source")
                        .fix(Fix::suggested(
                            "add a condition on aws:SourceAccount, aws:SourceArn or the encryption context",
                        ));
                }
            }
            PrincipalForm::Account(_) if admin.is_some() && check.flag("allowRoot") => {}
            PrincipalForm::Account(_) | PrincipalForm::Everyone
                if crypto && !has(&["kms:viaservice", "aws:principalarn"]) =>
            {
                check
                    .fail(place, "a whole account may use the key, through any service")
                    .fix(Fix::suggested("name roles, or add kms:ViaService"));
            }
            _ => {}
        }
    }
}
