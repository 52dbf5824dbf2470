//! Look-ups on the relation table, under the current choices.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::model::attributes::naming;
use crate::model::dependencies::collect;
use crate::model::source::NodeRef;
use crate::model::stack::Model;
use crate::model::text::Piece;
use crate::model::{Read, Resource, ResourceId, Symbol, Text, Unknown, Value, Why};

use super::table::{ROWS, Rel};

/// Where an edge leads.
#[derive(Clone)]
pub enum Target<'s> {
    Resource(Resource<'s>),
    /// A name, id or ARN of something that is not in this input.
    Outside(Text<'s>),
    Unknown(Unknown),
}

impl<'s> Target<'s> {
    pub fn resource(&self) -> Option<Resource<'s>> {
        match self {
            Target::Resource(resource) => Some(*resource),
            _ => None,
        }
    }
}

/// A reference from a resource, with the value that makes it.
#[derive(Clone)]
pub struct Edge<'s> {
    pub from: Resource<'s>,
    pub value: Value<'s>,
    pub target: Target<'s>,
}

/// What a follower of a relation in the other direction finds.
pub struct Incoming<'s> {
    /// Edges that certainly lead here.
    pub edges: Vec<Edge<'s>>,
    /// Edges that may lead here: their target is not known.
    pub maybe: Vec<(Resource<'s>, Unknown)>,
}

impl<'s> Resource<'s> {
    /// The edges of a relation that start here: none where the property is absent, one per element of a list.
    pub fn follow(self, rel: Rel) -> Vec<Edge<'s>> {
        let mut edges = Vec::new();
        for row in ROWS.iter().filter(|row| row.rel == rel && row.from == self.kind()) {
            each_value(&self.properties(), row.path, &mut |value| {
                let target = target_of(self, &value, row.to);
                if let Some(target) = target {
                    edges.push(Edge { from: self, value, target });
                }
            });
        }
        edges
    }

    /// The resources that name this one in a relation.
    pub fn followed_by(self, rel: Rel) -> Incoming<'s> {
        let mut found = Incoming { edges: Vec::new(), maybe: Vec::new() };
        let model = self.world().model;
        let candidates = index(model, rel).get(&self.id()).cloned().unwrap_or_default();
        let loose = index(model, rel).get(&ANYTHING).cloned().unwrap_or_default();
        for &id in candidates.iter().chain(loose.iter().filter(|id| !candidates.contains(id))) {
            let from = Resource::new(self.world(), id);
            // An index of candidates, not of facts: the value decides, under the current choices.
            if from.stack().id() != self.stack().id() || !from.exists() {
                continue;
            }
            for edge in from.follow(rel) {
                match &edge.target {
                    Target::Resource(resource) if *resource == self => found.edges.push(edge),
                    Target::Unknown(unknown) if could_be(unknown, self) => found.maybe.push((from, unknown.clone())),
                    _ => {}
                }
            }
        }
        found
    }
}

/// An unknown with known dependencies on this type of resource can only be one of them.
fn could_be(unknown: &Unknown, resource: Resource<'_>) -> bool {
    let model = resource.world().model;
    let mut same_kind =
        unknown.depends_on().iter().filter(|&&id| model.resource(id).kind == resource.kind()).peekable();
    same_kind.peek().is_none() || same_kind.any(|&id| id == resource.id())
}

fn each_value<'s>(value: &Value<'s>, path: &'static str, visit: &mut impl FnMut(Value<'s>)) {
    match path.split_once('.') {
        _ if value.is_absent() => {}
        Some((name, rest)) => each_step(value, name, &mut |next| each_value(&next, rest, visit)),
        None => each_step(value, path, &mut |next| {
            if !next.is_absent() {
                visit(next);
            }
        }),
    }
}

fn each_step<'s>(value: &Value<'s>, name: &'static str, visit: &mut dyn FnMut(Value<'s>)) {
    if name != "[]" {
        return visit(value.get(name));
    }
    match value.items_or_one() {
        Read::Known(items) => items.into_iter().for_each(visit),
        Read::Unknown(_) => visit(value.clone()),
        _ => {}
    }
}

/// The resource of one of the types `kinds` that a value names by `Ref`, ARN, name or id. `None` for an absent value.
pub fn target_of<'s>(from: Resource<'s>, value: &Value<'s>, kinds: &[&str]) -> Option<Target<'s>> {
    let world = from.world();
    let text = match value.text() {
        Read::Known(text) => text,
        Read::Unknown(unknown) => {
            let candidates: Vec<ResourceId> = unknown.depends_on().to_vec();
            return Some(only_of(from, &candidates, kinds).unwrap_or(Target::Unknown(unknown)));
        }
        Read::Absent => return None,
        Read::Other => return Some(Target::Unknown(Unknown::new(Why::Other("this is no string".into())))),
    };
    if let Text::Literal(literal) = &text {
        return Some(match by_literal(from, literal, kinds) {
            Some(resource) => Target::Resource(resource),
            None => Target::Outside(text),
        });
    }
    let mut mentioned = Vec::new();
    let mut opaque = None;
    for piece in text.pieces().iter() {
        match piece {
            Piece::Symbol(Symbol::Name(id) | Symbol::Id(id)) => mentioned.push(*id),
            Piece::Symbol(Symbol::Opaque(id)) => {
                let unknown = world.model.unknown(*id);
                mentioned.extend(unknown.depends_on());
                opaque = Some(unknown);
            }
            _ => {}
        }
    }
    if let Some(target) = only_of(from, &mentioned, kinds) {
        return Some(target);
    }
    if mentioned.is_empty() && opaque.is_none() {
        // Only pseudo parameters besides literals: an ARN or name that is written out.
        for kind in kinds {
            for resource in from.stack().of_type(kind) {
                let same = resource.name() == text
                    || resource.arn().is_some_and(|arn| arn == text || without_suffix(&arn) == Some(text.to_string()));
                if same {
                    return Some(Target::Resource(resource));
                }
            }
        }
        return Some(Target::Outside(text));
    }
    match opaque {
        Some(unknown) => Some(Target::Unknown(unknown)),
        None => Some(Target::Outside(text)),
    }
}

