//! What AWS would refuse in a policy document, with AWS's own message.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>

use crate::model::pattern::{self, Pattern};
use crate::model::text::{Pseudo, Symbol, Text};

use super::condition::{Base, Condition, OPERATORS, net};
use super::policy::{At, Effect, FlawKind, Policy, Scope, Statement, Version};
use super::principal::{Arn, PrincipalEntry, PrincipalForm, PrincipalType, is_account_id};

/// Which grammar a document must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// An inline policy of a user, group or role.
    Inline,
    Managed,
    Trust,
    /// Key policy of a KMS key.
    Key,
    Resource(Service),
    Scp,
    Rcp,
}

/// The service whose resource a policy stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    S3,
    Sns,
    Sqs,
    SecretsManager,
    Logs,
    VpcEndpoint,
    Lambda,
    Other,
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    pub at: At,
    /// A sentence that names the value and what is expected.
    pub message: String,
    /// What AWS answers; empty where it accepts the document.
    pub aws_error: &'static str,
    /// AWS certainly refuses the document. Else it may accept it, though it does not do what it says.
    pub refused: bool,
    /// A change that mends it and says nothing else than the document does.
    pub mend: Option<Mend>,
}

/// What to do with the value that a problem is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Leave it out, with its name.
    Remove,
    /// Write this text in its place.
    Replace(String),
}

/// A Sid of letters and digits that no statement of the policy has, near to one that is written out.
fn other_sid(policy: &Policy<'_>, sid: &Text<'_>) -> Option<Mend> {
    let plain: String = sid.as_literal()?.chars().filter(char::is_ascii_alphanumeric).collect();
    let taken = |name: &str| {
        let mut sids = policy.statements.iter().filter_map(|statement| statement.sid.as_ref());
        sids.any(|other| other.text.as_literal().is_none_or(|other| other == name))
    };
    let numbered = (2..100).map(|number| format!("{plain}{number}"));
    let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !taken(name))?;
    (!plain.is_empty()).then_some(Mend::Replace(free))
}

/// The rule that a problem belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// `iam-policy-syntax`
    Syntax,
    /// `iam-policy-syntax`: a character outside of U+0009, U+000A, U+000D, U+0020 to U+00FF
    Characters,
    /// `iam-policy-version`
    Version,
    /// `iam-policy-version`: variables in a document whose language has none
    LiteralVariable,
    /// `iam-sid-format`
    Sid,
    /// `iam-action-format`
    Action,
    /// `iam-resource-arn-format`
    ResourceArn,
    /// `iam-principal-placement`
    PrincipalPlacement,
    /// `iam-principal-format`
    PrincipalFormat,
    /// `iam-trust-policy-shape`
    TrustShape,
    /// `iam-condition-operator`
    ConditionOperator,
    /// `iam-condition-date-value`
    DateValue,
    /// `iam-condition-value-type`
    ValueType,
    /// `iam-condition-value-type`: a CIDR block with bits beyond its prefix
    HostBits,
}

const SYNTAX_ERROR: &str = "MalformedPolicyDocument: Syntax errors in policy.";
const LEGACY: &str = "MalformedPolicyDocument: The policy failed legacy parsing";
const INVALID_PRINCIPAL: &str = "MalformedPolicyDocument: Invalid principal in policy";

/// Everything that is wrong with a document, in its order as far as that is known.
pub fn problems(policy: &Policy<'_>, grammar: Grammar) -> Vec<Problem> {
    let mut lint = Lint { grammar, found: Vec::new() };
    lint.flaws(policy);
    lint.version(policy);
    lint.sids(policy);
    for statement in &policy.statements {
        lint.statement(statement);
    }
    lint.found.sort_by_key(|problem| problem.at);
    lint.found
}

struct Lint {
    grammar: Grammar,
    found: Vec<Problem>,
}

impl Lint {
    fn refuse(&mut self, kind: ProblemKind, at: At, message: impl Into<String>, aws_error: &'static str) {
        self.found.push(Problem { kind, at, message: message.into(), aws_error, refused: true, mend: None });
    }

    fn doubt(&mut self, kind: ProblemKind, at: At, message: impl Into<String>) {
        self.found.push(Problem { kind, at, message: message.into(), aws_error: "", refused: false, mend: None });
    }

