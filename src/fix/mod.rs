//! Fixes: edits in canonical shape → edits on what the user wrote. Templates are edited on spans, so that comments and
//! layout survive.

mod known;
mod render;
mod splice;

pub use render::to_json;
use serde_json::Value as Json;

use crate::doc::{Doc, NodeId, Shape};
use crate::frontend::pulumi::{in_own_inputs, input_pointer, is_in_document, is_written_as_is};
use crate::model::Place;
use crate::model::source::{NodeRef, Origin, Source};
use crate::model::stack::{Deployer, Model};
use crate::report::{EditOp, EditReport, EditTarget, FixReport, Locator};
use crate::rules::{Edit, Fix, FixKind, Op};

/// A fix as the report carries it: with all its edits, or with none where one of them has no place in what the user wrote.
pub fn report(model: &Model, locator: &Locator<'_>, fix: &Fix) -> FixReport {
    let edits: Option<Vec<EditReport>> =
        fix.edits.iter().flat_map(|edit| apart(model, edit)).map(|edit| one(model, locator, &edit)).collect();
    let edits = edits.unwrap_or_default();
    // What no machine can do is a suggestion.
    let kind = if edits.is_empty() { FixKind::Suggested } else { fix.kind };
    FixReport { kind, text: crate::report::mask(&model.name_symbols(&fix.text)), edits }
}

/// What is appended to a list with elements goes in one by one, so that the others stay as they are written.
fn apart(model: &Model, edit: &Edit) -> Vec<Edit> {
    let shape = model.source(edit.at.node.source).shape(edit.at.node.node);
    match (&edit.op, shape) {
        (Op::Append(values), Shape::Array(elements)) if edit.at.missing.is_none() && !elements.is_empty() => {
            values.iter().map(|value| Edit { op: Op::Append(vec![value.clone()]), ..edit.clone() }).collect()
        }
        _ => vec![edit.clone()],
    }
}

fn one(model: &Model, locator: &Locator<'_>, edit: &Edit) -> Option<EditReport> {
    let resource = model.resource(edit.resource);
    let source = model.source(edit.at.node.source);
    let (file, _) = locator.file(edit.at.node.source);
    let mut target = EditTarget { file: Some(file.to_owned()), resource: resource.id.clone() };
    let resolved = resolve(source, edit);
    let base = locator.pointer(Some(edit.resource), Place { node: resolved.node(edit), missing: None });
    let (op, pointer, value) = match &resolved {
        Resolved::Replace { value, .. } => (EditOp::Replace, base, Some(value.clone())),
        Resolved::Insert { name, value, .. } => (EditOp::Add, format!("{base}/{name}"), Some(value.clone())),
        Resolved::Append { value, .. } => (EditOp::Add, format!("{base}/-"), Some(value.clone())),
        Resolved::Remove { .. } => (EditOp::Remove, base, None),
    };
    if resource.deployer != Deployer::CloudFormation {
        // The user wrote a program, not this document: the edit is a patch of the resource's inputs.
        target.file = None;
        let (op, pointer, value) = match (&source.origin, &edit.op) {
            // A policy's text has the same names everywhere.
            (Origin::Embedded { .. }, _) if in_own_inputs(model, edit.resource, edit.at.node) => (op, pointer, value),
            // So has a plain value that stands there as it was written, and what aws-native takes as it is.
            (_, Op::Replace(_) | Op::Remove)
                if edit.at.missing.is_none() && is_written_as_is(model, edit.resource, edit.at.node) =>
            {
                (op, pointer, value)
            }
            (_, Op::Replace(_) | Op::Append(_) | Op::Remove) if is_in_document(model, edit.resource, edit.at.node) => {
                (op, pointer, value)
            }
            (_, Op::Set { path, value }) if resource.properties == Some(edit.at.node) && edit.at.missing.is_none() => {
                (EditOp::Add, input_pointer(&resource.source_type, path)?, Some(value.clone()))
            }
            _ => return None,
        };
        let value = match value {
            Some(value) => Some(known::known(model, edit.resource, &value)?),
            None => None,
        };
        return Some(EditReport { target, pointer, op, value, span: None, new_text: None });
    }
    let spliced = match source.origin {
        Origin::File { .. } => splice::splice(&source.doc, &resolved),
        Origin::Derived { from } => {
            let written = model.source(from);
            twin(&source.doc, &written.doc, edit.at.node.node).and_then(|node| {
                let at = Place { node: NodeRef { source: from, node }, missing: edit.at.missing };
                let edit = Edit { resource: edit.resource, at, op: edit.op.clone() };
                splice::splice(&written.doc, &resolve(written, &edit))
            })
        }
        Origin::Embedded { .. } => None,
    };
    let (span, new_text) = spliced.map(|(span, text)| ([span.start, span.end], text)).unzip();
    Some(EditReport { target, pointer, op, value, span, new_text })
}

