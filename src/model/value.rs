//! Values as rules read them: resolved under the current choices, never conditional.

use std::borrow::Cow;
use std::rc::Rc;

use crate::doc::{NodeId, Shape};

use super::functions;
use super::intrinsic;
use super::source::NodeRef;
use super::text::{StackId, Symbol, Text};
use super::unknown::{Unknown, Why};
use super::world::World;

/// A value with the place where the user wrote it.
#[derive(Clone)]
pub struct Value<'s> {
    pub(super) world: &'s World<'s>,
    /// The stack whose parameters and conditions decide it.
    pub(super) stack: StackId,
    pub(super) at: Place,
    pub(super) kind: Kind<'s>,
}

/// Where a value stands, or would stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The value itself; for an absent one the nearest value that is there.
    pub node: NodeRef,
    /// What is missing below `node`.
    pub missing: Option<&'static str>,
}

#[derive(Clone)]
pub enum Kind<'s> {
    Absent,
    Unknown(Unknown),
    Null,
    Bool(bool),
    /// As written.
    Number(Cow<'s, str>),
    Text(Text<'s>),
    List(List<'s>),
    /// An object of a document.
    Object(NodeRef),
}

#[derive(Clone)]
pub enum List<'s> {
    Nodes(NodeRef),
    Made(Rc<[Value<'s>]>),
    /// The availability zones of a region (`Fn::GetAZs`): how many there are is not known.
    Zones(Text<'s>),
}

/// The answer to "what is this, as a T?".
#[derive(Clone, Debug, PartialEq)]
pub enum Read<T> {
    Known(T),
    /// Not there, or null.
    Absent,
    Unknown(Unknown),
    /// Something of another kind.
    Other,
}

impl<T> Read<T> {
    pub fn is_unknown(&self) -> bool {
        matches!(self, Read::Unknown(_))
    }

    pub fn known(self) -> Option<T> {
        match self {
            Read::Known(value) => Some(value),
            _ => None,
        }
    }

    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Read::Known(value) => Read::Known(with(value)),
            Read::Absent => Read::Absent,
            Read::Unknown(unknown) => Read::Unknown(unknown),
            Read::Other => Read::Other,
        }
    }
}

impl<'s> Value<'s> {
    /// The value of a node, resolved.
    pub fn of(world: &'s World<'s>, stack: StackId, node: NodeRef) -> Value<'s> {
        intrinsic::resolve(world, stack, node)
    }

    pub(super) fn make(world: &'s World<'s>, stack: StackId, node: NodeRef, kind: Kind<'s>) -> Value<'s> {
        Value { world, stack, at: Place { node, missing: None }, kind }
    }

    pub fn world(&self) -> &'s World<'s> {
        self.world
    }

    pub fn stack_id(&self) -> StackId {
        self.stack
    }

    pub fn place(&self) -> Place {
        self.at
    }

    /// The object or list of a document that the value is; that of the branch taken where it stands in a function.
    pub fn content(&self) -> Option<NodeRef> {
        match self.kind {
            Kind::Object(node) | Kind::List(List::Nodes(node)) => Some(node),
            _ => None,
        }
    }

    pub fn kind(&self) -> &Kind<'s> {
        &self.kind
    }

    /// Certainly not there (null counts as not there).
    pub fn is_absent(&self) -> bool {
        matches!(self.kind, Kind::Absent | Kind::Null)
    }

    /// Certainly there, whatever it is.
    pub fn is_present(&self) -> bool {
        match &self.kind {
            Kind::Absent | Kind::Null => false,
            Kind::Unknown(unknown) => !unknown.maybe_absent(),
            _ => true,
        }
    }

    pub fn unknown(&self) -> Option<&Unknown> {
        match &self.kind {
            Kind::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    pub fn is_unknown(&self) -> bool {
        self.unknown().is_some()
    }

    fn with(&self, kind: Kind<'s>) -> Value<'s> {
        Value { world: self.world, stack: self.stack, at: self.at, kind }
    }

    /// A member of an object. Absent for an absent or other value; unknown below an unknown one. A JSON text is read as the
    /// object that it holds.
    pub fn get(&self, name: &'static str) -> Value<'s> {
        match &self.kind {
            Kind::Object(node) => {
                let source = self.world.model.source(node.source);
                match source.doc.get(node.node, name) {
                    Some(child) => {
                        let mut value = Value::of(self.world, self.stack, NodeRef { source: node.source, node: child });
                        if let Kind::Absent = value.kind {
                            // `AWS::NoValue`: it stands here, and says that the property does not.
                            value.at.missing = None;
                        }
                        value
                    }
                    None => Value {
                        world: self.world,
                        stack: self.stack,
                        at: Place { node: *node, missing: Some(name) },
                        kind: Kind::Absent,
                    },
                }
            }
            Kind::Unknown(_) => self.clone(),
            Kind::Text(_) => match self.document() {
                document if matches!(document.kind, Kind::Object(_)) => document.get(name),
                document if document.is_unknown() => document,
                _ => self.with(Kind::Absent),
            },
            Kind::Absent => Value {
                at: Place { node: self.at.node, missing: self.at.missing.or(Some(name)) },
                ..self.with(Kind::Absent)
            },
            _ => self.with(Kind::Absent),
        }
    }

    /// A member by a name that is not a constant.
    pub fn member(&self, name: &str) -> Value<'s> {
        match &self.kind {
            Kind::Object(node) => {
                let source = self.world.model.source(node.source);
                match source.doc.get(node.node, name) {
                    Some(child) => Value::of(self.world, self.stack, NodeRef { source: node.source, node: child }),
                    None => self.with(Kind::Absent),
                }
            }
            Kind::Unknown(_) => self.clone(),
            Kind::Text(_) => match self.document() {
                document if matches!(document.kind, Kind::Object(_)) => document.member(name),
                document if document.is_unknown() => document,
                _ => self.with(Kind::Absent),
            },
            _ => self.with(Kind::Absent),
        }
    }

    /// Follows names separated by dots: `VersioningConfiguration.Status`.
    pub fn path(&self, path: &'static str) -> Value<'s> {
        let mut value = self.clone();
        for name in path.split('.') {
            value = value.get(name);
        }
        value
    }

    /// Names and values of an object in the order of the file; members that resolve to nothing (`AWS::NoValue`) are left out.
    pub fn entries(&self) -> Read<Vec<(&'s str, Value<'s>)>> {
        let mut entries = Vec::with_capacity(self.width());
        self.each_entry(|name, value| entries.push((name, value))).map(|()| entries)
    }

    /// How many entries or elements a written object or list has at most; 0 for anything else.
    pub fn width(&self) -> usize {
        let (Kind::Object(node) | Kind::List(List::Nodes(node))) = &self.kind else { return 0 };
        let source = self.world.model.source(node.source);
        match source.shape(node.node) {
            Shape::Array(elements) => elements.len(),
            _ => source.doc.entry_count(node.node),
        }
    }

    /// Visits what [`Value::entries`] lists.
    pub fn each_entry(&self, mut visit: impl FnMut(&'s str, Value<'s>)) -> Read<()> {
        let node = match &self.kind {
            Kind::Object(node) => *node,
            Kind::Absent | Kind::Null => return Read::Absent,
            Kind::Unknown(unknown) => return Read::Unknown(unknown.clone()),
            Kind::Text(_) => match self.document().kind {
                Kind::Object(node) => node,
                Kind::Unknown(unknown) => return Read::Unknown(unknown),
                _ => return Read::Other,
            },
            _ => return Read::Other,
        };
        for entry in self.world.model.source(node.source).doc.entries(node.node) {
            let child = NodeRef { source: node.source, node: entry.value };
            let value = Value::of(self.world, self.stack, child);
            if !matches!(value.kind, Kind::Absent) {
                visit(entry.name, value);
            }
        }
        Read::Known(())
    }

    /// The elements of a list; elements that resolve to nothing are left out, lists that a function yields inside a list
    /// stay elements.
    pub fn items(&self) -> Read<Vec<Value<'s>>> {
        let mut items = Vec::with_capacity(self.width());
        self.each_item(|value| items.push(value)).map(|()| items)
    }

    /// Visits what [`Value::items`] lists.
    pub fn each_item(&self, mut visit: impl FnMut(Value<'s>)) -> Read<()> {
        let document;
        let list = match &self.kind {
            Kind::List(list) => list,
            Kind::Absent | Kind::Null => return Read::Absent,
            Kind::Unknown(unknown) => return Read::Unknown(unknown.clone()),
            Kind::Text(_) => {
                document = self.document();
                match &document.kind {
                    Kind::List(list) => list,
                    _ => return Read::Other,
                }
            }
            _ => return Read::Other,
        };
        match list {
            List::Nodes(node) => {
                let Shape::Array(elements) = self.world.model.source(node.source).shape(node.node) else {
                    return Read::Other;
                };
                for &element in elements {
                    let value = Value::of(self.world, self.stack, NodeRef { source: node.source, node: element });
                    if !matches!(value.kind, Kind::Absent) {
                        visit(value);
                    }
                }
            }
            List::Made(values) => values.iter().cloned().for_each(visit),
            List::Zones(region) => return Read::Unknown(intrinsic::zones(self.world, self.stack, region)),
        }
        Read::Known(())
    }

    /// A list, or one value that stands for a list of one.
    pub fn items_or_one(&self) -> Read<Vec<Value<'s>>> {
        match self.items() {
            Read::Other => Read::Known(vec![self.clone()]),
            read => read,
        }
    }

    /// A string, where needed with holes. Numbers and booleans count as their text, as CloudFormation converts them.
    pub fn text(&self) -> Read<Text<'s>> {
        match &self.kind {
            Kind::Text(text) => Read::Known(text.clone()),
            Kind::Number(number) => Read::Known(Text::Literal(number.clone())),
            Kind::Bool(value) => Read::Known(Text::from(if *value { "true" } else { "false" })),
            Kind::Absent | Kind::Null => Read::Absent,
            Kind::Unknown(unknown) => Read::Unknown(unknown.clone()),
            Kind::Object(node) | Kind::List(List::Nodes(node)) if self.world.model.is_json_text(*node) => {
                functions::json_text(self)
            }
            Kind::List(_) | Kind::Object(_) => Read::Other,
        }
    }

    /// A string, where an unknown value is a hole of its own.
    pub fn symbolic(&self) -> Option<Text<'s>> {
        match self.text() {
            Read::Known(text) => Some(text),
            Read::Unknown(unknown) => Some(Text::symbol(Symbol::Opaque(unknown.opaque().or_else(|| {
                use super::stack::OpaqueKey;
                let key = OpaqueKey::Node(self.at.node);
                let (why, absent) = (unknown.why().clone(), unknown.maybe_absent());
                self.world.model.opaque(key, || (why, absent, unknown.depends_on().to_vec())).opaque()
            })?))),
            Read::Absent | Read::Other => None,
        }
    }

    /// A string all of which is known.
    pub fn literal(&self) -> Read<Cow<'s, str>> {
        match self.text() {
            Read::Known(Text::Literal(text)) => Read::Known(text),
            Read::Known(symbolic) => Read::Unknown(self.world.why_symbolic(&symbolic)),
            Read::Absent => Read::Absent,
            Read::Unknown(unknown) => Read::Unknown(unknown),
            Read::Other => Read::Other,
        }
    }

    /// A number, also one written as a string.
    pub fn number(&self) -> Read<f64> {
        match self.literal() {
            Read::Known(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() && !matches!(self.kind, Kind::Bool(_)) => Read::Known(number),
                _ => Read::Other,
            },
            read => read.map(|_| 0.0),
        }
    }

    /// A boolean, also one written as a string (`"true"`).
    pub fn boolean(&self) -> Read<bool> {
        match &self.kind {
            Kind::Bool(value) => Read::Known(*value),
            _ => match self.literal() {
                Read::Known(text) if text.eq_ignore_ascii_case("true") => Read::Known(true),
                Read::Known(text) if text.eq_ignore_ascii_case("false") => Read::Known(false),
                Read::Known(_) => Read::Other,
                read => read.map(|_| false),
            },
        }
    }

    /// The JSON that a string holds, with holes where the string has them; any other value is itself.
    pub fn document(&self) -> Value<'s> {
        let Kind::Text(text) = &self.kind else { return self.clone() };
        match self.world.model.embedded(self.at.node, text) {
            Some(node) => Value::of(self.world, self.stack, node),
            None => match text {
                Text::Literal(_) => self.clone(),
                // What begins like no JSON is none, whatever stands for its symbols.
                Text::Symbolic(_) if text.begins_like_json().is_no() => self.clone(),
                Text::Symbolic(_) => self.with(Kind::Unknown(self.world.why_symbolic(text))),
            },
        }
    }

    /// Visits every string below this value that is written in the document, without evaluating functions.
    pub fn each_written_string(&self, mut visit: impl FnMut(NodeRef, &'s str)) {
        match self.kind {
            Kind::Object(node) | Kind::List(List::Nodes(node)) => walk(self.world, node, &mut visit),
            // A function call is an object in the document.
            _ if self.at.missing.is_none() => walk(self.world, self.at.node, &mut visit),
            _ => {}
        }
    }
}

fn walk<'s>(world: &'s World<'s>, node: NodeRef, visit: &mut impl FnMut(NodeRef, &'s str)) {
    let source = world.model.source(node.source);
    let mut open: Vec<NodeId> = vec![node.node];
    while let Some(node_id) = open.pop() {
        match source.shape(node_id) {
            Shape::String(text) => visit(NodeRef { source: node.source, node: node_id }, text),
            Shape::Array(elements) => open.extend(elements.iter().rev()),
            Shape::Object => open.extend(source.doc.entries(node_id).rev().map(|entry| entry.value)),
            _ => {}
        }
    }
}

impl<'m> World<'m> {
    /// Why a symbolic string is not known in full.
    pub fn why_symbolic(&self, text: &Text<'_>) -> Unknown {
        for symbol in text.symbols() {
            match symbol {
                Symbol::Opaque(id) => return self.model.unknown(id),
                Symbol::Name(id) => {
                    return Unknown::new(Why::Attribute(format!("the name of {}", self.model.resource(id).id)));
                }
                Symbol::Id(id) => {
                    return Unknown::new(Why::Attribute(format!("the id of {}", self.model.resource(id).id)));
                }
                Symbol::Pseudo(..) => {}
            }
        }
        Unknown::other("account, region or partition are not known (give them in the configuration)")
    }
}
