//! `Fn::ForEach` expanded as the `AWS::LanguageExtensions` transform does it: the template that CloudFormation then deploys,
//! as a document whose spans are those of the loops.
//!
//! Source: AWS CloudFormation Template Reference, "`Fn::ForEach`", and its examples; RFC 0009 of
//! <https://github.com/aws-cloudformation/cfn-language-discussion> for functions as logical ids.

use std::borrow::Cow;

use crate::doc::{Doc, DocBuilder, Entry, NodeId, PendingMember, Shape, Span};

/// What loops may make: bytes of names and values, of the lists that inner loops read again, and some for each value.
/// CloudFormation refuses a template larger than 1 MB, also one that loops have made (AWS CloudFormation User Guide,
/// "Understand CloudFormation quotas"); what this counts is more than that.
const MAX_MADE: usize = 1 << 24;

/// What a value counts by itself: a million of them are more than 1 MB.
const VALUE: usize = 16;

/// What the name of a loop begins with; the rest tells loops of one object apart.
pub(super) const LOOP: &str = "Fn::ForEach::";

/// What is known of the template's parameters and pseudo parameters.
pub(super) trait Known {
    fn text(&self, name: &str) -> Option<String>;
    fn list(&self, name: &str) -> Option<Vec<String>>;
}

pub(super) struct Expanded {
    pub doc: Doc,
    pub unseen: Unseen,
}

/// What loops make that is not known.
#[derive(Clone, Copy, Default)]
pub(super) struct Unseen {
    pub resources: bool,
    /// Conditions or outputs.
    pub others: bool,
}

/// The loop that makes too much.
pub(super) struct TooMuch(pub NodeId);

/// The template with its loops expanded; `None` where it has none.
pub(super) fn expand(doc: &Doc, known: &dyn Known) -> Result<Option<Expanded>, TooMuch> {
    let Some(root) = doc.root().filter(|_| memchr::memmem::find(doc.text().as_bytes(), LOOP.as_bytes()).is_some())
    else {
        return Ok(None);
    };
    let mut expander = Expander {
        doc,
        known,
        builder: DocBuilder::new(doc.shared_text()),
        names: Vec::new(),
        mappings: doc.get(root, "Mappings"),
        made: 0,
        unseen: Unseen::default(),
    };
    let root = expander.template(root)?;
    let Expander { builder, unseen, .. } = expander;
    Ok(Some(Expanded { doc: builder.finish(Some(root)), unseen }))
}

/// Where an object stands, which decides what a loop in it makes.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    /// Sections without loops.
    Plain,
    Resources,
    /// Conditions and outputs.
    Section,
    /// A resource, condition or output itself.
    Member,
    Below,
}

impl Level {
    fn below(self) -> Level {
        match self {
            Level::Plain => Level::Plain,
            Level::Resources | Level::Section => Level::Member,
            Level::Member | Level::Below => Level::Below,
        }
    }
}

/// A function's result where a name is needed.
enum Word {
    Is(String),
    /// `AWS::NoValue`
    Nothing,
}

/// Why an object is not made.
enum Stop {
    /// Its loop runs over what is not known, or is none that AWS takes.
    Unseen,
    TooMuch(NodeId),
}

struct Expander<'d> {
    doc: &'d Doc,
    known: &'d dyn Known,
    builder: DocBuilder,
    /// Identifiers of the loops around, outermost first, with their current values.
    names: Vec<(&'d str, String)>,
    mappings: Option<NodeId>,
    made: usize,
    unseen: Unseen,
}

impl<'d> Expander<'d> {
    fn template(&mut self, root: NodeId) -> Result<NodeId, TooMuch> {
        let mut members = Vec::new();
        for entry in self.doc.entries(root) {
            let level = match entry.name {
                "Resources" => Level::Resources,
                "Conditions" | "Outputs" => Level::Section,
                _ => Level::Plain,
            };
            let value = self.copy(entry.value, level)?;
            members.push(self.builder.name_decoded(entry.name_span, entry.name, value));
        }
        Ok(self.builder.object(self.doc.span(root), &members))
    }

    fn copy(&mut self, node: NodeId, level: Level) -> Result<NodeId, TooMuch> {
        self.count(VALUE, node)?;
        let doc = self.doc;
        let span = doc.span(node);
        Ok(match doc.shape(node) {
            Shape::Null => self.builder.null(span),
            Shape::Bool(value) => self.builder.bool(span, value),
            Shape::Number(text) => self.builder.number_decoded(span, text),
            Shape::String(text) => match (self.replaced(text, node)?, doc.content_start(node)) {
                (Cow::Borrowed(text), Some(start)) => {
                    let end = start + text.len();
                    self.builder.string(span, Span { start: start as u32, end: end as u32 })
                }
                (text, _) => self.builder.string_decoded(span, &text),
            },
            Shape::Array(elements) => {
                let elements = elements.iter().map(|&element| self.copy(element, level.below()));
                let elements = elements.collect::<Result<Vec<_>, _>>()?;
                self.builder.array(span, &elements)
            }
            Shape::Object => self.object(node, level)?,
        })
    }

