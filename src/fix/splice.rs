//! Edits as new text for a span of the file.

use serde_json::Value as Json;

use crate::doc::{Doc, NodeId, Shape, Span};

use super::Resolved;
use super::render::{element, json, quoted, scalar_text, yaml};

/// The span to replace and what with; `None` where the text around is of a kind that is not edited.
pub(super) fn splice(doc: &Doc, edit: &Resolved) -> Option<(Span, String)> {
    let text = doc.text();
    let is_json = text.trim_start().starts_with(['{', '[']);
    match edit {
        Resolved::Replace { node, value } => {
            let span = trimmed(text, doc.span(*node));
            let flow = is_json || in_flow(doc, *node);
            let indent = match value {
                Json::Object(_) | Json::Array(_) => line_indent(text, span.start),
                // Looked for only where it is used: the line may be the whole file.
                _ => String::new(),
            };
            Some((span, inline(value, flow, &indent)))
        }
        Resolved::Insert { object, name, value } => insert(doc, *object, name, value, is_json),
        Resolved::Append { list, value } => append(doc, *list, value, is_json),
        Resolved::Remove { node } => remove(doc, *node, is_json),
    }
}

/// A value in the place of another one.
fn inline(value: &Json, flow: bool, indent: &str) -> String {
    match value {
        Json::Object(_) | Json::Array(_) if flow => json(value, indent, "  "),
        Json::Object(_) | Json::Array(_) => yaml(value, indent),
        Json::String(text) if !flow => scalar_text(text),
        other => other.to_string(),
    }
}

fn insert(doc: &Doc, object: NodeId, name: &str, value: &Json, is_json: bool) -> Option<(Span, String)> {
    let text = doc.text();
    let span = trimmed(text, doc.span(object));
    if text[span.range()].starts_with('{') {
        let close = span.end.checked_sub(1)?;
        let Some(last) = doc.entries(object).next_back() else {
            return Some((span, format!("{{{}: {value}}}", quoted(name))));
        };
        let after = leaf_end(doc, last.value).max(last.name_span.end);
        let first = doc.entries(object).next()?;
        let one_line = !text[span.start as usize..first.name_span.start as usize].contains('\n');
        let at = Span { start: after.min(close), end: after.min(close) };
        let name = if is_json { quoted(name) } else { scalar_text(name) };
        return Some(if one_line {
            (at, format!(", {name}: {value}"))
        } else {
            let indent = line_indent(text, first.name_span.start);
            (at, format!(",\n{indent}{name}: {}", json(value, &indent, "  ")))
        });
    }
    let first = doc.entries(object).next()?;
    let last = doc.entries(object).next_back()?;
    let column = column_indent(text, first.name_span.start);
    let at = end_of_line(text, leaf_end(doc, last.value).max(last.name_span.end));
    Some((Span { start: at, end: at }, format!("\n{column}{}:{}", scalar_text(name), yaml(value, &column))))
}

fn append(doc: &Doc, list: NodeId, value: &Json, is_json: bool) -> Option<(Span, String)> {
    let text = doc.text();
    let span = trimmed(text, doc.span(list));
    let Shape::Array(elements) = doc.shape(list) else { return None };
    if is_json || text[span.range()].starts_with('[') {
        let &last = elements.last()?;
        let after = leaf_end(doc, last).min(span.end.checked_sub(1)?);
        let first = trimmed(text, doc.span(elements[0])).start;
        let one_line = !text[span.start as usize..first as usize].contains('\n');
        let at = Span { start: after, end: after };
        return Some(if one_line {
            (at, format!(", {value}"))
        } else {
            let indent = line_indent(text, first);
            (at, format!(",\n{indent}{}", json(value, &indent, "  ")))
        });
    }
    let &first = elements.first()?;
    let &last = elements.last()?;
    let dash = text[..doc.span(first).start as usize].rfind('-')? as u32;
    let column = column_indent(text, dash);
    let at = end_of_line(text, leaf_end(doc, last));
    Some((Span { start: at, end: at }, format!("\n{column}-{}", element(value, &column))))
}