    /// Adds to the problem that was found last what mends it.
    fn mend(&mut self, mend: Option<Mend>) {
        if let Some(problem) = self.found.last_mut() {
            problem.mend = mend;
        }
    }

    fn flaws(&mut self, policy: &Policy<'_>) {
        use ProblemKind::{Characters, ConditionOperator, PrincipalFormat, Syntax};
        for flaw in &policy.flaws {
            let at = flaw.at;
            match &flaw.kind {
                FlawKind::NotAnObject => self.refuse(
                    Syntax,
                    at,
                    "The policy document is not a JSON object.",
                    "MalformedPolicy: Policies must be valid JSON and the first byte must be '{'",
                ),
                FlawKind::DuplicateKey(name) => {
                    self.refuse(Syntax, at, format!("\"{name}\" is given twice in one object."), SYNTAX_ERROR);
                }
                FlawKind::UnknownTopLevelKey(name) | FlawKind::UnknownStatementKey(name) => {
                    let known: &[&str] = match &flaw.kind {
                        FlawKind::UnknownTopLevelKey(_) => &["Version", "Id", "Statement"],
                        _ => &[
                            "Sid",
                            "Effect",
                            "Principal",
                            "NotPrincipal",
                            "Action",
                            "NotAction",
                            "Resource",
                            "NotResource",
                            "Condition",
                        ],
                    };
                    let hint = nearest(name, known).map(|name| format!(" Did you mean \"{name}\"?")).unwrap_or_default();
                    self.refuse(Syntax, at, format!("A policy has no element \"{name}\".{hint}"), SYNTAX_ERROR);
                }
                FlawKind::NoStatement => {
                    self.refuse(Syntax, at, "The policy has no \"Statement\".", SYNTAX_ERROR);
                }
                FlawKind::EmptyStatement => self.refuse(Syntax, at, "The policy holds no statement.", SYNTAX_ERROR),
                FlawKind::StatementNotAnObject => self.refuse(Syntax, at, "A statement must be an object.", SYNTAX_ERROR),
                FlawKind::VersionNotAString => self.refuse(
                    ProblemKind::Version,
                    at,
                    "\"Version\" must be the string \"2012-10-17\"; quote it.",
                    SYNTAX_ERROR,
                ),
                FlawKind::NoEffect => self.refuse(Syntax, at, "The statement has no \"Effect\".", SYNTAX_ERROR),
                FlawKind::BadEffect(effect) => {
                    self.refuse(
                        Syntax,
                        at,
                        format!("\"Effect\" is \"{effect}\"; it must be \"Allow\" or \"Deny\", with this case."),
                        LEGACY,
                    );
                    let meant = ["Allow", "Deny"].into_iter().find(|word| word.eq_ignore_ascii_case(effect));
                    self.mend(meant.map(|word| Mend::Replace(word.to_owned())));
                }
                FlawKind::Both(one, other) => {
                    let kind = if *one == "Principal" { ProblemKind::PrincipalPlacement } else { Syntax };
                    self.refuse(kind, at, format!("A statement holds both \"{one}\" and \"{other}\"."), SYNTAX_ERROR);
                }
                FlawKind::NoAction => self.refuse(
                    Syntax,
                    at,
                    "The statement has neither \"Action\" nor \"NotAction\".",
                    "MalformedPolicyDocument: Policy statement must contain actions.",
                ),
                FlawKind::WrongType(element) => {
                    self.refuse(Syntax, at, format!("\"{element}\" must be a string or a list of strings."), SYNTAX_ERROR);
                }
                FlawKind::EmptyList(element) => {
                    let error = match *element {
                        "Action" => "MalformedPolicyDocument: Policy statement must contain actions.",
                        "Resource" => "MalformedPolicyDocument: Policy statement must contain resources.",
                        _ => SYNTAX_ERROR,
                    };
                    self.refuse(Syntax, at, format!("\"{element}\" is empty."), error);
                }
                FlawKind::BadPrincipalType(name) => {
                    let known = ["AWS", "Service", "Federated", "CanonicalUser"];
                    let hint = nearest(name, &known).map(|name| format!(" Did you mean \"{name}\"?")).unwrap_or_default();
                    self.refuse(
                        PrincipalFormat,
                        at,
                        format!("\"{name}\" is no type of principal; use AWS, Service, Federated or CanonicalUser.{hint}"),
                        INVALID_PRINCIPAL,
                    );
                }
                FlawKind::ConditionNotAnObject => {
                    self.refuse(Syntax, at, "\"Condition\" must be an object of operators.", SYNTAX_ERROR);
                }
                FlawKind::ConditionKeysNotAnObject(operator) => {
                    self.refuse(Syntax, at, format!("\"{operator}\" must be an object of condition keys."), SYNTAX_ERROR);
                }
                FlawKind::ConditionValueNested(key) => self.refuse(
                    Syntax,
                    at,
                    format!("The value of \"{key}\" must be a string, number, boolean or a list of them."),
                    SYNTAX_ERROR,
                ),
                FlawKind::BadOperator(name) => {
                    let hint = nearest(base_name(name), &OPERATORS)
                        .map(|operator| format!(" The nearest is \"{operator}\"."))
                        .unwrap_or_default();
                    self.refuse(ConditionOperator, at, format!("IAM has no condition operator \"{name}\".{hint}"), SYNTAX_ERROR);
                }
                FlawKind::BadCharacter(c) => self.refuse(
                    Characters,
                    at,
                    format!("The character {c:?} (U+{:04X}) may not stand in a policy.", u32::from(*c)),
                    "ValidationError: Value at 'policyDocument' failed to satisfy constraint: Member must satisfy regular \
                     expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
                ),
            }
        }
        if let Some(at) = policy.id_at
            && matches!(self.grammar, Grammar::Inline | Grammar::Managed)
        {
            self.doubt(Syntax, at, "\"Id\" has no meaning in an identity policy.");
        }
    }

