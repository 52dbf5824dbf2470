//! Handles that rules hold: a resource, a stack.

use super::attributes;
use super::source::NodeRef;
use super::stack::{Deployer, ResourceData, StackData};
use super::text::{Pseudo, ResourceId, StackId, Text};
use super::unknown::{Unknown, Why};
use super::value::{Kind, Place, Value};
use super::world::World;

/// A resource of the input, read under the current choices.
#[derive(Clone, Copy)]
pub struct Resource<'s> {
    pub(crate) world: &'s World<'s>,
    pub(crate) id: ResourceId,
}

impl PartialEq for Resource<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<'s> Resource<'s> {
    pub fn new(world: &'s World<'s>, id: ResourceId) -> Self {
        Resource { world, id }
    }

    pub fn id(self) -> ResourceId {
        self.id
    }

    pub fn data(self) -> &'s ResourceData {
        self.world.model.resource(self.id)
    }

    pub fn world(self) -> &'s World<'s> {
        self.world
    }

    /// Logical id or URN.
    pub fn logical_id(self) -> &'s str {
        &self.data().id
    }

    /// A short name for messages: the logical id, or the last part of a URN.
    pub fn label(self) -> &'s str {
        self.data().id.rsplit("::").next().unwrap_or_default()
    }

    /// CloudFormation type.
    pub fn kind(self) -> &'s str {
        &self.data().kind
    }

    pub fn is(self, kind: &str) -> bool {
        self.data().kind == kind
    }

    pub fn deployer(self) -> Deployer {
        self.data().deployer
    }

    /// Whether the resource comes from a Pulumi program.
    pub fn is_pulumi(self) -> bool {
        self.data().deployer != Deployer::CloudFormation
    }

    pub fn stack(self) -> Stack<'s> {
        Stack { world: self.world, id: self.data().stack }
    }

    /// All properties as one value.
    pub fn properties(self) -> Value<'s> {
        let data = self.data();
        match data.properties {
            Some(node) => Value::of(self.world, data.stack, node),
            None => Value {
                world: self.world,
                stack: data.stack,
                at: Place { node: data.anchor, missing: Some("Properties") },
                kind: Kind::Absent,
            },
        }
    }

    /// A property by its CloudFormation path (`VersioningConfiguration.Status`). Where a macro may add what is missing, a
    /// missing property is unknown.
    pub fn get(self, path: &'static str) -> Value<'s> {
        let mut value = self.properties();
        for name in path.split('.') {
            value = value.get(name);
        }
        if matches!(value.kind, Kind::Absent)
            && let Some(transform) = self.stack().data().transforms.iter().find(|name| self.is_made_by(name))
        {
            value.kind = Kind::Unknown(Unknown::maybe_not_there(Why::Transform(transform.clone())));
        }
        value
    }

    /// Whether a macro may change this resource. SAM changes only resources of its own types, a loop adds resources.
    fn is_made_by(self, transform: &str) -> bool {
        match transform {
            "AWS::Serverless-2016-10-31" => self.kind().starts_with("AWS::Serverless::"),
            "Fn::ForEach" => false,
            _ => true,
        }
    }

    /// A property, or AWS's own default where it is not set.
    pub fn effective(self, path: &'static str) -> Value<'s> {
        let mut value = self.get(path);
        if value.is_absent()
            && let Some(default) = super::defaults::default(self.kind(), path)
        {
            value.kind = default;
        }
        value
    }

    /// What the provider answered for an output property (Pulumi states), if it did.
    pub fn output(self, name: &str) -> Value<'s> {
        let data = self.data();
        match data.outputs {
            Some(node) => Value::of(self.world, data.stack, node).member(name),
            None => Value {
                world: self.world,
                stack: data.stack,
                at: Place { node: data.anchor, missing: None },
                kind: Kind::Absent,
            },
        }
    }

    /// Where the resource itself stands.
    pub fn place(self) -> Place {
        Place { node: self.data().anchor, missing: None }
    }

    pub fn arn(self) -> Option<Text<'s>> {
        attributes::arn(self.world, self.id)
    }

    pub fn name(self) -> Text<'s> {
        attributes::name(self.world, self.id)
    }

    pub fn reference(self) -> Text<'s> {
        attributes::reference(self.world, self.id)
    }

    pub fn region(self) -> Text<'s> {
        match &self.data().region {
            Some(region) => Text::from(region.as_str()),
            None => self.stack().pseudo(Pseudo::Region),
        }
    }

    pub fn account(self) -> Text<'s> {
        self.stack().pseudo(Pseudo::AccountId)
    }

    pub fn partition(self) -> Text<'s> {
        self.stack().pseudo(Pseudo::Partition)
    }

    /// The ARN of something of a service in the resource's region and account; `rest` is all behind the account's colon.
    pub fn arn_beside(self, service: &'static str, rest: impl IntoIterator<Item = Text<'s>>) -> Text<'s> {
        let colon = || Text::from(":");
        let start = [Text::from("arn:"), self.partition(), colon(), Text::from(service), colon()];
        let place = [self.region(), colon(), self.account(), colon()];
        Text::concat(start.into_iter().chain(place).chain(rest))
    }

    /// The ARN of a principal of the resource's account: `root`, `role/deployer`.
    pub fn principal_beside(self, rest: &'static str) -> Text<'s> {
        let parts = [Text::from("arn:"), self.partition(), Text::from(":iam::"), self.account()];
        Text::concat(parts.into_iter().chain([Text::from(":"), Text::from(rest)]))
    }

    /// Whether the resource is part of the stack under the current choices.
    pub fn exists(self) -> bool {
        let data = self.data();
        match &data.condition {
            Some(condition) => super::condition::decide_named(self.world, data.stack, condition).unwrap_or(true),
            None => true,
        }
    }

    /// For a resource that is only read (`external`): what else of its account configures it is not part of this input.
    pub fn configured_elsewhere(self) -> Option<Unknown> {
        let why = || Unknown::new(Why::Outside(self.label().to_owned()));
        self.data().external.then(why)
    }

    /// The resources that only configure this one (Pulumi's `KeyPolicy`, `BucketVersioning` …).
    pub fn parts(self) -> impl Iterator<Item = Resource<'s>> {
        self.world.model.joined(self.id).iter().map(move |&id| Resource::new(self.world, id))
    }

    /// Whether this resource is created after `other`: by `DependsOn`, or because it refers to it, directly or through others.
    pub fn comes_after(self, other: Resource<'s>) -> bool {
        self.world.model.depends_transitively(self.id, other.id)
    }
}

