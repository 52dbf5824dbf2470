//! Who a policy names, who asks, and whether they are the same.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::borrow::Cow;

use crate::model::pattern::{self, Pattern};
use crate::model::text::{Piece, Pseudo, Symbol, Text, TextBuilder};
use crate::model::tri::Tri;

use super::policy::At;

/// The member of `Principal` that a name stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalType {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl PrincipalType {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "AWS" => Some(PrincipalType::Aws),
            "Service" => Some(PrincipalType::Service),
            "Federated" => Some(PrincipalType::Federated),
            "CanonicalUser" => Some(PrincipalType::CanonicalUser),
            _ => None,
        }
    }
}

/// One principal of a policy.
#[derive(Clone, Debug)]
pub struct PrincipalEntry<'s> {
    pub at: At,
    /// `None`: written as a plain string.
    pub kind: Option<PrincipalType>,
    /// As written.
    pub text: Text<'s>,
    pub form: PrincipalForm<'s>,
}

#[derive(Clone, Debug)]
pub enum PrincipalForm<'s> {
    /// `*`
    Everyone,
    /// An account id, or the ARN of its root: the account as a whole.
    Account(Text<'s>),
    /// A user, role or session.
    Arn,
    Service,
    Federated,
    CanonicalUser,
    /// A string that is not known and may be any principal of its type.
    Open,
    /// Nothing that AWS would take: it matches nobody.
    Invalid,
}

impl<'s> PrincipalEntry<'s> {
    /// `"Principal": "*"`
    pub fn bare(at: At, text: Text<'s>) -> Self {
        let form = match text.as_literal() {
            Some("*") => PrincipalForm::Everyone,
            Some(_) => PrincipalForm::Invalid,
            None => PrincipalForm::Open,
        };
        PrincipalEntry { at, kind: None, text, form }
    }

    /// `"Principal": {"AWS": "…"}`
    pub fn typed(at: At, kind: PrincipalType, text: Text<'s>) -> Self {
        let form = match kind {
            PrincipalType::Aws => aws_form(&text),
            PrincipalType::Service if text.as_literal() == Some("*") => PrincipalForm::Everyone,
            PrincipalType::Service => PrincipalForm::Service,
            PrincipalType::Federated => PrincipalForm::Federated,
            PrincipalType::CanonicalUser => PrincipalForm::CanonicalUser,
        };
        PrincipalEntry { at, kind: Some(kind), text, form }
    }
}

fn aws_form<'s>(text: &Text<'s>) -> PrincipalForm<'s> {
    if text.as_literal() == Some("*") {
        return PrincipalForm::Everyone;
    }
    if text.as_literal().is_some_and(is_account_id)
        || matches!(text.as_symbol(), Some(Symbol::Pseudo(Pseudo::AccountId, _)))
    {
        return PrincipalForm::Account(text.clone());
    }
    match Arn::of(text) {
        Some(arn) if arn.rest.as_literal() == Some("root") && arn.service.as_literal() == Some("iam") => {
            PrincipalForm::Account(arn.account.into_owned())
        }
        Some(_) => PrincipalForm::Arn,
        None if text.as_literal().is_some() => PrincipalForm::Invalid,
        None => PrincipalForm::Open,
    }
}

/// Twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The fields of an ARN whose separators are all in known text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arn<'s> {
    pub partition: Text<'s>,
    pub service: Text<'s>,
    pub region: Text<'s>,
    pub account: Text<'s>,
    /// Everything after the fifth colon.
    pub rest: Text<'s>,
}

impl<'s> Arn<'s> {
    /// Splits a text; `None` where it is no ARN, or where a symbol may hide a separator before the resource.
    pub fn of(text: &'s Text<'_>) -> Option<Arn<'s>> {
        let fields = text.arn_fields()?;
        let [head, partition, service, region, account, rest] = fields;
        (head.as_literal() == Some("arn")).then_some(Arn { partition, service, region, account, rest })
    }
}

