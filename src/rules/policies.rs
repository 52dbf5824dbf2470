//! The policies of an input: where documents stand, which resource each guards, and what they answer.

use std::cell::{OnceCell, RefCell};
use std::ops::Deref;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::graph::{Rel, Target};
use crate::iam::evaluate::{Decision, Outcome, PolicyKind, Request, Why, explain};
use crate::iam::lint::{Grammar, Problem, Service, problems};
use crate::iam::parse::{Parsed, read};
use crate::iam::policy::{At as PolicyAt, Effect, Policy, Statement};
use crate::iam::size::size;
use crate::model::source::NodeRef;
use crate::model::stack::Model;
use crate::model::world::Memo;
use crate::model::{Place, Read, Resource, Tri, Unknown, Value, World};

use super::check::{Check, Doubt};

/// A parsed policy document and the resource that holds it: a handle, which is cheap to copy.
#[derive(Clone)]
pub struct Document<'s>(Rc<Held<'s>>);

/// What a [`Document`] is.
pub struct Held<'s> {
    pub holder: Resource<'s>,
    pub kind: PolicyKind,
    /// The document as a value.
    pub value: Value<'s>,
    /// The name of an inline policy.
    pub name: Option<Value<'s>>,
    unknown: Option<Unknown>,
    read: Rc<Reading<'s>>,
}

impl<'s> Deref for Document<'s> {
    type Target = Held<'s>;

    fn deref(&self) -> &Held<'s> {
        &self.0
    }
}

/// Documents in the order they stand, shared by all who read them.
#[derive(Clone)]
pub struct Documents<'s>(Rc<[Document<'s>]>);

impl<'s> Deref for Documents<'s> {
    type Target = [Document<'s>];

    fn deref(&self) -> &[Document<'s>] {
        &self.0
    }
}

impl<'s> From<Vec<Document<'s>>> for Documents<'s> {
    fn from(documents: Vec<Document<'s>>) -> Self {
        Documents(documents.into())
    }
}

impl<'s> FromIterator<Document<'s>> for Documents<'s> {
    fn from_iter<I: IntoIterator<Item = Document<'s>>>(documents: I) -> Self {
        Documents(documents.into_iter().collect())
    }
}

impl<'s> IntoIterator for Documents<'s> {
    type Item = Document<'s>;
    type IntoIter = Each<'s>;

    fn into_iter(self) -> Each<'s> {
        Each { documents: self, next: 0 }
    }
}

impl<'a, 's> IntoIterator for &'a Documents<'s> {
    type Item = &'a Document<'s>;
    type IntoIter = std::slice::Iter<'a, Document<'s>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One document after the other.
pub struct Each<'s> {
    documents: Documents<'s>,
    next: usize,
}

impl<'s> Iterator for Each<'s> {
    type Item = Document<'s>;

    fn next(&mut self) -> Option<Document<'s>> {
        let document = self.documents.get(self.next).cloned();
        self.next += 1;
        document
    }
}

/// A document that has been parsed, and what AWS would refuse in it, found out at most once.
pub struct Reading<'s> {
    parsed: Parsed<'s, Place>,
    problems: OnceCell<Vec<Problem>>,
    size: RefCell<Memo<usize>>,
}

