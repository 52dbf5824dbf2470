//! Questions over all requests at once: is anyone let in, does one policy allow what another does not?
//!
//! A *no* is proved with the pattern algebra; a *yes* comes with a request that the evaluator confirms. Where neither is found
//! the answer is unknown.

use std::collections::BTreeSet;

use crate::model::pattern::{Meets, Pattern, Within};
use crate::model::text::Text;
use crate::model::tri::Tri;

use super::condition::{Base, Condition, Context, KeyState, SetOperator};
use super::evaluate::{Outcome, PolicyKind, Request};
use super::policy::{Effect, Policy, Principals, Scope, Statement};
use super::principal::{Principal, PrincipalForm, PrincipalType};

/// The answer to "is there any request such that …?".
#[derive(Clone, Debug)]
pub enum Answer<'s> {
    /// There is: this one, confirmed by the evaluator.
    Yes(Box<Request<'s>>),
    /// There is none, and why.
    No(String),
    /// What stands in the way of an answer.
    Unknown(String),
}

impl Answer<'_> {
    pub fn tri(&self) -> Tri {
        match self {
            Answer::Yes(_) => Tri::Yes,
            Answer::No(_) => Tri::No,
            Answer::Unknown(_) => Tri::Unknown,
        }
    }
}

/// An account that no policy names: whoever lets it in lets everyone in.
const STRANGER: &str = "999999999999";
/// Requests that are tried before a question is given up.
const TRIES: usize = 20_000;

/// Whether the policy lets in anybody at all: a caller of any account, or one without credentials.
pub fn lets_anyone_in<'s>(policy: &Policy<'s>, kind: PolicyKind) -> Answer<'s> {
    lets_in(policy, kind, |principals| {
        let everyone = principals.entries.iter().fold(Tri::No, |any, entry| {
            any.or(match entry.form {
                PrincipalForm::Everyone if entry.kind != Some(PrincipalType::Service) => Tri::Yes,
                PrincipalForm::Open => Tri::Unknown,
                _ => Tri::No,
            })
        });
        let stranger = || vec![stranger(), Principal::anonymous()];
        match (principals.negated, everyone) {
            (true, everyone) => (!everyone, stranger()),
            (false, everyone) => (everyone, stranger()),
        }
    })
}

/// Whether the policy lets in any AWS principal outside of the account, named or not.
pub fn lets_outsiders_in<'s>(policy: &Policy<'s>, kind: PolicyKind, account: &Text<'s>) -> Answer<'s> {
    lets_in(policy, kind, |principals| {
        if principals.negated {
            return (Tri::Yes, vec![stranger(), Principal::anonymous()]);
        }
        let mut outside = Tri::No;
        let mut callers = Vec::new();
        for entry in &principals.entries {
            let owner = match &entry.form {
                PrincipalForm::Everyone if entry.kind != Some(PrincipalType::Service) => {
                    callers.extend([stranger(), Principal::anonymous()]);
                    outside = Tri::Yes;
                    continue;
                }
                PrincipalForm::Account(owner) => Some(owner.clone()),
                PrincipalForm::Arn => super::principal::Arn::of(&entry.text).map(|arn| arn.account.into_owned()),
                PrincipalForm::Open => {
                    outside = outside.or(Tri::Unknown);
                    continue;
                }
                _ => continue,
            };
            let Some(owner) = owner else { continue };
            let foreign = !crate::model::pattern::same(&owner, account);
            outside = outside.or(foreign);
            if foreign.is_yes() {
                callers.push(match &entry.form {
                    PrincipalForm::Account(account) => {
                        let arn = Text::concat([Text::from("arn:aws:iam::"), account.clone(), Text::from(":root")]);
                        Principal::of(arn, Some(account.clone()))
                    }
                    _ => Principal::of(entry.text.clone(), Some(owner)),
                });
            }
        }
        (outside, callers)
    })
}

fn stranger<'s>() -> Principal<'s> {
    Principal::of(Text::from("arn:aws:iam::999999999999:user/stranger"), Some(Text::from(STRANGER)))
}

