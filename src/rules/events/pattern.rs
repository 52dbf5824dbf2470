//! Event patterns as the model's values hold them.

use crate::lang::event_pattern::{Matcher, Node, Reading, Scalar, Step, Tree, read};
use crate::model::{Kind, Read, Resource, Symbol, Value};

/// A value as a tree of JSON. Strings inside of it are strings, whatever they hold.
struct Pattern<'s>(Value<'s>);

impl Tree for Pattern<'_> {
    fn node(&self) -> Node<'_, Self> {
        match self.0.kind() {
            Kind::Object(_) => match self.0.entries() {
                Read::Known(entries) => {
                    Node::Object(entries.into_iter().map(|(name, value)| (name.into(), Pattern(value))).collect())
                }
                _ => Node::Unknown,
            },
            Kind::List(_) => match self.0.items() {
                Read::Known(items) => Node::Array(items.into_iter().map(Pattern).collect()),
                _ => Node::Unknown,
            },
            Kind::Text(text) => Node::String(text.clone()),
            Kind::Number(number) => number.parse().map_or(Node::Unknown, Node::Number),
            Kind::Bool(value) => Node::Bool(*value),
            Kind::Null => Node::Null,
            // A string that is not known has a hole; only a part of unknown shape has none.
            Kind::Unknown(_) | Kind::Absent => match self.0.symbolic() {
                Some(text) if self.0.is_present() => Node::String(text),
                _ => Node::Unknown,
            },
        }
    }
}

/// The pattern of a rule or archive: the value that holds the object, and what it says. `None` where there is none.
pub fn pattern_of<'s>(resource: Resource<'s>) -> Option<(Value<'s>, Reading)> {
    let value = resource.get("EventPattern");
    if value.is_absent() {
        return None;
    }
    let document = value.document();
    let reading = read(&Pattern(document.clone()));
    Some((document, reading))
}

/// The node of a pattern that a path leads to, as far as it is there.
pub fn node_at<'s>(root: &Value<'s>, path: &[Step]) -> Value<'s> {
    let mut value = root.clone();
    for step in path {
        let next = match step {
            Step::Key(name) => value.member(name),
            Step::Index(index) => match value.items() {
                Read::Known(items) if *index < items.len() => items[*index].clone(),
                _ => return value,
            },
        };
        if next.is_absent() {
            return value;
        }
        value = next;
    }
    value
}

/// The strings that a field is compared with, where all its matchers are known strings.
pub fn literals(reading: &Reading, path: &[&str]) -> Option<Vec<String>> {
    let matchers = reading.pattern.values(path)?;
    matchers
        .iter()
        .map(|matcher| match matcher {
            Matcher::Equal(Scalar::String(text)) => text.as_literal().map(str::to_owned),
            _ => None,
        })
        .collect()
}

/// Whether a rule listens on the default bus, as far as it is known.
pub fn on_default_bus(rule: Resource<'_>) -> Option<bool> {
    let bus = rule.get("EventBusName");
    if bus.is_absent() {
        return Some(true);
    }
    match bus.literal() {
        Read::Known(name) => Some(name == "default" || name.ends_with(":event-bus/default")),
        // The name or ARN of a bus of this input: CloudFormation makes no default bus.
        _ => match bus.text() {
            Read::Known(text) => {
                text.symbols().any(|symbol| matches!(symbol, Symbol::Name(_) | Symbol::Id(_))).then_some(false)
            }
            _ => None,
        },
    }
}
