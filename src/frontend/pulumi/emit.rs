//! The canonical tree → nodes of the derived document.

use std::rc::Rc;

use memchr::memmem::Finder;
use rustc_hash::FxHashMap;

use crate::doc::{Doc, DocBuilder, Entry, NodeId, PendingMember, Shape, Span, parse_json};
use crate::model::ResourceId;
use crate::model::intrinsic::{TEXT, UNKNOWN, is_function};
use crate::model::stack::{Model, OpaqueKey};
use crate::model::text::OpaqueId;
use crate::model::unknown::Why;

use super::special_value::{SENTINELS, Wrapped, wrapped};
use super::tree::{Hole, Names, Out, Raw};
use super::walk::{DEFAULTS, names_below, pascal};

/// What `pulumi preview --json` prints instead of a secret.
const MASKED: &str = "[secret]";

/// What the unknown outputs of one row depend on.
#[derive(Default)]
pub(super) struct RowFacts {
    pub resource: Option<ResourceId>,
    pub dependencies: FxHashMap<String, Vec<ResourceId>>,
}

pub(super) struct Emitter<'a> {
    doc: &'a Doc,
    model: &'a Model,
    rows: &'a [RowFacts],
    builder: DocBuilder,
    /// The sentinels that occur anywhere in the document: usually one or none.
    finders: Vec<Finder<'static>>,
    text: Rc<str>,
    masked: bool,
}

impl<'a> Emitter<'a> {
    pub fn new(doc: &'a Doc, model: &'a Model, rows: &'a [RowFacts], masked: bool) -> Self {
        let text = doc.shared_text();
        let finders =
            SENTINELS.iter().map(Finder::new).filter(|finder| finder.find(text.as_bytes()).is_some()).collect();
        Emitter { doc, model, rows, builder: DocBuilder::new(text.clone()), finders, text, masked }
    }

    pub fn finish(self) -> Doc {
        self.builder.finish(None)
    }

    pub fn emit(&mut self, out: &Out<'_>) -> NodeId {
        match out {
            Out::Raw(raw) => self.copy(raw.node, raw, false),
            Out::Text(span, text) => self.builder.string_decoded(*span, text),
            Out::Reference(span, urn) => {
                let urn = self.builder.string_decoded(*span, urn);
                self.call("Ref", *span, urn)
            }
            Out::Unknown(span, hole) => self.hole(*span, hole),
            Out::List(span, items) => {
                let items: Vec<NodeId> = items.iter().map(|item| self.emit(item)).collect();
                self.builder.array(*span, &items)
            }
            Out::Object(span, members) => {
                let mut pending: Vec<PendingMember> = Vec::with_capacity(members.len());
                for member in members {
                    let value = self.emit(&member.value);
                    pending.push(self.builder.name_decoded(member.name_span, &member.name, value));
                }
                if let [only] = members.as_slice()
                    && is_function(&only.name)
                {
                    // An input of this name is plain data: with a second name the object is no function.
                    let null = self.builder.null(*span);
                    pending.push(self.builder.name_decoded(*span, DEFAULTS, null));
                }
                self.builder.object(*span, &pending)
            }
        }
    }

    fn call(&mut self, function: &str, span: Span, argument: NodeId) -> NodeId {
        let member = self.builder.name_decoded(span, function, argument);
        self.builder.object(span, &[member])
    }

    fn opaque(&mut self, span: Span, id: Option<OpaqueId>) -> NodeId {
        match id {
            Some(id) => {
                let number = self.builder.number_decoded(span, &id.0.to_string());
                self.call(UNKNOWN, span, number)
            }
            None => self.builder.null(span),
        }
    }