fn lets_in<'s>(
    policy: &Policy<'s>,
    kind: PolicyKind,
    open: impl Fn(&Principals<'s>) -> (Tri, Vec<Principal<'s>>),
) -> Answer<'s> {
    let mut unsure = policy.unknown.map(|_| "a part of the policy is not known".to_owned());
    let mut reason = "no statement names such a principal".to_owned();
    for (index, statement) in policy.statements.iter().enumerate() {
        if statement.effect == Effect::Deny {
            continue;
        }
        let Some(principals) = &statement.principals else { continue };
        let (mut answer, callers) = open(principals);
        if principals.unknown.is_some() {
            answer = answer.or(Tri::Unknown);
        }
        let name = policy.statement_name(index);
        match answer {
            Tri::No => continue,
            Tri::Unknown => {
                unsure.get_or_insert(format!("the principal of {name} is not known"));
                continue;
            }
            Tri::Yes => {}
        }
        let mut confined = true;
        for caller in callers {
            let context = caller_context(&caller);
            if statement.conditions.iter().any(|condition| out_of_reach(condition, &context).is_no()) {
                reason = format!("a condition of {name} keeps such principals out");
                continue;
            }
            if region_denied(policy, statement, Some(&context)) {
                reason = format!("what {name} allows is denied by another statement");
                continue;
            }
            confined = false;
            if let Some(request) = search(policy, kind, statement, &caller, &context) {
                return Answer::Yes(Box::new(request));
            }
        }
        if !confined {
            unsure.get_or_insert(format!("no request was found that {name} certainly allows"));
        }
    }
    match unsure {
        Some(cause) => Answer::Unknown(cause),
        None => Answer::No(reason),
    }
}

/// What AWS itself says about a caller; it cannot choose these.
fn caller_context<'s>(caller: &Principal<'s>) -> Context<'s> {
    let mut context = Context::closed();
    if let Some(account) = &caller.account {
        context.set("aws:PrincipalAccount", account.clone());
        context.set("kms:CallerAccount", account.clone());
        context.set("aws:PrincipalArn", caller.text.clone());
        context.set("aws:PrincipalType", "User");
        context.set("aws:PrincipalOrgID", "o-stranger00");
    }
    context.set("aws:PrincipalIsAWSService", "false");
    context.set("aws:SecureTransport", "true");
    context
}

/// Keys that only AWS sets: absent from what a caller outside sends, or fixed to where it is.
const NOT_CHOSEN: [&str; 17] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principalorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:userid",
    "aws:calledvia",
    "aws:viaawsservice",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "kms:viaservice",
];

/// Whether a caller may choose the value of a key.
fn is_chosen(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let told = ["aws:securetransport", "kms:calleraccount"];
    !(NOT_CHOSEN.contains(&key.as_str()) || key.starts_with("aws:principal") || told.contains(&key.as_str()))
}

/// Whether a caller with this context can meet the condition. Keys that it may choose can be met where any value does.
fn out_of_reach<'s>(condition: &Condition<'s>, context: &Context<'s>) -> Tri {
    let key = condition.key.to_ascii_lowercase();
    if *context.get(&key) != KeyState::Absent {
        return condition.holds(context);
    }
    if !is_chosen(&key) {
        // Absent for a direct call; a pattern without an owner in it is met by the caller's own resources.
        let wide = condition.values.iter().any(|value| value.text.as_literal().is_some_and(|text| text.contains('*')));
        return if wide && key.starts_with("aws:source") { Tri::Unknown } else { condition.holds(context) };
    }
    if key == "aws:sourceip"
        && condition.operator.is_some_and(|operator| operator.base == Base::Ip && !operator.negated)
    {
        let broad = condition.values.iter().any(|value| {
            value.text.as_literal().is_none_or(|text| {
                super::condition::net(text).is_some_and(|(address, bits)| bits < if address.is_ipv4() { 8 } else { 32 })
            })
        });
        return if broad { Tri::Unknown } else { Tri::No };
    }
    Tri::Unknown
}

/// A request by the caller that the statement's policy allows.
fn search<'s>(
    policy: &Policy<'s>,
    kind: PolicyKind,
    statement: &Statement<'s>,
    caller: &Principal<'s>,
    base: &Context<'s>,
) -> Option<Request<'s>> {
    let contexts = contexts(base, &[statement], policy.statements.iter().collect(), is_chosen);
    let actions = samples(statement.actions.as_ref(), &[policy], |statement| statement.actions.as_ref(), ACTIONS);
    let resources =
        samples(statement.resources.as_ref(), &[policy], |statement| statement.resources.as_ref(), RESOURCES);
    requests(&actions, &resources, std::slice::from_ref(caller), &contexts)
        .find(|request| policy.allows(kind, request).outcome == Outcome::Allow)
}