    fn version(&mut self, policy: &Policy<'_>) {
        let at = policy.version_at.unwrap_or(policy.at);
        match &policy.version {
            Version::Other(text) if !text.is_empty() => self.refuse(
                ProblemKind::Version,
                at,
                format!("\"Version\" is \"{text}\"; the policy languages are \"2012-10-17\" and \"2008-10-17\"."),
                SYNTAX_ERROR,
            ),
            Version::V2008 if matches!(self.grammar, Grammar::Managed | Grammar::Scp | Grammar::Rcp) => self.refuse(
                ProblemKind::Version,
                at,
                "A managed policy must have \"Version\": \"2012-10-17\".",
                "MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater.",
            ),
            Version::Absent if policy.unknown != Some(policy.at) && !policy.statements.is_empty() => self.doubt(
                ProblemKind::Version,
                at,
                "Without \"Version\" the policy is read as 2008-10-17, in which policy variables are literal text.",
            ),
            _ => {}
        }
        if matches!(policy.version, Version::Absent | Version::V2008) {
            for statement in &policy.statements {
                let resources =
                    statement.resources.iter().flat_map(|scope| &scope.entries).map(|entry| (entry.at, &entry.text));
                let values =
                    statement.conditions.iter().flat_map(|one| &one.values).map(|value| (value.at, &value.text));
                for (at, text) in resources.chain(values) {
                    if text.as_literal().is_some_and(has_variable) {
                        self.doubt(
                            ProblemKind::LiteralVariable,
                            at,
                            format!("\"{text}\" holds a policy variable, which is literal text without \"Version\": \"2012-10-17\"."),
                        );
                    }
                }
            }
        }
    }

    fn sids(&mut self, policy: &Policy<'_>) {
        let plain =
            matches!(self.grammar, Grammar::Inline | Grammar::Managed | Grammar::Trust | Grammar::Scp | Grammar::Rcp);
        let unique = plain
            || matches!(self.grammar, Grammar::Resource(Service::S3 | Service::Sns | Service::Sqs | Service::Lambda));
        let mut seen = rustc_hash::FxHashSet::default();
        for sid in policy.statements.iter().filter_map(|statement| statement.sid.as_ref()) {
            for piece in sid.text.pieces().iter() {
                let crate::model::text::Piece::Literal(text) = piece else { continue };
                if plain && let Some(bad) = text.chars().find(|c| !c.is_ascii_alphanumeric()) {
                    self.refuse(
                        ProblemKind::Sid,
                        sid.at,
                        format!("The Sid \"{}\" holds {bad:?}; only letters and digits may stand in it.", sid.text),
                        "MalformedPolicyDocument: Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                         regular expression [0-9A-Za-z]*",
                    );
                    self.mend(other_sid(policy, &sid.text));
                    break;
                }
            }
            if unique && sid.text != Text::from("") && !seen.insert(&sid.text) {
                self.refuse(
                    ProblemKind::Sid,
                    sid.at,
                    format!("Two statements have the Sid \"{}\".", sid.text),
                    "MalformedPolicyDocument: Statement IDs (SID) in a single policy must be unique.",
                );
                self.mend(other_sid(policy, &sid.text));
            }
        }
    }