    /// The number of the unknown output at a place of an input property. Two places are two values, but a property that
    /// is one output as a whole has the property's own key.
    fn unknown_output(&self, raw: &Raw<'_>, node: NodeId, part: usize, sure: bool, secret: bool) -> Option<OpaqueId> {
        let facts = self.rows.get(raw.row as usize)?;
        let resource = facts.resource?;
        let key = if node == raw.node && part == 0 {
            raw.property.to_owned()
        } else {
            format!("{}#{}.{part}", raw.property, node.0)
        };
        let why = || {
            let depends_on = facts.dependencies.get(raw.property).cloned().unwrap_or_default();
            let property = raw.property.to_owned();
            if secret {
                return (Why::Secret(property), false, depends_on);
            }
            // An output of a known resource is there; where nothing is known about it, it may be undefined.
            let maybe_absent = !sure && depends_on.is_empty();
            (Why::Preview(property), maybe_absent, depends_on)
        };
        self.model.opaque(OpaqueKey::Property(resource, key), why).opaque()
    }

    fn hole(&mut self, span: Span, hole: &Hole<'_>) -> NodeId {
        let id = self.rows.get(hole.row as usize).and_then(|facts| {
            let resource = facts.resource?;
            let key = OpaqueKey::Property(resource, format!("{} of its {}", hole.target, hole.property));
            let why = || (Why::Preview(hole.property.to_owned()), true, vec![resource]);
            self.model.opaque(key, why).opaque()
        });
        self.opaque(span, id)
    }

    /// Copies a raw value. The document is at most [`crate::doc::MAX_DEPTH`] deep, and so is this.
    fn copy(&mut self, node: NodeId, raw: &Raw<'_>, element: bool) -> NodeId {
        let doc = self.doc;
        let span = doc.span(node);
        match doc.shape(node) {
            Shape::Null => self.builder.null(span),
            Shape::Bool(value) => self.builder.bool(span, value),
            Shape::Number(text) => {
                if self.text.get(span.range()) == Some(text) {
                    self.builder.number(span)
                } else {
                    self.builder.number_decoded(span, text)
                }
            }
            Shape::String(text) => self.string(node, span, text, raw, element),
            Shape::Array(elements) => {
                let items: Vec<NodeId> = elements.iter().map(|&item| self.copy(item, raw, true)).collect();
                self.builder.array(span, &items)
            }
            Shape::Object => match wrapped(doc, node) {
                Some(Wrapped::Encrypted) => {
                    let id = self.unknown_output(raw, node, 0, true, true);
                    self.opaque(span, id)
                }
                Some(Wrapped::Unknown) => {
                    let id = self.unknown_output(raw, node, 0, element, false);
                    self.opaque(span, id)
                }
                Some(Wrapped::Plaintext(text)) => self.plaintext(span, text),
                Some(Wrapped::Value(value)) => self.copy(value, raw, element),
                None => self.object(node, span, raw),
            },
        }
    }

    /// The JSON text of a secret that was exported in plain text: a scalar as such, anything else as the JSON text.
    fn plaintext(&mut self, span: Span, text: &str) -> NodeId {
        let Ok(inner) = parse_json(text) else { return self.text(span, text) };
        let Some(root) = inner.root() else { return self.builder.null(span) };
        match inner.shape(root) {
            Shape::Null => self.builder.null(span),
            Shape::Bool(value) => self.builder.bool(span, value),
            Shape::Number(number) => self.builder.number_decoded(span, number),
            Shape::String(inner) => self.text(span, inner),
            Shape::Array(_) | Shape::Object => self.text(span, text),
        }
    }

    /// A text without functions in it.
    fn text(&mut self, span: Span, text: &str) -> NodeId {
        let string = self.builder.string_decoded(span, text);
        if text.contains("{{resolve:") { self.parts(span, &[string]) } else { string }
    }

    fn parts(&mut self, span: Span, parts: &[NodeId]) -> NodeId {
        let parts = self.builder.array(span, parts);
        self.call(TEXT, span, parts)
    }

    fn string(&mut self, node: NodeId, span: Span, text: &str, raw: &Raw<'_>, element: bool) -> NodeId {
        if self.masked && text == MASKED {
            let id = self.unknown_output(raw, node, 0, true, true);
            return self.opaque(span, id);
        }
        if !self.finders.is_empty() && text.len() >= 36 {
            if super::special_value::sentinel(text).is_some() {
                let id = self.unknown_output(raw, node, 0, element, false);
                return self.opaque(span, id);
            }
            if let Some(parts) = self.split(node, span, text, raw) {
                return self.parts(span, &parts);
            }
        }
        let string = match self.doc.content_start(node) {
            Some(start) => {
                let content = Span { start: start as u32, end: (start + text.len()) as u32 };
                self.builder.string(span, content)
            }
            None => self.builder.string_decoded(span, text),
        };
        if text.contains("{{resolve:") { self.parts(span, &[string]) } else { string }
    }

