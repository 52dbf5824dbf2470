//! Pulumi's documents → the canonical model: stack exports, previews, and what the policy pack collects.
//!
//! A resource's inputs become a document in CloudFormation's shape ([`walk`], by the table that `type-map.json` makes) whose
//! spans are those of the original text. Resources that only configure another one are joined to it.

mod emit;
pub mod kinds;
mod pointer;
mod rows;
mod shape;
mod special;
mod special_value;
mod stack;
mod table;
mod tree;
mod walk;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::doc::{Doc, NodeId, Shape, Span};
use crate::model::attributes::naming;
use crate::model::source::{NodeRef, Origin, Source, SourceId};
use crate::model::stack::{Deployer, Model, ResourceData};
use crate::model::{ResourceId, StackId};

use emit::{Emitter, RowFacts};
use rows::{Row, rows, urns};
use shape::TypeRow;
use special::{Context, Extra};
use special_value::{known_text, sentinel};
use tree::{Hole, Out};
use walk::{DEFAULTS, Inputs, canonical, verbatim};

pub use pointer::{in_own_inputs, input_pointer, is_in_document, is_written_as_is, written_name, written_pointer};

/// What a Pulumi document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PulumiKind {
    /// `pulumi stack export`, or a checkpoint file.
    State,
    /// `pulumi preview --json`.
    Preview,
    /// What the policy pack collects: `{"resources": [rows of a state], "project", "stack", "preview"}`.
    Resources,
}

/// The row of the table for a Pulumi type.
fn type_row(token: &str) -> Option<&'static TypeRow> {
    table::TYPES.binary_search_by(|row| row.token.cmp(token)).ok().map(|index| &table::TYPES[index])
}

/// Whether a row is a resource of the cloud: not the stack, a component, or a provider that Pulumi makes by itself.
fn is_resource(row: &Row<'_>) -> bool {
    if !row.custom || row.token == "pulumi:pulumi:Stack" {
        return false;
    }
    let provider = row.token.starts_with("pulumi:providers:");
    !(provider && row.urn.rsplit("::").next().is_some_and(|name| name.starts_with("default")))
}

/// Reads a Pulumi document that is a source of the model already. Gives the number of resources, or says what was expected.
pub fn build(model: &mut Model, file: &str, source: SourceId, kind: PulumiKind) -> Result<usize, String> {
    let stack = StackId(model.stacks.len() as u32);
    let base = model.resources.len() as u32;
    let (derived, stack_data, pending) = {
        let model: &Model = model;
        let doc = &model.source(source).doc;
        let all = rows(doc, kind)?;
        let stack_data = stack::stack_data(doc, &all, file, source, kind);
        let lowered = Lowering::new(doc, &all, base, &stack_data).run(model, kind == PulumiKind::Preview);
        (lowered.0, stack_data, lowered.1)
    };
    let derived = model.add_source(Source {
        doc: derived,
        origin: Origin::Derived { from: source },
        functions: true,
        holes: vec![],
    });
    model.stacks.push(stack_data);
    let written = pending.iter().filter(|resource| !resource.extra).count();
    for resource in pending {
        let at = |node: NodeId| NodeRef { source, node };
        let holder = model.stack(stack).by_logical_id.get(&resource.urn).copied();
        model.add_resource(ResourceData {
            stack,
            id: resource.urn.clone(),
            kind: resource.kind,
            source_type: resource.token,
            anchor: at(resource.node),
            name_span: resource.name,
            properties: resource.properties.map(|node| NodeRef { source: derived, node }),
            written_properties: resource.inputs.map(at),
            outputs: resource.outputs.map(at),
            condition: None,
            depends_on: resource.depends_on,
            property_dependencies: resource.facts.dependencies,
            deletion_policy: None,
            update_replace_policy: None,
            metadata: None,
            construct_path: None,
            deployer: resource.deployer,
            region: resource.region,
            joined_to: resource.joined_to,
            external: resource.external,
            physical_name: resource.physical_name,
            physical_id: resource.physical_id,
            arn: resource.arn,
        });
        if let (true, Some(holder)) = (resource.extra, holder) {
            // A URN means the resource itself, not what it holds of another.
            model.stacks[stack.0 as usize].by_logical_id.insert(resource.urn, holder);
        }
    }
    Ok(written)
}

