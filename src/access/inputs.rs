//! Who may do what, by the policies that templates, assemblies, Pulumi exports and policy documents hold.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::fix::to_json;
use crate::frontend::{InputError, InputFile, InputKind, Loaded, Settings, load};
use crate::graph::Rel;
use crate::iam::JsonDocument;
use crate::iam::actions::Catalogue;
use crate::iam::condition::KeyState;
use crate::iam::evaluate::{Outcome, PolicyKind, Request, StatementId, evaluate, explain};
use crate::iam::parse;
use crate::iam::policy::Policy;
use crate::iam::principal::{Caller, Principal, is_account_id};
use crate::model::stack::Model;
use crate::model::text::Piece;
use crate::model::world::MAX_ALTERNATIVES;
use crate::model::{Pseudo, Resource, ResourceId, Symbol, Text, Unknown, World};
use crate::report::Locator;
use crate::rules::policies::{Document, Policies};

/// An input as a host gives it.
pub struct Input {
    pub name: String,
    /// `auto`, or what the host knows it to be.
    pub kind: String,
    pub files: Vec<InputFile>,
}

/// `{principal, action, resource, context, account}`. Principal and resource are ARNs, or logical ids or names of resources
/// of the inputs; below a resource, a path may follow (`Bucket/key`). A principal may also be a service, an account or `*`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    principal: String,
    action: String,
    #[serde(default = "everything")]
    resource: String,
    /// Only these keys are present; null stands for a value that is not known.
    #[serde(default)]
    context: Map<String, Json>,
    /// The account that the stack is in, or that owns the resource.
    account: Option<String>,
}

fn everything() -> String {
    "*".to_owned()
}

/// Answers one question about inputs: `{decision, explanation, statement, notes, alternatives}`. `statement` is
/// `{kind, index, sid, holder, pointer, location}` or null. `alternatives` is there where conditions of the stack decide.
/// `actions` is the catalogue of actions, where the host has it: `notes` say what is odd about the question.
///
/// # Errors
/// What cannot be read, or what the question leaves unclear.
pub fn access_inputs(
    question: &str,
    inputs: Vec<Input>,
    settings: &dyn Fn(Option<&str>) -> Settings,
    actions: Option<&str>,
) -> Result<String, InputError> {
    let question: Question =
        serde_json::from_str(question).map_err(|error| unclear(format!("the question is not understood: {error}")))?;
    if let Some(account) = &question.account
        && !is_account_id(account)
    {
        return Err(unclear(format!("the account is {account:?}: expected 12 digits")));
    }
    let settings = |stack: Option<&str>| {
        let mut settings = settings(stack);
        settings.account = question.account.clone().or(settings.account);
        settings
    };
    let catalogue = actions.map(Catalogue::read).transpose().map_err(unclear)?;
    let loaded = read(inputs, &settings)?;
    let (documents, stacks): (Vec<&Loaded>, Vec<&Loaded>) =
        loaded.iter().partition(|loaded| loaded.kind == InputKind::IamPolicy);
    if stacks.len() > 1 {
        return Err(unclear(
            "these are several inputs with resources: ask about one of them at a time, with any number of policy documents",
        ));
    }
    let worlds: Vec<World<'_>> = documents.iter().map(|loaded| World::new(&loaded.model)).collect();
    let given: Vec<Document<'_>> = worlds.iter().flat_map(all_documents).collect();
    let empty = Model::default();
    let world = World::new(stacks.first().map_or(&empty, |loaded| &loaded.model));
    let mut answers: Vec<(Answer, String)> = Vec::new();
    for _ in 0..MAX_ALTERNATIVES {
        let answer = decide(&question, &world, &given, catalogue.as_ref()).map_err(unclear)?;
        if !world.is_infeasible() && !answers.iter().any(|(known, _)| known.decision == answer.decision) {
            answers.push((answer, world.labels().join(" and ")));
        }
        if !world.has_choices() || !world.next() {
            break;
        }
    }
    Ok(report(answers).to_string())
}

