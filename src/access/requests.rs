//! Requests that carry their policies with them.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::iam::condition::KeyState;
use crate::iam::evaluate::{PolicyKind, Request, StatementId, evaluate, explain};
use crate::iam::parse;
use crate::iam::policy::Policy;
use crate::iam::principal::Principal;
use crate::model::text::Text;

use super::{Node, Scope, function};

/// What is asked: one request, or many, each with policies or all under the same.
#[derive(Deserialize)]
struct Asked<'t> {
    #[serde(default)]
    name: Json,
    #[serde(borrow)]
    policies: Option<&'t RawValue>,
    request: Option<Call>,
    #[serde(borrow)]
    requests: Option<Vec<Asked<'t>>>,
}

/// Strings, or functions that give them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Call {
    principal: Json,
    principal_account: Json,
    action: Json,
    resource: Json,
    resource_account: Json,
    context: Json,
}

impl Call {
    fn values(&self) -> [&Json; 6] {
        let Call { principal, principal_account, action, resource, resource_account, context } = self;
        [principal, principal_account, action, resource, resource_account, context]
    }
}

/// What comes out for one request.
#[derive(Serialize)]
struct Answer<'a> {
    name: &'a Json,
    decision: &'static str,
    explanation: String,
    statement: Option<Deciding>,
}

#[derive(Serialize)]
struct Deciding {
    policy: usize,
    kind: &'static str,
    index: usize,
    sid: Option<String>,
}

/// Answers a list of requests: `[{name, policies: [{kind, document}], request: {principal, principalAccount, action, resource,
/// resourceAccount, context}}]` to `[{name, decision, explanation, statement}]`. `decision` is `allow`, `implicit-deny`,
/// `explicit-deny` or `unknown`; `statement` is `{policy, kind, index, sid}` or null. A bare row is answered like a list of one;
/// `{policies, requests: […]}` puts the same policies before those of each row.
///
/// Strings may be CloudFormation functions: a `Ref` to a parameter is unknown, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join` and pseudo
/// parameters are symbolic. Only the context keys that are given are present; a key with the value null is unknown.
///
/// # Errors
/// A sentence that says where the text is not of that form.
pub fn access_requests<'t>(text: &'t str) -> Result<String, String> {
    let invalid = |error: serde_json::Error| format!("the requests are not valid JSON: {error}");
    let (shared, rows): (Option<&'t RawValue>, Vec<Asked<'t>>) = match text.trim_start().as_bytes().first() {
        Some(b'[') => (None, serde_json::from_str(text).map_err(invalid)?),
        Some(b'{') => {
            let mut asked: Asked<'t> = serde_json::from_str(text).map_err(invalid)?;
            match asked.requests.take() {
                Some(rows) => (asked.policies, rows),
                None => (None, vec![asked]),
            }
        }
        _ => return Err("expected a list of requests".to_owned()),
    };
    // Policies that are written alike are read once.
    let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
    let mut lists: Vec<Result<List, String>> = Vec::new();
    let mut number = |text: &'t RawValue| {
        *numbers.entry(text.get()).or_insert_with(|| {
            lists.push(List::read(text.get()));
            lists.len() - 1
        })
    };
    let shared = shared.map(&mut number);
    let own: Vec<Option<usize>> = rows.iter().map(|row| row.policies.map(&mut number)).collect();
    let nothing = Scope::default();
    let plain: Vec<Option<Policies<'_>>> = lists.iter().map(|list| list.as_ref().ok()?.plain(&nothing)).collect();
    let answers = rows.iter().zip(own).enumerate().map(|(index, (row, own))| {
        let mine = shared.into_iter().chain(own);
        let mine: Vec<_> = mine.map(|number| (&lists[number], plain[number].as_ref())).collect();
        answer(row, &mine).map_err(|message| format!("request {}: {message}", index + 1))
    });
    serde_json::to_string(&answers.collect::<Result<Vec<Answer<'_>>, String>>()?).map_err(|error| error.to_string())
}

type Policies<'j> = Vec<(PolicyKind, Policy<'j>)>;

/// The policies of one request or of many.
struct List {
    documents: Vec<(PolicyKind, Json)>,
    /// Something in them depends on what the request refers to.
    functions: bool,
}

impl List {
    fn read(text: &str) -> Result<List, String> {
        let list: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let Json::Array(list) = list else { return Ok(List { documents: Vec::new(), functions: false }) };
        let documents = list.into_iter().map(document).collect::<Result<Vec<_>, String>>()?;
        let functions = documents.iter().any(|(_, document)| has_function(document));
        Ok(List { documents, functions })
    }