/// Whether `new` allows a request that `old` does not allow. Both are of the same kind.
pub fn allows_more<'s>(new: &Policy<'s>, old: &Policy<'s>, kind: PolicyKind) -> Answer<'s> {
    let mut unproved = None;
    for (index, statement) in new.statements.iter().enumerate() {
        if statement.effect == Effect::Deny || region_denied(new, statement, None) {
            continue;
        }
        if statement.effect == Effect::Unclear || statement.unknown.is_some() {
            unproved.get_or_insert(index);
            continue;
        }
        if covered(new, old, statement) {
            continue;
        }
        let policies = [new, old];
        let contexts =
            contexts(&Context::closed(), &[statement], old.statements.iter().chain(&new.statements).collect(), |_| {
                true
            });
        let actions = samples(statement.actions.as_ref(), &policies, |statement| statement.actions.as_ref(), ACTIONS);
        let resources =
            samples(statement.resources.as_ref(), &policies, |statement| statement.resources.as_ref(), RESOURCES);
        let callers = callers(statement, kind);
        let found = requests(&actions, &resources, &callers, &contexts).find(|request| {
            new.allows(kind, request).outcome == Outcome::Allow && old.allows(kind, request).is_refused()
        });
        if let Some(request) = found {
            return Answer::Yes(Box::new(request));
        }
        unproved.get_or_insert(index);
    }
    match unproved {
        _ if new.unknown.is_some() => Answer::Unknown("a part of the policy is not known".to_owned()),
        Some(index) => Answer::Unknown(format!(
            "that the other policy covers {} could neither be proved nor refuted",
            new.statement_name(index)
        )),
        None => Answer::No("everything that it allows is allowed by the other policy".to_owned()),
    }
}

/// Whether `allow` allows a request that `deny` does not deny. *No* means that the denies cover all.
pub fn slips_past<'s>(allow: &Policy<'s>, deny: &Policy<'s>, kind: PolicyKind) -> Answer<'s> {
    let mut both = allow.clone();
    both.statements.extend(deny.statements.iter().filter(|statement| statement.effect != Effect::Allow).cloned());
    both.unknown = allow.unknown.or(deny.unknown);
    let nothing = Policy { unknown: None, statements: Vec::new(), ..Policy::unknown() };
    match allows_more(&both, &nothing, kind) {
        Answer::No(_) => Answer::No("the denies cover everything that is allowed".to_owned()),
        answer => answer,
    }
}

fn callers<'s>(statement: &Statement<'s>, kind: PolicyKind) -> Vec<Principal<'s>> {
    let mut callers =
        vec![Principal::of(Text::from("arn:aws:iam::111122223333:user/example"), Some(Text::from("111122223333")))];
    if kind.names_principals() {
        callers.extend([stranger(), Principal::anonymous()]);
        for entry in statement.principals.iter().flat_map(|principals| &principals.entries).take(16) {
            match &entry.form {
                PrincipalForm::Account(account) => {
                    let user =
                        Text::concat([Text::from("arn:aws:iam::"), account.clone(), Text::from(":user/example")]);
                    callers.push(Principal::of(user, Some(account.clone())));
                }
                PrincipalForm::Service => callers.push(Principal::service(entry.text.clone())),
                PrincipalForm::Arn | PrincipalForm::Federated => callers.push(Principal::of(entry.text.clone(), None)),
                _ => {}
            }
        }
    }
    callers
}

/// What a scope names, less what it leaves out.
struct Region<'a, 's> {
    pattern: &'a Pattern<'s>,
    except: &'a [super::policy::ScopeEntry<'s>],
}

fn regions<'a, 's>(scope: Option<&'a Scope<'s>>, any: &'a Pattern<'s>) -> Option<Vec<Region<'a, 's>>> {
    match scope {
        None => Some(vec![Region { pattern: any, except: &[] }]),
        Some(scope) if scope.unknown.is_some() => None,
        Some(scope) if scope.negated => Some(vec![Region { pattern: any, except: &scope.entries }]),
        Some(scope) => {
            Some(scope.entries.iter().map(|entry| Region { pattern: &entry.pattern, except: &[] }).collect())
        }
    }
}

fn is_within(narrow: &Pattern<'_>, wide: &Pattern<'_>) -> bool {
    narrow == wide || narrow.within(wide) == Within::Yes
}

