//! `stackproof access`: the IAM evaluator by itself, JSON in, JSON out.

mod inputs;
mod requests;

pub use inputs::{Input, access_compare_inputs, access_inputs};
pub use requests::access_requests;

use std::borrow::Cow;
use std::cell::RefCell;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashSet};
use serde_json::{Value as Json, json};

use crate::iam::condition::KeyState;
use crate::iam::evaluate::PolicyKind;
use crate::iam::parse::{self, PolicySource, Shape};
use crate::iam::policy::Policy;
use crate::iam::questions::{Answer, allows_more};
use crate::model::name_markers;
use crate::model::text::{OpaqueId, Pseudo, ResourceId, StackId, Symbol, Text, TextBuilder};

/// Says what a new policy allows that an old one does not: `{kind, old, new}` to `{answer, explanation, witness}`, where `answer`
/// is `yes`, `no` or `unknown`, and `witness` a request `{principal, action, resource, context}` that shows it, or null.
///
/// # Errors
/// A sentence that says where the text is not of that form.
pub fn access_compare(text: &str) -> Result<String, String> {
    let row: Json = serde_json::from_str(text).map_err(|error| format!("the question is not valid JSON: {error}"))?;
    let kind = row.get("kind").and_then(Json::as_str).unwrap_or("identity");
    let kind = PolicyKind::named(kind).ok_or_else(|| format!("\"{kind}\" is no kind of policy"))?;
    let scope = Scope::of([&row], &Json::Null, &Json::Null);
    let side = |name: &str| -> Result<Policy<'_>, String> {
        let value = row.get(name).ok_or_else(|| format!("there is no \"{name}\" policy"))?;
        Ok(parse::read(&Node { value, scope: &scope }).policy)
    };
    let (old, new) = (side("old")?, side("new")?);
    let (answer, explanation, witness) = match allows_more(&new, &old, kind) {
        Answer::Yes(request) => {
            let context: serde_json::Map<String, Json> = request
                .context
                .entries()
                .filter_map(|(key, state)| match state {
                    KeyState::Values(values) => {
                        let values: Vec<String> =
                            values.iter().map(|value| scope.name_symbols(value.to_string())).collect();
                        Some((key.to_owned(), if values.len() == 1 { json!(values[0]) } else { json!(values) }))
                    }
                    _ => None,
                })
                .collect();
            let show = |text: &Text<'_>| scope.name_symbols(text.to_string());
            let sentence = format!(
                "the new policy allows {} on {}, which the old one does not",
                show(&request.action),
                show(&request.resource)
            );
            let witness = json!({
                "principal": show(&request.principal.text),
                "action": show(&request.action),
                "resource": show(&request.resource),
                "context": context,
            });
            ("yes", sentence, witness)
        }
        Answer::No(reason) => ("no", reason, Json::Null),
        Answer::Unknown(cause) => ("unknown", cause, Json::Null),
    };
    Ok(json!({"answer": answer, "explanation": explanation, "witness": witness}).to_string())
}

/// A value of a request file, with the names that functions in it refer to.
#[derive(Clone, Copy)]
struct Node<'j> {
    value: &'j Json,
    scope: &'j Scope,
}

impl<'j> PolicySource<'j> for Node<'j> {
    type Place = ();

    fn place(&self) {}

    fn shape(&self) -> Shape<'j, Self> {
        match self.value {
            Json::Null => Shape::Null,
            Json::Bool(value) => Shape::Bool(*value),
            Json::Number(number) => Shape::Number(Cow::Owned(number.to_string())),
            Json::String(text) => Shape::Text(Text::from(text.as_str())),
            Json::Array(items) => Shape::List(self.list(items)),
            Json::Object(members) => match function(self.value) {
                Some(("Ref", argument)) if argument.as_str() == Some("AWS::NoValue") => Shape::Null,
                Some((name @ ("Ref" | "Fn::ImportValue"), _))
                    if name != "Ref" || !self.scope.is_resource(self.value) =>
                {
                    match self.scope.text(self.value) {
                        Some(text) if matches!(text.as_symbol(), Some(Symbol::Opaque(_))) => Shape::Unknown(Some(text)),
                        Some(text) => Shape::Text(text),
                        None => Shape::Unknown(None),
                    }
                }
                Some(_) => match self.scope.text(self.value) {
                    Some(text) => Shape::Text(text),
                    None => Shape::Unknown(None),
                },
                None => Shape::Object(
                    members
                        .iter()
                        .filter(|(_, value)| !is_no_value(value))
                        .map(|(name, value)| (Cow::Borrowed(name.as_str()), Node { value, scope: self.scope }))
                        .collect(),
                ),
            },
        }
    }
}