impl<'s> Held<'s> {
    pub fn policy(&self) -> &Policy<'s> {
        &self.read.parsed.policy
    }

    /// Where an element stands.
    pub fn place(&self, at: PolicyAt) -> Place {
        self.read.parsed.place(at).unwrap_or_else(|| self.value.place())
    }

    /// Why an element is not known; `None` where it is.
    pub fn doubt(&self, at: PolicyAt) -> Option<Doubt> {
        let place = self.place(at);
        let value = Value::of(self.value.world(), self.value.stack_id(), place.node);
        Doubt::of(&value).map(|doubt| Doubt { at: place, ..doubt })
    }

    /// Whether a statement has an effect; the doubt where its effect is not known. A word that is no effect is refused.
    pub fn has_effect(&self, statement: &Statement<'s>, effect: Effect) -> Result<bool, Doubt> {
        match (statement.effect, statement.effect_at) {
            (Effect::Unclear, Some(at)) => self.doubt(at).map_or(Ok(false), Err),
            (own, _) => Ok(own == effect),
        }
    }

    /// The statements with an effect, each with what leaves open whether it has it.
    pub fn statements(&self, effect: Effect) -> impl Iterator<Item = (usize, &Statement<'s>, Option<Doubt>)> {
        self.policy().statements.iter().enumerate().filter_map(move |(index, statement)| {
            match self.has_effect(statement, effect) {
                Ok(has) => has.then_some((index, statement, None)),
                Err(doubt) => Some((index, statement, Some(doubt))),
            }
        })
    }

    /// Why it is not known whether a statement applies at all; `None` where it does.
    pub fn part_doubt(&self, statement: &Statement<'s>) -> Option<Doubt> {
        statement.unknown.map(|at| self.doubt(at).unwrap_or_else(|| self.some_part(at)))
    }

    /// What leaves open whether something is true of a statement; `None` where it certainly is, or is not.
    pub fn doubt_about(&self, statement: &Statement<'s>, said: Tri) -> Option<Doubt> {
        if said.is_no() {
            return None;
        }
        let part = self.part_doubt(statement);
        if part.is_some() || said.is_yes() {
            return part;
        }
        let principals = statement.principals.iter().flat_map(|own| {
            own.entries.iter().filter(|entry| entry.text.has_opaque()).map(|entry| entry.at).chain(own.unknown)
        });
        let scopes = statement.actions.iter().chain(&statement.resources).flat_map(|own| {
            own.entries.iter().filter(|entry| entry.text.has_opaque()).map(|entry| entry.at).chain(own.unknown)
        });
        let conditions = statement.conditions.iter().flat_map(|own| {
            own.values.iter().filter(|value| value.text.has_opaque()).map(|value| value.at).chain(own.unknown)
        });
        let mut open = principals.chain(scopes).chain(conditions);
        Some(open.find_map(|at| self.doubt(at)).unwrap_or_else(|| self.some_part(statement.at)))
    }

    fn some_part(&self, at: PolicyAt) -> Doubt {
        Doubt { at: self.place(at), unknown: Unknown::other("a part of the statement is not known") }
    }

    /// What AWS would refuse, or read otherwise than it is meant.
    pub fn problems(&self) -> &[Problem] {
        self.read.problems.get_or_init(|| problems(self.policy(), self.grammar()))
    }

    /// The least number of characters that it has, as AWS counts them.
    pub fn size(&self) -> usize {
        self.value.world().remember(&self.read.size, || size(&self.value))
    }

    /// The grammar that AWS reads the document by.
    pub fn grammar(&self) -> Grammar {
        match self.kind {
            PolicyKind::Trust => Grammar::Trust,
            PolicyKind::Key => Grammar::Key,
            PolicyKind::Scp => Grammar::Scp,
            PolicyKind::Rcp => Grammar::Rcp,
            PolicyKind::Identity if self.holder.is("AWS::IAM::ManagedPolicy") => Grammar::Managed,
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => Grammar::Inline,
            PolicyKind::Resource => Grammar::Resource(match self.holder.kind() {
                "AWS::S3::BucketPolicy" | "AWS::S3::AccessPoint" => Service::S3,
                "AWS::SNS::TopicPolicy" | "AWS::SNS::TopicInlinePolicy" => Service::Sns,
                "AWS::SQS::QueuePolicy" | "AWS::SQS::QueueInlinePolicy" => Service::Sqs,
                "AWS::SecretsManager::ResourcePolicy" => Service::SecretsManager,
                "AWS::Logs::ResourcePolicy" => Service::Logs,
                "AWS::EC2::VPCEndpoint" => Service::VpcEndpoint,
                _ => Service::Other,
            }),
        }
    }

    /// Whether nothing of it is known (an unknown string, a Pulumi output at preview).
    pub fn unknown(&self) -> Option<Unknown> {
        self.unknown.clone()
    }
}

type Remembered<'s> = Rc<RefCell<Memo<Rc<Reading<'s>>>>>;

