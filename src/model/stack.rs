//! What a front end makes of an input: stacks, resources, parameters, conditions.

use std::any::{Any, TypeId};
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use elsa::{FrozenMap, FrozenVec};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::doc::{NodeId, Shape};

use super::condition::Expression;
use super::source::{NodeRef, Origin, Source, SourceId};
use super::text::{OpaqueId, Pseudo, ResourceId, StackId, Symbol, Text};
use super::tri::Tri;
use super::unknown::{Unknown, Why};

/// One input: a template, an assembly, a Pulumi stack, an IAM document. Rules never see two inputs together.
#[derive(Default)]
pub struct Model {
    sources: FrozenVec<Box<Source>>,
    pub stacks: Vec<StackData>,
    pub resources: Vec<ResourceData>,
    /// Exports of the stacks of this input by literal name.
    pub exports: FxHashMap<String, (StackId, NodeRef)>,
    by_type: FxHashMap<StackId, FxHashMap<String, Vec<ResourceId>>>,
    /// Split resources by the one that they are joined to.
    joined: FxHashMap<ResourceId, Vec<ResourceId>>,
    opaque: RefCell<Opaques>,
    /// The documents in strings as they are written.
    embedded: RefCell<FxHashMap<NodeRef, Option<NodeRef>>>,
    /// Those in strings that functions make, which may differ between alternatives.
    made: RefCell<FxHashMap<NodeRef, Vec<MadeDocument>>>,
    json_texts: RefCell<FxHashSet<NodeRef>>,
    pub(super) dependencies: super::dependencies::DependencyCell,
    /// By stack.
    conditions: OnceCell<Vec<Vec<Expression>>>,
    extensions: FrozenMap<TypeId, Box<dyn Any>>,
}

