//! Canonical values → the place in what the user wrote.

use crate::doc::{Doc, NodeId, Shape, Span};
use crate::model::ResourceId;
use crate::model::source::NodeRef;
use crate::model::stack::Model;

/// The JSON Pointer, within the inputs of the resource (or of the resource that is joined to it and holds the place), of
/// the innermost value that a canonical value was made from: `/policy`, `/rules/0/applyServerSideEncryptionByDefault`.
/// Empty for the inputs as a whole and for places outside of them.
pub fn written_pointer(model: &Model, resource: ResourceId, at: NodeRef) -> String {
    let (source, node) = model.file_of(at);
    let span = model.source(source).span(node);
    let mut holders = vec![resource];
    let joined = |id: &ResourceId| model.resource(*id).joined_to == Some(resource);
    holders.extend(model.stack(model.resource(resource).stack).resources.iter().copied().filter(joined));
    for holder in holders {
        let Some(inputs) = model.resource(holder).written_properties else { continue };
        let doc = &model.source(inputs.source).doc;
        if holds(doc.span(inputs.node), span) {
            return pointer(doc, inputs.node, span);
        }
    }
    String::new()
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn pointer(doc: &Doc, from: NodeId, span: Span) -> String {
    let mut pointer = String::new();
    let mut at = from;
    // Ends with the depth of the document.
    while doc.span(at) != span {
        let next = match doc.shape(at) {
            Shape::Array(elements) => elements
                .iter()
                .position(|&element| holds(doc.span(element), span))
                .map(|index| (index.to_string(), elements[index])),
            Shape::Object => doc
                .entries(at)
                .find(|entry| {
                    // From the name to the end of the value: a pair of a map has the span of both.
                    let whole = Span { start: entry.name_span.start, end: doc.span(entry.value).end };
                    holds(whole, span)
                })
                .map(|entry| (entry.name.replace('~', "~0").replace('/', "~1"), entry.value)),
            _ => None,
        };
        let Some((name, node)) = next else { break };
        pointer.push('/');
        pointer.push_str(&name);
        at = node;
    }
    pointer
}
