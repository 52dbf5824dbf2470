//! A resource's inputs → its canonical properties, by the rows of its type.

use std::borrow::Cow;

use crate::doc::{Doc, NodeId, Shape, Span};

use super::shape::{As, PropertyRow, TypeRow};
use super::special_value::{is_secret, sentinel};
use super::tree::{Member, Names, Out, Raw, Spot, insert};

/// Names that the provider adds to what the user wrote.
pub(super) const DEFAULTS: &str = "__defaults";

/// Inputs under which the names are the user's own: policy documents, maps of variables, patterns.
/// (Compared without regard to case; the last name of a path.)
const FREE: &[&str] = &[
    "accesspolicy",
    "assumerolepolicydocument",
    "body",
    "content",
    "dataprotectionpolicy",
    "definition",
    "definitionstring",
    "definitionsubstitutions",
    "dimensions",
    "dockerlabels",
    "eventpattern",
    "filterpolicy",
    "inputparameters",
    "inputpaths",
    "inputpathsmap",
    "keypolicy",
    "labels",
    "parameters",
    "policy",
    "policydocument",
    "policytext",
    "redriveallowpolicy",
    "redrivepolicy",
    "requestparameters",
    "resourcepolicy",
    "responseparameters",
    "stagevariables",
    "statement",
    "tags",
    "tagsall",
    "variables",
];

pub(super) fn is_free(name: &str) -> bool {
    let mut lower = [0u8; 32];
    let Some(slot) = lower.get_mut(..name.len()) else { return false };
    slot.copy_from_slice(name.as_bytes());
    slot.make_ascii_lowercase();
    FREE.binary_search_by(|free| free.as_bytes().cmp(slot)).is_ok()
}

/// How the names below an input go. Where tags or dimensions are a list of pairs, as aws-native has them, they are no map.
pub(super) fn names_below(doc: &Doc, name: &str, value: NodeId) -> Names {
    let pairs = matches!(name, "tags" | "dimensions") && matches!(doc.shape(value), Shape::Array(_));
    if is_free(name) && !pairs { Names::Own } else { Names::Pascal }
}

/// `kmsKeyId` → `KmsKeyId`.
pub(super) fn pascal(name: &str) -> Cow<'_, str> {
    match name.as_bytes().first() {
        Some(first) if first.is_ascii_lowercase() => {
            let mut shown = String::with_capacity(name.len());
            shown.push(first.to_ascii_uppercase() as char);
            shown.push_str(&name[1..]);
            Cow::Owned(shown)
        }
        _ => Cow::Borrowed(name),
    }
}

pub(super) struct Inputs<'d> {
    pub doc: &'d Doc,
    pub node: NodeId,
    pub row: u32,
    /// Names in CloudFormation's form but for the first letter.
    pub native: bool,
    /// A property that the provider named by itself, left out since the user did not write it.
    pub without: Option<&'static str>,
}

/// The canonical properties of a resource whose type is in the table.
pub(super) fn canonical<'d>(inputs: &Inputs<'d>, kind: &'static TypeRow) -> Out<'d> {
    let doc = inputs.doc;
    let span = doc.span(inputs.node);
    let mut walk = Walk {
        doc,
        row: inputs.row,
        tags_all: doc.get(inputs.node, "tagsAll"),
        out: Out::object(span),
        property: "",
        indices: Vec::new(),
        spans: Vec::new(),
    };
    let mut tags = false;
    for entry in doc.entries(inputs.node) {
        if matches!(entry.name, DEFAULTS | "tagsAll") || (entry.name == "region" && !inputs.native) {
            continue;
        }
        if inputs.without == Some(entry.name) || matches!(doc.shape(entry.value), Shape::Null) {
            continue;
        }
        walk.property = entry.name;
        tags |= entry.name == "tags";
        let rows = under(kind.properties, 0, entry.name);
        if rows.is_empty() {
            let names = if inputs.native { names_below(doc, entry.name, entry.value) } else { Names::Own };
            let value = walk.raw(entry.value, names);
            let name = if inputs.native { pascal(entry.name) } else { Cow::Borrowed(entry.name) };
            if let Out::Object(_, members) = &mut walk.out {
                members.push(Member { name, name_span: entry.name_span, value });
            }
        } else {
            walk.visit(entry.value, rows, entry.name.len(), entry.name_span, "");
        }
    }
    if !tags
        && let Some(all) = walk.tags_all
        && let [row, ..] = under(kind.properties, 0, "tags")
        && (doc.entries(all).any(|entry| entry.name != DEFAULTS) || !matches!(doc.shape(all), Shape::Object))
    {
        // Only default tags of the provider.
        walk.property = "tagsAll";
        walk.leaf(all, row, doc.span(all));
    }
    walk.out
}

