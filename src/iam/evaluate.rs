//! Decides a request as AWS does.
//!
//! An explicit deny anywhere wins. Else every kind of policy that limits the caller must allow, and something must grant: an
//! identity policy, or in the same account a policy of the resource; across accounts both. A role's trust policy and a key's
//! policy decide alone whether identity policies count.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>

use crate::model::pattern;
use crate::model::text::Text;
use crate::model::tri::Tri;

use super::condition::{Context, KeyState};
use super::policy::{At, Effect, Policy, Principals, Scope, Statement};
use super::principal::{Arn, Caller, Level, Match, NOBODY, Principal, PrincipalForm};

/// One call.
#[derive(Clone, Debug)]
pub struct Request<'s> {
    pub principal: Principal<'s>,
    /// As the caller gave it.
    pub action: Text<'s>,
    folded_action: Text<'s>,
    pub resource: Text<'s>,
    /// The account that owns the resource; `None` where it is not known.
    pub resource_account: Option<Text<'s>>,
    pub context: Context<'s>,
}

impl<'s> Request<'s> {
    /// A call with the context keys that are set by [`Request::with`], and no others.
    pub fn new(principal: Principal<'s>, action: impl Into<Text<'s>>, resource: impl Into<Text<'s>>) -> Self {
        let (action, resource) = (action.into(), resource.into());
        let resource_account = Arn::of(&resource)
            .map(|arn| arn.account.into_owned())
            .filter(|account| account.as_literal().is_none_or(super::principal::is_account_id));
        Request {
            principal,
            folded_action: pattern::fold(&action),
            action,
            resource,
            resource_account,
            context: Context::closed(),
        }
    }

    /// Adds a context key with one value.
    pub fn with(mut self, key: &'s str, value: impl Into<Text<'s>>) -> Self {
        self.context.set(key, value);
        self
    }

    /// Adds a context key in any state.
    pub fn with_state(mut self, key: &'s str, state: KeyState<'s>) -> Self {
        self.context.put(key, state);
        self
    }

    /// Keys that are not given may be there or not.
    pub fn open_context(mut self) -> Self {
        let mut open = Context::open();
        for (key, state) in self.context.entries() {
            open.put(key.to_owned(), state.clone());
        }
        self.context = open;
        self
    }

    /// Says which account owns the resource.
    pub fn in_account(mut self, account: impl Into<Text<'s>>) -> Self {
        self.resource_account = Some(account.into());
        self
    }

    fn is_assume_role(&self) -> bool {
        self.folded_action.as_literal().is_some_and(|action| action.starts_with("sts:assumerole"))
    }
}

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    Identity,
    /// Permissions boundary of the caller.
    Boundary,
    /// Service control policy over the caller's account; those given form one level.
    Scp,
    /// Resource control policy over the resource's account.
    Rcp,
    /// Passed when the session was made.
    Session,
    Resource,
    /// Key policy of a KMS key.
    Key,
    /// Trust policy of a role.
    Trust,
}

impl PolicyKind {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "identity" => PolicyKind::Identity,
            "boundary" => PolicyKind::Boundary,
            "scp" => PolicyKind::Scp,
            "rcp" => PolicyKind::Rcp,
            "session" => PolicyKind::Session,
            "resource" => PolicyKind::Resource,
            "key" => PolicyKind::Key,
            "trust" => PolicyKind::Trust,
            _ => return None,
        })
    }

    /// How it is called in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            PolicyKind::Identity => "identity policy",
            PolicyKind::Boundary => "permissions boundary",
            PolicyKind::Scp => "service control policy",
            PolicyKind::Rcp => "resource control policy",
            PolicyKind::Session => "session policy",
            PolicyKind::Resource => "resource policy",
            PolicyKind::Key => "key policy",
            PolicyKind::Trust => "trust policy",
        }
    }

    /// Policies with a `Principal`, on the side of the resource.
    pub fn names_principals(self) -> bool {
        matches!(self, PolicyKind::Resource | PolicyKind::Key | PolicyKind::Trust | PolicyKind::Rcp)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Allow,
    ImplicitDeny,
    ExplicitDeny,
    Unknown,
}