/// Where a value of a template stands before its loops are expanded; `None` for what a loop makes, which has no text of its
/// own.
fn twin(made: &Doc, written: &Doc, node: NodeId) -> Option<NodeId> {
    let (from, to) = (made.root()?, written.root()?);
    let mut at = to;
    for step in made.pointer(from, node).split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        at = match written.shape(at) {
            Shape::Array(elements) => *elements.get(name.parse::<usize>().ok()?)?,
            _ => written.get(at, &name)?,
        };
    }
    (written.span(at) == made.span(node)).then_some(at)
}

/// An edit on nodes that are there.
enum Resolved {
    Replace {
        node: NodeId,
        value: Json,
    },
    /// A new member of an object.
    Insert {
        object: NodeId,
        name: String,
        value: Json,
    },
    /// A new element of a list.
    Append {
        list: NodeId,
        value: Json,
    },
    Remove {
        node: NodeId,
    },
}

impl Resolved {
    fn node(&self, edit: &Edit) -> NodeRef {
        let node = match self {
            Resolved::Replace { node, .. } | Resolved::Remove { node } => *node,
            Resolved::Insert { object, .. } => *object,
            Resolved::Append { list, .. } => *list,
        };
        NodeRef { source: edit.at.node.source, node }
    }
}

fn resolve(source: &Source, edit: &Edit) -> Resolved {
    let node = edit.at.node.node;
    match &edit.op {
        Op::Replace(value) => match edit.at.missing {
            Some(name) => Resolved::Insert { object: node, name: name.to_owned(), value: value.clone() },
            None => Resolved::Replace { node, value: value.clone() },
        },
        Op::Remove => Resolved::Remove { node },
        Op::Append(values) => match (edit.at.missing, source.shape(node), values.as_slice()) {
            (Some(name), _, _) => {
                Resolved::Insert { object: node, name: name.to_owned(), value: Json::Array(values.clone()) }
            }
            (None, Shape::Array(elements), [value]) if !elements.is_empty() => {
                Resolved::Append { list: node, value: value.clone() }
            }
            _ => {
                let mut all = match render::to_json(&source.doc, node) {
                    Json::Array(old) => old,
                    old => vec![old],
                };
                all.extend(values.iter().cloned());
                Resolved::Replace { node, value: Json::Array(all) }
            }
        },
        Op::Set { path, value } => {
            let mut names: Vec<&str> = edit.at.missing.into_iter().chain(path.split('.')).collect();
            let mut at = node;
            while let Some((&name, rest)) = names.split_first() {
                match source.doc.get(at, name) {
                    Some(child) if rest.is_empty() => return Resolved::Replace { node: child, value: value.clone() },
                    Some(child) if matches!(source.shape(child), Shape::Object) => {
                        at = child;
                        names = rest.to_vec();
                    }
                    Some(child) => return Resolved::Replace { node: child, value: nest(rest, value) },
                    None => return Resolved::Insert { object: at, name: name.to_owned(), value: nest(rest, value) },
                }
            }
            Resolved::Replace { node: at, value: value.clone() }
        }
    }
}

fn nest(names: &[&str], value: &Json) -> Json {
    names.iter().rev().fold(value.clone(), |inner, name| serde_json::json!({ *name: inner }))
}