fn caller_of(arn: &Arn<'_>) -> Caller<'static> {
    let pieces = arn.rest.pieces();
    let start = match pieces.first() {
        Some(Piece::Literal(text)) => text,
        _ => "",
    };
    match (arn.service.as_literal(), start.split('/').next().unwrap_or_default()) {
        (Some("iam"), "root") => Caller::Root,
        (Some("iam"), "user") => Caller::User,
        (Some("iam"), "role") => Caller::Role,
        (Some("iam"), "oidc-provider" | "saml-provider") => Caller::Provider,
        (Some("sts"), "assumed-role") => match session_role(arn) {
            Some(role) => Caller::Session { role: role.into_owned() },
            None => Caller::Unclear,
        },
        (Some("sts"), "federated-user") => Caller::FederatedUser,
        _ => Caller::Unclear,
    }
}

/// Who makes a request.
#[derive(Clone, Debug)]
pub struct Principal<'s> {
    pub kind: Caller<'s>,
    /// The account of the caller; `None` for services, anonymous callers, and where it is not known.
    pub account: Option<Text<'s>>,
    /// The ARN, service name, or `*`.
    pub text: Text<'s>,
}

#[derive(Clone, Debug)]
pub enum Caller<'s> {
    /// The root user of an account.
    Root,
    User,
    /// A role, in some session of it that is not known further.
    Role,
    /// `assumed-role/<role>/<session>`; the ARN of the role up to its path.
    Session {
        role: Text<'s>,
    },
    /// `federated-user/<name>`: a session of the user that called GetFederationToken.
    FederatedUser,
    /// A web identity or SAML provider, which vouches for somebody.
    Provider,
    Service,
    Anonymous,
    /// An AWS principal of which the kind is not known.
    Unclear,
}

impl<'s> Principal<'s> {
    /// A service, such as `cloudtrail.amazonaws.com`.
    pub fn service(name: impl Into<Text<'s>>) -> Self {
        Principal { kind: Caller::Service, account: None, text: name.into() }
    }

    /// A caller without credentials.
    pub fn anonymous() -> Self {
        Principal { kind: Caller::Anonymous, account: None, text: Text::from("*") }
    }

    /// Reads an ARN, an account id (its root user), a service name, a provider or `*`.
    pub fn of(text: Text<'s>, account: Option<Text<'s>>) -> Self {
        match text.as_literal() {
            Some("*") => return Principal::anonymous(),
            Some(literal) if is_account_id(literal) => {
                let account = account.or_else(|| Some(text.clone()));
                return Principal { kind: Caller::Root, account, text };
            }
            Some(literal) if !literal.starts_with("arn:") && literal.contains('.') => {
                return Principal { kind: Caller::Service, account: None, text };
            }
            _ => {}
        }
        if !text.pieces().first().is_some_and(|piece| matches!(piece, Piece::Literal(text) if text.starts_with("arn:")))
            && text
                .pieces()
                .iter()
                .any(|piece| matches!(piece, Piece::Literal(text) if text.contains(".amazonaws.com")))
            || matches!(text.pieces().last(), Some(Piece::Symbol(Symbol::Pseudo(Pseudo::UrlSuffix, _))))
        {
            return Principal { kind: Caller::Service, account: None, text };
        }
        let (kind, own) = match Arn::of(&text) {
            Some(arn) => (caller_of(&arn), Some(arn.account.into_owned())),
            None => (Caller::Unclear, None),
        };
        let account = account.or(own);
        Principal { kind, account, text }
    }

    /// A service-linked role: SCPs, RCPs and boundaries leave it alone.
    pub fn is_service_linked(&self) -> bool {
        let role = match &self.kind {
            Caller::Role => &self.text,
            Caller::Session { role } => role,
            _ => return false,
        };
        role.pieces().iter().any(|piece| {
            matches!(piece, Piece::Literal(text) if text.contains(":role/aws-service-role/") || text.contains(":role/AWSServiceRoleFor"))
        })
    }
}