impl Outcome {
    /// `allow`, `implicit-deny`, `explicit-deny`, `unknown`
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Allow => "allow",
            Outcome::ImplicitDeny => "implicit-deny",
            Outcome::ExplicitDeny => "explicit-deny",
            Outcome::Unknown => "unknown",
        }
    }
}

/// A decision and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// The statement that decides, or that would have to be known.
    pub statement: Option<StatementId>,
    pub why: Why,
}

/// A statement of one of the policies of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatementId {
    pub policy: usize,
    pub statement: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Granted,
    /// The root user has every permission in its account.
    RootUser,
    Denied,
    NothingAllows,
    /// A kind of policy that limits the caller does not allow.
    Limited(PolicyKind),
    /// The account of a caller from outside does not grant.
    CallerAccount,
    /// The policy of the resource does not let a caller from outside in.
    ResourceAccount,
    /// A key or trust policy names neither the caller nor its account.
    NotDelegated(PolicyKind),
    /// It names the account only, and no identity policy grants.
    OnlyDelegated(PolicyKind),
    /// Nothing allows, and a deny may or may not apply: refused, but explicitly or not cannot be said.
    RefusedEitherWay,
    /// What is missing to decide.
    Missing(Missing),
}

impl Decision {
    /// Certainly not allowed, be it by a deny or for want of an allow.
    pub fn is_refused(&self) -> bool {
        matches!(self.outcome, Outcome::ImplicitDeny | Outcome::ExplicitDeny) || self.why == Why::RefusedEitherWay
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Action(At),
    Resource(At),
    Principal(At),
    /// The value of a condition, or the context that it asks for.
    Condition(At),
    Effect(At),
    /// A whole statement, list or document.
    Part(At),
    /// Whether caller and resource are in one account.
    Accounts,
    TrustPolicy,
}

/// What is known of the statements of one kind that match.
#[derive(Clone, Copy, Debug)]
struct Found {
    tri: Tri,
    statement: Option<StatementId>,
    missing: Option<Missing>,
}

impl Found {
    const NO: Found = Found { tri: Tri::No, statement: None, missing: None };

    fn add(&mut self, tri: Tri, id: StatementId, missing: Option<Missing>) {
        match (self.tri, tri) {
            (_, Tri::No) | (Tri::Yes, _) | (Tri::Unknown, Tri::Unknown) => {}
            (_, tri) => *self = Found { tri, statement: Some(id), missing: if tri.is_yes() { None } else { missing } },
        }
    }

    fn or(self, other: Found) -> Found {
        match (self.tri, other.tri) {
            (Tri::Yes, _) => self,
            (_, Tri::Yes) => other,
            (Tri::Unknown, _) => self,
            (Tri::No, _) => other,
        }
    }

    fn and(self, other: Found) -> Found {
        match (self.tri, other.tri) {
            (Tri::No, _) => self,
            (_, Tri::No) => other,
            (Tri::Unknown, _) => self,
            (_, Tri::Unknown) => other,
            _ => self,
        }
    }
}

/// What one policy, or all of one kind, say about a request.
#[derive(Clone, Copy, Debug)]
struct Verdict {
    deny: Found,
    /// By [`Level`].
    allow: [Found; 3],
}

impl Verdict {
    const EMPTY: Verdict = Verdict { deny: Found::NO, allow: [Found::NO; 3] };

    fn any(&self) -> Found {
        self.allow[0].or(self.allow[1]).or(self.allow[2])
    }
}

impl<'s> Policy<'s> {
    /// Whether this policy alone allows the request: a statement allows and none denies. A grant to the caller's account
    /// counts. Use [`evaluate`] where other policies have a say.
    pub fn allows(&self, kind: PolicyKind, request: &Request<'s>) -> Decision {
        let mut verdict = Verdict::EMPTY;
        judge(&mut verdict, 0, kind, self, request, false);
        let allow = verdict.any();
        if let Some(decision) = denied(verdict.deny, allow.tri) {
            return decision;
        }
        match allow.tri {
            Tri::Yes => Decision { outcome: Outcome::Allow, statement: allow.statement, why: Why::Granted },
            Tri::No => Decision { outcome: Outcome::ImplicitDeny, statement: None, why: Why::NothingAllows },
            Tri::Unknown => unknown(allow),
        }
    }