    fn statement(&mut self, statement: &Statement<'_>) {
        self.actions(statement);
        self.resources(statement);
        self.principals(statement);
        for condition in &statement.conditions {
            self.condition(condition);
        }
    }

    fn actions(&mut self, statement: &Statement<'_>) {
        let Some(actions) = &statement.actions else { return };
        for entry in &actions.entries {
            let Some(action) = entry.text.as_literal() else { continue };
            if action == "*" || action == "*:*" {
                if self.grammar == Grammar::Trust {
                    self.trust_action(entry.at, action);
                }
                continue;
            }
            let mut parts = action.split(':');
            let (vendor, name, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
            let (message, error) = match name {
                None => (
                    format!("The action \"{action}\" has no service before a colon, as in \"s3:GetObject\"."),
                    "MalformedPolicyDocument: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                ),
                Some(_) if more.is_some() => (
                    format!("The action \"{action}\" holds more than one colon."),
                    "MalformedPolicyDocument: Actions/Condition can contain only one colon.",
                ),
                Some(_)
                    if vendor.is_empty()
                        || !vendor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) =>
                {
                    (
                        format!("\"{vendor}\" in the action \"{action}\" is no service; it takes no wildcard."),
                        "MalformedPolicyDocument: Vendor is not valid",
                    )
                }
                Some(name)
                    if name.is_empty()
                        || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*?-_.".contains(&byte)) =>
                {
                    (
                        format!("\"{action}\" is no action: after the colon stand letters, digits, * and ?."),
                        SYNTAX_ERROR,
                    )
                }
                _ => {
                    if self.grammar == Grammar::Trust {
                        self.trust_action(entry.at, action);
                    }
                    continue;
                }
            };
            self.refuse(ProblemKind::Action, entry.at, message, error);
        }
        if self.grammar == Grammar::Trust {
            self.trust_pairing(statement, actions);
        }
    }

    fn trust_action(&mut self, at: At, action: &str) {
        let known = [
            "sts:AssumeRole",
            "sts:AssumeRoleWithSAML",
            "sts:AssumeRoleWithWebIdentity",
            "sts:TagSession",
            "sts:SetSourceIdentity",
            "sts:SetContext",
        ];
        if known.iter().any(|known| known.eq_ignore_ascii_case(action)) {
            return;
        }
        let error = "MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions.";
        let folded = action.to_ascii_lowercase();
        if folded.starts_with("sts:") && folded.contains(['*', '?']) {
            let message = format!("A trust policy names its actions in full; \"{action}\" holds a wildcard.");
            self.found.push(Problem {
                kind: ProblemKind::TrustShape,
                at,
                message,
                aws_error: error,
                refused: false,
                mend: None,
            });
        } else {
            self.refuse(
                ProblemKind::TrustShape,
                at,
                format!("A trust policy may only allow the AssumeRole actions of STS, not \"{action}\"."),
                error,
            );
        }
    }

    /// Federated principals and the actions that they need.
    fn trust_pairing(&mut self, statement: &Statement<'_>, actions: &Scope<'_>) {
        let Some(principals) = &statement.principals else { return };
        if principals.unknown.is_some() || actions.unknown.is_some() || actions.negated || principals.entries.is_empty()
        {
            return;
        }
        let has = |name: &str| {
            actions
                .entries
                .iter()
                .any(|entry| entry.text.as_literal().is_some_and(|action| action.eq_ignore_ascii_case(name)))
        };
        let federated = |entry: &PrincipalEntry<'_>| entry.kind == Some(PrincipalType::Federated);
        let open =
            principals.entries.iter().any(|entry| matches!(entry.form, PrincipalForm::Everyone | PrincipalForm::Open));
        let with_token = has("sts:AssumeRoleWithWebIdentity") || has("sts:AssumeRoleWithSAML");
        if with_token && !open && !principals.entries.iter().any(federated) {
            self.doubt(
                ProblemKind::TrustShape,
                actions.at,
                "AssumeRoleWithWebIdentity and AssumeRoleWithSAML are for a Federated principal, and none is named.",
            );
        }
        if has("sts:AssumeRole") && !with_token && principals.entries.iter().all(federated) {
            self.doubt(
                ProblemKind::TrustShape,
                actions.at,
                "A Federated principal cannot call sts:AssumeRole; it needs AssumeRoleWithWebIdentity or AssumeRoleWithSAML.",
            );
        }
        let github = principals.entries.iter().find(|entry| {
            federated(entry) && entry.text.to_string().ends_with("oidc-provider/token.actions.githubusercontent.com")
        });
        if let Some(github) = github
            && statement.effect == Effect::Allow
            && statement.unknown.is_none()
        {
            let asks = |key: &str| statement.conditions.iter().any(|condition| condition.key.eq_ignore_ascii_case(key));
            for claim in ["sub", "aud"] {
                if !asks(&format!("token.actions.githubusercontent.com:{claim}")) {
                    self.doubt(
                        ProblemKind::TrustShape,
                        github.at,
                        format!("A role for GitHub Actions needs a condition on token.actions.githubusercontent.com:{claim}."),
                    );
                }
            }
        }
    }

    fn resources(&mut self, statement: &Statement<'_>) {
        let Some(resources) = &statement.resources else {
            // Policies of other services (ECR, EFS, API Gateway …) stand on their resource and need not name it.
            if !matches!(self.grammar, Grammar::Trust | Grammar::Resource(Service::Other)) {
                let error = match self.grammar {
                    Grammar::Resource(_) => "MalformedPolicy: Missing required field Resource",
                    _ => "MalformedPolicyDocument: Policy statement must contain resources.",
                };
                let message = "The statement has neither \"Resource\" nor \"NotResource\".";
                self.refuse(ProblemKind::Syntax, statement.at, message, error);
            }
            return;
        };
        if self.grammar == Grammar::Trust {
            let message = "A trust policy has no \"Resource\": it stands on the role itself.";
            self.refuse(
                ProblemKind::TrustShape,
                resources.at,
                message,
                "MalformedPolicyDocument: Has prohibited field Resource",
            );
            self.mend(Some(Mend::Remove));
            return;
        }
        let checked = matches!(
            self.grammar,
            Grammar::Inline | Grammar::Managed | Grammar::Scp | Grammar::Rcp | Grammar::Resource(Service::S3)
        );
        if checked {
            for entry in &resources.entries {
                self.resource(entry.at, &entry.text);
            }
        }
    }

    fn resource(&mut self, at: At, text: &Text<'_>) {
        if text.as_literal() == Some("*") {
            return;
        }
        let kind = ProblemKind::ResourceArn;
        let shape = Pattern::glob(&Text::from("arn:*:*:*:*:*"));
        if shape.matches(text).is_no() && pattern::same(text, &Text::from("*")).is_no() && !leading_variable(text) {
            let error = "MalformedPolicyDocument: Resource must be in ARN format or \"*\".";
            self.refuse(kind, at, format!("The resource \"{text}\" is neither an ARN nor \"*\"."), error);
            return;
        }
        let Some(arn) = Arn::of(text) else { return };
        let wild = |text: &str| text.contains(['*', '?']) || text.contains("${");
        if let Some(partition) = arn.partition.as_literal()
            && !wild(partition)
            && !PARTITIONS.contains(&partition)
        {
            let error = "MalformedPolicyDocument: Partition is not valid for resource";
            self.refuse(kind, at, format!("Partition \"{partition}\" is not valid for resource \"{text}\"."), error);
        }
        let service = arn.service.as_literal().unwrap_or_default();
        if wild(service) {
            self.refuse(
                kind,
                at,
                format!("The service of \"{text}\" must be spelled out, without a wildcard."),
                LEGACY,
            );
        }
        if let Some(account) = arn.account.as_literal()
            && !account.is_empty()
            && !wild(account)
            && !is_account_id(account)
            // `aws` and `cloudfront` are accounts, too; `1234-5678-9012` and `ACCOUNT_ID` are not.
            && account.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'_')
        {
            self.refuse(kind, at, format!("The account \"{account}\" of \"{text}\" does not have 12 digits."), LEGACY);
        }
        let region = arn.region.as_literal().unwrap_or_default();
        let rest = match arn.rest.pieces().first() {
            Some(crate::model::text::Piece::Literal(text)) => text.to_string(),
            _ => String::new(),
        };
        let first = rest.split(['/', ':']).next().unwrap_or_default();
        let regional_s3 =
            ["accesspoint", "job", "storage-lens", "storage-lens-group", "access-grants", "async-request"];
        let no_region = match service {
            // Access points and a few others of S3 live in a region and an account.
            "s3" => !first.is_empty() && !wild(first) && !regional_s3.contains(&first),
            "iam" | "route53" | "cloudfront" => true,
            _ => false,
        };
        let region_symbol = matches!(arn.region.as_symbol(), Some(Symbol::Pseudo(Pseudo::Region, _)));
        if no_region && (region_symbol || !region.is_empty() && region != "*") {
            let error = "MalformedPolicyDocument: Resource can not contain region information.";
            self.refuse(
                kind,
                at,
                format!("\"{text}\" names a region, but {service} resources of this kind have none."),
                error,
            );
        }
        if service == "s3" && (rest.starts_with('/') || arn.rest.as_literal() == Some("")) {
            self.doubt(kind, at, format!("\"{text}\" has an empty bucket name."));
        }
        let account_symbol = matches!(arn.account.as_symbol(), Some(Symbol::Pseudo(Pseudo::AccountId, _)));
        if service == "s3" && no_region && (account_symbol || arn.account.as_literal().is_some_and(is_account_id)) {
            self.doubt(
                kind,
                at,
                format!("\"{text}\" names an account: the ARN of a bucket has none, so it is no bucket's."),
            );
        }
        if service == "iam" && !first.is_empty() && !wild(first) && rest.contains(['/']) && !IAM_PATHS.contains(&first)
        {
            let error = "MalformedPolicyDocument: IAM resource path must either be \"*\" or start with user/, federated-user/, role/, \
                         group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, \
                         report/, access-report/";
            self.refuse(kind, at, format!("\"{first}/\" in \"{text}\" is no kind of IAM resource."), error);
        }
    }