/// `arn:P:iam::A:role/NAME` for a session `arn:P:sts::A:assumed-role/NAME/SESSION`. The path is not in a session's ARN.
fn session_role<'s>(arn: &Arn<'s>) -> Option<Text<'s>> {
    let mut builder = TextBuilder::default();
    builder.push_literal(Cow::Borrowed("arn:"));
    builder.push(arn.partition.clone());
    builder.push_literal(Cow::Borrowed(":iam::"));
    builder.push(arn.account.clone());
    builder.push_literal(Cow::Borrowed(":role/"));
    let mut left = "assumed-role/".len();
    for piece in arn.rest.pieces().iter() {
        match piece {
            Piece::Literal(text) => {
                let text = text.get(left..)?;
                left = 0;
                match text.split_once('/') {
                    Some((name, _)) => {
                        builder.push_literal(Cow::Owned(name.to_owned()));
                        return Some(builder.finish());
                    }
                    None => builder.push_literal(Cow::Owned(text.to_owned())),
                }
            }
            Piece::Symbol(symbol) => builder.push_symbol(*symbol),
        }
    }
    Some(builder.finish())
}

/// How closely a policy names the caller; it decides which other policies limit the grant.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-within-account.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The user, the session, the service, or everyone.
    Direct,
    /// The role behind a session, or the user behind a federated session.
    Role,
    /// The account, which passes the decision on to its identity policies.
    Account,
}

/// For each [`Level`] whether the entry names the caller.
pub type Match = [Tri; 3];

/// Nobody.
pub const NOBODY: Match = [Tri::No; 3];

fn at(level: Level, answer: Tri) -> Match {
    let mut found = NOBODY;
    found[level as usize] = answer;
    found
}

impl PrincipalEntry<'_> {
    /// Whether the entry names the caller, by level.
    pub fn names(&self, caller: &Principal<'_>) -> Match {
        let aws = !matches!(caller.kind, Caller::Service | Caller::Anonymous | Caller::Provider);
        match &self.form {
            PrincipalForm::Everyone if self.kind == Some(PrincipalType::Service) => {
                at(Level::Direct, matches!(caller.kind, Caller::Service).into())
            }
            PrincipalForm::Everyone => at(Level::Direct, Tri::Yes),
            PrincipalForm::Invalid => NOBODY,
            PrincipalForm::Open => self.names_open(caller, aws),
            PrincipalForm::Service => match caller.kind {
                Caller::Service => at(Level::Direct, same_service(&self.text, &caller.text)),
                _ => NOBODY,
            },
            PrincipalForm::Federated => match caller.kind {
                Caller::Provider => at(Level::Direct, pattern::same(&self.text, &caller.text)),
                _ => NOBODY,
            },
            // Which account a canonical user id stands for cannot be read from it.
            PrincipalForm::CanonicalUser if aws => at(Level::Account, Tri::Unknown),
            PrincipalForm::CanonicalUser => NOBODY,
            PrincipalForm::Account(account) if aws => {
                let same = match &caller.account {
                    Some(own) => pattern::same(account, own),
                    None => Tri::Unknown,
                };
                match caller.kind {
                    Caller::Root => at(Level::Direct, same),
                    _ => at(Level::Account, same),
                }
            }
            PrincipalForm::Account(_) => NOBODY,
            PrincipalForm::Arn if aws => self.names_arn(caller),
            PrincipalForm::Arn => NOBODY,
        }
    }

    fn names_open(&self, caller: &Principal<'_>, aws: bool) -> Match {
        let same = pattern::same(&self.text, &caller.text);
        let everyone = pattern::same(&self.text, &Text::from("*"));
        match &caller.kind {
            Caller::Session { role } if aws => [same.or(everyone), pattern::same(&self.text, role), Tri::Unknown],
            Caller::Role if aws => [Tri::Unknown, same, Tri::Unknown],
            _ if aws => {
                let level = [same.or(everyone), Tri::No, Tri::Unknown];
                if same.is_yes() { at(Level::Direct, Tri::Yes) } else { level }
            }
            // An unknown AWS principal can only be `*` to take in a service.
            _ => at(Level::Direct, everyone),
        }
    }

    fn names_arn(&self, caller: &Principal<'_>) -> Match {
        let same = pattern::same(&self.text, &caller.text);
        match &caller.kind {
            Caller::Session { role } => [same, same_role(&self.text, role), Tri::No],
            Caller::Role => {
                // Some session of the role asks; a policy that names one session may or may not mean it.
                let session = match Arn::of(&self.text) {
                    Some(arn) if arn.service.as_literal() == Some("sts") => match session_role(&arn) {
                        Some(role) if !same_role(&caller.text, &role).is_no() => Tri::Unknown,
                        _ => Tri::No,
                    },
                    _ => Tri::No,
                };
                [session, same, Tri::No]
            }
            Caller::FederatedUser => {
                // The user's name is not in the session's ARN.
                let user = match (Arn::of(&self.text), &caller.account) {
                    (Some(arn), Some(account)) if arn.service.as_literal() == Some("iam") => {
                        pattern::same(&arn.account, account).and(Tri::Unknown)
                    }
                    _ => Tri::No,
                };
                [same, user, Tri::No]
            }
            _ => [same, Tri::No, Tri::No],
        }
    }
}