/// What is known of the policies of an input, found out once per alternative, however many rules ask.
pub struct PolicyCache<'s> {
    parsed: RefCell<FxHashMap<NodeRef, Remembered<'s>>>,
    /// By resource, as the next two.
    documents: Vec<RefCell<Memo<Documents<'s>>>>,
    guards: Vec<RefCell<Memo<Guard<'s>>>>,
    identities: Vec<RefCell<Memo<Guard<'s>>>>,
}

impl<'s> PolicyCache<'s> {
    pub fn new(model: &Model) -> Rc<Self> {
        let count = model.resources.len();
        Rc::new(PolicyCache {
            parsed: RefCell::default(),
            documents: (0..count).map(|_| RefCell::default()).collect(),
            guards: (0..count).map(|_| RefCell::default()).collect(),
            identities: (0..count).map(|_| RefCell::default()).collect(),
        })
    }
}

/// Where the documents of each resource type stand. `[]` is each element of a list.
const PLACES: &[(&str, &str, PolicyKind)] = &[
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", PolicyKind::Trust),
    ("AWS::IAM::Role", "Policies.[].PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::User", "Policies.[].PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::Group", "Policies.[].PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::Policy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::RolePolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::UserPolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::GroupPolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::SSO::PermissionSet", "InlinePolicy", PolicyKind::Identity),
    ("AWS::S3::BucketPolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::KMS::Key", "KeyPolicy", PolicyKind::Key),
    ("AWS::KMS::ReplicaKey", "KeyPolicy", PolicyKind::Key),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::SNS::TopicInlinePolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::SQS::QueueInlinePolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", PolicyKind::Resource),
    ("AWS::Logs::ResourcePolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::ECR::Repository", "RepositoryPolicyText", PolicyKind::Resource),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", PolicyKind::Resource),
    ("AWS::Backup::BackupVault", "AccessPolicy", PolicyKind::Resource),
    ("AWS::Events::EventBusPolicy", "Statement", PolicyKind::Resource),
    ("AWS::EFS::FileSystem", "FileSystemPolicy", PolicyKind::Resource),
    ("AWS::ApiGateway::RestApi", "Policy", PolicyKind::Resource),
    ("AWS::S3::AccessPoint", "Policy", PolicyKind::Resource),
    ("AWS::Organizations::Policy", "Content", PolicyKind::Scp),
    ("Stackproof::IAM::PolicyDocument", "", PolicyKind::Identity),
];

/// Types that hold policy documents, for the `on` of rules about all policies.
pub const POLICY_TYPES: &[&str] = &[
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::IAM::Group",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
    "AWS::SSO::PermissionSet",
    "AWS::S3::BucketPolicy",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::SNS::TopicPolicy",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::Logs::ResourcePolicy",
    "AWS::ECR::Repository",
    "AWS::EC2::VPCEndpoint",
    "AWS::Backup::BackupVault",
    "AWS::EFS::FileSystem",
    "AWS::ApiGateway::RestApi",
    "AWS::S3::AccessPoint",
    "AWS::Organizations::Policy",
    "Stackproof::IAM::PolicyDocument",
];

/// Types that hold identity policies.
pub const IDENTITY_TYPES: &[&str] = &[
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::IAM::Group",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
    "AWS::SSO::PermissionSet",
    "Stackproof::IAM::PolicyDocument",
];

/// The policies of one input, in one world.
pub struct Policies<'s> {
    world: &'s World<'s>,
    cache: Rc<PolicyCache<'s>>,
}