    fn principals(&mut self, statement: &Statement<'_>) {
        let kind = ProblemKind::PrincipalPlacement;
        match (&statement.principals, self.grammar) {
            (Some(principals), Grammar::Inline | Grammar::Managed | Grammar::Scp) => {
                self.refuse(
                    kind,
                    principals.at,
                    "A policy of an identity names no principal: it applies to what it is attached to.",
                    "MalformedPolicyDocument: Policy document should not specify a principal.",
                );
                return;
            }
            (None, Grammar::Trust | Grammar::Key | Grammar::Resource(_) | Grammar::Rcp) => {
                self.refuse(
                    kind,
                    statement.at,
                    "The statement names no principal.",
                    "MalformedPolicyDocument: Missing required field Principal",
                );
                return;
            }
            (Some(principals), Grammar::Trust) if principals.negated => {
                self.refuse(
                    kind,
                    principals.at,
                    "A trust policy may not use \"NotPrincipal\".",
                    "MalformedPolicyDocument: Has prohibited field NotPrincipal",
                );
            }
            _ => {}
        }
        let Some(principals) = &statement.principals else { return };
        for entry in &principals.entries {
            self.principal(entry);
        }
    }

    fn principal(&mut self, entry: &PrincipalEntry<'_>) {
        let kind = ProblemKind::PrincipalFormat;
        let error = match self.grammar {
            Grammar::Key => {
                "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals."
            }
            Grammar::Resource(Service::S3) => "MalformedPolicy: Invalid principal in policy",
            _ => INVALID_PRINCIPAL,
        };
        let Some(text) = entry.text.as_literal() else {
            // Where only parts are known, the known fields still count.
            if entry.kind == Some(PrincipalType::Aws)
                && let Some(arn) = Arn::of(&entry.text)
                && arn
                    .rest
                    .pieces()
                    .iter()
                    .any(|piece| matches!(piece, crate::model::text::Piece::Literal(text) if text.contains('*')))
            {
                let message = format!("The principal \"{}\" holds a wildcard; only \"*\" alone is one.", entry.text);
                self.refuse(kind, entry.at, message, error);
            }
            return;
        };
        let message = match entry.kind {
            None if text == "*" => return,
            None => format!("\"Principal\": \"{text}\" must be \"*\" or an object such as {{\"AWS\": \"{text}\"}}."),
            Some(PrincipalType::CanonicalUser) => match self.grammar {
                Grammar::Resource(Service::S3 | Service::Other) => return,
                _ => "CanonicalUser is a principal of S3 bucket policies only.".to_owned(),
            },
            Some(PrincipalType::Aws) => match self.aws_principal(text) {
                Some(message) => message,
                None => return,
            },
            Some(PrincipalType::Service) => match service_principal(text) {
                Some(message) => message,
                None => return,
            },
            Some(PrincipalType::Federated) => {
                if text.contains('.')
                    || text.contains(":saml-provider/")
                    || text.contains(":oidc-provider/")
                    || text == "*"
                {
                    return;
                }
                format!("\"{text}\" is neither a provider's ARN nor its domain.")
            }
        };
        self.refuse(kind, entry.at, message, error);
    }