/// Whether a role ARN with its path is the role of a session, whose ARN has none. Role names are unique in an account
/// whatever their path.
fn same_role(policy: &Text<'_>, role: &Text<'_>) -> Tri {
    let plain = pattern::same(policy, role);
    if !plain.is_no() {
        return plain;
    }
    let (Some(policy), Some(role)) = (Arn::of(policy), Arn::of(role)) else { return plain };
    if policy.service.as_literal() != Some("iam") {
        return Tri::No;
    }
    let Some(Piece::Literal(start)) = role.rest.pieces().first().cloned() else { return plain };
    let Some(name_start) = start.strip_prefix("role/") else { return plain };
    let mut builder = TextBuilder::default();
    builder.push_literal(Cow::Borrowed("role/*/"));
    builder.push_literal(Cow::Owned(name_start.to_owned()));
    for piece in role.rest.pieces().iter().skip(1) {
        match piece {
            Piece::Literal(text) => builder.push_literal(Cow::Owned(text.to_string())),
            Piece::Symbol(symbol) => builder.push_symbol(*symbol),
        }
    }
    let with_path = Pattern::glob(&builder.finish()).matches(&policy.rest);
    with_path.and(pattern::same(&policy.account, &role.account)).and(pattern::same(&policy.partition, &role.partition))
}

/// Whether two service principals are the same. AWS takes `amazonaws.com` in every partition, so the URL suffix of the stack
/// counts as that.
fn same_service(policy: &Text<'_>, caller: &Text<'_>) -> Tri {
    if let (Text::Literal(policy), Text::Literal(caller)) = (policy, caller) {
        return (policy == caller).into();
    }
    pattern::same(&plain_suffix(policy), &plain_suffix(caller))
}

fn plain_suffix<'t>(text: &'t Text<'_>) -> Text<'t> {
    let mut builder = TextBuilder::default();
    for piece in text.pieces().iter() {
        match piece {
            Piece::Literal(text) => builder.push_literal(text.clone()),
            Piece::Symbol(Symbol::Pseudo(Pseudo::UrlSuffix, _)) => builder.push_literal(Cow::Borrowed("amazonaws.com")),
            Piece::Symbol(symbol) => builder.push_symbol(*symbol),
        }
    }
    builder.finish()
}