impl<'s> Check<'s> {
    fn policies(&self) -> Policies<'s> {
        Policies { world: self.world, cache: self.policies.clone() }
    }

    /// See [`Policies::documents`].
    pub fn documents(&self, resource: Resource<'s>) -> Documents<'s> {
        self.policies().documents(resource)
    }

    /// See [`Policies::document`].
    pub fn document(
        &self,
        holder: Resource<'s>,
        value: Value<'s>,
        kind: PolicyKind,
        name: Option<Value<'s>>,
    ) -> Option<Document<'s>> {
        self.policies().document(holder, value, kind, name)
    }

    /// See [`Policies::guard`].
    pub fn guard(&self, resource: Resource<'s>) -> Guard<'s> {
        self.policies().guard(resource)
    }

    /// See [`Policies::identity`].
    pub fn identity(&self, principal: Resource<'s>) -> Guard<'s> {
        self.policies().identity(principal)
    }
}

impl<'s> Policies<'s> {
    pub fn new(world: &'s World<'s>) -> Self {
        Policies { world, cache: PolicyCache::new(world.model) }
    }

    /// The policy documents that stand in a resource, absent ones left out.
    pub fn documents(&self, resource: Resource<'s>) -> Documents<'s> {
        let memo = &self.cache.documents[resource.id().0 as usize];
        self.world.remember(memo, || self.find_documents(resource).into())
    }

    fn find_documents(&self, resource: Resource<'s>) -> Vec<Document<'s>> {
        let mut found = Vec::new();
        for (_, path, kind) in PLACES.iter().filter(|(of, ..)| resource.is(of)) {
            match path.split_once(".[].") {
                Some((list, document)) => {
                    for item in resource.get(list).items().known().unwrap_or_default() {
                        let name = item.get("PolicyName");
                        found.extend(self.document(resource, item.get(document), *kind, Some(name)));
                    }
                }
                None if path.is_empty() => {
                    let value = resource.properties();
                    // A document by itself says by its elements what it is meant for.
                    let names_principals =
                        value.get("Statement").items_or_one().known().unwrap_or_default().iter().any(|statement| {
                            statement.get("Principal").is_present() || statement.get("NotPrincipal").is_present()
                        });
                    let kind = if names_principals { PolicyKind::Resource } else { *kind };
                    found.extend(self.document(resource, value, kind, None));
                }
                None => found.extend(self.document(resource, resource.get(path), *kind, None)),
            }
        }
        found
    }

    /// A value read as a policy document; `None` where it is absent.
    pub fn document(
        &self,
        holder: Resource<'s>,
        value: Value<'s>,
        kind: PolicyKind,
        name: Option<Value<'s>>,
    ) -> Option<Document<'s>> {
        if value.is_absent() {
            return None;
        }
        let document = value.document();
        let make = || Rc::new(Reading { parsed: read(&document), problems: OnceCell::new(), size: RefCell::default() });
        // By where its content stands: one `Fn::If` holds several documents.
        let read = match document.content() {
            Some(content) => {
                let memo = self.cache.parsed.borrow_mut().entry(content).or_default().clone();
                self.world.remember(&memo, make)
            }
            None => make(),
        };
        let unknown = document.unknown().cloned();
        Some(Document(Rc::new(Held { holder, kind, value, name, unknown, read })))
    }

    /// The resource policies of a bucket, topic, queue, secret or key.
    pub fn guard(&self, resource: Resource<'s>) -> Guard<'s> {
        let memo = &self.cache.guards[resource.id().0 as usize];
        self.world.remember(memo, || self.find_guard(resource))
    }

    fn find_guard(&self, resource: Resource<'s>) -> Guard<'s> {
        let own = self.documents(resource);
        let is_guard = |document: &&Document<'s>| matches!(document.kind, PolicyKind::Resource | PolicyKind::Key);
        let mut documents: Vec<Document<'s>> = own.iter().filter(is_guard).cloned().collect();
        let incoming = resource.followed_by(Rel::PolicyOf);
        for edge in incoming.edges {
            for document in self.documents(edge.from).iter() {
                if !documents.iter().any(|known| known.value.place() == document.value.place()) {
                    documents.push(document.clone());
                }
            }
        }
        let unknown = incoming.maybe.into_iter().next().map(|(_, unknown)| unknown);
        let unknown = unknown.or(resource.stack().may_hold_more()).or_else(|| resource.configured_elsewhere());
        Guard { resource, documents: documents.into(), unknown }
    }

    /// The identity policies of a role, user or group: inline ones, attached ones of this stack, and whether there are
    /// others that are not known (`unknown`), such as AWS managed policies.
    pub fn identity(&self, principal: Resource<'s>) -> Guard<'s> {
        let memo = &self.cache.identities[principal.id().0 as usize];
        self.world.remember(memo, || self.find_identity(principal))
    }

    fn find_identity(&self, principal: Resource<'s>) -> Guard<'s> {
        let own = self.documents(principal);
        let is_identity = |document: &&Document<'s>| document.kind == PolicyKind::Identity;
        let mut documents: Vec<Document<'s>> = own.iter().filter(is_identity).cloned().collect();
        let mut unknown = match principal.get("Policies").items() {
            Read::Unknown(unknown) => Some(unknown),
            _ => principal.configured_elsewhere(),
        };
        let incoming = principal.followed_by(Rel::AttachedTo);
        for edge in &incoming.edges {
            documents.extend_from_slice(&self.documents(edge.from));
        }
        unknown = unknown.or(incoming.maybe.into_iter().next().map(|(_, unknown)| unknown));
        let mut attached: Vec<_> = principal.follow(Rel::HasPolicy);
        for edge in incoming.edges {
            attached.extend(edge.from.follow(Rel::HasPolicy));
        }
        for edge in attached {
            match edge.target {
                Target::Resource(policy) => documents.extend_from_slice(&self.documents(policy)),
                Target::Outside(text) => {
                    unknown = unknown
                        .or_else(|| Some(Unknown::other(format!("the policy {text} is not part of this input"))));
                }
                Target::Unknown(other) => unknown = unknown.or(Some(other)),
            }
        }
        Guard { resource: principal, documents: documents.into(), unknown }
    }
}

/// All policies that decide about one resource or principal.
#[derive(Clone)]
pub struct Guard<'s> {
    pub resource: Resource<'s>,
    pub documents: Documents<'s>,
    /// There may be more policies than these.
    pub unknown: Option<Unknown>,
}

/// What a guard answers to a request.
pub enum Answer {
    Allowed,
    /// Nothing allows it.
    Refused {
        explanation: String,
        /// A statement whose effect on the request is not known may deny it as well.
        perhaps_denied: bool,
    },
    /// A statement denies it: where it stands.
    Denied {
        explanation: String,
        statement: Option<Place>,
    },
    Unknown(Unknown),
}

impl<'s> Guard<'s> {
    /// Whether these policies let a request through, seen from the resource alone (a service principal needs no more).
    pub fn ask(&self, request: &Request<'s>) -> Answer {
        let policies: Vec<(PolicyKind, &Policy<'s>)> =
            self.documents.iter().map(|document| (document.kind, document.policy())).collect();
        let decision = decide(&policies, request);
        let explanation = match decision.outcome {
            Outcome::Allow => String::new(),
            _ => explain(&decision, request, &policies),
        };
        match decision.outcome {
            // AWS keeps one policy per resource: one that is not known is no second one that could deny.
            Outcome::Allow => Answer::Allowed,
            Outcome::ExplicitDeny => {
                let statement = decision.statement.and_then(|id| {
                    let document = self.documents.get(id.policy)?;
                    Some(document.place(document.policy().statements.get(id.statement)?.at))
                });
                Answer::Denied { explanation, statement }
            }
            _ if decision.is_refused() => {
                match (&self.unknown, self.documents.iter().find_map(|document| document.unknown())) {
                    (Some(unknown), _) => Answer::Unknown(unknown.clone()),
                    (None, Some(unknown)) => Answer::Unknown(unknown),
                    (None, None) => {
                        Answer::Refused { explanation, perhaps_denied: decision.why == Why::RefusedEitherWay }
                    }
                }
            }
            Outcome::ImplicitDeny | Outcome::Unknown => {
                let unknown = self
                    .documents
                    .iter()
                    .find_map(|document| document.unknown())
                    .unwrap_or_else(|| Unknown::other(explanation));
                Answer::Unknown(unknown)
            }
        }
    }
}

fn decide<'s>(policies: &[(PolicyKind, &Policy<'s>)], request: &Request<'s>) -> Decision {
    crate::iam::evaluate::evaluate(request, policies)
}