/// A stack of the input.
#[derive(Clone, Copy)]
pub struct Stack<'s> {
    pub(crate) world: &'s World<'s>,
    pub(crate) id: StackId,
}

impl<'s> Stack<'s> {
    pub fn new(world: &'s World<'s>, id: StackId) -> Self {
        Stack { world, id }
    }

    pub fn id(self) -> StackId {
        self.id
    }

    pub fn data(self) -> &'s StackData {
        self.world.model.stack(self.id)
    }

    pub fn world(self) -> &'s World<'s> {
        self.world
    }

    pub fn pseudo(self, pseudo: Pseudo) -> Text<'s> {
        match pseudo {
            Pseudo::Region => match self.world.pseudo_assumption(self.id, pseudo) {
                Some(region) => Text::from(region),
                None => self.world.model.pseudo(self.id, pseudo),
            },
            _ => self.world.model.pseudo(self.id, pseudo),
        }
    }

    /// The resources of a type that exist under the current choices, in the order of the file.
    pub fn of_type(self, kind: &str) -> impl Iterator<Item = Resource<'s>> + use<'s> {
        let world = self.world;
        world
            .model
            .of_type(self.id, kind)
            .iter()
            .map(move |&id| Resource { world, id })
            .filter(|resource| resource.exists())
    }

    /// All resources, whether or not they exist under the current choices.
    pub fn resources(self) -> impl Iterator<Item = Resource<'s>> + use<'s> {
        let world = self.world;
        self.data().resources.iter().map(move |&id| Resource { world, id })
    }

    pub fn resource(self, logical_id: &str) -> Option<Resource<'s>> {
        self.data().by_logical_id.get(logical_id).map(|&id| Resource { world: self.world, id })
    }

    /// The whole template or state as a value.
    pub fn root(self) -> Value<'s> {
        Value::of(self.world, self.id, self.data().root)
    }

    pub fn outputs(self) -> Value<'s> {
        match self.data().outputs {
            Some(node) => Value::of(self.world, self.id, node),
            None => self.root().get("Outputs"),
        }
    }

    /// Whether a named condition holds under the current choices; `None` where there is none of this name.
    pub fn condition(self, name: &str) -> Option<bool> {
        super::condition::decide_named(self.world, self.id, name)
    }

    /// A value of this stack's template.
    pub fn value(self, node: NodeRef) -> Value<'s> {
        Value::of(self.world, self.id, node)
    }

    /// Why a resource that is not found may still be there: a macro may add it.
    pub fn may_hold_more(self) -> Option<Unknown> {
        self.data().transforms.first().map(|transform| Unknown::new(Why::Transform(transform.clone())))
    }

    pub fn siblings(self) -> impl Iterator<Item = Stack<'s>> + use<'s> {
        let world = self.world;
        (0..world.model.stacks.len() as u32).map(move |id| Stack { world, id: StackId(id) })
    }
}