/// A resource before it is in the model.
struct Pending {
    urn: String,
    kind: String,
    token: String,
    node: NodeId,
    name: Option<Span>,
    properties: Option<NodeId>,
    inputs: Option<NodeId>,
    outputs: Option<NodeId>,
    depends_on: Vec<ResourceId>,
    facts: RowFacts,
    deployer: Deployer,
    region: Option<String>,
    joined_to: Option<ResourceId>,
    external: bool,
    physical_name: Option<String>,
    physical_id: Option<String>,
    arn: Option<String>,
    /// Made from an input of another resource.
    extra: bool,
}

/// Names by which CloudFormation knows a resource of the input, and where it comes from.
#[derive(Default)]
struct Identity {
    name: Option<String>,
    id: Option<String>,
    arn: Option<String>,
    /// The input that holds a name which the provider made up.
    automatic: Option<&'static str>,
    /// The name is an unknown output.
    unnamed: bool,
}

/// Which resource a split one configures.
enum Joint {
    None,
    Owner(usize),
    /// Any of these, as far as the document says.
    OneOf(Rc<[usize]>),
}

struct Lowering<'d> {
    doc: &'d Doc,
    /// The resources among the rows.
    rows: Vec<&'d Row<'d>>,
    kinds: Vec<Option<&'static TypeRow>>,
    index: FxHashMap<&'d str, usize>,
    providers: FxHashMap<&'d str, Option<&'d str>>,
    stack_region: Option<String>,
    base: u32,
}

impl<'d> Lowering<'d> {
    fn new(doc: &'d Doc, all: &'d [Row<'d>], base: u32, stack: &crate::model::stack::StackData) -> Self {
        let rows: Vec<&Row<'_>> = all.iter().filter(|row| is_resource(row)).collect();
        let kinds = rows.iter().map(|row| type_row(row.token)).collect();
        let index = rows.iter().enumerate().map(|(index, row)| (row.urn, index)).collect();
        let providers = all
            .iter()
            .filter(|row| row.token.starts_with("pulumi:providers:"))
            .map(|row| (row.urn, stack::region_of(doc, row)))
            .collect();
        Lowering { doc, rows, kinds, index, providers, stack_region: stack.region.clone(), base }
    }

    fn id(&self, index: usize) -> ResourceId {
        ResourceId(self.base + index as u32)
    }

    fn input(&self, index: usize, name: &str) -> Option<NodeId> {
        self.doc.get(self.rows[index].inputs?, name)
    }

    /// Kind in the model: CloudFormation's where there is one.
    fn kind(&self, index: usize) -> &'d str {
        let row = self.rows[index];
        match self.kinds[index] {
            Some(_) if row.token == "aws:ec2/securityGroupRule:SecurityGroupRule" => {
                match self.input(index, "type").and_then(|kind| self.doc.string(kind)) {
                    Some("egress") => "AWS::EC2::SecurityGroupEgress",
                    _ => "AWS::EC2::SecurityGroupIngress",
                }
            }
            Some(kind) => kind.kind,
            None => row.token,
        }
    }