    /// Whether the statement with this index applies to the request, whatever its effect.
    pub fn applies(&self, statement: usize, kind: PolicyKind, request: &Request<'s>) -> Tri {
        let Some(statement) = self.statements.get(statement) else { return Tri::No };
        let (named, rest, _) = applies(statement, kind, request, false);
        named.iter().fold(Tri::No, |any, level| any.or(*level)).and(rest)
    }
}

fn unknown(found: Found) -> Decision {
    let why = Why::Missing(found.missing.unwrap_or(Missing::Accounts));
    Decision { outcome: Outcome::Unknown, statement: found.statement, why }
}

/// The decision that a deny makes.
fn denied(deny: Found, allow: Tri) -> Option<Decision> {
    match deny.tri {
        Tri::Yes => Some(Decision { outcome: Outcome::ExplicitDeny, statement: deny.statement, why: Why::Denied }),
        Tri::Unknown if allow.is_no() => {
            Some(Decision { outcome: Outcome::Unknown, statement: deny.statement, why: Why::RefusedEitherWay })
        }
        Tri::Unknown => Some(unknown(deny)),
        Tri::No => None,
    }
}

/// Decides a request under all the policies that have a say.
pub fn evaluate<'s>(request: &Request<'s>, policies: &[(PolicyKind, &Policy<'s>)]) -> Decision {
    let caller = &request.principal;
    let service_linked = caller.is_service_linked();
    let is_aws = !matches!(caller.kind, Caller::Service | Caller::Anonymous | Caller::Provider);
    let has = |kind| policies.iter().any(|(other, _)| *other == kind);
    let bounded = has(PolicyKind::Boundary) && is_aws && !matches!(caller.kind, Caller::Root) && !service_linked;

    let mut kinds = [Verdict::EMPTY; 8];
    for (index, (kind, policy)) in policies.iter().enumerate() {
        let counts = match kind {
            PolicyKind::Identity | PolicyKind::Session => is_aws,
            PolicyKind::Boundary => bounded,
            // They limit users, roles and root users of member accounts; not services, nor what services do by their own roles.
            PolicyKind::Scp => is_aws && !service_linked,
            PolicyKind::Rcp => !service_linked,
            PolicyKind::Resource | PolicyKind::Key | PolicyKind::Trust => true,
        };
        if counts {
            judge(&mut kinds[*kind as usize], index, *kind, policy, request, bounded);
        }
    }
    let of = |kind: PolicyKind| kinds[kind as usize];

    let deny = kinds.iter().fold(Found::NO, |deny, verdict| deny.or(verdict.deny));
    let root = if matches!(caller.kind, Caller::Root) {
        Found { tri: Tri::Yes, statement: None, missing: None }
    } else {
        Found::NO
    };
    let limit = |kind: PolicyKind, counts: bool| match counts && has(kind) {
        true => of(kind).any(),
        false => Found { tri: Tri::Yes, statement: None, missing: None },
    };
    let scp = limit(PolicyKind::Scp, is_aws && !service_linked);
    let rcp = limit(PolicyKind::Rcp, !service_linked);
    let boundary = limit(PolicyKind::Boundary, bounded);
    let session = limit(PolicyKind::Session, is_aws);

    let identity = of(PolicyKind::Identity).any().or(root);
    let owner = [PolicyKind::Key, PolicyKind::Trust].into_iter().find(|kind| has(*kind));
    let resource = match owner {
        Some(kind) => of(kind),
        None => of(PolicyKind::Resource),
    };
    let owner_kind = owner.unwrap_or(PolicyKind::Resource);

    // What grants in one account.
    let by_identity = identity.and(boundary).and(session);
    let by_role = resource.allow[Level::Role as usize].and(boundary).and(session);
    let mut inside = resource.allow[Level::Direct as usize].or(by_role);
    let delegated = resource.allow[Level::Account as usize];
    inside = match owner {
        // An identity policy counts only where the policy of the key or role passes the decision on.
        Some(_) => inside.or(delegated.or(resource.allow[Level::Direct as usize]).and(by_identity)),
        None if request.is_assume_role() && !identity.tri.is_no() => {
            let missing = Some(Missing::TrustPolicy);
            inside.or(Found { tri: Tri::Unknown, statement: by_identity.statement, missing }.and(by_identity))
        }
        None => inside.or(by_identity),
    };
    // What grants across accounts: both sides.
    let across = resource.any().and(by_identity);

    let (granted, same) = if is_aws {
        let same = same_account(request);
        match same {
            Tri::Yes => (inside, same),
            Tri::No => (across, same),
            Tri::Unknown if inside.tri == across.tri => (inside, same),
            Tri::Unknown => {
                let missing = inside.missing.or(across.missing).unwrap_or(Missing::Accounts);
                let statement = inside.statement.or(across.statement);
                (Found { tri: Tri::Unknown, statement, missing: Some(missing) }, same)
            }
        }
    } else {
        (resource.allow[Level::Direct as usize], Tri::Yes)
    };

    let all = granted.and(scp).and(rcp);
    if let Some(decision) = denied(deny, all.tri) {
        return decision;
    }
    match all.tri {
        Tri::Yes => {
            let why = if granted.statement.is_none() { Why::RootUser } else { Why::Granted };
            Decision { outcome: Outcome::Allow, statement: granted.statement, why }
        }
        Tri::Unknown => unknown(all),
        Tri::No => {
            let why = if granted.tri.is_no() {
                let otherwise = identity.or(resource.allow[Level::Role as usize]).tri.is_yes();
                let limited = |found: Found, kind| (otherwise && found.tri.is_no()).then_some(Why::Limited(kind));
                if let Some(why) = limited(boundary, PolicyKind::Boundary).or(limited(session, PolicyKind::Session)) {
                    why
                } else if is_aws && same.is_no() && !resource.any().tri.is_no() {
                    Why::CallerAccount
                } else if is_aws && same.is_no() && !identity.tri.is_no() {
                    Why::ResourceAccount
                } else if !delegated.tri.is_no() && is_aws {
                    Why::OnlyDelegated(owner_kind)
                } else if owner.is_some() && !identity.tri.is_no() {
                    Why::NotDelegated(owner_kind)
                } else {
                    Why::NothingAllows
                }
            } else if scp.tri.is_no() {
                Why::Limited(PolicyKind::Scp)
            } else {
                Why::Limited(PolicyKind::Rcp)
            };
            Decision { outcome: Outcome::ImplicitDeny, statement: None, why }
        }
    }
}

fn same_account(request: &Request<'_>) -> Tri {
    match (&request.principal.account, &request.resource_account) {
        (Some(caller), Some(owner)) => pattern::same(caller, owner),
        // A call without a resource is made in the caller's own account.
        (_, None) if request.resource.as_literal() == Some("*") => Tri::Yes,
        _ => Tri::Unknown,
    }
}

fn judge<'s>(
    verdict: &mut Verdict,
    index: usize,
    kind: PolicyKind,
    policy: &Policy<'s>,
    request: &Request<'s>,
    bounded: bool,
) {
    if let Some(at) = policy.unknown {
        let id = StatementId { policy: index, statement: usize::MAX };
        let missing = Some(Missing::Part(at));
        verdict.deny.add(Tri::Unknown, id, missing);
        let levels = if kind.names_principals() { 3 } else { 1 };
        for allow in verdict.allow.iter_mut().take(levels) {
            allow.add(Tri::Unknown, id, missing);
        }
    }
    for (number, statement) in policy.statements.iter().enumerate() {
        // Allowed already, by a statement that comes first: another one that allows adds nothing.
        if statement.effect == Effect::Allow && verdict.allow[Level::Direct as usize].tri.is_yes() {
            continue;
        }
        let (named, rest, missing) = applies(statement, kind, request, bounded && kind.names_principals());
        if rest.is_no() {
            continue;
        }
        let id = StatementId { policy: index, statement: number };
        if statement.effect != Effect::Allow {
            let mut tri = named.iter().fold(Tri::No, |any, level| any.or(*level)).and(rest);
            let mut missing = missing;
            if statement.effect == Effect::Unclear {
                tri = tri.and(Tri::Unknown);
                missing = Some(Missing::Effect(statement.effect_at.unwrap_or(statement.at)));
            }
            verdict.deny.add(tri, id, missing);
        }
        if statement.effect != Effect::Deny {
            for (allow, level) in verdict.allow.iter_mut().zip(named) {
                let mut tri = level.and(rest);
                let mut missing = missing;
                if statement.effect == Effect::Unclear {
                    tri = tri.and(Tri::Unknown);
                    missing = Some(Missing::Effect(statement.effect_at.unwrap_or(statement.at)));
                }
                allow.add(tri, id, missing);
            }
        }
    }
}

/// Whether a statement applies: by level of principal, and all the rest; with what is missing where that is unknown.
fn applies<'s>(
    statement: &Statement<'s>,
    kind: PolicyKind,
    request: &Request<'s>,
    bounded: bool,
) -> (Match, Tri, Option<Missing>) {
    let mut missing = None;
    let mut all = Tri::Yes;
    let mut step = |tri: Tri, what: Missing| {
        if tri == Tri::Unknown && missing.is_none() {
            missing = Some(what);
        }
        all = all.and(tri);
        all.is_no()
    };
    const NEVER: (Match, Tri, Option<Missing>) = (NOBODY, Tri::No, None);

    match &statement.actions {
        Some(actions) => {
            if step(action_in_scope(actions, &request.folded_action), Missing::Action(actions.at)) {
                return NEVER;
            }
        }
        // AWS refuses a statement without actions; nothing can be said about it.
        None => _ = step(Tri::Unknown, Missing::Part(statement.at)),
    }
    match &statement.resources {
        Some(resources) => {
            if step(resource_in_scope(resources, request), Missing::Resource(resources.at)) {
                return NEVER;
            }
        }
        // A trust policy stands on its role, and so has no resource.
        None if kind == PolicyKind::Trust => {}
        None => _ = step(Tri::Unknown, Missing::Part(statement.at)),
    }
    let named = match (&statement.principals, kind.names_principals()) {
        (Some(principals), true) => {
            let named = principal_in(principals, request, statement.effect, bounded);
            if named == NOBODY {
                return NEVER;
            }
            if named.contains(&Tri::Unknown) && !named.contains(&Tri::Yes) {
                missing.get_or_insert(Missing::Principal(principals.at));
            }
            named
        }
        (None, true) if kind == PolicyKind::Rcp => [Tri::Yes, Tri::No, Tri::No],
        (None, true) => [Tri::Unknown; 3],
        _ => [Tri::Yes, Tri::No, Tri::No],
    };
    let mut step = |tri: Tri, what: Missing| {
        if tri == Tri::Unknown && missing.is_none() {
            missing = Some(what);
        }
        all = all.and(tri);
        all.is_no()
    };
    for condition in &statement.conditions {
        if step(condition.holds(&request.context), Missing::Condition(condition.at)) {
            return NEVER;
        }
    }
    if let Some(at) = statement.unknown {
        step(Tri::Unknown, Missing::Part(at));
    }
    (named, all, missing)
}

