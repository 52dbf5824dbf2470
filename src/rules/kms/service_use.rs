//! What AWS services do with a customer's key, and whether its policy lets them.
//!
//! Sources: KMS Developer Guide, "Key policies in AWS KMS"; SNS Developer Guide, "Enable compatibility between event sources
//! from AWS services and encrypted topics"; SQS Developer Guide, "Configure KMS permissions for AWS services"; CloudWatch Logs
//! User Guide, "Encrypt log data"; CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail"; VPC User Guide,
//! "Required key policy for use with SSE-KMS".

use crate::graph::{EVENT_TARGET, Edge};
use crate::iam::condition::KeyState;
use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::model::Place;
use crate::rules::Check;
use crate::rules::names::{key_policies, may_come_late};
use crate::rules::policies::Answer;
use crate::rules::prelude::*;

/// The key that a property names.
pub(super) enum KeyOf<'s> {
    /// A key of this input, found through an alias where it is named by one.
    Key(Resource<'s>),
    /// `alias/aws/…`: a key of AWS, whose policy nobody can change.
    Managed,
    Unknown(Unknown),
}

pub(super) fn key_of<'s>(edge: &Edge<'s>) -> KeyOf<'s> {
    match &edge.target {
        Target::Resource(alias) if alias.is("AWS::KMS::Alias") => match alias.follow(Rel::Configures).pop() {
            Some(Edge { target: Target::Resource(key), .. }) => KeyOf::Key(key),
            Some(Edge { target: Target::Outside(text), .. }) => KeyOf::Unknown(outside(&text)),
            Some(Edge { target: Target::Unknown(unknown), .. }) => KeyOf::Unknown(unknown),
            None => KeyOf::Unknown(Unknown::other("the alias names no key")),
        },
        Target::Resource(key) => KeyOf::Key(*key),
        Target::Outside(text) if is_managed(text) => KeyOf::Managed,
        Target::Outside(text) => KeyOf::Unknown(outside(text)),
        Target::Unknown(unknown) => KeyOf::Unknown(unknown.clone()),
    }
}

fn outside(text: &Text<'_>) -> Unknown {
    Unknown::new(Why::Outside(text.to_string()))
}

/// `alias/aws/sns`, also at the end of an ARN.
fn is_managed(text: &Text<'_>) -> bool {
    let shown = text.to_string();
    shown.starts_with("alias/aws/") || shown.starts_with("arn:") && shown.contains(":alias/aws/")
}

/// The policy of a key that is a resource of its own (Pulumi's `KeyPolicy`), where `user` may be created before it.
pub(super) fn late_policy<'s>(key: Resource<'s>, user: Resource<'s>) -> Option<Resource<'s>> {
    key_policies(key).find(|policy| may_come_late(*policy, user))
}

/// What a service needs of a key.
#[derive(Clone)]
pub(super) struct Need<'s> {
    /// Service principal; any one of several spellings will do.
    pub services: Vec<Text<'s>>,
    /// How messages call the service.
    pub title: &'static str,
    pub actions: &'static [&'static str],
    /// `aws:SourceArn` and `aws:SourceAccount` where the service sends them.
    pub source: Option<Text<'s>>,
    pub account: Text<'s>,
    /// Encryption context and other keys of the call.
    pub context: Vec<(&'static str, KeyState<'s>)>,
}

impl<'s> Need<'s> {
    pub fn new(service: &'s str, title: &'static str, actions: &'static [&'static str], source: Resource<'s>) -> Self {
        Need {
            // A name without its suffix is refused as a principal, which is another rule's finding.
            services: [Some(service), service.strip_suffix(".amazonaws.com")]
                .into_iter()
                .flatten()
                .map(Text::from)
                .collect(),
            title,
            actions,
            source: source.arn(),
            account: source.account(),
            context: Vec::new(),
        }
    }

    pub fn context(mut self, key: &'static str, state: KeyState<'s>) -> Self {
        self.context.push((key, state));
        self
    }

    fn request(&self, service: &Text<'s>, action: &'static str, key: Resource<'s>) -> Request<'s> {
        let mut request =
            Request::new(Principal::service(service.clone()), action, key.arn().unwrap_or_else(|| Text::from("*")))
                .in_account(key.account())
                .with("aws:SourceAccount", self.account.clone())
                .with("aws:PrincipalIsAWSService", "true")
                .with("aws:PrincipalServiceName", service.clone())
                .with("aws:SecureTransport", "true")
                .with_state("aws:SourceOrgID", KeyState::Unknown)
                .with_state("aws:ViaAWSService", KeyState::Unknown)
                .with_state("kms:ViaService", KeyState::Unknown);
        request = match &self.source {
            Some(source) => request.with("aws:SourceArn", source.clone()),
            None => request.with_state("aws:SourceArn", KeyState::Unknown),
        };
        for (name, state) in &self.context {
            request = request.with_state(name, state.clone());
        }
        request
    }
}

