//! What a rule says: findings in the making, fixes, and their vocabulary.

use serde::{Deserialize, Serialize};

use crate::model::{Place, Resource, ResourceId, Unknown, Value};

/// What kind of trouble a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// AWS refuses it, or the parts certainly do not work together.
    DeployFailure,
    /// Somebody may read or do what they should not.
    Security,
    /// What rules of an organisation or a framework ask for.
    Compliance,
    /// It works, until something fails.
    Reliability,
    /// It works, and will be in the way.
    Hygiene,
    /// It costs more than it has to.
    Cost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The rule objects.
    Fail,
    /// The rule could not decide, because of a value that is not known yet.
    Undetermined,
}

/// Where a finding stands: a value, a place, or a whole resource.
pub trait At {
    fn place(&self) -> Place;
}

impl At for Value<'_> {
    fn place(&self) -> Place {
        Value::place(self)
    }
}

impl At for crate::model::Resource<'_> {
    fn place(&self) -> Place {
        (*self).place()
    }
}

impl At for Place {
    fn place(&self) -> Place {
        *self
    }
}

impl<T: At> At for &T {
    fn place(&self) -> Place {
        (*self).place()
    }
}

/// A finding as a rule makes it, before the engine knows whether it holds in every alternative.
#[derive(Clone, Debug)]
pub struct Draft {
    pub resource: Option<ResourceId>,
    pub place: Place,
    pub outcome: Outcome,
    pub category: Category,
    pub severity: Severity,
    pub message: String,
    pub explanation: Option<String>,
    pub aws_error: Option<String>,
    pub related: Vec<Related>,
    pub fix: Option<Fix>,
    pub unknown: Option<Unknown>,
    /// Offset and length inside the string at `place`, for small languages.
    pub within: Option<(usize, usize)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    pub resource: ResourceId,
    pub place: Place,
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FixKind {
    /// Mechanical: grants at most what AWS documents, scoped to the resource at hand; deletes no data; breaks no running call.
    Safe,
    /// Shown, never applied.
    Suggested,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub kind: FixKind,
    /// What to change, in the user's words.
    pub text: String,
    pub edits: Vec<Edit>,
}

/// A change of one value, in canonical (CloudFormation) shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    pub resource: ResourceId,
    pub at: Place,
    pub op: Op,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Replaces the value at the place.
    Replace(serde_json::Value),
    /// Sets a property path (`A.B`) below the object at the place, making objects on the way where there are none.
    Set { path: String, value: serde_json::Value },
    /// Appends to the list at the place (or to the single value that stands for a list).
    Append(Vec<serde_json::Value>),
    /// Removes the value at the place with its name.
    Remove,
}

impl Fix {
    pub fn suggested(text: impl Into<String>) -> Self {
        Fix { kind: FixKind::Suggested, text: text.into(), edits: Vec::new() }
    }

    pub fn safe(text: impl Into<String>, edits: Vec<Edit>) -> Self {
        Fix { kind: FixKind::Safe, text: text.into(), edits }
    }
}

impl Edit {
    /// Sets a property of a resource (`A.B` makes `A` where there is none).
    pub fn set(resource: Resource<'_>, path: &str, value: impl Into<serde_json::Value>) -> Edit {
        let at = resource.properties().place();
        Edit { resource: resource.id(), at, op: Op::Set { path: path.to_owned(), value: value.into() } }
    }

    pub fn replace(resource: Resource<'_>, at: impl At, value: impl Into<serde_json::Value>) -> Edit {
        Edit { resource: resource.id(), at: at.place(), op: Op::Replace(value.into()) }
    }

    pub fn append(resource: Resource<'_>, list: impl At, value: impl Into<serde_json::Value>) -> Edit {
        Edit::append_all(resource, list, vec![value.into()])
    }

    /// Several at once: the list may be empty, or not be there.
    pub fn append_all(resource: Resource<'_>, list: impl At, values: Vec<serde_json::Value>) -> Edit {
        Edit { resource: resource.id(), at: list.place(), op: Op::Append(values) }
    }

    pub fn remove(resource: Resource<'_>, at: impl At) -> Edit {
        Edit { resource: resource.id(), at: at.place(), op: Op::Remove }
    }
}
