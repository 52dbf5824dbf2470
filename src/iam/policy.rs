//! The parsed policy document.

use std::borrow::Cow;

use crate::model::pattern::Pattern;
use crate::model::text::Text;

use super::condition::Condition;
use super::principal::PrincipalEntry;

/// Where an element of a document was written: an index into [`super::parse::Parsed::places`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At(pub u32);

/// A policy document, as far as it is known.
#[derive(Clone, Debug)]
pub struct Policy<'s> {
    pub at: At,
    pub version: Version,
    pub version_at: Option<At>,
    pub id_at: Option<At>,
    pub statements: Vec<Statement<'s>>,
    /// A part of the document that decides what statements there are is not known.
    pub unknown: Option<At>,
    /// What is not a policy document; [`super::lint`] puts names and messages to it.
    pub flaws: Vec<Flaw>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// Not given: AWS reads the document as 2008-10-17.
    Absent,
    V2008,
    V2012,
    Unknown,
    Other(String),
}

impl Version {
    /// Policy variables and escapes count only in the newer language.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
    pub fn has_variables(&self) -> bool {
        matches!(self, Version::V2012)
    }
}

#[derive(Clone, Debug)]
pub struct Statement<'s> {
    pub at: At,
    pub sid: Option<Entry<'s>>,
    pub effect: Effect,
    pub effect_at: Option<At>,
    pub principals: Option<Principals<'s>>,
    pub actions: Option<Scope<'s>>,
    pub resources: Option<Scope<'s>>,
    pub conditions: Vec<Condition<'s>>,
    pub condition_at: Option<At>,
    /// A part of the statement is not known as a whole, so it may or may not apply.
    pub unknown: Option<At>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
    /// Not given, not one of the two, or not known.
    Unclear,
}

/// A string of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'s> {
    pub at: At,
    pub text: Text<'s>,
}

/// `Action`/`NotAction` or `Resource`/`NotResource`.
#[derive(Clone, Debug)]
pub struct Scope<'s> {
    pub at: At,
    /// `NotAction`, `NotResource`
    pub negated: bool,
    pub entries: Vec<ScopeEntry<'s>>,
    /// Further entries that are not known.
    pub unknown: Option<At>,
}

#[derive(Clone, Debug)]
pub struct ScopeEntry<'s> {
    pub at: At,
    /// As written.
    pub text: Text<'s>,
    /// Actions: folded to lower case.
    pub pattern: Pattern<'s>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub struct Principals<'s> {
    pub at: At,
    pub negated: bool,
    pub entries: Vec<PrincipalEntry<'s>>,
    pub unknown: Option<At>,
}

/// Something in a document that does not belong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub at: At,
    pub kind: FlawKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// The document is not an object.
    NotAnObject,
    /// One object holds the same name twice.
    DuplicateKey(String),
    UnknownTopLevelKey(String),
    UnknownStatementKey(String),
    NoStatement,
    EmptyStatement,
    StatementNotAnObject,
    VersionNotAString,
    NoEffect,
    BadEffect(String),
    /// Both of `Action` and `NotAction`, and so on.
    Both(&'static str, &'static str),
    NoAction,
    /// An element of another shape than string or list of strings.
    WrongType(&'static str),
    EmptyList(&'static str),
    BadPrincipalType(String),
    ConditionNotAnObject,
    BadOperator(String),
    ConditionKeysNotAnObject(String),
    ConditionValueNested(String),
    /// A character that IAM does not take.
    BadCharacter(char),
}

impl<'s> Policy<'s> {
    /// A document of which nothing is known.
    pub fn unknown() -> Policy<'s> {
        Policy {
            at: At(0),
            version: Version::Unknown,
            version_at: None,
            id_at: None,
            statements: Vec::new(),
            unknown: Some(At(0)),
            flaws: Vec::new(),
        }
    }

    /// How a statement is called in a message: its Sid, or its number counted from one.
    pub fn statement_name(&self, index: usize) -> Cow<'_, str> {
        match self.statements.get(index).and_then(|statement| statement.sid.as_ref()) {
            Some(sid) if sid.text != Text::from("") => Cow::Owned(format!("statement \"{}\"", sid.text)),
            _ => Cow::Owned(format!("statement {}", index + 1)),
        }
    }
}