    fn aws_principal(&self, text: &str) -> Option<String> {
        if text == "*" || is_account_id(text) {
            return None;
        }
        // Unique ids stand for users and roles that existed when the policy was saved.
        let unique = |prefix: &str| {
            text.starts_with(prefix) && text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if unique("AIDA") || unique("AROA") {
            return None;
        }
        if text.contains("${") {
            return Some(format!("\"{text}\": policy variables do not work in a principal."));
        }
        let whole = Text::from(text);
        let Some([head, partition, service, region, account, rest]) = whole.arn_fields() else {
            if text.ends_with(".amazonaws.com") {
                return Some(format!("\"{text}\" is a service: write {{\"Service\": \"{text}\"}}."));
            }
            return Some(format!("\"{text}\" is neither an account id of 12 digits nor an ARN."));
        };
        let literal = |text: &Text<'_>| text.as_literal().unwrap_or_default().to_owned();
        let (head, partition, service, region) =
            (literal(&head), literal(&partition), literal(&service), literal(&region));
        let (account, rest) = (literal(&account), literal(&rest));
        if text.contains(['*', '?']) {
            return Some(format!(
                "The principal \"{text}\" holds a wildcard; only \"*\" alone is one. Use a condition on aws:PrincipalArn."
            ));
        }
        if head != "arn" || !PARTITIONS.contains(&partition.as_str()) {
            return Some(format!("\"{text}\" is no ARN of a principal."));
        }
        let origin_access = account == "cloudfront" && rest.starts_with("user/");
        if !origin_access && (!is_account_id(&account) || !region.is_empty()) {
            return Some(format!("\"{text}\" has no account id of 12 digits."));
        }
        let start = rest.split('/').next().unwrap_or_default();
        let named = rest.len() > start.len() + 1;
        match (service.as_str(), start) {
            ("iam", "root") if rest == "root" => None,
            ("iam", "user" | "role") | ("sts", "assumed-role" | "federated-user" | "self") if named => None,
            ("iam", "group") => Some(format!("\"{text}\" is a group, which cannot be a principal.")),
            _ => Some(format!("\"{text}\" is no account, user, role or session.")),
        }
    }

    fn condition(&mut self, condition: &Condition<'_>) {
        let Some(operator) = condition.operator else { return };
        if condition.values.is_empty() && condition.unknown.is_none() && condition.listed {
            let message = format!("{} on {} has no values.", condition.operator_name, condition.key);
            self.doubt(ProblemKind::ValueType, condition.at, message);
        }
        for value in &condition.values {
            let text = &value.text;
            if value.is_valid() {
                if operator.base == Base::Ip
                    && let Some(literal) = text.as_literal()
                    && let Some((address, bits)) = net(literal)
                    && has_host_bits(address, bits)
                {
                    let message = format!("\"{literal}\" has bits set beyond its prefix of {bits}; IAM ignores them.");
                    self.doubt(ProblemKind::HostBits, value.at, message);
                }
                continue;
            }
            let name = &condition.operator_name;
            let (kind, expected, error) = match operator.base {
                Base::Date(_) => {
                    (ProblemKind::DateValue, "a date such as 2026-11-21T08:00:00Z, or seconds since 1970", LEGACY)
                }
                Base::Bool | Base::Null => (ProblemKind::ValueType, "true or false", SYNTAX_ERROR),
                Base::Numeric(_) => (ProblemKind::ValueType, "a number", LEGACY),
                Base::Ip => (ProblemKind::ValueType, "an IPv4 or IPv6 address or CIDR block", LEGACY),
                Base::Binary => (ProblemKind::ValueType, "base64", LEGACY),
                _ => (ProblemKind::ValueType, "an ARN with its six fields", LEGACY),
            };
            let message = format!("\"{text}\" under {name} on {} is not {expected}.", condition.key);
            let variable = text.as_literal().is_some_and(has_variable) && !matches!(operator.base, Base::Date(_));
            let open = operator.base == Base::Arn && text.as_literal().is_some_and(|text| text.contains('*'));
            if variable || open {
                self.doubt(kind, value.at, message);
            } else {
                self.refuse(kind, value.at, message, error);
            }
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

const IAM_PATHS: [&str; 14] = [
    "user",
    "federated-user",
    "role",
    "group",
    "instance-profile",
    "mfa",
    "server-certificate",
    "policy",
    "sms-mfa",
    "saml-provider",
    "oidc-provider",
    "report",
    "access-report",
    "root",
];

/// Service names that are often written for another.
const WRONG_SERVICES: [(&str, &str); 9] = [
    ("cloudwatchlogs", "logs"),
    ("cloudwatch-logs", "logs"),
    ("eventbridge", "events"),
    ("cloudwatch-events", "events"),
    ("vpcflowlogs", "vpc-flow-logs"),
    ("flowlogs", "vpc-flow-logs"),
    ("stepfunctions", "states"),
    ("step-functions", "states"),
    ("api-gateway", "apigateway"),
];

fn service_principal(text: &str) -> Option<String> {
    if text.contains(['*', '?']) {
        return Some(format!("The service \"{text}\" holds a wildcard; a service is named in full."));
    }
    if text.contains("${") {
        return Some(format!("\"{text}\": policy variables do not work in a principal."));
    }
    if text.starts_with("arn:") || !text.contains('.') || text.contains([' ', '/', ':']) {
        return Some(format!("\"{text}\" is no service principal, such as lambda.amazonaws.com."));
    }
    let name = text.strip_suffix(".amazonaws.com")?;
    let right = WRONG_SERVICES.iter().find(|(wrong, _)| *wrong == name)?.1;
    Some(format!("There is no service \"{text}\"; it is \"{right}.amazonaws.com\"."))
}

fn has_host_bits(address: std::net::IpAddr, bits: u8) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => !fits_prefix(u128::from(u32::from(v4)), 32, bits),
        std::net::IpAddr::V6(v6) => !fits_prefix(u128::from(v6), 128, bits),
    }
}

fn fits_prefix(address: u128, width: u32, bits: u8) -> bool {
    let free = width.saturating_sub(u32::from(bits));
    free == 0 || (free < 128 && address & ((1u128 << free) - 1) == 0) || (free >= 128 && address == 0)
}

/// `${aws:username}` and the like.
fn has_variable(text: &str) -> bool {
    text.split("${").skip(1).any(|rest| rest.split('}').next().is_some_and(|inner| inner.contains(':')))
}

fn leading_variable(text: &Text<'_>) -> bool {
    matches!(text.pieces().first(), Some(crate::model::text::Piece::Literal(text)) if text.starts_with("${"))
}

fn base_name(name: &str) -> &str {
    let name = name.rsplit(':').next().unwrap_or(name);
    name.strip_suffix("IfExists").unwrap_or(name)
}

/// The candidate that differs least, where it differs by no more than a third of its letters.
pub(crate) fn nearest<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if name.len() > 64 {
        return None;
    }
    let (distance, best) = candidates
        .iter()
        .map(|candidate| (edits(&name.to_ascii_lowercase(), &candidate.to_ascii_lowercase()), *candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= best.len().max(3)).then_some(best)
}

/// Levenshtein distance.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let cost = if a == *b { diagonal } else { 1 + diagonal.min(row[j]).min(row[j + 1]) };
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row.last().copied().unwrap_or_default()
}
