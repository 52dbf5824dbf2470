//! Look-ups on the relation table, under the current choices.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::doc::Shape;
use crate::model::attributes::naming;
use crate::model::source::NodeRef;
use crate::model::stack::Model;
use crate::model::text::{Piece, TextBuilder};
use crate::model::world::Memo;
use crate::model::{Read, Resource, ResourceId, Stack, StackId, Symbol, Text, Unknown, Value, Why, World};

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

    /// The resource, or why there is none to look at.
    pub fn found(&self) -> Result<Resource<'s>, Unknown> {
        match self {
            Target::Resource(resource) => Ok(*resource),
            Target::Outside(text) => Err(Unknown::new(Why::Outside(text.to_string()))),
            Target::Unknown(unknown) => Err(unknown.clone()),
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
        let model = self.world().model;
        let cache: &FollowCache = model.extension(FollowCache::default);
        let memo = cache.0.borrow_mut().entry((rel, self.id())).or_default().clone();
        let mut found = None;
        let kept = self.world().remember(&memo, || {
            let edges = self.look(rel);
            let kept = edges.iter().map(Kept::of).collect::<Option<Rc<[Kept]>>>();
            found = Some(edges);
            kept
        });
        match (found, kept) {
            (Some(edges), _) => edges,
            (None, Some(kept)) => kept.iter().map(|edge| edge.open(self)).collect(),
            (None, None) => self.look(rel),
        }
    }

    fn look(self, rel: Rel) -> Vec<Edge<'s>> {
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
            // An index of candidates, not of facts: the value decides, under the current choices. Whether the candidate
            // exists is asked only where it matters, since each question may split the alternatives.
            if from.stack().id() != self.stack().id() {
                continue;
            }
            let (edges, maybe) = (found.edges.len(), found.maybe.len());
            for edge in from.follow(rel) {
                match &edge.target {
                    Target::Resource(resource) if *resource == self => found.edges.push(edge),
                    Target::Unknown(unknown) if could_be(unknown, self) => found.maybe.push((from, unknown.clone())),
                    _ => {}
                }
            }
            if (found.edges.len(), found.maybe.len()) != (edges, maybe) && !from.exists() {
                found.edges.truncate(edges);
                found.maybe.truncate(maybe);
            }
        }
        found
    }
}

/// The edges of resources, per alternative.
#[derive(Default)]
struct FollowCache(RefCell<FxHashMap<(Rel, ResourceId), EdgeMemo>>);

/// `None` where an edge cannot be kept.
type EdgeMemo = Rc<RefCell<Memo<Option<Rc<[Kept]>>>>>;

/// An edge without the world that it was found in.
struct Kept {
    value: NodeRef,
    target: KeptTarget,
}

enum KeptTarget {
    Resource(ResourceId),
    Outside(Text<'static>),
    Unknown(Unknown),
}

impl Kept {
    /// `None` where the value is a part of what its place resolves to, so that the place does not lead back to it.
    fn of(edge: &Edge<'_>) -> Option<Kept> {
        let value = edge.value.place().node;
        let again = Value::of(edge.from.world(), edge.value.stack_id(), value);
        let same = match (again.text(), edge.value.text()) {
            (Read::Known(one), Read::Known(other)) => one == other,
            (Read::Unknown(_), Read::Unknown(_)) => true,
            _ => false,
        };
        let target = match &edge.target {
            Target::Resource(resource) => KeptTarget::Resource(resource.id()),
            Target::Outside(text) => KeptTarget::Outside(text.clone().into_owned()),
            Target::Unknown(unknown) => KeptTarget::Unknown(unknown.clone()),
        };
        (same && edge.value.stack_id() == edge.from.stack().id()).then_some(Kept { value, target })
    }

