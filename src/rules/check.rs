//! What a rule works with: its settings, and the means to say what it found.

use std::cell::RefCell;

use serde_json::Value as Json;

use crate::graph::Edge;
use crate::model::{Place, Read, Resource, ResourceId, Unknown, Value, World};

use super::finding::{At, Category, Draft, Fix, Outcome, Related, Severity};
use super::rule::Rule;

/// What the configuration says about one rule, complete with defaults.
#[derive(Clone, Debug)]
pub struct RuleSettings {
    pub severity: Option<Severity>,
    /// In the order of the rule's parameters.
    pub parameters: Vec<Json>,
}

/// What is the same for every rule of a check.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The day of the check, `YYYY-MM-DD…`; the core has no clock.
    pub now: Option<String>,
    pub environment: Option<String>,
}

/// One rule on one subject, in one alternative.
pub struct Check<'s> {
    pub(crate) rule: &'static Rule,
    pub(crate) settings: &'s RuleSettings,
    pub(crate) options: &'s Options,
    pub(crate) world: &'s World<'s>,
    pub(crate) subject: Option<ResourceId>,
    pub(crate) drafts: RefCell<Vec<Draft>>,
    pub(crate) policies: std::rc::Rc<super::policies::PolicyCache<'s>>,
}

/// Something that is not known and decides whether what is judged holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    pub at: Place,
    pub unknown: Unknown,
}

impl Doubt {
    /// The doubt that a value leaves; none where it is known.
    pub fn of(value: &Value<'_>) -> Option<Doubt> {
        let open = matches!(value.literal(), Read::Unknown(_));
        open.then(|| Doubt { at: value.place(), unknown: Unknown::from(value) })
    }
}

/// Adds to a finding that has just been made.
pub struct Finding<'c> {
    drafts: &'c RefCell<Vec<Draft>>,
    index: usize,
}

impl<'s> Check<'s> {
    /// The subject fails at a place.
    pub fn fail(&self, at: impl At, message: impl Into<String>) -> Finding<'_> {
        self.push(self.subject, at, Outcome::Fail, message.into(), None)
    }

    /// Another resource than the subject fails.
    pub fn fail_on(&self, resource: Resource<'s>, at: impl At, message: impl Into<String>) -> Finding<'_> {
        self.push(Some(resource.id()), at, Outcome::Fail, message.into(), None)
    }

    /// It cannot be said, since a value is not known.
    pub fn undetermined(&self, at: impl At, unknown: impl Into<Unknown>) -> Finding<'_> {
        self.undetermined_on_id(self.subject, at, unknown.into())
    }

    pub fn undetermined_on(&self, resource: Resource<'s>, at: impl At, unknown: impl Into<Unknown>) -> Finding<'_> {
        self.undetermined_on_id(Some(resource.id()), at, unknown.into())
    }

    /// What was read of a value; undetermined where it is not known.
    pub fn known<T>(&self, value: &Value<'s>, read: Read<T>) -> Option<T> {
        match read {
            Read::Known(known) => Some(known),
            Read::Unknown(unknown) => {
                self.undetermined(value, unknown);
                None
            }
            Read::Absent | Read::Other => None,
        }
    }

    /// Says why it cannot be said, where something leaves it open.
    pub fn leave_open(&self, doubt: Option<Doubt>) {
        if let Some(Doubt { at, unknown }) = doubt {
            self.undetermined(at, unknown);
        }
    }

    /// Judges what holds only if something that is not known is so: where that would fail, it is undetermined.
    pub fn in_doubt(&self, doubt: Option<Doubt>, judge: impl FnOnce()) {
        let start = self.drafts.borrow().len();
        judge();
        let Some(Doubt { at, unknown }) = doubt else { return };
        let said = self.drafts.borrow_mut().split_off(start);
        for draft in said {
            match draft.outcome {
                Outcome::Fail => drop(self.undetermined_on_id(draft.resource, at, unknown.clone())),
                Outcome::Undetermined => self.drafts.borrow_mut().push(draft),
            }
        }
    }

    /// Where an edge leads; undetermined where that is not a resource of this input.
    pub fn target(&self, edge: &Edge<'s>) -> Option<Resource<'s>> {
        match edge.target.found() {
            Ok(resource) => Some(resource),
            Err(unknown) => {
                self.undetermined(&edge.value, unknown);
                None
            }
        }
    }

    fn undetermined_on_id(&self, resource: Option<ResourceId>, at: impl At, unknown: Unknown) -> Finding<'_> {
        let message = format!("cannot be determined: {unknown}");
        self.push(resource, at, Outcome::Undetermined, message, Some(unknown))
    }

    fn push(
        &self,
        resource: Option<ResourceId>,
        at: impl At,
        outcome: Outcome,
        message: String,
        unknown: Option<Unknown>,
    ) -> Finding<'_> {
        let mut drafts = self.drafts.borrow_mut();
        drafts.push(Draft {
            resource,
            place: at.place(),
            outcome,
            category: self.rule.category,
            severity: self.rule.severity,
            message,
            explanation: None,
            aws_error: self.rule.aws_error.filter(|_| outcome == Outcome::Fail).map(str::to_owned),
            related: Vec::new(),
            fix: None,
            unknown,
            within: None,
        });
        Finding { drafts: &self.drafts, index: drafts.len() - 1 }
    }

    pub fn world(&self) -> &'s World<'s> {
        self.world
    }

    /// Today, as the host says; `None` where it does not.
    pub fn now(&self) -> Option<&'s str> {
        self.options.now.as_deref()
    }

    /// The environment of the configuration (`prod`), where there is one.
    pub fn environment(&self) -> Option<&'s str> {
        self.options.environment.as_deref()
    }

    /// A parameter of this rule; `null` where it is unset.
    pub fn parameter(&self, name: &str) -> &'s Json {
        const NULL: &Json = &Json::Null;
        let index = self.rule.parameters.iter().position(|parameter| parameter.name == name);
        debug_assert!(index.is_some(), "{} has no parameter {name}", self.rule.id);
        index.and_then(|index| self.settings.parameters.get(index)).unwrap_or(NULL)
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.parameter(name).as_f64()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.parameter(name).as_bool().unwrap_or(false)
    }

    pub fn string(&self, name: &str) -> Option<&'s str> {
        self.parameter(name).as_str()
    }

    pub fn list(&self, name: &str) -> Vec<&'s str> {
        self.each(name).collect()
    }

    /// The texts of a list, one by one.
    pub fn each(&self, name: &str) -> impl Iterator<Item = &'s str> + use<'s> {
        self.parameter(name).as_array().into_iter().flatten().filter_map(Json::as_str)
    }
}