impl<'j> Node<'j> {
    fn list(&self, items: &'j [Json]) -> Vec<Node<'j>> {
        items.iter().filter(|value| !is_no_value(value)).map(|value| Node { value, scope: self.scope }).collect()
    }
}

fn is_no_value(value: &Json) -> bool {
    matches!(function(value), Some(("Ref", argument)) if argument.as_str() == Some("AWS::NoValue"))
}

/// The name and argument of an object that is a CloudFormation function.
fn function(value: &Json) -> Option<(&str, &Json)> {
    let members = value.as_object()?;
    let (name, argument) = members.iter().next()?;
    (members.len() == 1 && (name == "Ref" || name.starts_with("Fn::"))).then_some((name.as_str(), argument))
}

/// What functions refer to: names that some `Fn::GetAtt` uses are resources, all others parameters.
#[derive(Default)]
struct Scope {
    resources: FxHashSet<String>,
    /// The resource that the request is about, and the service of its action, from which the shape of its ARN follows.
    target: Option<(String, String)>,
    numbers: RefCell<IndexSet<String, FxBuildHasher>>,
}

const STACK: StackId = StackId(0);

impl Scope {
    /// `values` are all that may refer to something; the other two say what is asked, where a request is.
    fn of<'j>(values: impl IntoIterator<Item = &'j Json>, action: &Json, resource: &Json) -> Scope {
        let mut resources = FxHashSet::default();
        values.into_iter().for_each(|value| collect_resources(value, &mut resources));
        let service = || Some(action.as_str()?.split_once(':')?.0.to_ascii_lowercase());
        let target = head_resource(resource).and_then(|resource| Some((resource, service()?)));
        Scope { resources, target, numbers: RefCell::default() }
    }

    fn number(&self, key: String) -> u32 {
        let (number, _) = self.numbers.borrow_mut().insert_full(key);
        u32::try_from(number).unwrap_or(u32::MAX - 1)
    }

    fn opaque(&self, key: String) -> Text<'static> {
        Text::symbol(Symbol::Opaque(OpaqueId(self.number(key))))
    }

    fn is_resource(&self, value: &Json) -> bool {
        matches!(function(value), Some(("Ref", name)) if name.as_str().is_some_and(|name| self.resources.contains(name)))
    }

    /// A string with symbols; `None` for what is no string.
    fn text<'j>(&self, value: &'j Json) -> Option<Text<'j>> {
        match value {
            Json::String(text) => return Some(Text::from(text.as_str())),
            Json::Bool(value) => return Some(Text::from(if *value { "true" } else { "false" })),
            Json::Number(number) => return Some(Text::from(number.to_string())),
            Json::Null | Json::Array(_) => return None,
            Json::Object(_) => {}
        }
        let (name, argument) = function(value)?;
        match (name, argument) {
            ("Ref", Json::String(name)) => Some(self.reference(name)),
            ("Fn::GetAtt", argument) => {
                let (resource, attribute) = attribute(argument)?;
                Some(self.attribute(&resource, &attribute))
            }
            ("Fn::Sub", Json::String(template)) => Some(self.substitute(template, None)),
            ("Fn::Sub", Json::Array(parts)) => match &parts[..] {
                [Json::String(template), Json::Object(values)] => Some(self.substitute(template, Some(values))),
                _ => None,
            },
            ("Fn::Join", Json::Array(parts)) => match &parts[..] {
                [Json::String(separator), Json::Array(items)] => {
                    let mut builder = TextBuilder::default();
                    for (index, item) in items.iter().filter(|item| !is_no_value(item)).enumerate() {
                        if index > 0 {
                            builder.push_literal(Cow::Borrowed(separator));
                        }
                        builder.push(self.text(item)?);
                    }
                    Some(builder.finish())
                }
                _ => Some(self.opaque(value.to_string())),
            },
            _ => Some(self.opaque(value.to_string())),
        }
    }

    fn reference(&self, name: &str) -> Text<'static> {
        let pseudo = match name {
            "AWS::Partition" => Pseudo::Partition,
            "AWS::Region" => Pseudo::Region,
            "AWS::AccountId" => Pseudo::AccountId,
            "AWS::StackName" => Pseudo::StackName,
            "AWS::StackId" => Pseudo::StackId,
            "AWS::URLSuffix" => Pseudo::UrlSuffix,
            // A bucket is referred to by its name, which is also in its ARN.
            _ if self.target.as_ref().is_some_and(|(target, service)| target == name && service == "s3") => {
                return Text::symbol(Symbol::Name(ResourceId(self.number(format!("{name} name")))));
            }
            _ => return self.opaque(format!("{name} ref")),
        };
        Text::symbol(Symbol::Pseudo(pseudo, STACK))
    }

    /// An attribute. The ARN of the request's own resource has the form that the action's service gives it.
    fn attribute(&self, resource: &str, attribute: &str) -> Text<'static> {
        let pseudo = |pseudo| Text::symbol(Symbol::Pseudo(pseudo, STACK));
        let name = || Text::symbol(Symbol::Name(ResourceId(self.number(format!("{resource} name")))));
        let target = self.target.as_ref().filter(|(target, _)| target == resource);
        let Some((_, service)) = target.filter(|_| attribute == "Arn") else {
            return self.opaque(format!("{resource}.{attribute}"));
        };
        let start = [Text::from("arn:"), pseudo(Pseudo::Partition), Text::from(":")];
        let here =
            [Text::from(":"), pseudo(Pseudo::Region), Text::from(":"), pseudo(Pseudo::AccountId), Text::from(":")];
        let rest: Vec<Text<'static>> = match service.as_str() {
            "s3" => vec![Text::from("s3:::"), name()],
            "sts" | "iam" => vec![
                Text::from("iam::"),
                pseudo(Pseudo::AccountId),
                Text::from(":"),
                self.opaque(format!("{resource} path and name")),
            ],
            "kms" => [Text::from("kms")]
                .into_iter()
                .chain(here)
                .chain([
                    Text::from("key/"),
                    Text::symbol(Symbol::Id(ResourceId(self.number(format!("{resource} name"))))),
                ])
                .collect(),
            "sqs" | "sns" | "lambda" | "dynamodb" | "secretsmanager" | "logs" | "events" | "kinesis" => {
                let path = match service.as_str() {
                    "lambda" => "function:",
                    "dynamodb" => "table/",
                    "kinesis" => "stream/",
                    "secretsmanager" => "secret:",
                    "logs" => "log-group:",
                    "events" => "event-bus/",
                    _ => "",
                };
                [Text::from(service.clone())].into_iter().chain(here).chain([Text::from(path), name()]).collect()
            }
            service => vec![Text::from(format!("{service}:")), self.opaque(format!("{resource} rest of the ARN"))],
        };
        Text::concat(start.into_iter().chain(rest))
    }

    fn substitute<'j>(&self, template: &'j str, values: Option<&'j serde_json::Map<String, Json>>) -> Text<'j> {
        let mut builder = TextBuilder::default();
        let mut rest = template;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            builder.push_literal(Cow::Borrowed(&rest[..start]));
            let name = rest[start + 2..start + length].trim();
            if let Some(literal) = name.strip_prefix('!') {
                builder.push_literal(Cow::Owned(format!("${{{literal}}}")));
            } else if let Some(text) = values.and_then(|values| values.get(name)).and_then(|value| self.text(value)) {
                builder.push(text);
            } else if let Some((resource, attribute)) = name.split_once('.') {
                builder.push(self.attribute(resource, attribute));
            } else {
                builder.push(self.reference(name));
            }
            rest = &rest[start + length + 1..];
        }
        builder.push_literal(Cow::Borrowed(rest));
        builder.finish()
    }

    /// Puts the user's names for the numbers of symbols.
    fn name_symbols(&self, sentence: String) -> String {
        let numbers = self.numbers.borrow();
        name_markers(&sentence, |_, number| {
            numbers.get_index(number as usize).map(|name| name.trim_end_matches(" ref").to_owned())
        })
        .into_owned()
    }
}