/// What the policy of a key says to a need.
pub(super) enum Verdict {
    Allowed,
    /// Nothing allows the action.
    Missing {
        action: &'static str,
        explanation: String,
    },
    Denied {
        action: &'static str,
        explanation: String,
        statement: Option<Place>,
    },
    Unknown(Unknown),
}

pub(super) fn judge<'s>(check: &Check<'s>, key: Resource<'s>, need: &Need<'s>) -> Verdict {
    let guard = check.guard(key);
    let mut doubt = None;
    for &action in need.actions {
        let mut missing = None;
        let mut unknown = None;
        let mut allowed = false;
        for service in &need.services {
            match guard.ask(&need.request(service, action, key)) {
                Answer::Allowed => {
                    allowed = true;
                    break;
                }
                Answer::Denied { explanation, statement } => return Verdict::Denied { action, explanation, statement },
                Answer::Refused { explanation, .. } => missing = missing.or(Some(explanation)),
                Answer::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        match (allowed, unknown, missing) {
            (true, ..) => {}
            (false, Some(unknown), _) => doubt = doubt.or(Some(unknown)),
            (false, None, Some(explanation)) => return Verdict::Missing { action, explanation },
            (false, None, None) => {}
        }
    }
    doubt.map_or(Verdict::Allowed, Verdict::Unknown)
}

/// Reports a verdict at the place that names the key; `adjust` may give the finding a severity of its own. `statement` is what
/// a safe fix adds to the key policy.
pub(super) fn report<'c, 's>(
    check: &'c Check<'s>,
    at: &Value<'s>,
    key: Resource<'s>,
    need: &Need<'s>,
    statement: Option<impl FnOnce() -> serde_json::Value>,
) -> Option<crate::rules::Finding<'c>> {
    match judge(check, key, need) {
        Verdict::Allowed => None,
        Verdict::Unknown(unknown) => {
            check.undetermined(at, unknown);
            None
        }
        Verdict::Denied { action, explanation, statement } => {
            let finding = check
                .fail(at, format!("the policy of {} denies {} the use of the key ({action})", key.label(), need.title))
                .explain(explanation);
            Some(match statement {
                Some(place) => finding.related(key, place, "denies it"),
                None => finding,
            })
        }
        Verdict::Missing { action, explanation } => {
            let finding = check
                .fail(at, format!("the policy of {} does not let {} use the key ({action})", key.label(), need.title))
                .explain(explanation)
                .related(key, key.get("KeyPolicy"), "has the key policy");
            Some(match statement {
                Some(statement) => finding.fix(statement_fix(key, need.title, statement())),
                None => finding,
            })
        }
    }
}

/// Adds a statement to the policy of a key, where there is a list to add it to.
pub(super) fn statement_fix(key: Resource<'_>, title: &str, statement: serde_json::Value) -> Fix {
    let text = format!("let {title} use the key: add a statement for the service to its policy");
    let list = key.get("KeyPolicy.Statement");
    match list.items_or_one() {
        Read::Known(_) => Fix::safe(text, vec![Edit::append(key, &list, statement)]),
        _ => Fix::suggested(text),
    }
}

/// The statement that AWS documents for a service, for what this account does.
pub(super) fn documented(sid: &str, service: &str, actions: &[&str]) -> serde_json::Value {
    serde_json::json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": actions,
        "Resource": "*",
        "Condition": { "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } } }
    })
}

/// What moving messages through an encrypted topic or queue takes.
pub(super) const MESSAGE_ACTIONS: &[&str] = &["kms:Decrypt", "kms:GenerateDataKey"];

/// Whether EventBridge reaches the target of an edge as a role of its own.
pub(super) fn has_role(edge: &Edge<'_>) -> bool {
    if edge.from.is(EVENT_TARGET) {
        return edge.from.get("RoleArn").is_present();
    }
    let targets = edge.from.get("Targets").items().known().unwrap_or_default();
    targets.iter().any(|target| target.get("Arn").place() == edge.value.place() && target.get("RoleArn").is_present())
}

/// What a service sends as `aws:SourceArn` on behalf of a resource; `None` where that is not known.
pub(super) fn source_arn<'s>(from: Resource<'s>) -> Option<Text<'s>> {
    match from.kind() {
        // The rule, also where its target is a resource of its own.
        EVENT_TARGET => match from.follow(Rel::Listens).pop()?.target {
            Target::Resource(rule) => rule.arn(),
            _ => None,
        },
        "AWS::Budgets::Budget" => Some(Text::concat([
            Text::from("arn:"),
            from.partition(),
            Text::from(":budgets::"),
            from.account(),
            Text::from(":budget/name"),
        ])),
        _ => from.arn(),
    }
}