impl From<&Unknown> for Unknown {
    fn from(unknown: &Unknown) -> Unknown {
        unknown.clone()
    }
}

impl From<&Value<'_>> for Unknown {
    /// Why a value is not known; meant for values that are not.
    fn from(value: &Value<'_>) -> Unknown {
        match value.unknown() {
            Some(unknown) => unknown.clone(),
            None => match value.symbolic() {
                Some(text) => value.world().why_symbolic(&text),
                None => Unknown::other("the value is not known"),
            },
        }
    }
}

impl Finding<'_> {
    fn with(self, change: impl FnOnce(&mut Draft)) -> Self {
        change(&mut self.drafts.borrow_mut()[self.index]);
        self
    }

    pub fn severity(self, severity: Severity) -> Self {
        self.with(|draft| draft.severity = severity)
    }

    pub fn category(self, category: Category) -> Self {
        self.with(|draft| draft.category = category)
    }

    /// What AWS would answer.
    pub fn aws_error(self, text: impl Into<String>) -> Self {
        self.with(|draft| draft.aws_error = Some(text.into()))
    }

    /// AWS would not refuse this one.
    pub fn no_aws_error(self) -> Self {
        self.with(|draft| draft.aws_error = None)
    }

    pub fn explain(self, text: impl Into<String>) -> Self {
        self.with(|draft| draft.explanation = Some(text.into()))
    }

    pub fn related(self, resource: Resource<'_>, at: impl At, note: impl Into<String>) -> Self {
        let related = Related { resource: resource.id(), place: at.place(), note: note.into() };
        self.with(|draft| draft.related.push(related))
    }

    pub fn fix(self, fix: Fix) -> Self {
        self.with(|draft| draft.fix = Some(fix))
    }

    /// Points at a part of the string at the place: byte offset and length.
    pub fn within(self, offset: usize, length: usize) -> Self {
        self.with(|draft| draft.within = Some((offset, length)))
    }
}
