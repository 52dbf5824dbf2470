//! Reads a policy document from any tree of values. Accepts what AWS accepts, and notes what AWS would not.
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::borrow::Cow;

use crate::model::pattern::{Pattern, Syntax};
use crate::model::text::Text;

use super::condition::{Condition, Operator};
use super::policy::{At, Effect, Entry, Flaw, FlawKind, Policy, Principals, Scope, ScopeEntry, Statement, Version};
use super::principal::{PrincipalEntry, PrincipalType};

/// A value that a policy document can be read from.
pub trait PolicySource<'s>: Sized {
    /// Where a value was written.
    type Place: Copy;

    fn place(&self) -> Self::Place;

    fn shape(&self) -> Shape<'s, Self>;
}

/// What a value is. Members that resolve to nothing (`AWS::NoValue`) are left out by the source.
pub enum Shape<'s, V> {
    Null,
    Bool(bool),
    /// As written.
    Number(Cow<'s, str>),
    Text(Text<'s>),
    List(Vec<V>),
    /// In order, duplicates included.
    Object(Vec<(Cow<'s, str>, V)>),
    /// Not known. Where it is known to be one string, the symbol that stands for it.
    Unknown(Option<Text<'s>>),
}

/// A policy and where each of its elements was written.
#[derive(Clone, Debug)]
pub struct Parsed<'s, P> {
    pub policy: Policy<'s>,
    /// Indexed by [`At`].
    pub places: Vec<P>,
}

impl<P: Copy> Parsed<'_, P> {
    /// Where an element was written.
    pub fn place(&self, at: At) -> Option<P> {
        self.places.get(at.0 as usize).copied()
    }
}

/// Reads a document. Never fails: what is not a policy is in [`Policy::flaws`].
pub fn read<'s, V: PolicySource<'s>>(document: &V) -> Parsed<'s, V::Place> {
    let mut reader = Reader::<V> { places: Vec::new(), flaws: Vec::new(), variables: false };
    let policy = reader.document(document);
    Parsed { policy, places: reader.places }
}

struct Reader<'s, V: PolicySource<'s>> {
    places: Vec<V::Place>,
    flaws: Vec<Flaw>,
    variables: bool,
}

impl<'s, V: PolicySource<'s>> Reader<'s, V> {
    fn at(&mut self, value: &V) -> At {
        let at = At(u32::try_from(self.places.len()).unwrap_or(u32::MAX));
        self.places.push(value.place());
        at
    }

    fn flaw(&mut self, at: At, kind: FlawKind) {
        self.flaws.push(Flaw { at, kind });
    }

    fn text_of(&mut self, at: At, text: &Text<'s>) {
        for piece in text.pieces().iter() {
            if let crate::model::text::Piece::Literal(text) = piece
                && let Some(bad) = bad_character(text)
            {
                self.flaw(at, FlawKind::BadCharacter(bad));
            }
        }
    }

    fn document(&mut self, document: &V) -> Policy<'s> {
        let at = self.at(document);
        let mut policy = Policy { at, ..Policy::unknown() };
        policy.unknown = None;
        policy.version = Version::Absent;
        match document.shape() {
            Shape::Object(members) => self.members(&mut policy, members),
            Shape::Unknown(_) => policy.unknown = Some(at),
            Shape::Text(text) if text.as_literal().is_none() => policy.unknown = Some(at),
            _ => self.flaw(at, FlawKind::NotAnObject),
        }
        policy.flaws = std::mem::take(&mut self.flaws);
        policy
    }

    fn members(&mut self, policy: &mut Policy<'s>, members: Vec<(Cow<'s, str>, V)>) {
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in &members {
            let at = self.at(value);
            if seen.contains(&&**name) {
                self.flaw(at, FlawKind::DuplicateKey(name.to_string()));
            }
            seen.push(name);
            match &**name {
                // Read before the statements, whose variables depend on it.
                "Version" => {
                    policy.version_at = Some(at);
                    policy.version = self.version(at, value);
                }
                "Id" => policy.id_at = Some(at),
                "Statement" => {}
                _ => self.flaw(at, FlawKind::UnknownTopLevelKey(name.to_string())),
            }
        }
        // A document whose version is not known is read as the current language: variables then are symbols.
        self.variables = matches!(policy.version, Version::V2012 | Version::Unknown);
        match members.iter().find(|(name, _)| name == "Statement") {
            Some((_, value)) => self.statements(policy, value),
            None => self.flaw(policy.at, FlawKind::NoStatement),
        }
    }

    fn version(&mut self, at: At, value: &V) -> Version {
        match value.shape() {
            Shape::Text(text) => match text.as_literal() {
                Some("2012-10-17") => Version::V2012,
                Some("2008-10-17") => Version::V2008,
                Some(other) => Version::Other(other.to_owned()),
                None => Version::Unknown,
            },
            Shape::Unknown(_) => Version::Unknown,
            _ => {
                self.flaw(at, FlawKind::VersionNotAString);
                Version::Other(String::new())
            }
        }
    }

    fn statements(&mut self, policy: &mut Policy<'s>, value: &V) {
        let at = self.at(value);
        match value.shape() {
            Shape::List(items) => {
                if items.is_empty() {
                    self.flaw(at, FlawKind::EmptyStatement);
                }
                for item in &items {
                    self.statement(policy, item);
                }
            }
            Shape::Unknown(_) => policy.unknown = Some(at),
            _ => self.statement(policy, value),
        }
    }

    fn statement(&mut self, policy: &mut Policy<'s>, value: &V) {
        let at = self.at(value);
        let mut statement = Statement {
            at,
            sid: None,
            effect: Effect::Unclear,
            effect_at: None,
            principals: None,
            actions: None,
            resources: None,
            conditions: Vec::new(),
            condition_at: None,
            unknown: None,
        };
        let members = match value.shape() {
            Shape::Object(members) => members,
            Shape::Unknown(_) => {
                policy.unknown = Some(at);
                return;
            }
            Shape::Text(text) if text.as_literal().is_none() => {
                policy.unknown = Some(at);
                return;
            }
            _ => return self.flaw(at, FlawKind::StatementNotAnObject),
        };
        if members.is_empty() {
            self.flaw(at, FlawKind::EmptyStatement);
        }
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in &members {
            let at = self.at(value);
            if seen.contains(&&**name) {
                self.flaw(at, FlawKind::DuplicateKey(name.to_string()));
            }
            seen.push(name);
            match &**name {
                "Sid" => match value.shape() {
                    Shape::Text(text) => {
                        self.text_of(at, &text);
                        statement.sid = Some(Entry { at, text });
                    }
                    Shape::Unknown(_) => {}
                    _ => self.flaw(at, FlawKind::WrongType("Sid")),
                },
                "Effect" => {
                    statement.effect_at = Some(at);
                    statement.effect = self.effect(at, value);
                }
                "Principal" | "NotPrincipal" => {
                    if statement.principals.is_some() {
                        self.flaw(at, FlawKind::Both("Principal", "NotPrincipal"));
                        statement.unknown = Some(at);
                    }
                    statement.principals = Some(self.principals(at, value, name == "NotPrincipal"));
                }
                "Action" | "NotAction" => {
                    if statement.actions.is_some() {
                        self.flaw(at, FlawKind::Both("Action", "NotAction"));
                        statement.unknown = Some(at);
                    }
                    let syntax = Syntax { wildcards: true, variables: false, fold: true };
                    statement.actions = Some(self.scope(at, value, name == "NotAction", "Action", syntax));
                }
                "Resource" | "NotResource" => {
                    if statement.resources.is_some() {
                        self.flaw(at, FlawKind::Both("Resource", "NotResource"));
                        statement.unknown = Some(at);
                    }
                    let syntax = Syntax { wildcards: true, variables: self.variables, fold: false };
                    statement.resources = Some(self.scope(at, value, name == "NotResource", "Resource", syntax));
                }
                "Condition" => {
                    statement.condition_at = Some(at);
                    self.conditions(&mut statement, at, value);
                }
                _ => self.flaw(at, FlawKind::UnknownStatementKey(name.to_string())),
            }
        }
        if statement.effect_at.is_none() {
            self.flaw(statement.at, FlawKind::NoEffect);
        }
        if statement.actions.is_none() {
            self.flaw(statement.at, FlawKind::NoAction);
        }
        policy.statements.push(statement);
    }

    fn effect(&mut self, at: At, value: &V) -> Effect {
        match value.shape() {
            Shape::Text(text) => match text.as_literal() {
                Some("Allow") => Effect::Allow,
                Some("Deny") => Effect::Deny,
                Some(other) => {
                    self.flaw(at, FlawKind::BadEffect(other.to_owned()));
                    Effect::Unclear
                }
                None => Effect::Unclear,
            },
            Shape::Unknown(_) => Effect::Unclear,
            _ => {
                self.flaw(at, FlawKind::WrongType("Effect"));
                Effect::Unclear
            }
        }
    }

    /// A string or a list of strings; returns where something in it is not known.
    fn strings(
        &mut self,
        at: At,
        value: &V,
        element: &'static str,
        mut each: impl FnMut(&mut Self, At, Text<'s>),
    ) -> Option<At> {
        let mut unknown = None;
        match value.shape() {
            Shape::Text(text) => {
                self.text_of(at, &text);
                each(self, at, text);
            }
            Shape::Unknown(Some(text)) => each(self, at, text),
            Shape::Unknown(None) => unknown = Some(at),
            Shape::List(items) => {
                if items.is_empty() {
                    self.flaw(at, FlawKind::EmptyList(element));
                }
                for item in &items {
                    let at = self.at(item);
                    match item.shape() {
                        Shape::Text(text) => {
                            self.text_of(at, &text);
                            each(self, at, text);
                        }
                        Shape::Unknown(Some(text)) => each(self, at, text),
                        Shape::Unknown(None) => unknown = Some(at),
                        _ => self.flaw(at, FlawKind::WrongType(element)),
                    }
                }
            }
            _ => self.flaw(at, FlawKind::WrongType(element)),
        }
        unknown
    }

    fn scope(&mut self, at: At, value: &V, negated: bool, element: &'static str, syntax: Syntax) -> Scope<'s> {
        let mut entries = Vec::new();
        let unknown = self.strings(at, value, element, |_, at, text| {
            let pattern = Pattern::compile(&text, syntax);
            entries.push(ScopeEntry { at, text, pattern });
        });
        Scope { at, negated, entries, unknown }
    }

    fn principals(&mut self, at: At, value: &V, negated: bool) -> Principals<'s> {
        let mut principals = Principals { at, negated, entries: Vec::new(), unknown: None };
        match value.shape() {
            Shape::Text(text) => principals.entries.push(PrincipalEntry::bare(at, text)),
            Shape::Unknown(_) => principals.unknown = Some(at),
            Shape::Object(members) => {
                if members.is_empty() {
                    self.flaw(at, FlawKind::EmptyList("Principal"));
                }
                for (name, value) in &members {
                    let at = self.at(value);
                    let Some(kind) = PrincipalType::named(name) else {
                        self.flaw(at, FlawKind::BadPrincipalType(name.to_string()));
                        continue;
                    };
                    let entries = &mut principals.entries;
                    let unknown = self.strings(at, value, "Principal", |_, at, text| {
                        entries.push(PrincipalEntry::typed(at, kind, text));
                    });
                    principals.unknown = principals.unknown.or(unknown);
                }
            }
            _ => self.flaw(at, FlawKind::WrongType("Principal")),
        }
        principals
    }

    fn conditions(&mut self, statement: &mut Statement<'s>, at: At, value: &V) {
        let operators = match value.shape() {
            Shape::Object(members) => members,
            Shape::Unknown(_) => {
                statement.unknown = Some(at);
                return;
            }
            _ => return self.flaw(at, FlawKind::ConditionNotAnObject),
        };
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in &operators {
            let operator_at = self.at(value);
            if seen.contains(&&**name) {
                self.flaw(operator_at, FlawKind::DuplicateKey(name.to_string()));
            }
            seen.push(name);
            let operator = Operator::named(name);
            if operator.is_none() {
                self.flaw(operator_at, FlawKind::BadOperator(name.to_string()));
            }
            let keys = match value.shape() {
                Shape::Object(members) => members,
                Shape::Unknown(_) => {
                    statement.unknown = Some(operator_at);
                    continue;
                }
                _ => {
                    self.flaw(operator_at, FlawKind::ConditionKeysNotAnObject(name.to_string()));
                    continue;
                }
            };
            let mut seen: Vec<&str> = Vec::new();
            for (key, value) in &keys {
                let at = self.at(value);
                if seen.contains(&&**key) {
                    self.flaw(at, FlawKind::DuplicateKey(key.to_string()));
                }
                seen.push(key);
                let mut condition = Condition::new(at, operator_at, name.clone(), operator, key.clone());
                self.values(&mut condition, at, value);
                condition.prepare(self.variables);
                statement.conditions.push(condition);
            }
        }
    }

    fn values(&mut self, condition: &mut Condition<'s>, at: At, value: &V) {
        let items = match value.shape() {
            Shape::List(items) => {
                condition.listed = true;
                items
            }
            shape => return self.value(condition, at, shape),
        };
        for item in &items {
            let at = self.at(item);
            self.value(condition, at, item.shape());
        }
    }

    fn value(&mut self, condition: &mut Condition<'s>, at: At, shape: Shape<'s, V>) {
        match shape {
            Shape::Text(text) => {
                self.text_of(at, &text);
                condition.push(at, text);
            }
            Shape::Bool(value) => condition.push(at, Text::from(if value { "true" } else { "false" })),
            Shape::Number(number) => condition.push(at, Text::Literal(number)),
            Shape::Unknown(Some(text)) => condition.push(at, text),
            Shape::Unknown(None) => condition.unknown = Some(at),
            Shape::Null | Shape::List(_) | Shape::Object(_) => {
                self.flaw(at, FlawKind::ConditionValueNested(condition.key.to_string()));
            }
        }
    }
}

/// A character outside of what the IAM API takes in a document: tab, line breaks, U+0020 to U+00FF.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
pub fn bad_character(text: &str) -> Option<char> {
    text.chars().find(|&c| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'))
}