/// The ARN of a log group is written with and without its last `:*`.
fn without_suffix(arn: &Text<'_>) -> Option<String> {
    arn.to_string().strip_suffix(":*").map(str::to_owned)
}

/// The one resource among the candidates that is of a wanted type.
fn only_of<'s>(from: Resource<'s>, candidates: &[ResourceId], kinds: &[&str]) -> Option<Target<'s>> {
    let world = from.world();
    let mut wanted = candidates.iter().filter(|&&id| kinds.contains(&world.model.resource(id).kind.as_str()));
    let &first = wanted.next()?;
    if wanted.any(|&other| other != first) {
        return None;
    }
    Some(Target::Resource(Resource::new(world, first)))
}

/// A literal name, id or ARN of a resource of the same stack.
fn by_literal<'s>(from: Resource<'s>, literal: &str, kinds: &[&str]) -> Option<Resource<'s>> {
    let stack = from.stack();
    for kind in kinds {
        for &id in from.world().model.of_type(stack.id(), kind) {
            let data = from.world().model.resource(id);
            let known = data.physical_name.as_deref() == Some(literal)
                || data.physical_id.as_deref() == Some(literal)
                || data.arn.as_deref().is_some_and(|arn| arn == literal || arn.strip_suffix(":*") == Some(literal));
            let resource = Resource::new(from.world(), id);
            if known || written_as(resource, literal) {
                return Some(resource);
            }
        }
    }
    None
}

/// Whether a literal is the name or the ARN of a resource with a literal name.
fn written_as(resource: Resource<'_>, literal: &str) -> bool {
    let Some(property) = naming(resource.kind()).and_then(|naming| naming.name) else { return false };
    let Some(name) = resource.properties().get(property).literal().known() else { return false };
    if name == literal {
        return true;
    }
    if !literal.starts_with("arn:") || !literal.contains(&*name) {
        return false;
    }
    let Some(arn) = resource.arn() else { return false };
    let arn_matches = |arn: &str| arn == literal || arn.strip_suffix(":*") == Some(literal);
    match &arn {
        Text::Literal(arn) => arn_matches(arn),
        // Account, region and partition are not known: the written ones are taken for this stack's, since the name and the
        // service agree.
        Text::Symbolic(_) => {
            let last = |text: &str| text.trim_end_matches(":*").rsplit([':', '/']).next().map(str::to_owned);
            let service = |text: &str| text.split(':').nth(2).map(str::to_owned);
            last(literal).as_deref() == Some(&*name) && service(literal) == service(&arn.to_string())
        }
    }
}

/// Key of the edges whose target no static look can tell: literals, parameters, unknown outputs.
const ANYTHING: ResourceId = ResourceId(u32::MAX);

type Index = Rc<FxHashMap<ResourceId, Vec<ResourceId>>>;

/// Per relation: target → the resources that may name it. Made once per input and relation.
#[derive(Default)]
pub struct RelationCache(RefCell<FxHashMap<Rel, Index>>);

fn index(model: &Model, rel: Rel) -> Index {
    let cache: &RelationCache = model.extension(RelationCache::default);
    if let Some(known) = cache.0.borrow().get(&rel) {
        return known.clone();
    }
    let mut map: FxHashMap<ResourceId, Vec<ResourceId>> = FxHashMap::default();
    for row in ROWS.iter().filter(|row| row.rel == rel) {
        for stack in 0..model.stacks.len() as u32 {
            for &id in model.of_type(crate::model::StackId(stack), row.from) {
                let resource = model.resource(id);
                let Some(properties) = resource.properties else { continue };
                let mut edges = Vec::new();
                let first = row.path.split('.').next().unwrap_or(row.path);
                let under = under(model, properties, first);
                match under {
                    Some(node) => collect(model, resource.stack, node, &mut edges),
                    None => continue,
                }
                let before = edges.len();
                edges.retain(|(target, _)| row.to.contains(&model.resource(*target).kind.as_str()));
                let mut targets: Vec<ResourceId> = edges.iter().map(|(target, _)| *target).collect();
                if targets.is_empty() || before != targets.len() || has_plain_text(model, under) {
                    targets.push(ANYTHING);
                }
                targets.sort_unstable();
                targets.dedup();
                for target in targets {
                    let sources = map.entry(target).or_default();
                    if sources.last() != Some(&id) {
                        sources.push(id);
                    }
                }
            }
        }
    }
    let index = Rc::new(map);
    cache.0.borrow_mut().insert(rel, index.clone());
    index
}

fn under(model: &Model, properties: NodeRef, name: &str) -> Option<NodeRef> {
    let node = model.source(properties.source).doc.get(properties.node, name)?;
    Some(NodeRef { source: properties.source, node })
}

/// Whether a value has a string outside of functions: a literal name may be meant.
fn has_plain_text(model: &Model, node: Option<NodeRef>) -> bool {
    use crate::doc::Shape;
    let Some(node) = node else { return false };
    let source = model.source(node.source);
    match source.shape(node.node) {
        Shape::String(_) => true,
        Shape::Array(elements) => elements.iter().any(|&element| matches!(source.shape(element), Shape::String(_))),
        Shape::Object => {
            source.doc.single_entry(node.node).is_none_or(|entry| entry.name != "Ref" && entry.name != "Fn::GetAtt")
        }
        _ => false,
    }
}
