//! The resource rows of an export, a checkpoint, a preview or the policy pack.

use rustc_hash::FxHashSet;

use crate::doc::{Doc, NodeId, Shape};

use super::PulumiKind;

/// One resource of the input, as written.
pub(super) struct Row<'d> {
    pub node: NodeId,
    pub urn: &'d str,
    pub token: &'d str,
    pub inputs: Option<NodeId>,
    pub outputs: Option<NodeId>,
    pub provider: Option<&'d str>,
    pub external: bool,
    pub custom: bool,
    /// An id that is known.
    pub id: Option<&'d str>,
}

/// The rows that describe what will be there; those that are about to be deleted are left out.
pub(super) fn rows(doc: &Doc, kind: PulumiKind) -> Result<Vec<Row<'_>>, String> {
    let expected = match kind {
        PulumiKind::State => "expected the output of `pulumi stack export`: an object with deployment.resources",
        PulumiKind::Preview => "expected the output of `pulumi preview --json`: an object with steps",
        PulumiKind::Resources => "expected an object with resources",
    };
    let root = doc.root().ok_or_else(|| format!("the file is empty: {expected}"))?;
    let get = |at: Option<NodeId>, name: &str| at.and_then(|at| doc.get(at, name));
    let list = match kind {
        PulumiKind::Resources => doc.get(root, "resources"),
        PulumiKind::Preview => doc.get(root, "steps"),
        PulumiKind::State => {
            let holder = match (doc.get(root, "deployment"), doc.get(root, "checkpoint")) {
                (Some(deployment), _) => deployment,
                (None, Some(checkpoint)) => doc.get(checkpoint, "latest").unwrap_or(checkpoint),
                (None, None) => return Err(expected.into()),
            };
            match doc.shape(holder) {
                // A stack in which nothing was ever deployed.
                Shape::Object | Shape::Null => match get(Some(holder), "resources") {
                    Some(resources) => Some(resources),
                    None => return Ok(Vec::new()),
                },
                _ => return Err(expected.into()),
            }
        }
    };
    let elements = match list.map(|list| doc.shape(list)) {
        Some(Shape::Array(elements)) => elements,
        Some(Shape::Null) => &[],
        // A preview without steps has nothing to say.
        None if kind == PulumiKind::Preview => &[],
        _ => return Err(expected.into()),
    };
    let mut seen = FxHashSet::default();
    let mut rows = Vec::with_capacity(elements.len());
    for &element in elements {
        let row = match kind {
            PulumiKind::Preview => match state_of_step(doc, element) {
                Some(state) => row(doc, state),
                None => None,
            },
            _ => row(doc, element),
        };
        if let Some(row) = row
            && seen.insert(row.urn)
        {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// What a step of a preview leaves behind.
fn state_of_step(doc: &Doc, step: NodeId) -> Option<NodeId> {
    let operation = doc.get(step, "op").and_then(|operation| doc.string(operation)).unwrap_or_default();
    if matches!(operation, "delete" | "delete-replaced" | "discard" | "discard-replaced" | "read-discard") {
        return None;
    }
    let is_object = |node: &NodeId| matches!(doc.shape(*node), Shape::Object);
    doc.get(step, "newState").filter(is_object).or_else(|| doc.get(step, "oldState").filter(is_object))
}

fn row(doc: &Doc, node: NodeId) -> Option<Row<'_>> {
    let text = |name: &str| doc.get(node, name).and_then(|value| doc.string(value)).filter(|text| !text.is_empty());
    let truth = |name: &str| doc.get(node, name).map(|value| matches!(doc.shape(value), Shape::Bool(true)));
    let urn = text("urn")?;
    if truth("delete") == Some(true) {
        return None;
    }
    let token = text("type").or_else(|| urn.split("::").nth(2)?.rsplit('$').next())?;
    let object = |name: &str| doc.get(node, name).filter(|&value| matches!(doc.shape(value), Shape::Object));
    let id = doc.get(node, "id").and_then(|id| super::special_value::known_text(doc, id));
    Some(Row {
        node,
        urn,
        token,
        inputs: object("inputs"),
        outputs: object("outputs"),
        provider: text("provider"),
        external: truth("external") == Some(true),
        custom: truth("custom").unwrap_or(true),
        id,
    })
}

/// The URNs of a list, or none.
pub(super) fn urns(doc: &Doc, list: Option<NodeId>) -> impl Iterator<Item = &str> {
    let elements = match list.map(|list| doc.shape(list)) {
        Some(Shape::Array(elements)) => elements,
        _ => &[],
    };
    elements.iter().filter_map(|&element| doc.string(element))
}