/// `["Bucket", "Arn"]` or `"Bucket.Arn"`.
fn attribute(argument: &Json) -> Option<(String, String)> {
    match argument {
        Json::String(text) => {
            text.split_once('.').map(|(resource, attribute)| (resource.to_owned(), attribute.to_owned()))
        }
        Json::Array(parts) => match &parts[..] {
            [Json::String(resource), Json::String(attribute)] => Some((resource.clone(), attribute.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The resource whose ARN a string starts with.
fn head_resource(value: &Json) -> Option<String> {
    let (name, argument) = function(value)?;
    match (name, argument) {
        ("Fn::GetAtt", argument) => attribute(argument).map(|(resource, _)| resource),
        ("Fn::Sub", Json::String(template)) => sub_head(template),
        ("Fn::Sub", Json::Array(parts)) => parts.first().and_then(Json::as_str).and_then(sub_head),
        ("Fn::Join", Json::Array(parts)) => head_resource(parts.get(1)?.as_array()?.first()?),
        _ => None,
    }
}

fn sub_head(template: &str) -> Option<String> {
    let inner = template.strip_prefix("${")?.split_once('}')?.0;
    inner.split_once('.').map(|(resource, _)| resource.to_owned())
}

fn collect_resources(value: &Json, found: &mut FxHashSet<String>) {
    // serde_json bounds the nesting of what it reads, so this does not run deep.
    match value {
        Json::Array(items) => items.iter().for_each(|item| collect_resources(item, found)),
        Json::Object(members) => {
            for (name, argument) in members {
                match (name.as_str(), argument) {
                    ("Fn::GetAtt", argument) => found.extend(attribute(argument).map(|(resource, _)| resource)),
                    ("Fn::Sub", Json::String(template)) => collect_sub(template, found),
                    ("Fn::Sub", Json::Array(parts)) => {
                        if let Some(template) = parts.first().and_then(Json::as_str) {
                            collect_sub(template, found);
                        }
                    }
                    _ => {}
                }
                collect_resources(argument, found);
            }
        }
        _ => {}
    }
}

fn collect_sub(template: &str, found: &mut FxHashSet<String>) {
    for part in template.split("${").skip(1) {
        if let Some((inner, _)) = part.split_once('}')
            && let Some((resource, _)) = inner.split_once('.')
            && !inner.starts_with('!')
        {
            found.insert(resource.trim().to_owned());
        }
    }
}