    fn run(self, model: &Model, masked: bool) -> (Doc, Vec<Pending>) {
        let identities: Vec<Identity> = (0..self.rows.len()).map(|index| self.identity(index)).collect();
        let joints = self.joints(&identities);
        let facts: Vec<RowFacts> = (0..self.rows.len()).map(|index| self.facts(index, &joints)).collect();
        let mut extras: Vec<(usize, Extra<'d>)> = Vec::new();
        let mut trees: Vec<Option<Out<'d>>> =
            (0..self.rows.len()).map(|index| self.tree(index, &identities[index], &mut extras)).collect();
        self.join(&joints, &mut trees);
        let mut emitter = Emitter::new(self.doc, model, &facts, masked);
        let properties: Vec<Option<NodeId>> = (0..self.rows.len())
            .map(|index| match joints[index] {
                // What it says is in its owner; itself it stays as it is written.
                Joint::Owner(_) | Joint::OneOf(_) => {
                    self.rows[index].inputs.map(|node| emitter.emit(&verbatim(&self.inputs(index, node, None))))
                }
                Joint::None => trees[index].as_ref().map(|tree| emitter.emit(tree)),
            })
            .collect();
        let held: Vec<(usize, &'static str, NodeId)> =
            extras.iter().map(|(index, extra)| (*index, extra.kind, emitter.emit(&extra.properties))).collect();
        let derived = emitter.finish();
        let mut pending = Vec::with_capacity(self.rows.len() + held.len());
        let rest = properties.into_iter().zip(facts).zip(identities).zip(&joints).enumerate();
        for (index, (((properties, facts), identity), joint)) in rest {
            let joined_to = match joint {
                Joint::Owner(owner) => Some(self.id(*owner)),
                _ => None,
            };
            let depends_on = self.depends_on(index);
            pending.push(Pending {
                kind: self.kind(index).to_owned(),
                properties,
                depends_on,
                facts,
                joined_to,
                physical_name: identity.name,
                physical_id: identity.id,
                arn: identity.arn,
                ..self.pending(index)
            });
        }
        for (index, kind, properties) in held {
            pending.push(Pending {
                kind: kind.to_owned(),
                properties: Some(properties),
                depends_on: vec![self.id(index)],
                extra: true,
                ..self.pending(index)
            });
        }
        (derived, pending)
    }

    fn pending(&self, index: usize) -> Pending {
        let row = self.rows[index];
        let native = row.token.starts_with("aws-native:");
        let region = self
            .input(index, "region")
            .filter(|_| !native)
            .and_then(|region| known_text(self.doc, region))
            .or_else(|| {
                // A reference to a provider is its URN, `::` and its id.
                let provider = row.provider?.rsplit_once("::")?.0;
                self.providers.get(provider).copied().flatten()
            })
            .map(str::to_owned)
            .or_else(|| self.stack_region.clone());
        Pending {
            urn: row.urn.to_owned(),
            kind: String::new(),
            token: row.token.to_owned(),
            node: row.node,
            name: self.doc.get(row.node, "urn").map(|urn| self.doc.span(urn)),
            properties: None,
            inputs: row.inputs,
            outputs: row.outputs,
            depends_on: Vec::new(),
            facts: RowFacts::default(),
            deployer: if native { Deployer::CloudControl } else { Deployer::TerraformBridge },
            region,
            joined_to: None,
            external: row.external,
            physical_name: None,
            physical_id: None,
            arn: None,
            extra: false,
        }
    }

    fn inputs(&self, index: usize, node: NodeId, without: Option<&'static str>) -> Inputs<'d> {
        let native = self.rows[index].token.starts_with("aws-native:");
        Inputs { doc: self.doc, node, row: index as u32, native, without }
    }

    fn identity(&self, index: usize) -> Identity {
        let doc = self.doc;
        let row = self.rows[index];
        let output = |name: &str| row.outputs.and_then(|outputs| doc.get(outputs, name));
        let known = |node: Option<NodeId>| node.and_then(|node| known_text(doc, node)).map(str::to_owned);
        let mut identity = Identity { id: row.id.map(str::to_owned), ..Identity::default() };
        let Some(kind) = self.kinds[index] else { return identity };
        let names = naming(kind.kind).and_then(|naming| naming.name);
        let native = row.token.starts_with("aws-native:");
        let property = names.and_then(|name| kind.properties.iter().find(|property| property.1 == name));
        if let Some(property) = property {
            let written = self.input(index, property.0);
            identity.unnamed = written.and_then(|node| doc.string(node)).is_some_and(|text| sentinel(text).is_some());
            identity.name = known(written).or_else(|| known(output(property.0)));
            let automatic = row
                .inputs
                .and_then(|inputs| doc.get(inputs, DEFAULTS))
                .map(|defaults| doc.shape(defaults))
                .is_some_and(|defaults| match defaults {
                    Shape::Array(elements) => elements.iter().any(|&name| doc.string(name) == Some(property.0)),
                    _ => false,
                });
            identity.automatic = (automatic && identity.name.is_some()).then_some(property.0);
        } else if let (true, Some(name)) = (native, names) {
            let camel = lower_first(name);
            let written = self.input(index, &camel);
            identity.unnamed = written.and_then(|node| doc.string(node)).is_some_and(|text| sentinel(text).is_some());
            identity.name = known(written).or_else(|| known(output(&camel)));
        }
        let attribute = naming(kind.kind).map(|naming| naming.arn_attribute).unwrap_or_default();
        let arn = known(output("arn"))
            .or_else(|| known(output(&lower_first(attribute))))
            .or_else(|| identity.id.clone())
            .filter(|arn| arn.starts_with("arn:"));
        identity.arn = match arn {
            // As CloudFormation's attribute has it.
            Some(arn) if kind.kind == "AWS::Logs::LogGroup" && !arn.ends_with(":*") => Some(arn + ":*"),
            arn => arn,
        };
        identity
    }

    /// Which rows configure which others.
    fn joints(&self, identities: &[Identity]) -> Vec<Joint> {
        let mut by_name: FxHashMap<(&str, &str), usize> = FxHashMap::default();
        let mut unnamed: FxHashMap<&'d str, Vec<usize>> = FxHashMap::default();
        let mut of_kind: FxHashMap<&'d str, Vec<usize>> = FxHashMap::default();
        for (index, identity) in identities.iter().enumerate() {
            if self.kinds[index].is_none_or(|kind| kind.owner.is_some()) {
                continue;
            }
            let kind = self.kind(index);
            of_kind.entry(kind).or_default().push(index);
            for name in [&identity.name, &identity.id, &identity.arn].into_iter().flatten() {
                by_name.entry((kind, name)).or_insert(index);
            }
            if identity.unnamed {
                unnamed.entry(kind).or_default().push(index);
            }
        }
        let shared = |map: FxHashMap<&'d str, Vec<usize>>| -> FxHashMap<&'d str, Rc<[usize]>> {
            map.into_iter().map(|(kind, list)| (kind, Rc::from(list))).collect()
        };
        let (unnamed, of_kind) = (shared(unnamed), shared(of_kind));
        let mut joints: Vec<Joint> = Vec::with_capacity(self.rows.len());
        for index in 0..self.rows.len() {
            let joint = match self.kinds[index].and_then(|kind| kind.owner.as_ref()) {
                None => Joint::None,
                Some(owner) => {
                    let name = self.input(index, owner.join);
                    match name.map(|node| (self.doc.string(node), known_text(self.doc, node))) {
                        None => Joint::None,
                        Some((_, Some(name))) => match by_name.get(&(owner.kind, name)) {
                            Some(&found) => Joint::Owner(found),
                            None => match unnamed.get(owner.kind) {
                                Some(candidates) => Joint::OneOf(candidates.clone()),
                                None => Joint::None,
                            },
                        },
                        Some(_) => self.by_dependency(index, owner, &joints, of_kind.get(owner.kind)),
                    }
                }
            };
            joints.push(joint);
        }
        joints
    }

    /// The owner of a split resource that names it by an unknown output.
    fn by_dependency(&self, index: usize, owner: &shape::Owner, joints: &[Joint], all: Option<&Rc<[usize]>>) -> Joint {
        let mut found: Vec<usize> = self
            .dependencies_of(index, owner.join)
            .map(|other| match joints.get(other) {
                Some(Joint::Owner(owner)) => *owner,
                _ => other,
            })
            .filter(|&other| self.kind(other) == owner.kind)
            .collect();
        found.sort_unstable();
        found.dedup();
        match (found.as_slice(), all) {
            ([one], _) => Joint::Owner(*one),
            ([], Some(all)) => Joint::OneOf(all.clone()),
            ([], None) => Joint::None,
            _ => Joint::OneOf(Rc::from(found)),
        }
    }

    fn dependencies_of(&self, index: usize, property: &str) -> impl Iterator<Item = usize> {
        let doc = self.doc;
        let list = doc.get(self.rows[index].node, "propertyDependencies").and_then(|all| doc.get(all, property));
        urns(doc, list).filter_map(|urn| self.index.get(urn).copied())
    }

    fn facts(&self, index: usize, joints: &[Joint]) -> RowFacts {
        let doc = self.doc;
        let mut dependencies = FxHashMap::default();
        if let Some(all) = doc.get(self.rows[index].node, "propertyDependencies") {
            for entry in doc.entries(all) {
                let mut ids: Vec<ResourceId> = Vec::new();
                for urn in urns(doc, Some(entry.value)) {
                    let Some(&other) = self.index.get(urn) else { continue };
                    ids.push(self.id(other));
                    // An output of a split resource (`versioning.bucket`) says as much about its owner.
                    if let Some(Joint::Owner(owner)) = joints.get(other) {
                        ids.push(self.id(*owner));
                    }
                }
                ids.sort_unstable();
                ids.dedup();
                if !ids.is_empty() {
                    dependencies.insert(entry.name.to_owned(), ids);
                }
            }
        }
        RowFacts { resource: Some(self.id(index)), dependencies }
    }

    fn depends_on(&self, index: usize) -> Vec<ResourceId> {
        urns(self.doc, self.doc.get(self.rows[index].node, "dependencies"))
            .filter_map(|urn| self.index.get(urn))
            .map(|&other| self.id(other))
            .collect()
    }

    fn tree(&self, index: usize, identity: &Identity, extras: &mut Vec<(usize, Extra<'d>)>) -> Option<Out<'d>> {
        let row = self.rows[index];
        let inputs = self.inputs(index, row.inputs?, identity.automatic);
        let Some(kind) = self.kinds[index] else { return Some(verbatim(&inputs)) };
        let mut tree = canonical(&inputs, kind);
        let context = Context { doc: self.doc, row: index as u32, urn: row.urn };
        let mut held = Vec::new();
        special::finish(&context, row.token, kind.kind, &mut tree, &mut held);
        extras.extend(held.into_iter().map(|extra| (index, extra)));
        Some(tree)
    }

    /// Gives the owners what their split resources say.
    fn join(&self, joints: &[Joint], trees: &mut [Option<Out<'d>>]) {
        // What many split resources of one type may set is set once.
        let mut done: FxHashSet<(&str, *const usize)> = FxHashSet::default();
        for (index, joint) in joints.iter().enumerate() {
            let Some(kind) = self.kinds[index] else { continue };
            let Some(owner) = &kind.owner else { continue };
            match joint {
                Joint::None => {}
                Joint::Owner(to) => {
                    let Some(Out::Object(_, members)) = trees[index].take() else { continue };
                    let targets = top_level(kind);
                    for member in members {
                        if !targets.contains(&&*member.name) {
                            continue;
                        }
                        let Some(tree) = trees.get_mut(*to).and_then(Option::as_mut) else { break };
                        match (tree.get_mut(&member.name), member.value) {
                            // One element from each of several split resources.
                            (Some(Out::List(_, items)), Out::List(_, more)) if appends(kind, &member.name) => {
                                items.extend(more);
                            }
                            (_, value) => tree.set(member.name, member.name_span, value),
                        }
                    }
                }
                Joint::OneOf(candidates) => {
                    if !done.insert((kind.token, candidates.as_ptr())) {
                        continue;
                    }
                    for &candidate in candidates.iter() {
                        let Some(tree) = trees.get_mut(candidate).and_then(Option::as_mut) else { continue };
                        for target in top_level(kind) {
                            let span = self.doc.span(self.rows[index].node);
                            let hole = Hole { row: index as u32, property: owner.join, target };
                            tree.set(target, span, Out::Unknown(span, hole));
                        }
                    }
                }
            }
        }
    }
}

/// The properties of its owner that a split resource sets.
fn top_level(kind: &'static TypeRow) -> Vec<&'static str> {
    let mut names: Vec<&'static str> =
        kind.properties.iter().map(|row| row.1.split(['.', '[']).next().unwrap_or(row.1)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a split resource is one element of a list of its owner (a feature of a detector), not the whole list.
fn appends(kind: &'static TypeRow, name: &str) -> bool {
    kind.properties.iter().filter(|row| row.1.split(['.', '[']).next() == Some(name)).all(|row| {
        let top = row.1[name.len()..].starts_with("[]");
        top && row.0.matches("[]").count() < row.1.matches("[]").count()
    })
}

/// `LogGroupName` → `logGroupName`, `DBInstanceArn` → `dbInstanceArn`, as aws-native does.
fn lower_first(name: &str) -> String {
    let upper = name.bytes().take_while(u8::is_ascii_uppercase).count();
    // Of a run of capitals the last one begins the next word.
    let lowered = if upper > 1 && upper < name.len() { upper - 1 } else { upper };
    name[..lowered].to_ascii_lowercase() + &name[lowered..]
}