fn is_apart(one: &Pattern<'_>, other: &Pattern<'_>) -> bool {
    one.meets(other) == Meets::No
}

fn scope_covers(scope: Option<&Scope<'_>>, region: &Region<'_, '_>) -> bool {
    let Some(scope) = scope else { return true };
    if scope.negated {
        return scope.unknown.is_none()
            && scope.entries.iter().all(|entry| {
                is_apart(region.pattern, &entry.pattern)
                    || region.except.iter().any(|except| is_within(&entry.pattern, &except.pattern))
            });
    }
    scope.entries.iter().any(|entry| is_within(region.pattern, &entry.pattern))
}

fn scope_misses(scope: Option<&Scope<'_>>, region: &Region<'_, '_>) -> bool {
    let Some(scope) = scope else { return false };
    if scope.negated {
        return scope.entries.iter().any(|entry| is_within(region.pattern, &entry.pattern));
    }
    scope.unknown.is_none()
        && scope.entries.iter().all(|entry| {
            is_apart(region.pattern, &entry.pattern)
                || region.except.iter().any(|except| is_within(&entry.pattern, &except.pattern))
        })
}

/// Whether `wide` applies to every caller that `narrow` applies to.
fn principals_cover(wide: Option<&Principals<'_>>, narrow: Option<&Principals<'_>>) -> bool {
    let Some(wide) = wide else { return true };
    let everyone = wide.entries.iter().any(|entry| {
        matches!(entry.form, PrincipalForm::Everyone) && entry.kind.is_none_or(|kind| kind == PrincipalType::Aws)
    });
    if everyone && !wide.negated {
        return true;
    }
    let Some(narrow) = narrow else { return false };
    if wide.negated || narrow.negated {
        return wide.negated == narrow.negated
            && wide.unknown.is_none()
            && wide
                .entries
                .iter()
                .all(|entry| narrow.entries.iter().any(|other| other.text == entry.text && other.kind == entry.kind));
    }
    narrow.unknown.is_none()
        && narrow.entries.iter().all(|entry| {
            wide.entries.iter().any(|other| {
                other.kind == entry.kind && other.text == entry.text
                    || matches!((&other.form, &entry.form), (PrincipalForm::Account(a), PrincipalForm::Account(b)) if a == b)
            })
        })
}

/// Whether every request that meets the conditions `given` meets those of `wanted`.
fn conditions_follow(given: &[Condition<'_>], wanted: &[Condition<'_>]) -> bool {
    wanted.iter().all(|wanted| given.iter().any(|given| follows(given, wanted)))
}

fn follows(given: &Condition<'_>, wanted: &Condition<'_>) -> bool {
    let (Some(a), Some(b)) = (given.operator, wanted.operator) else { return false };
    if !given.key.eq_ignore_ascii_case(&wanted.key) || given.unknown.is_some() || wanted.unknown.is_some() {
        return false;
    }
    let subset = |narrow: &Condition<'_>, wide: &Condition<'_>| {
        narrow.values.iter().all(|value| wide.values.iter().any(|other| other.text == value.text))
    };
    if a == b {
        return if a.negated { subset(wanted, given) } else { subset(given, wanted) };
    }
    let strings = |base| matches!(base, Base::StringEquals | Base::StringLike);
    strings(a.base)
        && strings(b.base)
        && a.set == b.set
        && !a.negated
        && !b.negated
        && (!a.if_exists || b.if_exists)
        && given.values.iter().all(|value| {
            wanted
                .values
                .iter()
                .any(|other| matches!((value.pattern(), other.pattern()), (Some(a), Some(b)) if is_within(a, b)))
        })
}

/// Whether one deny of the policy hits everything that the statement allows.
fn region_denied<'s>(policy: &Policy<'s>, statement: &Statement<'s>, caller: Option<&Context<'s>>) -> bool {
    // A condition on what AWS says about the caller is decided by the caller alone.
    let hit = |conditions: &[Condition<'s>]| {
        caller.is_some_and(|context| {
            conditions.iter().all(|condition| !is_chosen(&condition.key) && condition.holds(context).is_yes())
        })
    };
    let any = Pattern::any();
    let (Some(actions), Some(resources)) =
        (regions(statement.actions.as_ref(), &any), regions(statement.resources.as_ref(), &any))
    else {
        return false;
    };
    actions.iter().all(|action| {
        resources.iter().all(|resource| {
            policy.statements.iter().any(|deny| {
                deny.effect == Effect::Deny
                    && deny.unknown.is_none()
                    && scope_covers(deny.actions.as_ref(), action)
                    && scope_covers(deny.resources.as_ref(), resource)
                    && principals_cover(deny.principals.as_ref(), statement.principals.as_ref())
                    && (conditions_follow(&statement.conditions, &deny.conditions) || hit(&deny.conditions))
            })
        })
    })
}