    fn open<'s>(&self, from: Resource<'s>) -> Edge<'s> {
        let value = Value::of(from.world(), from.stack().id(), self.value);
        let target = match &self.target {
            KeptTarget::Resource(id) => Target::Resource(Resource::new(from.world(), *id)),
            KeptTarget::Outside(text) => Target::Outside(text.clone()),
            KeptTarget::Unknown(unknown) => Target::Unknown(unknown.clone()),
        };
        Edge { from, value, target }
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
    if let Some(resource) = referred_to(world, value, kinds) {
        return Some(Target::Resource(resource));
    }
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
        return Some(qualified(from, target, &text));
    }
    if mentioned.is_empty() && opaque.is_none() {
        // Only pseudo parameters besides literals: an ARN or name that is written out.
        if let Some(resource) = named(from.stack(), &text, kinds) {
            return Some(Target::Resource(resource));
        }
        return Some(Target::Outside(text));
    }
    match opaque {
        Some(unknown) => Some(Target::Unknown(unknown)),
        None => Some(Target::Outside(text)),
    }
}

/// A function that a text names with a qualifier (`${Function}:live`) is the alias of that name.
fn qualified<'s>(from: Resource<'s>, target: Target<'s>, text: &Text<'s>) -> Target<'s> {
    let Target::Resource(function) = &target else { return target };
    // Aliases and versions name the function that they are of.
    if !matches!(function.kind(), "AWS::Lambda::Function" | "AWS::Serverless::Function")
        || matches!(from.kind(), "AWS::Lambda::Alias" | "AWS::Lambda::Version")
    {
        return target;
    }
    let pieces = text.pieces();
    let named = pieces.iter().position(|piece| *piece == Piece::Symbol(Symbol::Name(function.id())));
    let Some(rest) = named.map(|at| &pieces[at + 1..]) else { return target };
    let Some((Piece::Literal(first), rest)) = rest.split_first() else { return target };
    let Some(first) = first.strip_prefix(':') else { return target };
    let mut qualifier = TextBuilder::default();
    let mut ended = false;
    for piece in std::iter::once(&Piece::Literal(first.into())).chain(rest) {
        match piece {
            Piece::Literal(text) if !ended => {
                ended = text.contains('/');
                qualifier.push_literal(text.split('/').next().unwrap_or_default().to_owned().into());
            }
            Piece::Symbol(symbol) if !ended => qualifier.push_symbol(*symbol),
            _ => {}
        }
    }
    let qualifier = qualifier.finish();
    if qualifier.as_literal().is_some_and(|name| matches!(name, "" | "$LATEST")) {
        return target;
    }
    match Aliases::of(from.world().model).find(*function, &qualifier) {
        Some(alias) => Target::Resource(alias),
        None if qualifier.has_opaque() => Target::Unknown(Unknown::new(Why::Outside(text.to_string()))),
        None => Target::Outside(text.clone()),
    }
}

/// The aliases of functions by their names, symbols as they are displayed.
#[derive(Default)]
struct Aliases(FxHashMap<(StackId, String), Vec<ResourceId>>);

impl Aliases {
    fn of(model: &Model) -> &Aliases {
        model.extension(|| {
            let world = World::new(model);
            let mut aliases = Aliases::default();
            for stack in (0..model.stacks.len() as u32).map(StackId) {
                for &id in model.of_type(stack, "AWS::Lambda::Alias") {
                    if let Read::Known(name) = Resource::new(&world, id).get("Name").text() {
                        aliases.0.entry((stack, name.to_string())).or_default().push(id);
                    }
                }
            }
            aliases
        })
    }

    fn find<'s>(&self, function: Resource<'s>, name: &Text<'_>) -> Option<Resource<'s>> {
        let named = self.0.get(&(function.stack().id(), name.to_string()))?;
        named.iter().map(|&id| Resource::new(function.world(), id)).find(|alias| {
            alias.get("Name").text().known().is_some_and(|own| own == *name)
                && alias
                    .follow(Rel::Configures)
                    .iter()
                    .any(|edge| matches!(edge.target, Target::Resource(of) if of == function))
        })
    }
}

