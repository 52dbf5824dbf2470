//! Why a value is not known.

use std::fmt;
use std::rc::Rc;

use super::text::{OpaqueId, ResourceId};

/// A value that cannot be known before deployment, or not from this input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(Rc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    why: Why,
    maybe_absent: bool,
    depends_on: Vec<ResourceId>,
    opaque: Option<OpaqueId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// A template parameter without a value.
    Parameter(String),
    /// `Fn::ImportValue` of an export that is not in this input.
    Import(String),
    /// `{{resolve:…}}`
    DynamicReference(String),
    /// What a macro or transform makes of the template.
    Transform(String),
    /// An attribute that AWS decides.
    Attribute(String),
    /// A Pulumi output that is not known at preview; the input property that holds it.
    Preview(String),
    /// A secret that the state holds encrypted.
    Secret(String),
    /// A function whose result depends on something unknown.
    Function(String),
    /// Too many combinations of conditions to look at each.
    Alternatives,
    /// A resource outside this input.
    Outside(String),
    /// A free-form reason of a rule or of the IAM evaluator.
    Other(String),
}

impl Unknown {
    pub fn new(why: Why) -> Self {
        Unknown(Rc::new(Inner { why, maybe_absent: false, depends_on: Vec::new(), opaque: None }))
    }

    /// A value that may as well not be there.
    pub fn maybe_not_there(why: Why) -> Self {
        Unknown(Rc::new(Inner { why, maybe_absent: true, depends_on: Vec::new(), opaque: None }))
    }

    pub fn other(why: impl Into<String>) -> Self {
        Unknown::new(Why::Other(why.into()))
    }

    pub(crate) fn full(why: Why, maybe_absent: bool, depends_on: Vec<ResourceId>, opaque: OpaqueId) -> Self {
        Unknown(Rc::new(Inner { why, maybe_absent, depends_on, opaque: Some(opaque) }))
    }

    pub fn why(&self) -> &Why {
        &self.0.why
    }

    /// Whether the value may turn out not to be there at all.
    pub fn maybe_absent(&self) -> bool {
        self.0.maybe_absent
    }

    /// Resources whose outputs decide the value, as far as the host says (Pulumi's `propertyDependencies`).
    pub fn depends_on(&self) -> &[ResourceId] {
        &self.0.depends_on
    }

    pub fn opaque(&self) -> Option<OpaqueId> {
        self.0.opaque
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.why.fmt(f)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Parameter(name) => write!(f, "the parameter {name} has no value here (give it under \"parameters\")"),
            Why::Import(name) => write!(f, "the export {name} is not part of this input"),
            Why::DynamicReference(text) => write!(f, "{text} is resolved at deployment"),
            Why::Transform(name) => write!(f, "the transform {name} may change it"),
            Why::Attribute(name) => write!(f, "{name} is known only after deployment"),
            Why::Preview(property) => write!(f, "the output in {property} is not known at preview"),
            Why::Secret(property) => write!(f, "{property} is a secret that is stored encrypted"),
            Why::Function(name) => write!(f, "the result of {name} is not known"),
            Why::Alternatives => f.write_str("there are too many combinations of conditions to look at each"),
            Why::Outside(what) => write!(f, "{what} is not part of this input"),
            Why::Other(text) => f.write_str(text),
        }
    }
}