/// Says what the policies of the second input allow that those of the first do not: `{answer, explanation, witness,
/// documents}`. Policies are told apart by the resource that holds them; a resource that the first has not allows nothing.
///
/// # Errors
/// What cannot be read.
pub fn access_compare_inputs(
    inputs: Vec<Input>,
    settings: &dyn Fn(Option<&str>) -> Settings,
) -> Result<String, InputError> {
    let loaded = read(inputs, settings)?;
    let [old, new] = &loaded[..] else { return Err(unclear("a comparison takes two inputs, the old and the new")) };
    let (old, new) = (written(&old.model), written(&new.model));
    let alone = old.len() == 1 && new.len() == 1;
    let nothing = json!({ "Version": "2012-10-17", "Statement": [] });
    let mut rows = Vec::new();
    for document in &new {
        let before = old.iter().find(|other| {
            alone || (other.holder == document.holder && other.kind == document.kind && other.index == document.index)
        });
        let row = json!({
            "kind": document.kind, "old": before.map_or(&nothing, |other| &other.policy), "new": document.policy,
        });
        let answer = super::access_compare(&row.to_string()).map_err(unclear)?;
        let mut answer: Map<String, Json> =
            serde_json::from_str(&answer).map_err(|error| unclear(error.to_string()))?;
        answer.insert("resource".into(), json!(document.holder));
        answer.insert("kind".into(), json!(document.kind));
        rows.push(answer);
    }
    let said = |answer: &str| rows.iter().find(|row| row.get("answer").and_then(Json::as_str) == Some(answer));
    let overall = said("yes").or_else(|| said("unknown")).or_else(|| said("no"));
    let part = |name: &str| overall.and_then(|row| row.get(name)).cloned();
    Ok(json!({
        "answer": part("answer").unwrap_or_else(|| json!("no")),
        "explanation": part("explanation").unwrap_or_else(|| json!("the new input has no policy")),
        "witness": part("witness").unwrap_or(Json::Null),
        "documents": rows,
    })
    .to_string())
}

fn unclear(message: impl Into<String>) -> InputError {
    InputError { file: String::new(), line: None, column: None, message: message.into() }
}

fn read(inputs: Vec<Input>, settings: &dyn Fn(Option<&str>) -> Settings) -> Result<Vec<Loaded>, InputError> {
    if inputs.is_empty() {
        return Err(unclear("there is no input whose policies could decide"));
    }
    let mut all = Vec::new();
    for input in inputs {
        match load(&input.name, &input.kind, input.files, settings) {
            Ok(mut loaded) if !loaded.errors.is_empty() => return Err(loaded.errors.swap_remove(0)),
            Ok(loaded) => all.push(loaded),
            Err(errors) => {
                let none = || unclear(format!("{} cannot be read", input.name));
                return Err(errors.into_iter().next().unwrap_or_else(none));
            }
        }
    }
    Ok(all)
}

fn all_documents<'s>(world: &'s World<'s>) -> Vec<Document<'s>> {
    let policies = Policies::new(world);
    let resources = (0..world.model.resources.len() as u32).map(|id| Resource::new(world, ResourceId(id)));
    resources.flat_map(|resource| policies.documents(resource)).collect()
}

/// A document as it is written, for the comparison of inputs that have no symbols in common.
struct Written {
    holder: String,
    kind: &'static str,
    index: usize,
    policy: Json,
}

fn written(model: &Model) -> Vec<Written> {
    let world = World::new(model);
    let mut found: Vec<Written> = Vec::new();
    for document in all_documents(&world) {
        let node = document.value.document().place().node;
        let holder = document.holder.data().id.clone();
        let kind = kind_name(document.kind);
        let index = found.iter().filter(|other| other.holder == holder && other.kind == kind).count();
        found.push(Written { holder, kind, index, policy: to_json(&model.source(node.source).doc, node.node) });
    }
    found
}

/// The name that [`PolicyKind::named`] takes.
fn kind_name(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Identity => "identity",
        PolicyKind::Boundary => "boundary",
        PolicyKind::Scp => "scp",
        PolicyKind::Rcp => "rcp",
        PolicyKind::Session => "session",
        PolicyKind::Resource => "resource",
        PolicyKind::Key => "key",
        PolicyKind::Trust => "trust",
    }
}