/// Whether everything that the statement of `new` allows is allowed by `old`.
fn covered(new: &Policy<'_>, old: &Policy<'_>, statement: &Statement<'_>) -> bool {
    let any = Pattern::any();
    let (Some(actions), Some(resources)) =
        (regions(statement.actions.as_ref(), &any), regions(statement.resources.as_ref(), &any))
    else {
        return false;
    };
    if old.unknown.is_some() {
        return false;
    }
    actions.iter().all(|action| {
        resources.iter().all(|resource| {
            let allowed = old.statements.iter().any(|wide| {
                wide.effect == Effect::Allow
                    && wide.unknown.is_none()
                    && scope_covers(wide.actions.as_ref(), action)
                    && scope_covers(wide.resources.as_ref(), resource)
                    && principals_cover(wide.principals.as_ref(), statement.principals.as_ref())
                    && conditions_follow(&statement.conditions, &wide.conditions)
            });
            let own_deny = |deny: &Statement<'_>| {
                new.statements
                    .iter()
                    .any(|own| own.effect == Effect::Deny && own.unknown.is_none() && hits_all_of(own, deny, &any))
            };
            let undenied = old.statements.iter().all(|deny| {
                deny.effect == Effect::Allow
                    || scope_misses(deny.actions.as_ref(), action)
                    || scope_misses(deny.resources.as_ref(), resource)
                    || own_deny(deny)
            });
            allowed && undenied
        })
    })
}

/// Whether the deny `own` applies wherever `deny` does.
fn hits_all_of(own: &Statement<'_>, deny: &Statement<'_>, any: &Pattern<'_>) -> bool {
    if deny.effect != Effect::Deny || deny.unknown.is_some() {
        return false;
    }
    let (Some(actions), Some(resources)) = (regions(deny.actions.as_ref(), any), regions(deny.resources.as_ref(), any))
    else {
        return false;
    };
    actions.iter().all(|action| scope_covers(own.actions.as_ref(), action))
        && resources.iter().all(|resource| scope_covers(own.resources.as_ref(), resource))
        && principals_cover(own.principals.as_ref(), deny.principals.as_ref())
        && conditions_follow(&deny.conditions, &own.conditions)
}

const ACTIONS: &[&str] = &["s3:GetObject", "iam:CreateUser", "example:Anything"];
const RESOURCES: &[&str] = &["arn:aws:s3:::example/key", "*", "arn:aws:sqs:eu-west-1:111122223333:example"];

/// Strings of a scope that lie in different places with respect to all the policies' patterns.
fn samples<'s>(
    scope: Option<&Scope<'s>>,
    policies: &[&Policy<'s>],
    of: for<'a> fn(&'a Statement<'s>) -> Option<&'a Scope<'s>>,
    common: &[&str],
) -> Vec<Text<'s>> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut symbolic: Vec<Text<'s>> = Vec::new();
    let own: Vec<Pattern<'s>> = match scope {
        Some(scope) if !scope.negated => scope.entries.iter().map(|entry| Pattern::glob(&entry.text)).collect(),
        _ => vec![Pattern::any()],
    };
    for pattern in own.iter().take(32) {
        if pattern.is_any() {
            found.extend(common.iter().map(|text| (*text).to_owned()));
        } else {
            found.extend(pattern.samples());
        }
        if !pattern.is_known() && symbolic.len() < 8 {
            symbolic.push(fill_symbolic(pattern));
        }
        for statement in policies.iter().flat_map(|policy| &policy.statements).take(64) {
            for entry in of(statement).into_iter().flat_map(|scope| &scope.entries).take(16) {
                let other = Pattern::glob(&entry.text);
                if let Meets::Yes(text) = pattern.meets(&other) {
                    found.insert(text);
                }
                if other.within(pattern) == Within::Yes {
                    found.extend(other.samples());
                }
            }
        }
        if found.len() > 48 {
            break;
        }
    }
    symbolic.into_iter().chain(found.into_iter().take(48).map(Text::from)).collect()
}