    fn parse<'j>(&'j self, scope: &'j Scope) -> Policies<'j> {
        let policy = |value| parse::read(&Node { value, scope }).policy;
        self.documents.iter().map(|(kind, document)| (*kind, policy(document))).collect()
    }

    /// The policies for every request, where nothing in them depends on it.
    fn plain<'j>(&'j self, scope: &'j Scope) -> Option<Policies<'j>> {
        (!self.functions).then(|| self.parse(scope))
    }
}

/// A policy's kind and its document, be that an object or the JSON text of one.
fn document(mut policy: Json) -> Result<(PolicyKind, Json), String> {
    let kind = policy.get("kind").and_then(Json::as_str).ok_or("a policy has no \"kind\"")?;
    let kind = PolicyKind::named(kind).ok_or_else(|| {
        format!("\"{kind}\" is no kind of policy: identity, boundary, scp, rcp, session, resource, key or trust")
    })?;
    let document = match policy.get_mut("document").map(Json::take).ok_or("a policy has no \"document\"")? {
        Json::String(text) => {
            serde_json::from_str(&text).map_err(|error| format!("a document is not valid JSON: {error}"))?
        }
        document => document,
    };
    Ok((kind, document))
}

fn has_function(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(has_function),
        Json::Object(members) => function(value).is_some() || members.values().any(has_function),
        _ => false,
    }
}

/// The row's answer. The lists come parsed where they are the same for every request.
fn answer<'a>(
    row: &'a Asked<'_>,
    lists: &[(&Result<List, String>, Option<&Policies<'_>>)],
) -> Result<Answer<'a>, String> {
    let lists = lists.iter().map(|(list, plain)| Ok((list.as_ref().map_err(String::clone)?, *plain)));
    let lists = lists.collect::<Result<Vec<_>, String>>()?;
    let call = row.request.as_ref().ok_or("there is no \"request\"")?;
    let documents = lists.iter().filter(|(list, _)| list.functions).flat_map(|(list, _)| &list.documents);
    let scope = Scope::of(documents.map(|(_, document)| document).chain(call.values()), &call.action, &call.resource);
    let own: Vec<Option<Policies<'_>>> =
        lists.iter().map(|(list, plain)| plain.is_none().then(|| list.parse(&scope))).collect();
    let policies = lists.iter().zip(&own).filter_map(|((_, plain), own)| plain.or(own.as_ref())).flatten();
    let policies: Vec<(PolicyKind, &Policy<'_>)> = policies.map(|(kind, policy)| (*kind, policy)).collect();
    let request = request(call, &scope)?;
    let decision = evaluate(&request, &policies);
    let statement = decision.statement.and_then(|StatementId { policy, statement: index }| {
        let (kind, document) = policies.get(policy)?;
        let sid = document.statements.get(index)?.sid.as_ref().map(|sid| sid.text.to_string());
        Some(Deciding { policy, kind: kind.title(), index, sid })
    });
    let explanation = scope.name_symbols(explain(&decision, &request, &policies));
    Ok(Answer { name: &row.name, decision: decision.outcome.name(), explanation, statement })
}

fn request<'j>(call: &'j Call, scope: &'j Scope) -> Result<Request<'j>, String> {
    let text = |name: &str, value: &'j Json| match value {
        Json::Null => Ok(None),
        value => match scope.text(value) {
            Some(text) => Ok(Some(text)),
            None => Err(format!("\"{name}\" is not a string, nor a function that gives one")),
        },
    };
    let needed = |name: &str, value| text(name, value)?.ok_or_else(|| format!("the request has no \"{name}\""));
    let principal =
        Principal::of(needed("principal", &call.principal)?, text("principalAccount", &call.principal_account)?);
    let resource = text("resource", &call.resource)?.unwrap_or_else(|| Text::from("*"));
    let mut built = Request::new(principal, needed("action", &call.action)?, resource);
    if let Some(account) = text("resourceAccount", &call.resource_account)? {
        built.resource_account = Some(account);
    }
    match &call.context {
        Json::Null => {}
        Json::Object(context) => {
            for (key, value) in context {
                let one = |value| scope.text(value).ok_or_else(|| format!("the context key {key} holds no string"));
                let state = match value {
                    Json::Null => KeyState::Unknown,
                    Json::Array(values) => KeyState::Values(values.iter().map(one).collect::<Result<_, String>>()?),
                    value => KeyState::Values(vec![one(value)?]),
                };
                built.context.put(key.as_str(), state);
            }
        }
        _ => return Err("\"context\" is not an object".to_owned()),
    }
    Ok(built)
}