    /// A text with sentinels in it, as its pieces.
    fn split(&mut self, node: NodeId, span: Span, text: &str, raw: &Raw<'_>) -> Option<Vec<NodeId>> {
        let mut places: Vec<usize> = Vec::new();
        for finder in &self.finders {
            places.extend(finder.find_iter(text.as_bytes()));
        }
        if places.is_empty() {
            return None;
        }
        places.sort_unstable();
        let mut parts = Vec::with_capacity(places.len() * 2 + 1);
        let mut done = 0;
        for (index, &place) in places.iter().enumerate() {
            if place > done {
                parts.push(self.builder.string_decoded(span, &text[done..place]));
            }
            if let Some(id) = self.unknown_output(raw, node, index + 1, true, false) {
                parts.push(self.builder.number_decoded(span, &id.0.to_string()));
            }
            done = place + 36;
        }
        if done < text.len() {
            parts.push(self.builder.string_decoded(span, &text[done..]));
        }
        Some(parts)
    }

    fn object(&mut self, node: NodeId, span: Span, raw: &Raw<'_>) -> NodeId {
        let doc = self.doc;
        let mut kept = doc.entries(node).filter(|entry| entry.name != DEFAULTS);
        if let (Some(only), None) = (kept.next(), kept.next())
            && is_function(&if raw.names == Names::Pascal { pascal(only.name) } else { only.name.into() })
        {
            return self.as_text(node, span, &only, raw);
        }
        let mut members = Vec::with_capacity(doc.entry_count(node));
        for entry in doc.entries(node) {
            if entry.name == DEFAULTS {
                continue;
            }
            let names = match names_below(doc, entry.name, entry.value) {
                Names::Own => Names::Own,
                Names::Pascal => raw.names,
            };
            let inner = Raw { names, ..*raw };
            let value = self.copy(entry.value, &inner, false);
            let shown = if raw.names == Names::Pascal { pascal(entry.name) } else { entry.name.into() };
            members.push(if *shown == *entry.name {
                self.name(entry.name_span, entry.name, value)
            } else {
                self.builder.name_decoded(entry.name_span, &shown, value)
            });
        }
        self.builder.object(span, &members)
    }

    /// A name, where it can be as it stands in the text.
    fn name(&mut self, span: Span, name: &str, value: NodeId) -> PendingMember {
        let quoted = Span { start: span.start + 1, end: span.end.saturating_sub(1).max(span.start + 1) };
        if self.text.get(quoted.range()) == Some(name) {
            self.builder.name(span, quoted, value)
        } else if self.text.get(span.range()) == Some(name) {
            self.builder.name(span, span, value)
        } else {
            self.builder.name_decoded(span, name, value)
        }
    }

    /// An object of the user's that looks like a function: its JSON text, which readers of objects see through and in
    /// which nothing is a function.
    fn as_text(&mut self, node: NodeId, span: Span, only: &Entry<'_>, raw: &Raw<'_>) -> NodeId {
        let text = self.text.clone();
        let name = text.get(only.name_span.range()).filter(|name| name.starts_with('"'));
        let value = text.get(self.doc.span(only.value).range());
        match (name, value, wrapped(self.doc, only.value)) {
            (Some(name), Some(value), None) if text.trim_start().starts_with('{') => {
                let json = format!("{{{name}:{value}}}");
                match self.split(node, span, &json, raw) {
                    Some(parts) => self.parts(span, &parts),
                    None => self.text(span, &json),
                }
            }
            _ => {
                let id = self.unknown_output(raw, node, 0, true, false);
                self.opaque(span, id)
            }
        }
    }
}