fn action_in_scope(scope: &Scope<'_>, action: &Text<'_>) -> Tri {
    let mut found = if scope.unknown.is_some() { Tri::Unknown } else { Tri::No };
    for entry in &scope.entries {
        found = found.or(entry.pattern.matches(action));
        if found.is_yes() {
            break;
        }
    }
    if scope.negated { !found } else { found }
}

fn resource_in_scope<'s>(scope: &Scope<'s>, request: &Request<'s>) -> Tri {
    let mut found = if scope.unknown.is_some() { Tri::Unknown } else { Tri::No };
    for entry in &scope.entries {
        let answer = if entry.pattern.has_variables() {
            let unsure = entry.pattern.variables().any(|key| matches!(request.context.get(key), KeyState::Unknown));
            match entry.pattern.expand(false, |key| request.context.variable(key)) {
                Some(pattern) => match pattern.matches(&request.resource) {
                    Tri::Yes if unsure => Tri::Unknown,
                    answer => answer,
                },
                None => Tri::No,
            }
        } else {
            entry.pattern.matches(&request.resource)
        };
        found = found.or(answer);
        if found.is_yes() {
            break;
        }
    }
    if scope.negated { !found } else { found }
}

fn principal_in(principals: &Principals<'_>, request: &Request<'_>, effect: Effect, bounded: bool) -> Match {
    let mut found = NOBODY;
    if principals.unknown.is_some() {
        found = [Tri::Unknown; 3];
    }
    for entry in &principals.entries {
        let named = entry.names(&request.principal);
        for (found, named) in found.iter_mut().zip(named) {
            *found = found.or(named);
        }
    }
    if !principals.negated {
        return found;
    }
    let everyone = principals.entries.iter().any(|entry| matches!(entry.form, PrincipalForm::Everyone));
    let [direct, role, account] = found;
    let spared = match request.principal.kind {
        _ if everyone => Tri::Yes,
        // A deny by NotPrincipal always hits a caller that has a permissions boundary (user guide, permissions boundaries).
        _ if bounded && effect == Effect::Deny => Tri::No,
        Caller::Service | Caller::Anonymous | Caller::Provider | Caller::Root => direct,
        // An allow spares whoever is named at any level.
        _ if effect == Effect::Allow => direct.or(role).or(account),
        // A deny spares only a caller whose account, role and session are all listed.
        Caller::Session { .. } | Caller::FederatedUser => direct.and(role).and(account),
        Caller::Role => role.and(account).and(Tri::Unknown),
        Caller::User => direct.and(account),
        Caller::Unclear => direct.or(role).and(account),
    };
    [!spared, Tri::No, Tri::No]
}