fn remove(doc: &Doc, node: NodeId, is_json: bool) -> Option<(Span, String)> {
    let text = doc.text();
    let (parent, start) = parent_of(doc, node)?;
    let flow = is_json || matches!(text.as_bytes().get(doc.span(parent).start as usize), Some(b'{' | b'['));
    let end = leaf_end(doc, node);
    if !flow {
        let line = text[..start as usize].rfind('\n').map_or(0, |at| at + 1);
        let before = &text[line..start as usize];
        let next = end_of_line(text, end) as usize;
        if before.trim().is_empty() {
            // The whole lines, with the line break before or after them.
            let after = if next < text.len() { next + 1 } else { next };
            return Some((Span { start: line as u32, end: after as u32 }, String::new()));
        }
        if before.trim() == "-" {
            // The first name of a list element: the next one takes its place.
            let following = text[next..].find(|c: char| !c.is_whitespace()).map_or(next, |skip| next + skip);
            let only = doc.entry_count(parent) == 1;
            if matches!(doc.shape(parent), Shape::Object) && !only {
                return Some((Span { start, end: following as u32 }, String::new()));
            }
            let after = if next < text.len() { next + 1 } else { next };
            return Some((Span { start: line as u32, end: after as u32 }, String::new()));
        }
        return None;
    }
    // With the comma after it, else the one before it.
    let rest = &text[end as usize..];
    let blank = rest.len() - rest.trim_start().len();
    if rest[blank..].starts_with(',') {
        let tail = &rest[blank + 1..];
        let more = tail.len() - tail.trim_start().len();
        return Some((Span { start, end: end + (blank + 1 + more) as u32 }, String::new()));
    }
    let head = text[..start as usize].trim_end();
    let from = if head.ends_with(',') { head.len() - 1 } else { start as usize };
    Some((Span { start: from as u32, end }, String::new()))
}

/// The container of a node, and where the node begins with its name.
fn parent_of(doc: &Doc, node: NodeId) -> Option<(NodeId, u32)> {
    let mut at = doc.root()?;
    loop {
        let next = match doc.shape(at) {
            Shape::Array(elements) => {
                let &child = elements.iter().find(|&&element| element >= node)?;
                if child == node {
                    let start = trimmed(doc.text(), doc.span(child)).start;
                    let text = &doc.text()[..start as usize];
                    let block = !doc.text()[doc.span(at).range()].starts_with('[');
                    let start = if block { text.rfind('-').map_or(start, |dash| dash as u32) } else { start };
                    return Some((at, start));
                }
                child
            }
            Shape::Object => {
                let entry = doc.entries(at).find(|entry| entry.value >= node)?;
                if entry.value == node {
                    return Some((at, entry.name_span.start));
                }
                entry.value
            }
            _ => return None,
        };
        at = next;
    }
}

/// Where the text of a value ends: block containers end with their last leaf.
fn leaf_end(doc: &Doc, node: NodeId) -> u32 {
    let text = doc.text();
    let mut at = node;
    loop {
        let span = trimmed(text, doc.span(at));
        if text[span.range()].ends_with(['}', ']']) && text[span.range()].starts_with(['{', '[']) {
            return span.end;
        }
        let next = match doc.shape(at) {
            Shape::Array(elements) => elements.last().copied(),
            Shape::Object => doc.entries(at).next_back().map(|entry| entry.value),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => return span.end,
        }
    }
}

fn trimmed(text: &str, span: Span) -> Span {
    let slice = &text[span.range()];
    Span { start: span.start, end: span.start + slice.trim_end().len() as u32 }
}

fn in_flow(doc: &Doc, node: NodeId) -> bool {
    parent_of(doc, node).is_some_and(|(parent, _)| {
        matches!(doc.text().as_bytes().get(doc.span(parent).start as usize), Some(b'{' | b'['))
    })
}

fn end_of_line(text: &str, at: u32) -> u32 {
    let rest = &text[at as usize..];
    let line = rest.find('\n').unwrap_or(rest.len());
    at + rest[..line].trim_end_matches('\r').len() as u32
}

/// The blanks at the start of the line that a position is in.
fn line_indent(text: &str, at: u32) -> String {
    let line = text[..at as usize].rfind('\n').map_or(0, |newline| newline + 1);
    text[line..].chars().take_while(|&c| c == ' ' || c == '\t').collect()
}

/// Blanks up to the column of a position, whatever stands before it (`- `).
fn column_indent(text: &str, at: u32) -> String {
    let line = text[..at as usize].rfind('\n').map_or(0, |newline| newline + 1);
    text[line..at as usize].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect()
}
