//! Which resource needs which: every `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`, found in one pass, conditions aside.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use crate::doc::{NodeId, Shape};

use super::source::NodeRef;
use super::stack::Model;
use super::text::{ResourceId, StackId};

/// The edges of one input, in both directions.
#[derive(Default, Debug)]
pub struct Dependencies {
    /// What each resource needs, with the value that says so (`None` for `DependsOn`).
    pub needs: Vec<Vec<(ResourceId, Option<NodeRef>)>>,
}

#[derive(Default)]
pub struct DependencyCell(OnceCell<Dependencies>);

impl Model {
    pub fn dependencies(&self) -> &Dependencies {
        self.dependencies.0.get_or_init(|| {
            let mut needs = Vec::with_capacity(self.resources.len());
            for resource in &self.resources {
                let mut edges: Vec<(ResourceId, Option<NodeRef>)> =
                    resource.depends_on.iter().map(|&id| (id, None)).collect();
                if let Some(properties) = resource.properties {
                    collect(self, resource.stack, properties, &mut edges);
                }
                for targets in resource.property_dependencies.values() {
                    edges.extend(targets.iter().map(|&id| (id, None)));
                }
                needs.push(edges);
            }
            Dependencies { needs }
        })
    }

    /// Whether `from` needs `to`, directly or through others.
    pub fn depends_transitively(&self, from: ResourceId, to: ResourceId) -> bool {
        let needs = &self.dependencies().needs;
        let mut seen = FxHashSet::default();
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            for &(next, _) in &needs[id.0 as usize] {
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    }
}

/// The resources that a value refers to, whichever branch of a condition holds.
pub fn collect(model: &Model, stack: StackId, node: NodeRef, edges: &mut Vec<(ResourceId, Option<NodeRef>)>) {
    let source = model.source(node.source);
    let ids = &model.stack(stack).by_logical_id;
    let mut open: Vec<NodeId> = vec![node.node];
    while let Some(at) = open.pop() {
        match source.shape(at) {
            Shape::Array(elements) => open.extend(elements.iter().rev()),
            Shape::Object => {
                if let Some(entry) = source.doc.single_entry(at).filter(|_| source.functions) {
                    let here = NodeRef { source: node.source, node: at };
                    match (entry.name, source.shape(entry.value)) {
                        ("Ref", Shape::String(name)) => {
                            edges.extend(ids.get(name).map(|&id| (id, Some(here))));
                            continue;
                        }
                        ("Fn::GetAtt", Shape::String(text)) => {
                            let name = text.split('.').next().unwrap_or(text);
                            edges.extend(ids.get(name).map(|&id| (id, Some(here))));
                            continue;
                        }
                        ("Fn::GetAtt", Shape::Array(elements)) => {
                            let name = elements.first().and_then(|&name| source.doc.string(name));
                            edges.extend(name.and_then(|name| ids.get(name)).map(|&id| (id, Some(here))));
                            continue;
                        }
                        ("Fn::Sub", shape) => {
                            let (template, map) = match shape {
                                Shape::String(text) => (Some(text), None),
                                Shape::Array(elements) => (
                                    elements.first().and_then(|&text| source.doc.string(text)),
                                    elements.get(1).copied(),
                                ),
                                _ => (None, None),
                            };
                            for name in template.into_iter().flat_map(sub_names) {
                                if map.is_some_and(|map| source.doc.get(map, name).is_some()) {
                                    continue;
                                }
                                let name = name.split('.').next().unwrap_or(name);
                                edges.extend(ids.get(name).map(|&id| (id, Some(here))));
                            }
                            open.extend(map);
                            continue;
                        }
                        (super::intrinsic::UNKNOWN, Shape::Number(index)) => {
                            if let Ok(index) = index.parse() {
                                let unknown = model.unknown(super::text::OpaqueId(index));
                                edges.extend(unknown.depends_on().iter().map(|&id| (id, Some(here))));
                            }
                            continue;
                        }
                        _ => {}
                    }
                }
                open.extend(source.doc.entries(at).rev().map(|entry| entry.value));
            }
            _ => {}
        }
    }
}

/// The names in `${…}` of a `Fn::Sub` template, literals (`${!…}`) left out.
pub fn sub_names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split("${")
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name.trim()))
        .filter(|name| !name.starts_with('!'))
}