/// The properties of a resource of another type: as they are.
pub(super) fn verbatim<'d>(inputs: &Inputs<'d>) -> Out<'d> {
    let doc = inputs.doc;
    let members = doc
        .entries(inputs.node)
        .filter(|entry| entry.name != DEFAULTS && !matches!(doc.shape(entry.value), Shape::Null))
        .map(|entry| {
            let names = if inputs.native { names_below(doc, entry.name, entry.value) } else { Names::Own };
            let name = if inputs.native { pascal(entry.name) } else { Cow::Borrowed(entry.name) };
            let raw = Raw { node: entry.value, row: inputs.row, property: entry.name, names };
            Member { name, name_span: entry.name_span, value: Out::Raw(raw) }
        })
        .collect();
    Out::Object(doc.span(inputs.node), members)
}

/// The rows whose path has `name` after the first `offset` bytes. They stand together.
fn under(rows: &'static [PropertyRow], offset: usize, name: &str) -> &'static [PropertyRow] {
    let matches = |row: &PropertyRow| {
        row.0
            .get(offset..)
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    match rows.iter().position(matches) {
        Some(start) => {
            let length = rows[start..].iter().take_while(|row| matches(row)).count();
            &rows[start..start + length]
        }
        None => &[],
    }
}

/// The canonical container that all rows share, without their last names.
fn container(rows: &'static [PropertyRow]) -> &'static str {
    let parent = |path: &'static str| path.rfind('.').map_or("", |dot| &path[..dot]);
    let mut shared = rows.first().map_or("", |row| parent(row.1));
    for row in rows.iter().skip(1) {
        while !shared.is_empty() && !row.1.strip_prefix(shared).is_some_and(|rest| rest.starts_with('.')) {
            shared = parent(shared);
        }
    }
    shared
}

/// The canonical container of the object at the first `offset` bytes of the rows' raw paths: raw and canonical paths are
/// aligned at their ends. Where the rows disagree, the one that they share.
fn container_at(rows: &'static [PropertyRow], offset: usize) -> &'static str {
    let of = |row: &'static PropertyRow| {
        let below = row.0[offset..].matches('.').count();
        row.1.rmatch_indices('.').nth(below.checked_sub(1)?).map(|(dot, _)| &row.1[..dot])
    };
    match rows.first().and_then(of) {
        Some(first) if rows.iter().all(|row| of(row) == Some(first)) => first,
        _ => container(rows),
    }
}

struct Walk<'d> {
    doc: &'d Doc,
    row: u32,
    tags_all: Option<NodeId>,
    out: Out<'d>,
    property: &'d str,
    indices: Vec<usize>,
    spans: Vec<Span>,
}

impl<'d> Walk<'d> {
    fn raw(&self, node: NodeId, names: Names) -> Out<'d> {
        Out::Raw(Raw { node, row: self.row, property: self.property, names })
    }

    /// Visits a value whose raw path is the first `offset` bytes of the path of each of the rows. Recursion ends with the
    /// paths of the table, however deep the document is.
    fn visit(
        &mut self,
        node: NodeId,
        rows: &'static [PropertyRow],
        offset: usize,
        name_span: Span,
        outer: &'static str,
    ) {
        let Some(first) = rows.first() else { return };
        if first.0.len() == offset {
            for row in rows.iter().take_while(|row| row.0.len() == offset) {
                self.leaf(node, row, name_span);
            }
            return;
        }
        let list = first.0[offset..].starts_with("[]");
        let inner = container(rows);
        match self.doc.shape(node) {
            Shape::Null => {}
            Shape::Array([]) => {
                if let (true, Some(path)) = (list, inner.strip_suffix("[]"))
                    && inner.len() > outer.len()
                {
                    self.put(path, Out::List(self.doc.span(node), Vec::new()), node, name_span);
                }
            }
            Shape::Array(elements) if list => {
                self.spans.push(self.doc.span(node));
                for (index, &element) in elements.iter().enumerate() {
                    self.indices.push(index);
                    self.visit(element, rows, offset + 2, name_span, outer);
                    self.indices.pop();
                }
                self.spans.pop();
            }
            // A list of one where the table knows an object: older provider versions.
            Shape::Array(elements) => self.visit(elements[0], rows, offset, name_span, outer),
            Shape::Object if !is_secret(self.doc, node) => {
                if list {
                    self.indices.push(0);
                    self.visit(node, rows, offset + 2, name_span, outer);
                    self.indices.pop();
                } else {
                    self.object(node, rows, offset, name_span, inner, outer);
                }
            }
            _ => {
                let raw = self.raw(node, Names::Own);
                let path = if list { inner.strip_suffix("[]").unwrap_or(inner) } else { inner };
                if path.len() > outer.len() {
                    self.put(path, raw, node, name_span);
                } else {
                    for row in rows {
                        // What stands below lists that are not known either cannot be placed.
                        if row.1.matches("[]").count() <= self.indices.len() {
                            self.put(row.1, raw.clone(), node, name_span);
                        }
                    }
                }
            }
        }
    }

    fn object(
        &mut self,
        node: NodeId,
        rows: &'static [PropertyRow],
        offset: usize,
        name_span: Span,
        inner: &'static str,
        outer: &'static str,
    ) {
        let mut empty = true;
        self.spans.push(self.doc.span(node));
        for entry in self.doc.entries(node) {
            if entry.name == DEFAULTS || matches!(self.doc.shape(entry.value), Shape::Null) {
                continue;
            }
            empty = false;
            let below = under(rows, offset + 1, entry.name);
            if below.is_empty() {
                let names = names_below(self.doc, entry.name, entry.value);
                let raw = self.raw(entry.value, names);
                let path = match container_at(rows, offset) {
                    "" => format!("{}.{}", pascal(self.property), pascal(entry.name)),
                    own => format!("{own}.{}", pascal(entry.name)),
                };
                // A dot or bracket in a name would be read as a path.
                if !entry.name.contains(['.', '[']) {
                    self.put(&path, raw, entry.value, entry.name_span);
                }
            } else {
                self.visit(entry.value, below, offset + 1 + entry.name.len(), entry.name_span, inner);
            }
        }
        self.spans.pop();
        if empty && inner.len() > outer.len() {
            self.put(inner, Out::object(self.doc.span(node)), node, name_span);
        }
    }

    fn put(&mut self, path: &str, value: Out<'d>, node: NodeId, name_span: Span) {
        let spot = Spot { path, indices: &self.indices, spans: &self.spans, name_span };
        insert(&mut self.out, &spot, value, self.doc.span(node));
    }

    fn leaf(&mut self, node: NodeId, row: &'static PropertyRow, name_span: Span) {
        let PropertyRow(from, path, how) = row;
        let span = self.doc.span(node);
        let switch = |on: &'static str, off: &'static str| match self.doc.shape(node) {
            Shape::Bool(value) => Some(Out::Text(span, Cow::Borrowed(if value { on } else { off }))),
            _ => None,
        };
        let changed = match how {
            As::Same => {
                let last = from.rsplit('.').next().unwrap_or(from).trim_end_matches("[]");
                let names = names_below(self.doc, last, node);
                Some(self.raw(node, names))
            }
            As::Map => None,
            As::Tags => self.pairs(node, "Key", self.property == "tags"),
            As::Dimensions => self.pairs(node, "Name", false),
            As::EnabledSuspended => switch("Enabled", "Suspended"),
            As::EnabledDisabled => switch("Enabled", "Disabled"),
            As::State => switch("ENABLED", "DISABLED"),
            As::Scheme => switch("internal", "internet-facing"),
            As::Acl => match self.doc.shape(node) {
                Shape::String(text) if sentinel(text).is_none() => {
                    let words = text.split('-').map(pascal).collect::<Vec<_>>().concat();
                    Some(Out::Text(span, Cow::Owned(words)))
                }
                _ => None,
            },
            As::Attribute(key) => {
                let value = self.raw(node, Names::Own);
                self.attribute(path, key, value, span, name_span);
                return;
            }
        };
        let value = changed.unwrap_or_else(|| self.raw(node, Names::Own));
        self.put(path, value, node, name_span);
    }

    fn attribute(&mut self, path: &str, key: &'static str, value: Out<'d>, span: Span, name_span: Span) {
        let name = path.trim_end_matches("[]");
        let mut element = Out::object(span);
        element.set("Key", name_span, Out::Text(name_span, Cow::Borrowed(key)));
        element.set("Value", name_span, value);
        match self.out.get_mut(name) {
            Some(Out::List(_, items)) => items.push(element),
            _ => self.out.set(name.to_owned(), name_span, Out::List(span, vec![element])),
        }
    }

    /// A map as a list of pairs. Tags of the resource come with the default tags of its provider, which the provider has
    /// put into `tagsAll`; the user's own spelling of a tag is the one that is shown.
    fn pairs(&self, node: NodeId, name: &'static str, tags: bool) -> Option<Out<'d>> {
        let doc = self.doc;
        if !matches!(doc.shape(node), Shape::Object) || is_secret(doc, node) {
            return None;
        }
        let mut items = Vec::new();
        let mut add = |entry: crate::doc::Entry<'d>, property: &'d str| {
            let span = Span { start: entry.name_span.start, end: doc.span(entry.value).end.max(entry.name_span.end) };
            let raw = Raw { node: entry.value, row: self.row, property, names: Names::Own };
            let mut pair = Out::object(span);
            pair.set(name, entry.name_span, Out::Text(entry.name_span, Cow::Borrowed(entry.name)));
            pair.set("Value", entry.name_span, Out::Raw(raw));
            items.push(pair);
        };
        for entry in doc.entries(node).filter(|entry| entry.name != DEFAULTS) {
            add(entry, self.property);
        }
        let all = self.tags_all.filter(|_| tags);
        if let Some(all) = all {
            if !matches!(doc.shape(all), Shape::Object) || is_secret(doc, all) {
                return Some(Out::Raw(Raw { node: all, row: self.row, property: "tagsAll", names: Names::Own }));
            }
            for entry in doc.entries(all) {
                // AWS allows 50 tags: the look-up is short.
                if entry.name != DEFAULTS && doc.get(node, entry.name).is_none() {
                    add(entry, "tagsAll");
                }
            }
        }
        Some(Out::List(doc.span(node), items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_names_are_sorted_and_short() {
        assert!(FREE.is_sorted());
        assert!(FREE.iter().all(|name| name.len() <= 32));
        assert!(is_free("policyDocument") && is_free("keyPolicy") && !is_free("kmsKeyId"));
    }
}