/// The resource of a wanted type that a value refers to by `Ref` or `Fn::GetAtt`, whatever its name is.
fn referred_to<'s>(world: &'s World<'s>, value: &Value<'s>, kinds: &[&str]) -> Option<Resource<'s>> {
    let at = value.place();
    let source = world.model.source(at.node.source);
    let entry = source.doc.single_entry(at.node.node).filter(|_| source.functions && at.missing.is_none())?;
    let name = match (entry.name, source.doc.shape(entry.value)) {
        ("Ref", Shape::String(name)) => name,
        ("Fn::GetAtt", Shape::String(name)) => name.split_once('.')?.0,
        ("Fn::GetAtt", Shape::Array(&[resource, _])) => source.doc.string(resource)?,
        _ => return None,
    };
    let stack = world.model.stack(value.stack_id());
    let resource = stack.by_logical_id.get(name).filter(|_| !stack.parameters.contains_key(name))?;
    let is_wanted = kinds.contains(&world.model.resource(*resource).kind.as_str());
    is_wanted.then(|| Resource::new(world, *resource))
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
    named(stack, &Text::from(bucket_of(literal)), kinds).or_else(|| {
        // `name:live` and `arn:…:function:name:live` are the alias of a function.
        let (function, alias) = literal.rsplit_once(':').filter(|_| kinds.contains(&"AWS::Lambda::Alias"))?;
        let function = named(stack, &Text::from(function), &["AWS::Lambda::Function", "AWS::Serverless::Function"])?;
        Aliases::of(from.world().model).find(function, &Text::from(alias))
    })
}

/// The ARN of a bucket without the key or prefix that may follow it; anything else as it is.
fn bucket_of(arn: &str) -> &str {
    match arn.starts_with("arn:").then(|| arn.split_once(":s3:::")).flatten() {
        Some((_, rest)) => arn.split_at(arn.len() - rest.find('/').map_or(0, |slash| rest.len() - slash)).0,
        None => arn,
    }
}

/// The resource of a stack whose name, id or ARN a text is, where the text says so by itself (and not by a reference).
pub fn named<'s>(stack: Stack<'s>, text: &Text<'_>, kinds: &[&str]) -> Option<Resource<'s>> {
    let world = stack.world();
    let names = Names::of(world.model);
    let shown = text.to_string();
    let is = |id: ResourceId| {
        let data = world.model.resource(id);
        if !kinds.contains(&data.kind.as_str()) {
            return false;
        }
        let resource = Resource::new(world, id);
        match text.as_literal() {
            Some(literal) => {
                data.physical_name.as_deref() == Some(literal)
                    || data.physical_id.as_deref() == Some(literal)
                    || data.arn.as_deref().is_some_and(|arn| arn == literal || arn.strip_suffix(":*") == Some(literal))
                    || written_as(resource, literal)
            }
            None => {
                resource.name() == *text
                    || resource.arn().is_some_and(|arn| arn == *text || without_suffix(&arn).as_deref() == Some(&shown))
            }
        }
    };
    let key = last_part(&shown);
    let known = names.by_name.get(&(stack.id(), key.to_owned())).map_or(&[][..], Vec::as_slice);
    let odd = names.odd.get(&stack.id()).map_or(&[][..], Vec::as_slice);
    known.iter().chain(odd).copied().find(|&id| is(id)).map(|id| Resource::new(world, id))
}

/// The resources of a stack that the resource of a policy statement may mean: those it refers to, or those of the name it
/// writes. `None` where it may mean any: a wildcard in the name, an unknown part.
pub fn meant_by(stack: Stack<'_>, resource: &Text<'_>) -> Option<Vec<ResourceId>> {
    let mut found = Vec::new();
    for piece in resource.pieces().iter() {
        match piece {
            Piece::Symbol(Symbol::Name(id) | Symbol::Id(id)) => found.push(*id),
            Piece::Symbol(Symbol::Opaque(_)) => return None,
            Piece::Literal(text) if text.contains("${") => return None,
            _ => {}
        }
    }
    if !found.is_empty() {
        return Some(found);
    }
    let shown = resource.to_string();
    let path = shown.splitn(6, ':').nth(5)?;
    // What comes after a bucket's name is a key; other names may hold slashes themselves, or have something below them.
    let path = match shown.contains(":s3:::") {
        true => path.split('/').next()?,
        false => path.strip_suffix(":*").unwrap_or(path),
    };
    if path.contains(['*', '?']) {
        return None;
    }
    let names = Names::of(stack.world().model);
    let mut found = names.odd.get(&stack.id()).cloned().unwrap_or_default();
    for name in path.split([':', '/']).filter(|name| !name.is_empty()) {
        found.extend(names.by_name.get(&(stack.id(), name.to_owned())).into_iter().flatten());
    }
    Some(found)
}