/// A text of a pattern with symbols: its wildcards are filled, its symbols kept.
fn fill_symbolic<'s>(pattern: &Pattern<'s>) -> Text<'s> {
    let mut builder = crate::model::text::TextBuilder::default();
    for piece in pattern.to_text().pieces().iter() {
        match piece {
            crate::model::text::Piece::Literal(text) => builder.push_literal(text.replace(['*', '?'], "q").into()),
            crate::model::text::Piece::Symbol(symbol) => builder.push_symbol(*symbol),
        }
    }
    builder.finish()
}

/// Contexts that meet the given statements' conditions, and variants that meet or miss single conditions of the others.
fn contexts<'s>(
    base: &Context<'s>,
    meet: &[&Statement<'s>],
    others: Vec<&Statement<'s>>,
    chosen: impl Fn(&str) -> bool,
) -> Vec<Context<'s>> {
    let mut met = base.clone();
    for condition in meet.iter().flat_map(|statement| &statement.conditions) {
        if chosen(&condition.key)
            && !condition.holds(&met).is_yes()
            && let Some(values) = values_for(condition).into_iter().next()
        {
            met.put(condition.key.clone(), values);
        }
    }
    let mut contexts = vec![met.clone(), base.clone()];
    for statement in others.into_iter().take(64) {
        let mut whole = met.clone();
        for condition in statement.conditions.iter().filter(|condition| chosen(&condition.key)) {
            for state in values_for(condition) {
                let mut one = met.clone();
                one.put(condition.key.clone(), state.clone());
                contexts.push(one);
                whole.put(condition.key.clone(), state);
            }
        }
        contexts.push(whole);
        if contexts.len() > 64 {
            break;
        }
    }
    contexts
}

/// Values of a key around those of a condition, the likeliest to meet it first.
fn values_for<'s>(condition: &Condition<'s>) -> Vec<KeyState<'s>> {
    let Some(operator) = condition.operator else { return Vec::new() };
    let one = |text: Text<'s>| KeyState::Values(vec![text]);
    let mut states = Vec::new();
    for value in condition.values.iter().take(4) {
        let text = value.text.as_literal();
        match (operator.base, text) {
            (Base::Null, Some("false")) => states.push(one(Text::from("q"))),
            (Base::Null, _) => states.push(KeyState::Absent),
            (Base::StringLike | Base::Arn, Some(text)) => {
                states.push(one(Text::from(text.replace(['*', '?'], "q"))));
            }
            (Base::Numeric(_), Some(text)) => {
                states.push(one(value.text.clone()));
                if let Ok(number) = text.parse::<i64>() {
                    states.push(one(Text::from(number.saturating_add(1).to_string())));
                    states.push(one(Text::from(number.saturating_sub(1).to_string())));
                }
            }
            (Base::Date(_), Some(_)) => {
                states.extend([one(value.text.clone()), one(Text::from("1970-01-02")), one(Text::from("2999-01-01"))]);
            }
            (Base::Ip, Some(text)) => {
                let address = text.split('/').next().unwrap_or(text).to_owned();
                states.push(one(Text::from(address)));
                states.push(one(Text::from("203.0.113.9")));
            }
            (Base::Bool, Some(text)) => {
                states.push(one(value.text.clone()));
                states.push(one(Text::from(if text.eq_ignore_ascii_case("true") { "false" } else { "true" })));
            }
            _ => states.push(one(value.text.clone())),
        }
    }
    states.push(one(Text::from("zz-other")));
    if operator.negated && operator.set != Some(SetOperator::Any) || operator.if_exists {
        states.insert(0, KeyState::Absent);
    } else {
        states.push(KeyState::Absent);
    }
    states
}

fn requests<'a, 's: 'a>(
    actions: &'a [Text<'s>],
    resources: &'a [Text<'s>],
    callers: &'a [Principal<'s>],
    contexts: &'a [Context<'s>],
) -> impl Iterator<Item = Request<'s>> + 'a {
    contexts
        .iter()
        .flat_map(move |context| {
            callers.iter().flat_map(move |caller| {
                actions.iter().flat_map(move |action| {
                    resources.iter().map(move |resource| {
                        let mut request = Request::new(caller.clone(), action.clone(), resource.clone());
                        request.context = context.clone();
                        request
                    })
                })
            })
        })
        .take(TRIES)
}
