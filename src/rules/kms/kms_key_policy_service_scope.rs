//! See the documentation of the rule below.

use crate::iam::policy::{Effect, Statement};
use crate::iam::principal::PrincipalForm;
use crate::model::text::Piece;
use crate::rules::Check;
use crate::rules::policies::Document;
use crate::rules::prelude::*;
use crate::rules::statements::{covers_action, demands};

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
            for (_, statement, doubt) in document.statements(Effect::Allow) {
                check.in_doubt(doubt.or_else(|| document.part_doubt(statement)), || statement_of(check, &document, statement));
            }
        }
    }
}

const USE: [&str; 4] = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"];
const ADMINISTER: [&str; 3] = ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"];

fn statement_of<'s>(check: &Check<'s>, document: &Document<'s>, statement: &Statement<'s>) {
    let (Some(principals), Some(actions)) = (&statement.principals, &statement.actions) else { return };
    let covers = |of: &[&str]| of.iter().fold(Tri::No, |any, action| any.or(covers_action(actions, action)));
    let (crypto, admin) = (covers(&USE), covers(&ADMINISTER));
    // Uses the key without a condition on one of these keys.
    let free = |prefixes: &[&str]| {
        let about = |key: &str| {
            let key = key.to_ascii_lowercase();
            prefixes.iter().any(|prefix| key.starts_with(prefix))
        };
        crypto.and(!demands(statement, about))
    };
    for entry in &principals.entries {
        let place = document.place(entry.at);
        let said = match entry.form {
            PrincipalForm::Service => {
                let unlisted = is_unlisted(check, &entry.text);
                let free = free(&["aws:sourceaccount", "aws:sourcearn", "aws:sourceorg", "kms:encryptioncontext"]);
                if let Some(admin) = ADMINISTER.iter().find(|action| covers_action(actions, action).is_yes()) {
                    check.fail(document.place(actions.at), format!("a service may administer the key ({admin})")).fix(
                        Fix::suggested(
                            "name the actions that the service needs, such as kms:Decrypt and kms:GenerateDataKey*",
                        ),
                    );
                } else if unlisted.is_yes() {
                    check
                        .fail(place, format!("{} is not among the services that may use keys", entry.text))
                        .fix(Fix::suggested("drop the service, or add it to allowedServices"));
                } else if free.is_yes() {
                    check
                        .fail(place, "the service may use the key on behalf of anybody: no condition names the source")
                        .fix(Fix::suggested(
                            "add a condition on aws:SourceAccount, aws:SourceArn or the encryption context",
                        ));
                }
                admin.or(unlisted).or(free)
            }
            PrincipalForm::Account(_) if admin.is_yes() && check.flag("allowRoot") => Tri::No,
            PrincipalForm::Account(_) | PrincipalForm::Everyone | PrincipalForm::Open => {
                let free = free(&["kms:viaservice", "aws:principalarn"]);
                let said = if matches!(entry.form, PrincipalForm::Open) { free.and(Tri::Unknown) } else { free };
                if said.is_yes() {
                    check
                        .fail(place, "a whole account may use the key, through any service")
                        .fix(Fix::suggested("name roles, or add kms:ViaService"));
                }
                said
            }
            _ => Tri::No,
        };
        check.leave_open(document.doubt_about(statement, said));
    }
}

/// Whether a service is not among those that may use keys; unknown where its name is.
fn is_unlisted(check: &Check<'_>, service: &Text<'_>) -> Tri {
    match service.pieces().first() {
        Some(Piece::Literal(name)) => {
            let is =
                |listed: &str| name.strip_prefix(listed).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            (!check.each("allowedServices").any(is)).into()
        }
        Some(Piece::Symbol(_)) => Tri::Unknown,
        None => Tri::No,
    }
}
