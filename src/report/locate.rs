//! Places of the model → pointers and positions in what the user wrote.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use crate::doc::{LineIndex, Shape, Span};
use crate::model::source::{NodeRef, Origin, SourceId};
use crate::model::stack::{Deployer, Model};
use crate::model::{Place, ResourceId};

use super::json::Location;

/// Finds positions; line indices are made once per file.
pub struct Locator<'m> {
    model: &'m Model,
    lines: FxHashMap<SourceId, OnceCell<LineIndex>>,
}

impl<'m> Locator<'m> {
    pub fn new(model: &'m Model) -> Self {
        let lines = (0..model.source_count() as u32).map(|id| (SourceId(id), OnceCell::new())).collect();
        Locator { model, lines }
    }

    /// The file of a source, following derived documents.
    pub fn file(&self, source: SourceId) -> (&'m str, SourceId) {
        let mut id = source;
        loop {
            match &self.model.source(id).origin {
                Origin::File { path } => return (path, id),
                Origin::Derived { from } => id = *from,
                Origin::Embedded { parent } => id = parent.source,
            }
        }
    }

    pub fn location(&self, file_source: SourceId, span: Span) -> Location {
        let (path, id) = self.file(file_source);
        let text = self.model.source(id).doc.text();
        let make = || LineIndex::new(text);
        let own;
        let index = match self.lines.get(&id) {
            Some(cell) => cell.get_or_init(make),
            None => {
                own = make();
                &own
            }
        };
        let start = index.position(text, span.start as usize);
        let end = index.position(text, trimmed_end(text, span));
        Location {
            file: path.to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            span: [span.start, span.end],
        }
    }

    /// Where a place of a resource stands: the value, or for a missing one the name of the resource.
    pub fn place(&self, resource: Option<ResourceId>, place: Place, within: Option<(usize, usize)>) -> Location {
        if place.missing.is_some()
            && let Some(data) = resource.map(|id| self.model.resource(id))
            && (Some(place.node) == data.properties || place.node == data.anchor)
            && let Some(span) = data.name_span
        {
            return self.location(data.anchor.source, span);
        }
        let (source, span) = self.span(place.node, within);
        self.location(source, span)
    }

    /// The span of a value in its file; a part of it where `within` says so and the text has no escapes before it.
    pub fn span(&self, node: NodeRef, within: Option<(usize, usize)>) -> (SourceId, Span) {
        let source = self.model.source(node.source);
        let own = match within.zip(source.doc.content_start(node.node)) {
            Some(((offset, length), start)) => {
                let limit = source.span(node.node).end;
                let start = (start + offset).min(limit as usize) as u32;
                Span { start, end: (start + length.max(1) as u32).min(limit) }
            }
            None => source.span(node.node),
        };
        match &source.origin {
            Origin::Embedded { parent } => self.embedded(*parent, own),
            _ => (node.source, own),
        }
    }

    /// A span inside the content of a string → the span in the text that holds the string.
    fn embedded(&self, parent: NodeRef, span: Span) -> (SourceId, Span) {
        let source = self.model.source(parent.source);
        let whole = source.span(parent.node);
        let inner = match source.doc.content_start(parent.node) {
            Some(start) => Span { start: start as u32 + span.start, end: start as u32 + span.end },
            None => unescape_span(source.doc.text(), whole, span).unwrap_or(whole),
        };
        let inner = if inner.end <= whole.end { inner } else { whole };
        match &source.origin {
            Origin::Embedded { parent } => self.embedded(*parent, inner),
            _ => (parent.source, inner),
        }
    }

    /// JSON Pointer from the resource to the value, as the user wrote it.
    pub fn pointer(&self, resource: Option<ResourceId>, place: Place) -> String {
        let mut tail = String::new();
        let mut node = place.node;
        loop {
            let source = self.model.source(node.source);
            match &source.origin {
                Origin::Embedded { parent } => {
                    if let Some(root) = source.doc.root() {
                        tail.insert_str(0, &source.doc.pointer(root, node.node));
                    }
                    node = *parent;
                }
                _ => break,
            }
        }
        let source = self.model.source(node.source);
        let mut pointer = match resource.map(|id| self.model.resource(id)) {
            Some(data) if data.anchor.source == node.source => source.doc.pointer(data.anchor.node, node.node),
            Some(_) => resource.map_or_else(String::new, |id| crate::frontend::written_pointer(self.model, id, node)),
            None => source.doc.root().map_or_else(String::new, |root| source.doc.pointer(root, node.node)),
        };
        pointer.push_str(&tail);
        if let Some(missing) = place.missing {
            match resource.filter(|&id| self.model.resource(id).deployer != Deployer::CloudFormation) {
                // A member of a JSON text has its own name.
                Some(id) if tail.is_empty() && node == place.node => {
                    pointer.push('/');
                    pointer.push_str(&crate::frontend::written_name(self.model, id, node, missing));
                }
                pulumi => {
                    if pointer.is_empty() && missing != "Properties" && resource.is_some() && pulumi.is_none() {
                        pointer.push_str("/Properties");
                    }
                    pointer.push('/');
                    pointer.push_str(missing);
                }
            }
        }
        pointer
    }

    pub fn shape(&self, node: NodeRef) -> Shape<'m> {
        self.model.source(node.source).shape(node.node)
    }
}

/// YAML spans reach to the next token: leave trailing blanks out.
fn trimmed_end(text: &str, span: Span) -> usize {
    let slice = text.get(span.range()).unwrap_or_default();
    span.start as usize + slice.trim_end().len()
}

/// Decoded offsets → offsets in a JSON string literal with escapes; `None` for other notations.
fn unescape_span(text: &str, whole: Span, span: Span) -> Option<Span> {
    let literal = text.get(whole.range())?;
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut decoded = 0u32;
    let mut raw = 0usize;
    let (mut start, mut end) = (None, None);
    let bytes = inner.as_bytes();
    while raw <= bytes.len() {
        if decoded >= span.start && start.is_none() {
            start = Some(raw);
        }
        if decoded >= span.end && end.is_none() {
            end = Some(raw);
            break;
        }
        let Some(&byte) = bytes.get(raw) else { break };
        if byte == b'\\' {
            match bytes.get(raw + 1) {
                Some(b'u') => {
                    let code = u32::from_str_radix(inner.get(raw + 2..raw + 6)?, 16).ok()?;
                    if (0xD800..0xDC00).contains(&code) {
                        decoded += 4;
                        raw += 12;
                    } else {
                        decoded += char::from_u32(code)?.len_utf8() as u32;
                        raw += 6;
                    }
                }
                _ => {
                    decoded += 1;
                    raw += 2;
                }
            }
        } else {
            decoded += 1;
            raw += 1;
        }
    }
    let base = whole.start + 1;
    Some(Span { start: base + start? as u32, end: base + end.unwrap_or(inner.len()) as u32 })
}
