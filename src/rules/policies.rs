//! The policies of an input: where documents stand, which resource each guards, and what they answer.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::graph::Rel;
use crate::iam::evaluate::{Decision, Outcome, PolicyKind, Request, explain};
use crate::iam::lint::{Grammar, Problem, Service, problems};
use crate::iam::parse::{Parsed, read};
use crate::iam::policy::{At as PolicyAt, Policy};
use crate::model::source::NodeRef;
use crate::model::world::Memo;
use crate::model::{Kind, Place, Read, Resource, Unknown, Value, World};

use super::check::Check;

/// A parsed policy document and the resource that holds it.
pub struct Document<'s> {
    pub holder: Resource<'s>,
    pub kind: PolicyKind,
    /// The document as a value.
    pub value: Value<'s>,
    /// The name of an inline policy.
    pub name: Option<Value<'s>>,
    read: Rc<Reading<'s>>,
}

/// A document that has been parsed, and what AWS would refuse in it, found out at most once.
pub struct Reading<'s> {
    parsed: Parsed<'s, Place>,
    problems: OnceCell<Vec<Problem>>,
}

impl<'s> Document<'s> {
    pub fn policy(&self) -> &Policy<'s> {
        &self.read.parsed.policy
    }

    /// Where an element stands.
    pub fn place(&self, at: PolicyAt) -> Place {
        self.read.parsed.place(at).unwrap_or_else(|| self.value.place())
    }

    /// What AWS would refuse, or read otherwise than it is meant.
    pub fn problems(&self) -> &[Problem] {
        self.read.problems.get_or_init(|| problems(self.policy(), self.grammar()))
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
        match self.value.document().kind() {
            Kind::Unknown(unknown) => Some(unknown.clone()),
            _ => None,
        }
    }
}

/// Parsed documents of an input, so that each is parsed once per alternative, however many rules read it.
pub type PolicyCache<'s> = Rc<RefCell<FxHashMap<NodeRef, Rc<RefCell<Memo<Rc<Reading<'s>>>>>>>>;

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
    cache: PolicyCache<'s>,
}

impl<'s> Check<'s> {
    fn policies(&self) -> Policies<'s> {
        Policies { world: self.world, cache: self.policies.clone() }
    }

    /// See [`Policies::documents`].
    pub fn documents(&self, resource: Resource<'s>) -> Vec<Document<'s>> {
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
        Policies { world, cache: PolicyCache::default() }
    }

    /// The policy documents that stand in a resource, absent ones left out.
    pub fn documents(&self, resource: Resource<'s>) -> Vec<Document<'s>> {
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
        let make = || Rc::new(Reading { parsed: read(&document), problems: OnceCell::new() });
        // By where its content stands: one `Fn::If` holds several documents.
        let read = match document.content() {
            Some(content) => {
                let memo = self.cache.borrow_mut().entry(content).or_default().clone();
                self.world.remember(&memo, make)
            }
            None => make(),
        };
        Some(Document { holder, kind, value, name, read })
    }

    /// The resource policies of a bucket, topic, queue, secret or key.
    pub fn guard(&self, resource: Resource<'s>) -> Guard<'s> {
        let mut guard = Guard { resource, documents: Vec::new(), unknown: None };
        guard.documents.extend(
            self.documents(resource)
                .into_iter()
                .filter(|document| matches!(document.kind, PolicyKind::Resource | PolicyKind::Key)),
        );
        let incoming = resource.followed_by(Rel::PolicyOf);
        for edge in incoming.edges {
            for document in self.documents(edge.from) {
                if !guard.documents.iter().any(|known| known.value.place() == document.value.place()) {
                    guard.documents.push(document);
                }
            }
        }
        guard.unknown =
            incoming.maybe.into_iter().next().map(|(_, unknown)| unknown).or(resource.stack().may_hold_more());
        guard
    }

    /// The identity policies of a role, user or group: inline ones, attached ones of this stack, and whether there are
    /// others that are not known (`unknown`), such as AWS managed policies.
    pub fn identity(&self, principal: Resource<'s>) -> Guard<'s> {
        let mut guard = Guard { resource: principal, documents: Vec::new(), unknown: None };
        guard
            .documents
            .extend(self.documents(principal).into_iter().filter(|document| document.kind == PolicyKind::Identity));
        if let Read::Unknown(unknown) = principal.get("Policies").items() {
            guard.unknown = Some(unknown);
        }
        let incoming = principal.followed_by(Rel::AttachedTo);
        for edge in &incoming.edges {
            guard.documents.extend(self.documents(edge.from));
        }
        guard.unknown = guard.unknown.or(incoming.maybe.into_iter().next().map(|(_, unknown)| unknown));
        let mut attached: Vec<_> = principal.follow(Rel::HasPolicy);
        for edge in incoming.edges {
            attached.extend(edge.from.follow(Rel::HasPolicy));
        }
        for edge in attached {
            match edge.target {
                crate::graph::Target::Resource(policy) => guard.documents.extend(self.documents(policy)),
                crate::graph::Target::Outside(text) => {
                    guard.unknown =
                        guard.unknown.or(Some(Unknown::other(format!("the policy {text} is not part of this input"))));
                }
                crate::graph::Target::Unknown(unknown) => guard.unknown = guard.unknown.or(Some(unknown)),
            }
        }
        guard
    }
}

/// All policies that decide about one resource or principal.
pub struct Guard<'s> {
    pub resource: Resource<'s>,
    pub documents: Vec<Document<'s>>,
    /// There may be more policies than these.
    pub unknown: Option<Unknown>,
}

/// What a guard answers to a request.
pub enum Answer {
    Allowed {
        explanation: String,
    },
    /// Nothing allows it.
    Refused {
        explanation: String,
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
        let explanation = explain(&decision, request, &policies);
        match decision.outcome {
            // AWS keeps one policy per resource: one that is not known is no second one that could deny.
            Outcome::Allow => Answer::Allowed { explanation },
            Outcome::ExplicitDeny => {
                let statement = decision.statement.and_then(|id| {
                    let document = self.documents.get(id.policy)?;
                    Some(document.place(document.policy().statements.get(id.statement)?.at))
                });
                Answer::Denied { explanation, statement }
            }
            _ if decision.is_refused() => match (&self.unknown, self.documents.iter().find_map(Document::unknown)) {
                (Some(unknown), _) => Answer::Unknown(unknown.clone()),
                (None, Some(unknown)) => Answer::Unknown(unknown),
                (None, None) => Answer::Refused { explanation },
            },
            Outcome::ImplicitDeny | Outcome::Unknown => {
                let unknown =
                    self.documents.iter().find_map(Document::unknown).unwrap_or_else(|| Unknown::other(explanation));
                Answer::Unknown(unknown)
            }
        }
    }
}

fn decide<'s>(policies: &[(PolicyKind, &Policy<'s>)], request: &Request<'s>) -> Decision {
    crate::iam::evaluate::evaluate(request, policies)
}