    fn object(&mut self, node: NodeId, level: Level) -> Result<NodeId, TooMuch> {
        let span = self.doc.span(node);
        if let Some(call) = self.doc.single_entry(node).filter(|_| level != Level::Plain)
            && let Some(made) = self.call(node, &call)?
        {
            return Ok(made);
        }
        let mut members = Vec::new();
        match self.members(node, level, &mut members) {
            Ok(()) => Ok(self.builder.object(span, &members)),
            Err(Stop::TooMuch(node)) => Err(TooMuch(node)),
            Err(Stop::Unseen) => {
                // One of its names is not known, so that none can be said to be missing: a function without a result.
                let nothing = self.builder.null(span);
                let member = self.builder.name_decoded(span, LOOP.trim_end_matches(':'), nothing);
                Ok(self.builder.object(span, &[member]))
            }
        }
    }

    fn members(&mut self, node: NodeId, level: Level, members: &mut Vec<PendingMember>) -> Result<(), Stop> {
        for entry in self.doc.entries(node) {
            if level != Level::Plain && entry.name.starts_with(LOOP) {
                match (self.each(&entry, level, members), level) {
                    (Err(Stop::Unseen), Level::Resources) => self.unseen.resources = true,
                    (Err(Stop::Unseen), Level::Section) => self.unseen.others = true,
                    (result, _) => result?,
                }
                continue;
            }
            let too_much = |TooMuch(node)| Stop::TooMuch(node);
            let name = self.replaced(entry.name, entry.value).map_err(too_much)?.into_owned();
            let value = match (level, entry.name) {
                (Level::Member, "Condition" | "DependsOn" | "DeletionPolicy" | "UpdateReplacePolicy") => {
                    match self.function(entry.value) {
                        Some(Word::Nothing) => continue,
                        Some(Word::Is(text)) => self.text(entry.value, &text).map_err(too_much)?,
                        None => self.copy(entry.value, level.below()).map_err(too_much)?,
                    }
                }
                _ => self.copy(entry.value, level.below()).map_err(too_much)?,
            };
            members.push(self.builder.name_decoded(entry.name_span, &name, value));
        }
        Ok(())
    }

    /// One loop: its body once per value, as members of the object around it.
    fn each(&mut self, entry: &Entry<'d>, level: Level, members: &mut Vec<PendingMember>) -> Result<(), Stop> {
        let doc = self.doc;
        let Shape::Array(&[identifier, collection, body]) = doc.shape(entry.value) else { return Err(Stop::Unseen) };
        let identifier = doc.string(identifier).ok_or(Stop::Unseen)?;
        self.count(doc.span(collection).range().len(), entry.value).map_err(|TooMuch(node)| Stop::TooMuch(node))?;
        let values = self.collection(collection).ok_or(Stop::Unseen)?;
        if !matches!(doc.shape(body), Shape::Object) {
            return Err(Stop::Unseen);
        }
        for value in values {
            let size = VALUE + value.len();
            self.names.push((identifier, value));
            let made = self.count(size, entry.value).map_err(|TooMuch(node)| Stop::TooMuch(node));
            let made = made.and_then(|()| self.members(body, level, members));
            self.names.pop();
            made?;
        }
        Ok(())
    }

    /// Names that functions give: `Ref` of an identifier, and the transform's functions in the place of logical ids.
    fn call(&mut self, node: NodeId, call: &Entry<'d>) -> Result<Option<NodeId>, TooMuch> {
        let doc = self.doc;
        let span = doc.span(node);
        if call.name == "Ref"
            && let Some(value) = doc.string(call.value).and_then(|name| self.value(name)).map(str::to_owned)
        {
            return self.text(node, &value).map(Some);
        }
        let argument = match (call.name, doc.shape(call.value)) {
            ("Ref" | "Condition" | "Fn::GetAtt", Shape::Object) => match self.function(call.value) {
                Some(Word::Is(name)) => self.text(call.value, &name)?,
                _ => return Ok(None),
            },
            ("Fn::GetAtt" | "Fn::If", Shape::Array([first, rest @ ..])) => {
                let Some(Word::Is(name)) = self.function(*first) else { return Ok(None) };
                let mut elements = vec![self.text(*first, &name)?];
                for &element in rest {
                    elements.push(self.copy(element, Level::Below)?);
                }
                self.builder.array(doc.span(call.value), &elements)
            }
            _ => return Ok(None),
        };
        let member = self.builder.name_decoded(call.name_span, call.name, argument);
        Ok(Some(self.builder.object(span, &[member])))
    }

