//! Canonical values → the place in what the user wrote.

use crate::doc::{Doc, NodeId, Shape, Span};
use crate::model::ResourceId;
use crate::model::source::{NodeRef, Origin};
use crate::model::stack::Model;

use super::shape::As;
use super::walk::is_free;

/// The JSON Pointer, within the inputs of the resource (or of the resource that is joined to it and holds the place), of
/// the innermost value that a canonical value was made from: `/policy`, `/rules/0/applyServerSideEncryptionByDefault`.
/// Empty for the inputs as a whole and for places outside of them.
pub fn written_pointer(model: &Model, resource: ResourceId, at: NodeRef) -> String {
    let (source, node) = model.file_of(at);
    let span = model.source(source).span(node);
    let within = |holder: ResourceId| {
        let inputs = model.resource(holder).written_properties?;
        let doc = &model.source(inputs.source).doc;
        holds(doc.span(inputs.node), span).then(|| pointer(doc, inputs.node, span))
    };
    within(resource).or_else(|| model.joined(resource).iter().find_map(|&id| within(id))).unwrap_or_default()
}

/// Whether a value stands among the inputs of the resource itself, not of one that is joined to it.
pub fn in_own_inputs(model: &Model, resource: ResourceId, at: NodeRef) -> bool {
    let (source, node) = model.file_of(at);
    model.resource(resource).written_properties.is_some_and(|inputs| {
        let doc = &model.source(inputs.source).doc;
        let from = match model.source(source).origin {
            Origin::Derived { from } => from,
            _ => source,
        };
        inputs.source == from && holds(doc.span(inputs.node), model.source(source).span(node))
    })
}

/// Whether a canonical value is a plain one that stands among the resource's own inputs with the same text.
pub fn is_written_as_is(model: &Model, resource: ResourceId, at: NodeRef) -> bool {
    let canonical = model.source(at.source).doc.shape(at.node);
    written(model, resource, at).is_some_and(|(doc, node)| match (doc.shape(node), canonical) {
        (Shape::String(one), Shape::String(other)) | (Shape::Number(one), Shape::Number(other)) => one == other,
        (Shape::Bool(one), Shape::Bool(other)) => one == other,
        _ => false,
    })
}

/// Whether a value stands in a policy or another document that a resource's own inputs hold as it is, below a name of its own.
pub fn is_in_document(model: &Model, resource: ResourceId, at: NodeRef) -> bool {
    let Some(inputs) = model.resource(resource).written_properties else { return false };
    written(model, resource, at).is_some_and(|(doc, node)| {
        let pointer = doc.pointer(inputs.node, node);
        let mut names = pointer.split('/').skip(1);
        let is_document = |name: &str| is_free(name) && !matches!(name, "tags" | "tagsAll" | "dimensions" | "labels");
        names.next().is_some_and(is_document) && names.next().is_some()
    })
}

/// The value among the resource's own inputs that a canonical one was made from.
fn written(model: &Model, resource: ResourceId, at: NodeRef) -> Option<(&Doc, NodeId)> {
    let inputs = model.resource(resource).written_properties.filter(|_| in_own_inputs(model, resource, at))?;
    let doc = &model.source(inputs.source).doc;
    let (source, node) = model.file_of(at);
    Some((doc, find(doc, inputs.node, model.source(source).span(node))))
}

/// The JSON Pointer, within the inputs of a resource of the Pulumi type `token`, to what CloudFormation calls `path` (`A.B`);
/// `None` where the value there is written in another form, or where the type has no such input.
pub fn input_pointer(token: &str, path: &str) -> Option<String> {
    let row = super::type_row(token)?;
    let pointer = |names: &str| format!("/{}", names.replace('.', "/"));
    match row.properties.iter().find(|property| property.1 == path) {
        Some(property) if property.2 == As::Same && !property.0.contains('[') => Some(pointer(property.0)),
        None if token.starts_with("aws-native:") => {
            let names: Vec<String> = path.split('.').map(super::lower_first).collect();
            Some(pointer(&names.join(".")))
        }
        _ => None,
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The innermost value below `from` that holds a span.
fn find(doc: &Doc, from: NodeId, span: Span) -> NodeId {
    walk(doc, from, span).1
}

fn pointer(doc: &Doc, from: NodeId, span: Span) -> String {
    walk(doc, from, span).0
}

fn walk(doc: &Doc, from: NodeId, span: Span) -> (String, NodeId) {
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
    (pointer, at)
}

/// The input that the user would write for a canonical property that is missing below a canonical value:
/// `VersioningConfiguration` of a bucket → `versioning`.
pub fn written_name(model: &Model, resource: ResourceId, below: NodeRef, missing: &str) -> String {
    let data = model.resource(resource);
    let fallback = || super::lower_first(missing);
    let Some(kind) = super::type_row(&data.source_type) else { return fallback() };
    let path = match data.properties.filter(|properties| properties.source == below.source) {
        Some(properties) => model.source(below.source).doc.pointer(properties.node, below.node),
        None => String::new(),
    };
    let mut canonical = String::new();
    for segment in path.split('/').skip(1) {
        if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            canonical.push_str("[]");
        } else {
            canonical.push_str(segment);
        }
        canonical.push('.');
    }
    let canonical = canonical.replace(".[]", "[]") + missing;
    let written = kind.properties.iter().find(|row| {
        row.1.strip_prefix(canonical.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    });
    let Some(written) = written else { return fallback() };
    // The name after those that are there already.
    let there = written_pointer(model, resource, below);
    let depth = there.split('/').skip(1).filter(|segment| !segment.bytes().all(|byte| byte.is_ascii_digit())).count();
    let name = written.0.split('.').nth(depth).or_else(|| written.0.rsplit('.').next()).unwrap_or(written.0);
    name.trim_end_matches("[]").to_owned()
}

#[cfg(test)]
mod tests {
    use super::input_pointer;

    #[test]
    fn inputs_are_found_by_their_canonical_path() {
        for (token, path, expected) in [
            ("aws:kms/key:Key", "EnableKeyRotation", Some("/enableKeyRotation")),
            ("aws-native:kms:Key", "EnableKeyRotation", Some("/enableKeyRotation")),
            ("aws:lambda/function:Function", "Timeout", Some("/timeout")),
            ("aws:cloudwatch/logGroup:LogGroup", "RetentionInDays", Some("/retentionInDays")),
            ("aws:kms/key:Key", "Tags", None),
            ("aws:kms/key:Key", "NoSuchProperty", None),
            ("random:index/randomId:RandomId", "EnableKeyRotation", None),
        ] {
            assert_eq!(input_pointer(token, path).as_deref(), expected, "{token} {path}");
        }
    }
}