/// A text, and the document in it.
type MadeDocument = (Text<'static>, Option<NodeRef>);

/// Unknown strings by what makes each the same one, numbered as they are met.
type Opaques = IndexMap<OpaqueKey, Unknown, FxBuildHasher>;

/// What makes two unknown strings the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OpaqueKey {
    /// A parameter, import or dynamic reference: the same words mean the same value within a stack.
    Source(StackId, Why),
    Attribute(ResourceId, String),
    /// The unknown output in one input property of a Pulumi resource.
    Property(ResourceId, String),
    Node(NodeRef),
    /// One element of an unknown list.
    Element(Box<OpaqueKey>, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deployer {
    CloudFormation,
    /// `aws-native:` in Pulumi.
    CloudControl,
    /// `aws:` in Pulumi.
    TerraformBridge,
}

/// Things by name, numbered in the order of the file.
pub type Numbered<T> = IndexMap<String, T, FxBuildHasher>;

#[derive(Debug)]
pub struct StackData {
    pub name: Option<String>,
    /// CDK construct path of the stack, where there is one.
    pub construct_path: Option<String>,
    pub file: String,
    pub root: NodeRef,
    pub account: Option<String>,
    pub region: Option<String>,
    pub environment: Option<String>,
    pub deployer: Deployer,
    /// A first preview, where nothing exists yet (Pulumi).
    pub preview: bool,
    pub parameters: Numbered<Parameter>,
    pub conditions: Numbered<NodeRef>,
    pub mappings: Option<NodeRef>,
    pub outputs: Option<NodeRef>,
    /// Macros other than the language extensions, which may add or change anything.
    pub transforms: Vec<String>,
    /// In the order of the file.
    pub resources: Vec<ResourceId>,
    pub by_logical_id: FxHashMap<String, ResourceId>,
    /// Values given from outside: configuration, or the parent of a nested stack.
    pub given: FxHashMap<String, String>,
    /// Values that the parent of a nested stack passes: its stack and the value there.
    pub passed: FxHashMap<String, (StackId, NodeRef)>,
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub node: NodeRef,
    pub kind: String,
    pub default: Option<NodeRef>,
    pub allowed: Vec<NodeRef>,
}

impl Parameter {
    /// Whether its value is a list, written with commas.
    pub fn is_list(&self) -> bool {
        self.kind == "CommaDelimitedList" || self.kind.starts_with("List<")
    }
}

#[derive(Debug)]
pub struct ResourceData {
    pub stack: StackId,
    /// Logical id or URN.
    pub id: String,
    /// CloudFormation type, or the host's own where there is no twin.
    pub kind: String,
    /// The type as the user wrote it.
    pub source_type: String,
    /// What the user wrote for this resource.
    pub anchor: NodeRef,
    /// Span of the logical id or URN.
    pub name_span: Option<crate::doc::Span>,
    /// Properties in canonical shape.
    pub properties: Option<NodeRef>,
    /// Where the user wrote the properties (the value of `Properties`, or a Pulumi resource's `inputs`).
    pub written_properties: Option<NodeRef>,
    /// What the provider answered (Pulumi), as written.
    pub outputs: Option<NodeRef>,
    pub condition: Option<String>,
    pub depends_on: Vec<ResourceId>,
    /// Pulumi: input property → resources whose outputs it uses.
    pub property_dependencies: FxHashMap<String, Vec<ResourceId>>,
    pub deletion_policy: Option<String>,
    pub update_replace_policy: Option<String>,
    pub metadata: Option<NodeRef>,
    pub construct_path: Option<String>,
    pub deployer: Deployer,
    pub region: Option<String>,
    /// A split resource that was joined to this one (Pulumi's BucketVersioning …) or read only (`external`).
    pub joined_to: Option<ResourceId>,
    pub external: bool,
    /// Physical name where the host knows it although the user did not write it (Pulumi auto-naming, states).
    pub physical_name: Option<String>,
    pub physical_id: Option<String>,
    pub arn: Option<String>,
}

impl Model {
    pub fn add_source(&self, source: Source) -> SourceId {
        let id = SourceId(self.sources.len() as u32);
        self.sources.push(Box::new(source));
        id
    }

    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    pub fn source_count(&self) -> usize {
        self.sources.len()
    }

    pub fn add_resource(&mut self, data: ResourceData) -> ResourceId {
        let id = ResourceId(self.resources.len() as u32);
        let stack = &mut self.stacks[data.stack.0 as usize];
        stack.resources.push(id);
        stack.by_logical_id.insert(data.id.clone(), id);
        match data.joined_to {
            Some(owner) => self.joined.entry(owner).or_default().push(id),
            None => self.by_type.entry(data.stack).or_default().entry(data.kind.clone()).or_default().push(id),
        }
        self.resources.push(data);
        id
    }

    /// The split resources that were joined to this one, in the order of the file.
    pub fn joined(&self, id: ResourceId) -> &[ResourceId] {
        self.joined.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What a condition of a stack says, by its number.
    pub(super) fn condition(&self, stack: StackId, number: usize) -> Option<&Expression> {
        let all = || (0..self.stacks.len() as u32).map(|stack| super::condition::read(self, StackId(stack))).collect();
        self.conditions.get_or_init(all).get(stack.0 as usize)?.get(number)
    }

    /// A cache of a higher floor that lives as long as the input; one per type.
    pub fn extension<T: 'static>(&self, make: impl FnOnce() -> T) -> &T {
        let key = TypeId::of::<T>();
        let any = match self.extensions.get(&key) {
            Some(any) => any,
            None => self.extensions.insert(key, Box::new(make())),
        };
        match any.downcast_ref::<T>() {
            Some(cache) => cache,
            None => unreachable!("extensions are keyed by their type"),
        }
    }

    pub fn stack(&self, id: StackId) -> &StackData {
        &self.stacks[id.0 as usize]
    }

    pub fn resource(&self, id: ResourceId) -> &ResourceData {
        &self.resources[id.0 as usize]
    }

    /// The resources of one type in one stack, in the order of the file.
    pub fn of_type(&self, stack: StackId, kind: &str) -> &[ResourceId] {
        self.by_type.get(&stack).and_then(|types| types.get(kind)).map_or(&[], Vec::as_slice)
    }

    /// The number of an unknown string; the same key always has the same number.
    pub fn opaque(&self, key: OpaqueKey, why: impl FnOnce() -> (Why, bool, Vec<ResourceId>)) -> Unknown {
        let mut opaques = self.opaque.borrow_mut();
        let id = OpaqueId(opaques.len() as u32);
        let make = || {
            let (why, maybe_absent, depends_on) = why();
            Unknown::full(why, maybe_absent, depends_on, id)
        };
        opaques.entry(key).or_insert_with(make).clone()
    }

    /// An unknown string named by its cause.
    pub fn opaque_source(&self, stack: StackId, why: Why) -> Unknown {
        self.opaque(OpaqueKey::Source(stack, why.clone()), || (why, false, Vec::new()))
    }

    pub fn unknown(&self, id: OpaqueId) -> Unknown {
        self.opaque.borrow()[id.0 as usize].clone()
    }

    /// What an unknown string stands for, and why it is not known.
    pub(super) fn opaque_key(&self, id: OpaqueId) -> Option<(OpaqueKey, Why)> {
        let opaques = self.opaque.borrow();
        let (key, unknown) = opaques.get_index(id.0 as usize)?;
        Some((key.clone(), unknown.why().clone()))
    }

    /// The JSON text in a string, parsed once; `None` where it is no JSON object or array.
    pub fn embedded(&self, parent: NodeRef, text: &Text<'_>) -> Option<NodeRef> {
        if matches!(self.source(parent.source).shape(parent.node), Shape::String(_)) {
            if let Some(&known) = self.embedded.borrow().get(&parent) {
                return known;
            }
            let parsed = self.parse_embedded(parent, text);
            self.embedded.borrow_mut().insert(parent, parsed);
            return parsed;
        }
        if let Some((_, known)) =
            self.made.borrow().get(&parent).and_then(|made| made.iter().find(|(of, _)| of == text))
        {
            return *known;
        }
        let parsed = self.parse_embedded(parent, text);
        self.made.borrow_mut().entry(parent).or_default().push((text.clone().into_owned(), parsed));
        parsed
    }

    /// Notes that an object or list is the argument of `Fn::ToJsonString`: read as a string it is its JSON.
    pub(super) fn note_json_text(&self, node: NodeRef) {
        self.json_texts.borrow_mut().insert(node);
    }

    pub(super) fn is_json_text(&self, node: NodeRef) -> bool {
        let noted = self.json_texts.borrow();
        !noted.is_empty() && noted.contains(&node)
    }

    fn parse_embedded(&self, parent: NodeRef, text: &Text<'_>) -> Option<NodeRef> {
        use super::source::{HOLE_END, HOLE_START};
        use super::text::Piece;
        // What does not begin like JSON is not copied to find out.
        if text.begins_like_json() != Tri::Yes {
            return None;
        }
        let mut holes = Vec::new();
        let content: Rc<str> = match text {
            Text::Literal(text) => Rc::from(&**text),
            Text::Symbolic(pieces) => {
                let mut content = String::new();
                for piece in pieces.iter() {
                    match piece {
                        Piece::Literal(text) => content.push_str(text),
                        Piece::Symbol(symbol) => {
                            content.push(HOLE_START);
                            content.push_str(&holes.len().to_string());
                            content.push(HOLE_END);
                            holes.push(*symbol);
                        }
                    }
                }
                Rc::from(content)
            }
        };
        let doc = crate::doc::parse_json(&content).ok()?;
        let node = doc.root()?;
        let source = self.add_source(Source { doc, origin: Origin::Embedded { parent }, functions: false, holes });
        Some(NodeRef { source, node })
    }

    /// A pseudo parameter of a stack: what is known of it, else its symbol.
    pub fn pseudo(&self, stack: StackId, pseudo: Pseudo) -> Text<'_> {
        let data = self.stack(stack);
        let partition = || data.region.as_deref().map(partition_of).or_else(|| self.written_partition(stack));
        let literal = match pseudo {
            Pseudo::AccountId => data.account.as_deref(),
            Pseudo::Region => data.region.as_deref(),
            Pseudo::Partition => partition(),
            Pseudo::UrlSuffix => partition().and_then(|partition| match partition {
                "aws" | "aws-us-gov" => Some("amazonaws.com"),
                "aws-cn" => Some("amazonaws.com.cn"),
                _ => None,
            }),
            Pseudo::StackName | Pseudo::StackId => None,
        };
        match literal {
            Some(literal) => Text::from(literal),
            None => Text::symbol(Symbol::Pseudo(pseudo, stack)),
        }
    }

    /// The partition that every literal ARN of the stack's file names: who writes `arn:aws:` deploys there. `None` where there
    /// are none or several, or where a condition asks for the partition.
    fn written_partition(&self, stack: StackId) -> Option<&'static str> {
        struct Written(Vec<Option<&'static str>>);
        let of = |stack: &StackData| {
            let doc = &self.source(stack.root.source).doc;
            let asks = stack.conditions.values().any(|condition| {
                let doc = &self.source(condition.source).doc;
                doc.text().get(doc.span(condition.node).range()).is_some_and(|text| text.contains("AWS::Partition"))
            });
            (!asks && writes_only_standard_arns(doc.text())).then_some("aws")
        };
        let written = self.extension(|| Written(self.stacks.iter().map(of).collect()));
        written.0.get(stack.0 as usize).copied().flatten()
    }

    /// The file that a value was written in, following embedded texts to the string that holds them.
    pub fn file_of(&self, at: NodeRef) -> (SourceId, NodeId) {
        let mut at = at;
        loop {
            match &self.source(at.source).origin {
                Origin::File { .. } | Origin::Derived { .. } => return (at.source, at.node),
                Origin::Embedded { parent } => at = *parent,
            }
        }
    }
}

/// Whether a text has ARNs of the partition `aws` and of no other.
fn writes_only_standard_arns(text: &str) -> bool {
    const START: &[u8] = b"arn:aws";
    let mut found = false;
    for at in memchr::memmem::find_iter(text.as_bytes(), START) {
        match text.as_bytes().get(at + START.len()) {
            Some(b':') => found = true,
            Some(b'-') => return false,
            _ => {}
        }
    }
    found
}

/// The partition of a region, by its name (AWS General Reference, "AWS Regions and endpoints").
pub fn partition_of(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else if region.starts_with("us-iso-") {
        "aws-iso"
    } else if region.starts_with("us-isob-") {
        "aws-iso-b"
    } else if region.starts_with("eu-isoe-") {
        "aws-iso-e"
    } else if region.starts_with("us-isof-") {
        "aws-iso-f"
    } else if region.starts_with("eusc-") {
        "aws-eusc"
    } else {
        "aws"
    }
}