/// What comes after the last `:` or `/`, the end of a log group's ARN left out.
fn last_part(text: &str) -> &str {
    let text = text.strip_suffix(":*").unwrap_or(text);
    text.rsplit([':', '/']).next().unwrap_or(text)
}

/// The resources of an input by the last part of their names, ids and ARNs, symbols as they are displayed.
#[derive(Default)]
struct Names {
    by_name: FxHashMap<(StackId, String), Vec<ResourceId>>,
    /// Resources whose name is not known until something is assumed about a parameter: looked at one by one.
    odd: FxHashMap<StackId, Vec<ResourceId>>,
}

impl Names {
    fn of(model: &Model) -> &Names {
        model.extension(|| {
            let mut names = Names::default();
            let world = World::new(model);
            for (index, data) in model.resources.iter().enumerate() {
                let id = ResourceId(index as u32);
                let mut add = |name: &str| {
                    let ids = names.by_name.entry((data.stack, last_part(name).to_owned())).or_default();
                    if ids.last() != Some(&id) {
                        ids.push(id);
                    }
                };
                for known in [&data.physical_name, &data.physical_id, &data.arn].into_iter().flatten() {
                    add(known);
                }
                let property = naming(&data.kind).and_then(|naming| naming.name);
                if let (Some(property), Some(properties)) = (property, data.properties)
                    && let Some(node) = under(model, properties, property)
                {
                    let mut open = false;
                    let all = in_each_alternative(&world, || {
                        match Value::of(&world, data.stack, node).text() {
                            Read::Known(name) if !name.has_opaque() => add(&name.to_string()),
                            Read::Absent | Read::Other => {}
                            _ => open = true,
                        }
                        // Another run may assume another value.
                        open |= world.took_default();
                    });
                    if open || !all {
                        names.odd.entry(data.stack).or_default().push(id);
                    }
                }
            }
            names
        })
    }
}

/// Whether a literal is the name or the ARN of a resource with a literal name.
fn written_as(resource: Resource<'_>, literal: &str) -> bool {
    let Some(property) = naming(resource.kind()).and_then(|naming| naming.name) else { return false };
    let Some(name) = resource.properties().get(property).literal().known() else { return false };
    if name == literal {
        return true;
    }
    // The URL of a queue ends with its account and name.
    if resource.is("AWS::SQS::Queue") && literal.starts_with("https://") {
        let mut parts = literal.rsplit('/');
        let (last, account) = (parts.next(), parts.next());
        let own = resource.account();
        return last == Some(&*name) && own.as_literal().is_none_or(|own| account == Some(own));
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
            let same_service = |fields: [Text<'_>; 6]| fields[2].as_literal() == literal.split(':').nth(2);
            last_part(literal) == last_part(&name) && arn.arn_fields().is_some_and(same_service)
        }
    }
}

/// Looks once per alternative of what is read, for an index: whether those were all, or more than are worth it.
fn in_each_alternative(world: &World<'_>, mut look: impl FnMut()) -> bool {
    const MOST: usize = 32;
    world.reset();
    for _ in 0..=MOST {
        look();
        if !world.next() {
            return true;
        }
    }
    false
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
    let world = World::new(model);
    let mut map: FxHashMap<ResourceId, Vec<ResourceId>> = FxHashMap::default();
    let mut kinds: Vec<&str> = ROWS.iter().filter(|row| row.rel == rel).map(|row| row.from).collect();
    kinds.dedup();
    kinds.sort_unstable();
    kinds.dedup();
    for stack in (0..model.stacks.len() as u32).map(StackId) {
        for &id in kinds.iter().flat_map(|kind| model.of_type(stack, kind)) {
            let mut targets = Vec::new();
            let mut by_default = false;
            let all = in_each_alternative(&world, || {
                for edge in Resource::new(&world, id).follow(rel) {
                    match edge.target {
                        Target::Resource(resource) => targets.push(resource.id()),
                        Target::Unknown(_) => targets.push(ANYTHING),
                        Target::Outside(_) => {}
                    }
                }
                // Another run may assume another value than the default.
                by_default |= world.took_default();
            });
            if !all || by_default {
                targets.push(ANYTHING);
            }
            targets.sort_unstable();
            targets.dedup();
            for target in targets {
                map.entry(target).or_default().push(id);
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