    /// The values of a loop. "This can be an array in this parameter, or it can be a `Ref` to a `CommaDelimitedList`"; a list
    /// of a mapping is taken too.
    fn collection(&self, node: NodeId) -> Option<Vec<String>> {
        match self.doc.shape(node) {
            Shape::Array(elements) => {
                let words = elements.iter().map(|&element| self.word(element)).collect::<Option<Vec<_>>>()?;
                Some(
                    words
                        .into_iter()
                        .filter_map(|word| match word {
                            Word::Is(text) => Some(text),
                            Word::Nothing => None,
                        })
                        .collect(),
                )
            }
            Shape::Object => {
                let call = self.doc.single_entry(node)?;
                match call.name {
                    "Ref" => self.known.list(self.doc.string(call.value)?),
                    "Fn::FindInMap" => match self.mapped(call.value)? {
                        list if matches!(self.doc.shape(list), Shape::Array(_)) => self.collection(list),
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn word(&self, node: NodeId) -> Option<Word> {
        match self.doc.shape(node) {
            Shape::String(text) => Some(Word::Is(self.substitute(text).into_owned())),
            Shape::Number(text) => Some(Word::Is(text.to_owned())),
            Shape::Bool(value) => Some(Word::Is(value.to_string())),
            Shape::Object => self.function(node),
            _ => None,
        }
    }

    /// The result of a function that depends on nothing but identifiers, parameters and mappings.
    fn function(&self, node: NodeId) -> Option<Word> {
        let call = self.doc.single_entry(node)?;
        match call.name {
            "Ref" => match self.doc.string(call.value)? {
                "AWS::NoValue" => Some(Word::Nothing),
                name => self.value(name).map(str::to_owned).or_else(|| self.known.text(name)).map(Word::Is),
            },
            "Fn::Sub" => self.sub(self.doc.string(call.value)?).map(Word::Is),
            "Fn::FindInMap" => self.word(self.mapped(call.value)?),
            _ => None,
        }
    }

    fn sub(&self, template: &str) -> Option<String> {
        let text = self.substitute(template);
        let mut parts = text.split("${");
        let mut made = parts.next()?.to_owned();
        for part in parts {
            let (name, literal) = part.split_once('}')?;
            made.push_str(&self.known.text(name.trim())?);
            made.push_str(literal);
            if made.len() > MAX_MADE {
                return None;
            }
        }
        Some(made)
    }

    /// What `Fn::FindInMap` finds, or its `DefaultValue`.
    fn mapped(&self, arguments: NodeId) -> Option<NodeId> {
        let Shape::Array(&[map, first, second, ref options @ ..]) = self.doc.shape(arguments) else { return None };
        let mut at = self.mappings;
        for name in [map, first, second] {
            let Word::Is(name) = self.word(name)? else { return None };
            at = at.and_then(|at| self.doc.get(at, &name));
        }
        at.or_else(|| options.first().and_then(|&options| self.doc.get(options, "DefaultValue")))
    }

    fn value(&self, identifier: &str) -> Option<&str> {
        self.names.iter().rev().find(|(name, _)| *name == identifier).map(|(_, value)| value.as_str())
    }

    /// A text with the identifiers' values: `${Name}`, and `&{Name}` for the value's letters and digits only.
    fn substitute<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.names.is_empty() || !text.contains('{') {
            return Cow::Borrowed(text);
        }
        let mut made = String::new();
        let mut rest = text;
        // One that grows beyond all bounds is counted as such by the caller.
        while let Some(open) = rest.find('{').filter(|_| made.len() <= MAX_MADE) {
            let before = &rest[..open];
            let named = rest[open + 1..].split_once('}').and_then(|(name, after)| Some((self.value(name)?, after)));
            match (named, before.as_bytes().last()) {
                (Some((value, after)), Some(b'$')) => {
                    made.push_str(&before[..open - 1]);
                    made.push_str(value);
                    rest = after;
                }
                (Some((value, after)), Some(b'&')) => {
                    made.push_str(&before[..open - 1]);
                    made.extend(value.chars().filter(char::is_ascii_alphanumeric));
                    rest = after;
                }
                _ => {
                    made.push_str(&rest[..=open]);
                    rest = &rest[open + 1..];
                }
            }
        }
        made.push_str(rest);
        if made == text { Cow::Borrowed(text) } else { Cow::Owned(made) }
    }

    fn replaced<'t>(&mut self, text: &'t str, at: NodeId) -> Result<Cow<'t, str>, TooMuch> {
        let replaced = self.substitute(text);
        self.count(replaced.len(), at)?;
        Ok(replaced)
    }

    /// A string in the place of a node.
    fn text(&mut self, node: NodeId, text: &str) -> Result<NodeId, TooMuch> {
        self.count(text.len(), node)?;
        Ok(self.builder.string_decoded(self.doc.span(node), text))
    }

    /// Counts what stands in loops.
    fn count(&mut self, bytes: usize, at: NodeId) -> Result<(), TooMuch> {
        if !self.names.is_empty() {
            self.made += bytes;
        }
        if self.made > MAX_MADE { Err(TooMuch(at)) } else { Ok(()) }
    }
}