/// Explains a decision in sentences. `names` gives each policy's name, or the kinds are used.
pub fn explain(decision: &Decision, request: &Request<'_>, policies: &[(PolicyKind, &Policy<'_>)]) -> String {
    let who = &request.principal.text;
    let call = format!("{} on {}", request.action, request.resource);
    let by = match decision.statement {
        Some(StatementId { policy, statement }) => match policies.get(policy) {
            Some((kind, document)) if statement < document.statements.len() => {
                format!("{} of the {}", document.statement_name(statement), kind.title())
            }
            Some((kind, _)) => format!("the {}", kind.title()),
            None => "a statement".to_owned(),
        },
        None => "no statement".to_owned(),
    };
    match decision.why {
        Why::Granted => format!("{by} allows {who} to call {call}, and nothing denies it"),
        Why::RootUser => format!("{who} is the root user, which needs no policy for {call} in its own account"),
        Why::Denied => format!("{by} denies {call} to {who}; an explicit deny wins over every allow"),
        Why::NothingAllows => format!("no statement allows {who} to call {call}"),
        Why::Limited(kind) => format!("the {} does not allow {call}, whatever else grants it", kind.title()),
        Why::CallerAccount => {
            format!(
                "the resource lets {who} in, but it is in another account, whose identity policies must allow {call} too"
            )
        }
        Why::ResourceAccount => {
            format!(
                "an identity policy allows {call}, but the resource is in another account and no policy of it lets {who} in"
            )
        }
        Why::NotDelegated(kind) => {
            format!("the {} neither names {who} nor leaves {call} to the account's identity policies", kind.title())
        }
        Why::OnlyDelegated(kind) => {
            format!(
                "the {} leaves {call} to the account's identity policies, and none of them allows it to {who}",
                kind.title()
            )
        }
        Why::RefusedEitherWay => {
            format!("nothing allows {who} to call {call}; whether {by} denies it as well is not known")
        }
        Why::Missing(missing) => {
            let what = match missing {
                Missing::Action(_) => "its actions are not known",
                Missing::Resource(_) => "its resource is not known in full",
                Missing::Principal(_) => "its principal is not known in full",
                Missing::Condition(_) => "a condition of it depends on a value that is not known",
                Missing::Effect(_) => "its effect is neither Allow nor Deny, or not known",
                Missing::Part(_) => "a part of it is not known",
                Missing::Accounts => "whether caller and resource are in one account is not known",
                Missing::TrustPolicy => "the trust policy of the role is not given",
            };
            match decision.statement {
                Some(_) => format!("{by} may decide {call} for {who}, but {what}"),
                None => format!("{call} for {who} cannot be decided: {what}"),
            }
        }
    }
}

/// The statement that a decision names.
pub fn deciding<'p, 's>(decision: &Decision, policies: &[(PolicyKind, &'p Policy<'s>)]) -> Option<&'p Statement<'s>> {
    let id = decision.statement?;
    policies.get(id.policy)?.1.statements.get(id.statement)
}