struct Answer {
    decision: &'static str,
    explanation: String,
    statement: Json,
    notes: Vec<String>,
}

fn report(mut answers: Vec<(Answer, String)>) -> Json {
    let one = |Answer { decision, explanation, statement, notes }: &Answer| json!({ "decision": decision, "explanation": explanation, "statement": statement, "notes": notes });
    match answers.len() {
        0 => {
            json!({ "decision": "unknown", "explanation": "no combination of the stack's conditions can be", "statement": null, "notes": [] })
        }
        1 => one(&answers.swap_remove(0).0),
        _ => {
            let cases: Vec<String> =
                answers.iter().map(|(answer, under)| format!("{} where {under}", answer.decision)).collect();
            let alternatives: Vec<Json> = answers
                .iter()
                .map(|(answer, under)| {
                    let mut answer = one(answer);
                    answer["under"] = json!(under);
                    answer
                })
                .collect();
            json!({
                "decision": "unknown", "explanation": format!("it depends on the stack's conditions: {}", cases.join("; ")),
                "statement": null, "notes": [], "alternatives": alternatives,
            })
        }
    }
}

const PRINCIPALS: &[&str] = &["AWS::IAM::Role", "AWS::IAM::User"];

fn decide<'s>(
    question: &'s Question,
    world: &'s World<'s>,
    given: &'s [Document<'s>],
    catalogue: Option<&Catalogue<'_>>,
) -> Result<Answer, String> {
    let policies = Policies::new(world);
    let assumes_role = question.action.to_ascii_lowercase().starts_with("sts:assumerole");
    let (caller, principal) = caller(question, world)?;
    let target = match find(world, &question.resource, |resource| !holds_only_a_policy(resource))? {
        Some((resource, rest)) => {
            let arn = resource.arn().ok_or_else(|| format!("{} has no ARN that is known", resource.logical_id()))?;
            Some((resource, Text::concat([arn, Text::from(rest)])))
        }
        None => None,
    };
    let text = target.as_ref().map_or_else(|| Text::from(question.resource.as_str()), |(_, text)| text.clone());
    let mut request = Request::new(principal, question.action.as_str(), text);
    match &target {
        Some((resource, _)) => request.resource_account = Some(resource.account()),
        None if request.resource_account.is_none() => {
            request.resource_account = question.account.as_deref().map(Text::from);
        }
        None => {}
    }
    for (key, value) in &question.context {
        request.context.put(key.as_str(), key_state(key, value)?);
    }

    let mut documents: Vec<(PolicyKind, Document<'s>)> = Vec::new();
    let mut unknown: Option<Unknown> = None;
    let mut bounded = false;
    if let Some(caller) = caller {
        let identity = policies.identity(caller);
        let boundary = caller.get("PermissionsBoundary");
        bounded = boundary.is_present();
        let limits = caller.follow(Rel::HasPolicy).into_iter().find(|edge| edge.value.place() == boundary.place());
        let limit = limits.and_then(|edge| edge.target.resource()).map(Resource::id);
        for document in identity.documents {
            let kind = if Some(document.holder.id()) == limit { PolicyKind::Boundary } else { document.kind };
            documents.push((kind, document));
        }
        unknown = identity.unknown;
    }
    if let Some((resource, _)) = &target {
        if assumes_role {
            let trust = policies.documents(*resource).into_iter().filter(|document| document.kind == PolicyKind::Trust);
            documents.extend(trust.map(|document| (PolicyKind::Trust, document)));
        } else {
            let guard = policies.guard(*resource);
            documents.extend(guard.documents.into_iter().map(|document| (document.kind, document)));
            unknown = unknown.or(guard.unknown);
        }
    }
    let has_boundary = documents.iter().any(|(kind, _)| *kind == PolicyKind::Boundary);
    unknown = unknown.or_else(|| documents.iter().find_map(|(_, document)| document.unknown()));

    let standing = documents.iter().map(|(kind, document)| (*kind, document));
    let all: Vec<(PolicyKind, &Document<'s>)> = standing
        .chain(given.iter().map(|document| (standing_for(document.kind, &question.action, assumes_role), document)))
        .collect();
    let mut asked: Vec<(PolicyKind, &Policy<'s>)> =
        all.iter().map(|(kind, document)| (*kind, document.policy())).collect();
    let decision = evaluate(&request, &asked);
    let statement = decision.statement.and_then(|StatementId { policy, statement }| {
        let (kind, document) = all.get(policy)?;
        Some(place(*kind, document, statement))
    });
    let mut answer = Answer {
        decision: decision.outcome.name(),
        explanation: world.model.name_symbols(&explain(&decision, &request, &asked)).into_owned(),
        statement: statement.unwrap_or(Json::Null),
        notes: Vec::new(),
    };
    if let Some(catalogue) = catalogue {
        let keys = question.context.keys().map(String::as_str);
        let notes = catalogue.notes(&question.action, &request.resource, keys);
        answer.notes.extend(notes.iter().map(|note| world.model.name_symbols(note).into_owned()));
    }
    let mut undecided = |why: String| {
        answer.decision = Outcome::Unknown.name();
        answer.explanation = world.model.name_symbols(&why).into_owned();
        answer.statement = Json::Null;
    };
    match (decision.outcome, unknown) {
        (Outcome::ImplicitDeny, Some(unknown)) => {
            undecided(format!("{}, but {unknown}", answer_so_far(&decision.outcome)))
        }
        (Outcome::Allow, Some(unknown)) if bounded && !has_boundary => {
            undecided(format!("the caller has a permissions boundary, and {unknown}"));
        }
        (Outcome::ImplicitDeny, None)
            if caller.is_none()
                && !matches!(request.principal.kind, Caller::Service | Caller::Anonymous | Caller::Root)
                && !asked.iter().any(|(kind, _)| *kind == PolicyKind::Identity) =>
        {
            // Would it pass if the caller's own policies allowed everything?
            let everything = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
            let everything = parse::read(&JsonDocument(&everything)).policy;
            let would = {
                let mut more: Vec<(PolicyKind, &Policy<'_>)> = std::mem::take(&mut asked);
                more.push((PolicyKind::Identity, &everything));
                evaluate(&request, &more).outcome
            };
            if would != Outcome::ImplicitDeny {
                let who = &request.principal.text;
                undecided(format!("the policies of {who} itself, which decide here, are not part of the input"));
            }
        }
        _ => {}
    }
    if target.is_none() && question.resource != "*" && !all.iter().any(|(kind, _)| kind.names_principals()) {
        let what = &question.resource;
        answer.notes.push(format!("{what} is not part of the input, nor are policies on it, if it has any"));
    }
    if request.resource_account.is_none() && answer.decision == "unknown" {
        answer.notes.push("--account says which account the resource is in".to_owned());
    }
    Ok(answer)
}

fn answer_so_far(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::ImplicitDeny => "no policy that is known allows it",
        _ => "it is not decided",
    }
}

/// What a document that was given by itself is taken for, by the action that is asked about.
fn standing_for(kind: PolicyKind, action: &str, assumes_role: bool) -> PolicyKind {
    match kind {
        PolicyKind::Resource if assumes_role => PolicyKind::Trust,
        PolicyKind::Resource if action.to_ascii_lowercase().starts_with("kms:") => PolicyKind::Key,
        kind => kind,
    }
}

fn caller<'s>(question: &'s Question, world: &'s World<'s>) -> Result<(Option<Resource<'s>>, Principal<'s>), String> {
    let text = question.principal.as_str();
    let found = match find(world, text, |resource| PRINCIPALS.contains(&resource.kind()))? {
        Some((resource, "")) => Some(resource),
        _ => None,
    };
    if let Some(resource) = found {
        let arn = resource.arn().ok_or_else(|| format!("{text} has no ARN that is known"))?;
        return Ok((Some(resource), Principal::of(arn, Some(resource.account()))));
    }
    if text != "*" && !is_account_id(text) && !text.starts_with("arn:") && !text.contains('.') {
        return Err(format!(
            "there is no role or user {text} in the input: give its logical id or name, or an ARN, an account, a service (lambda.amazonaws.com) or *"
        ));
    }
    Ok((None, Principal::of(Text::from(text), None)))
}

fn holds_only_a_policy(resource: Resource<'_>) -> bool {
    resource.kind().ends_with("Policy")
}

/// The resource that a text names, and what follows its name: by logical id (or the name in a URN), ARN or physical name.
fn find<'s>(
    world: &'s World<'s>,
    text: &'s str,
    fits: impl Fn(Resource<'s>) -> bool,
) -> Result<Option<(Resource<'s>, &'s str)>, String> {
    let all = || {
        (0..world.model.resources.len() as u32)
            .map(|id| Resource::new(world, ResourceId(id)))
            .filter(|resource| resource.data().joined_to.is_none() && fits(*resource) && resource.exists())
    };
    let below = |rest: &'s str| (rest.is_empty() || rest.starts_with(['/', ':'])).then_some(rest);
    let by_id = all().filter_map(|resource| {
        let id = resource.data().id.as_str();
        let short = id.rsplit("::").next().unwrap_or(id);
        let rest = text.strip_prefix(id).and_then(below).or_else(|| text.strip_prefix(short).and_then(below))?;
        Some((resource, rest))
    });
    let by_arn = all().filter_map(|resource| Some((resource, after(&resource.arn()?, text)?)));
    let by_name = all().filter_map(|resource| {
        let name = resource.name();
        Some((resource, text.strip_prefix(name.as_literal().filter(|name| !name.is_empty())?).and_then(below)?))
    });
    let found: Vec<_> = if text.starts_with("arn:") { by_arn.collect() } else { by_id.collect() };
    let found = if found.is_empty() && !text.starts_with("arn:") { by_name.collect() } else { found };
    // The longest name wins: what is left over is shortest.
    let Some(shortest) = found.iter().map(|(_, rest)| rest.len()).min() else { return Ok(None) };
    let mut best = found.into_iter().filter(|(_, rest)| rest.len() == shortest);
    match (best.next(), best.next()) {
        (Some((one, _)), Some((other, _))) => {
            Err(format!("{text} may be {} or {}: give the ARN", described(one), described(other)))
        }
        (found, _) => Ok(found),
    }
}

fn described(resource: Resource<'_>) -> String {
    let stack = resource.stack().data().name.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
    format!("{} ({}){stack}", resource.label(), resource.kind())
}

/// What follows an ARN in a text. The account, region and partition of a stack that are not known fit any.
fn after<'t>(arn: &Text<'_>, text: &'t str) -> Option<&'t str> {
    let mut rest = text;
    for piece in arn.pieces().iter() {
        match piece {
            Piece::Literal(literal) => rest = rest.strip_prefix(&**literal)?,
            Piece::Symbol(Symbol::Pseudo(Pseudo::Partition | Pseudo::Region | Pseudo::AccountId, _)) => {
                let length = rest.find(':')?;
                if length == 0 {
                    return None;
                }
                rest = &rest[length..];
            }
            Piece::Symbol(_) => return None,
        }
    }
    (rest.is_empty() || rest.starts_with(['/', ':'])).then_some(rest)
}

fn key_state<'j>(key: &str, value: &'j Json) -> Result<KeyState<'j>, String> {
    let one = |value: &'j Json| match value {
        Json::String(text) => Ok(Text::from(text.as_str())),
        Json::Bool(_) | Json::Number(_) => Ok(Text::from(value.to_string())),
        _ => Err(format!("the context key {key} holds no string")),
    };
    Ok(match value {
        Json::Null => KeyState::Unknown,
        Json::Array(values) => KeyState::Values(values.iter().map(one).collect::<Result<_, _>>()?),
        value => KeyState::Values(vec![one(value)?]),
    })
}

/// A statement of a document, for a person to find.
fn place(kind: PolicyKind, document: &Document<'_>, index: usize) -> Json {
    let Some(statement) = document.policy().statements.get(index) else { return Json::Null };
    let model = document.holder.world().model;
    let locator = Locator::new(model);
    let (at, holder) = (document.place(statement.at), document.holder.id());
    json!({
        "kind": kind.title(),
        "index": index,
        "sid": statement.sid.as_ref().map(|sid| sid.text.to_string()),
        "holder": document.holder.data().id,
        "pointer": locator.pointer(Some(holder), at),
        "location": locator.place(Some(holder), at, None),
    })
}
