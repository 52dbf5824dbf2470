//! EventBridge event patterns: what a rule, an archive or a pipe matches events against.
//!
//! Sources: AWS, *Creating Amazon EventBridge event patterns* (eb-event-patterns), *Comparison operators for use in event
//! patterns* (eb-create-pattern-operators), and the behaviour and messages of Event Ruler, the library that AWS publishes
//! (github.com/aws/event-ruler). `PutRule` prefixes the reason with "Event pattern is not valid. Reason: ".

use std::net::IpAddr;

use serde_json::Value as Json;

use super::Verdict;
use super::cidr::Cidr;
use super::holes::{Unit, Units};
use crate::model::text::Text;
use crate::model::tri::Tri;

/// Longest pattern as JSON text, in characters; AWS raises it to [`MAX_LENGTH_RAISED`] on request.
pub const MAX_LENGTH: usize = 2048;
pub const MAX_LENGTH_RAISED: usize = 4096;
/// Deeper patterns are not read; no event has so many levels.
const MAX_DEPTH: usize = 100;

/// The fields that every event has (AWS, *AWS service event metadata*), and that replays carry.
pub const ENVELOPE: [&str; 10] =
    ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "replay-name"];

/// A tree of JSON whose strings may have holes: what the model's values look like from here.
pub trait Tree {
    fn node(&self) -> Node<'_, Self>
    where
        Self: Sized;
}

/// One node of a [`Tree`].
pub enum Node<'a, T> {
    Object(Vec<(Text<'a>, T)>),
    Array(Vec<T>),
    String(Text<'a>),
    Number(f64),
    Bool(bool),
    Null,
    /// Not known, of any shape.
    Unknown,
}

impl Tree for &Json {
    fn node(&self) -> Node<'_, Self> {
        match self {
            Json::Object(fields) => {
                Node::Object(fields.iter().map(|(key, value)| (Text::from(key.as_str()), value)).collect())
            }
            Json::Array(items) => Node::Array(items.iter().collect()),
            Json::String(text) => Node::String(Text::from(text.as_str())),
            Json::Number(number) => Node::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::Bool(value) => Node::Bool(*value),
            Json::Null => Node::Null,
        }
    }
}

/// A step from the pattern's root to a node of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// Why AWS refuses a pattern, and at which node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternProblem {
    pub path: Vec<Step>,
    /// Whether the key is wrong rather than the value below it.
    pub at_key: bool,
    pub message: String,
    pub aws_error: String,
    pub fix: Option<PatternFix>,
}

/// Mechanical, and keeps what the pattern means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternFix {
    /// Put the value at the path into an array.
    WrapInArray,
}

/// One object of a pattern: all fields must match, and of every group of alternatives one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventPattern {
    pub fields: Vec<(Text<'static>, Entry)>,
    /// `$or`
    pub alternatives: Vec<Vec<EventPattern>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Object(EventPattern),
    /// One of them must match.
    AnyOf(Vec<Matcher>),
    Unknown,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    String(Text<'static>),
    Number(f64),
    Bool(bool),
    Null,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    Equal(Scalar),
    Prefix {
        text: Text<'static>,
        ignore_case: bool,
    },
    Suffix {
        text: Text<'static>,
        ignore_case: bool,
    },
    EqualIgnoreCase(Text<'static>),
    Wildcard(Text<'static>),
    Exists(bool),
    Cidr(Text<'static>),
    /// All must hold.
    Numeric(Vec<(Comparison, f64)>),
    /// None may match.
    AnythingBut(Vec<Matcher>),
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A pattern as far as it can be read, with all that is wrong in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub pattern: EventPattern,
    /// In the order of the pattern.
    pub problems: Vec<PatternProblem>,
    /// Why parts of it cannot be judged.
    pub open: Vec<&'static str>,
}

/// Reads a pattern.
pub fn parse<T: Tree>(tree: &T) -> Verdict<EventPattern, PatternProblem> {
    let reading = read(tree);
    match (reading.problems.into_iter().next(), reading.open.first()) {
        (Some(problem), _) => Verdict::Invalid(problem),
        (None, Some(why)) => Verdict::Undetermined((*why).into()),
        (None, None) => Verdict::Valid(reading.pattern),
    }
}

/// Reads a pattern and reports everything that is wrong with it.
pub fn read<T: Tree>(tree: &T) -> Reading {
    let mut reader = Reader { path: Vec::new(), problems: Vec::new(), open: Vec::new() };
    let pattern = match tree.node() {
        Node::Object(fields) => reader.object(fields),
        Node::Unknown => {
            reader.open.push("the pattern is known only at deployment");
            EventPattern::default()
        }
        _ => {
            reader.refuse("An event pattern is a JSON object", "Filter is not an object");
            EventPattern::default()
        }
    };
    let (least, exact) = length(tree, 0);
    if least > MAX_LENGTH_RAISED {
        reader.problems.push(PatternProblem {
            path: Vec::new(),
            at_key: false,
            message: format!(
                "The pattern has {least} characters; AWS takes {MAX_LENGTH}, on request {MAX_LENGTH_RAISED}"
            ),
            aws_error: format!("ValidationException: EventPattern must have length less than or equal to {MAX_LENGTH}"),
            fix: None,
        });
    } else if least > MAX_LENGTH {
        reader.open.push("the pattern is longer than AWS takes unless the quota was raised");
    } else if !exact && least > MAX_LENGTH / 2 {
        reader.open.push("the length of the pattern is known only at deployment");
    }
    Reading { pattern, problems: reader.problems, open: reader.open }
}

/// The least length as compact JSON, and whether it is exact.
fn length<T: Tree>(tree: &T, depth: usize) -> (usize, bool) {
    if depth > MAX_DEPTH {
        return (0, false);
    }
    let text = |text: &Text| {
        let units = Units::of(text);
        (units.length_bounds().0 + 2, !units.has_holes())
    };
    let sum = |a: (usize, bool), b: (usize, bool)| (a.0.saturating_add(b.0), a.1 && b.1);
    match tree.node() {
        Node::Object(fields) => fields.iter().fold((1 + fields.len().max(1), true), |all, (key, value)| {
            let key = text(key);
            sum(sum(all, (key.0 + 1, key.1)), length(value, depth + 1))
        }),
        Node::Array(items) => {
            items.iter().fold((1 + items.len().max(1), true), |all, item| sum(all, length(item, depth + 1)))
        }
        Node::String(string) => text(&string),
        Node::Number(_) => (1, true),
        Node::Bool(true) | Node::Null => (4, true),
        Node::Bool(false) => (5, true),
        Node::Unknown => (1, false),
    }
}

struct Reader {
    path: Vec<Step>,
    problems: Vec<PatternProblem>,
    open: Vec<&'static str>,
}

impl Reader {
    fn push(&mut self, message: impl Into<String>, reason: impl AsRef<str>, at_key: bool, fix: Option<PatternFix>) {
        self.problems.push(PatternProblem {
            path: self.path.clone(),
            at_key,
            message: message.into(),
            aws_error: format!("InvalidEventPatternException: Event pattern is not valid. Reason: {}", reason.as_ref()),
            fix,
        });
    }

    fn refuse(&mut self, message: impl Into<String>, reason: impl AsRef<str>) {
        self.push(message, reason, false, None);
    }

    fn within<R>(&mut self, step: Step, f: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step);
        let result = f(self);
        self.path.pop();
        result
    }

    fn object<T: Tree>(&mut self, fields: Vec<(Text<'_>, T)>) -> EventPattern {
        let mut pattern = EventPattern::default();
        if self.path.len() > MAX_DEPTH {
            self.open.push("the pattern is nested very deeply");
            return pattern;
        }
        if fields.is_empty() {
            self.refuse("An event pattern has no empty objects", "Empty objects are not allowed");
        }
        for (key, value) in fields {
            let name = key.to_string();
            if key.as_literal().is_none() {
                self.open.push("the name of a field is known only at deployment");
            }
            let is_or = key.as_literal() == Some("$or");
            self.within(Step::Key(name.clone()), |reader| match value.node() {
                Node::Object(inner) => {
                    let inner = reader.object(inner);
                    pattern.fields.push((key.into_owned(), Entry::Object(inner)));
                }
                Node::Array(items) if is_or => {
                    if let Some(group) = reader.alternatives(items) {
                        pattern.alternatives.push(group);
                    }
                }
                Node::Array(items) => {
                    let matchers = reader.leaf(items);
                    pattern.fields.push((key.into_owned(), Entry::AnyOf(matchers)));
                }
                Node::Unknown => {
                    reader.open.push("a field is known only at deployment");
                    pattern.fields.push((key.into_owned(), Entry::Unknown));
                }
                scalar => {
                    let fix = if is_or { None } else { Some(PatternFix::WrapInArray) };
                    reader.push(
                        format!("The values of {name} must stand in an array"),
                        format!("\"{name}\" must be an object or an array"),
                        false,
                        fix,
                    );
                    if let Some(scalar) = scalar_of(scalar) {
                        pattern.fields.push((key.into_owned(), Entry::AnyOf(vec![Matcher::Equal(scalar)])));
                    }
                }
            });
        }
        pattern
    }

    /// Event Ruler takes a `$or` that is no list of at least two objects for a field of that name.
    fn alternatives<T: Tree>(&mut self, items: Vec<T>) -> Option<Vec<EventPattern>> {
        if items.is_empty() {
            self.refuse("An event pattern has no empty arrays", "Empty arrays are not allowed");
            return None;
        }
        let mut group = Vec::new();
        let count = items.len();
        for (index, item) in items.into_iter().enumerate() {
            let alternative = self.within(Step::Index(index), |reader| match item.node() {
                Node::Object(fields) => Some(reader.object(fields)),
                _ => None,
            });
            match alternative {
                Some(alternative) => group.push(alternative),
                None => {
                    self.open.push("$or with something other than objects");
                    return None;
                }
            }
        }
        if count < 2 {
            self.open.push("$or with a single alternative");
        }
        Some(group)
    }

    fn leaf<T: Tree>(&mut self, items: Vec<T>) -> Vec<Matcher> {
        if items.is_empty() {
            self.refuse("An event pattern has no empty arrays", "Empty arrays are not allowed");
        }
        let mut matchers = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            matchers.push(self.within(Step::Index(index), |reader| match item.node() {
                Node::Object(fields) => reader.matcher(fields),
                Node::Array(_) => {
                    reader.refuse(
                        "The values of a field are strings, numbers, true, false, null or a comparison",
                        "Match value must be String, number, true, false, or null",
                    );
                    Matcher::Unknown
                }
                Node::Unknown => {
                    reader.open.push("a value is known only at deployment");
                    Matcher::Unknown
                }
                other => scalar_of(other).map_or(Matcher::Unknown, Matcher::Equal),
            }));
        }
        matchers
    }

    /// The single operator of a comparison such as `{"prefix": "a"}`.
    fn operator<'a, T: Tree>(&mut self, fields: Vec<(Text<'a>, T)>) -> Option<(String, T)> {
        let count = fields.len();
        let Some((key, value)) = fields.into_iter().next() else {
            self.refuse("A comparison names its operator", "Match expression name not found");
            return None;
        };
        let Some(name) = key.as_literal() else {
            self.open.push("an operator is known only at deployment");
            return None;
        };
        if count > 1 {
            self.refuse("A comparison has one operator", "Only one key allowed in match expression");
            return None;
        }
        Some((name.to_string(), value))
    }

    fn string<T: Tree>(&mut self, operator: &str, value: &T) -> Option<Text<'static>> {
        match value.node() {
            Node::String(text) => Some(text.into_owned()),
            Node::Unknown => {
                self.open.push("a value is known only at deployment");
                None
            }
            _ => {
                self.refuse(format!("{operator} takes a string"), format!("{operator} match pattern must be a string"));
                None
            }
        }
    }

    fn matcher<T: Tree>(&mut self, fields: Vec<(Text<'_>, T)>) -> Matcher {
        let Some((name, value)) = self.operator(fields) else { return Matcher::Unknown };
        self.within(Step::Key(name.clone()), |reader| reader.compare(&name, value)).unwrap_or(Matcher::Unknown)
    }

    fn compare<T: Tree>(&mut self, name: &str, value: T) -> Option<Matcher> {
        match name {
            "prefix" | "suffix" => self.affix(name, &value),
            "equals-ignore-case" => self.string(name, &value).map(Matcher::EqualIgnoreCase),
            "wildcard" => self.string(name, &value).map(|text| self.wildcard(text)),
            "cidr" => {
                let text = self.string(name, &value)?;
                match text.as_literal() {
                    Some(literal) if Cidr::parse(literal).is_none() => {
                        let reason = match literal.matches('/').count() {
                            1 => format!("Malformed CIDR: {literal}"),
                            _ => "Malformed CIDR, one '/' required".to_string(),
                        };
                        self.refuse(format!("{literal} is no range of addresses such as 10.0.0.0/24"), reason);
                    }
                    Some(_) => {}
                    None => self.open.push("a range of addresses is known only at deployment"),
                }
                Some(Matcher::Cidr(text))
            }
            "exists" => match value.node() {
                Node::Bool(exists) => Some(Matcher::Exists(exists)),
                Node::Unknown => {
                    self.open.push("a value is known only at deployment");
                    None
                }
                // Templates turn true into "true" on some ways; whether it reaches AWS as a string is not known.
                Node::String(text) if matches!(text.as_literal(), Some("true" | "false") | None) => {
                    self.open.push("exists with a string for its boolean");
                    None
                }
                _ => {
                    self.refuse("exists takes true or false", "exists match pattern must be either true or false.");
                    None
                }
            },
            "numeric" => match value.node() {
                Node::Array(items) => self.numeric(items),
                Node::Unknown => {
                    self.open.push("a value is known only at deployment");
                    None
                }
                _ => {
                    self.refuse(
                        "numeric takes an array of operator and number, such as [\">\", 0, \"<=\", 5]",
                        "Value of numeric must be an array.",
                    );
                    None
                }
            },
            "anything-but" => self.anything_but(value),
            "exactly" => {
                self.open.push("the operator exactly is not documented");
                None
            }
            _ => {
                self.push(
                    format!("{name} is no operator of event patterns"),
                    format!("Unrecognized match type {name}"),
                    true,
                    None,
                );
                None
            }
        }
    }

    fn affix<T: Tree>(&mut self, name: &str, value: &T) -> Option<Matcher> {
        let build = |text, ignore_case| match name {
            "prefix" => Matcher::Prefix { text, ignore_case },
            _ => Matcher::Suffix { text, ignore_case },
        };
        match value.node() {
            Node::Object(fields) => {
                let (inner, value) = self.operator(fields)?;
                if inner != "equals-ignore-case" {
                    self.refuse(
                        format!("{name} takes a string or equals-ignore-case"),
                        format!("Unsupported {name} pattern: {inner}"),
                    );
                    return None;
                }
                self.string(&inner, &value).map(|text| build(text, true))
            }
            Node::String(text) if text.as_literal() == Some("") => {
                self.open.push("an empty prefix or suffix");
                None
            }
            _ => self.string(name, value).map(|text| build(text, false)),
        }
    }

    fn wildcard(&mut self, text: Text<'static>) -> Matcher {
        let units = Units::of(&text);
        let mut previous = None;
        let mut index = 0;
        while let Some(unit) = units.get(index) {
            match unit {
                Unit::Char('*') if previous == Some(Unit::Char('*')) => {
                    let reason = format!("Consecutive wildcard characters at pos {}", index.saturating_sub(1));
                    self.refuse("Two wildcards follow each other", reason);
                    break;
                }
                Unit::Char('\\') => {
                    index += 1;
                    match units.get(index) {
                        Some(Unit::Char('*' | '\\')) => {}
                        Some(Unit::Hole(_)) => {
                            self.open.push("an escape whose character is known only at deployment");
                            break;
                        }
                        _ => {
                            let reason = format!("Invalid escape character at pos {}", index - 1);
                            self.refuse("A backslash escapes only '*' and itself", reason);
                            break;
                        }
                    }
                    previous = None;
                    index += 1;
                    continue;
                }
                Unit::Hole(symbol) => {
                    if !super::holes::Filling::of(symbol).only(|c| c != '*' && c != '\\') {
                        self.open.push("a wildcard with parts that are known only at deployment");
                    }
                    // A hole may be empty: the stars beside it may touch, but that is AWS's to say.
                }
                Unit::Char(_) => {}
            }
            previous = Some(unit);
            index += 1;
        }
        Matcher::Wildcard(text)
    }

    fn numeric<T: Tree>(&mut self, items: Vec<T>) -> Option<Matcher> {
        let mut terms: Vec<(Comparison, f64)> = Vec::new();
        if items.is_empty() {
            self.refuse("numeric needs an operator and a number", "Invalid member in numeric match: ]");
            return None;
        }
        let count = items.len();
        let mut items = items.into_iter();
        while let Some(operator) = items.next() {
            let comparison = match operator.node() {
                Node::String(text) => match text.as_literal() {
                    Some("=") => Comparison::Equal,
                    Some("<") => Comparison::Less,
                    Some("<=") => Comparison::LessOrEqual,
                    Some(">") => Comparison::Greater,
                    Some(">=") => Comparison::GreaterOrEqual,
                    Some(other) => {
                        self.refuse(
                            format!("{other} is no numeric operator; they are = < <= > >="),
                            format!("Unrecognized numeric range operator: {other}"),
                        );
                        return None;
                    }
                    None => {
                        self.open.push("an operator is known only at deployment");
                        return None;
                    }
                },
                Node::Unknown => {
                    self.open.push("an operator is known only at deployment");
                    return None;
                }
                _ => {
                    self.refuse("numeric starts with an operator", "Invalid member in numeric match");
                    return None;
                }
            };
            let number = match items.next().as_ref().map(|value| value.node()) {
                Some(Node::Number(number)) => number,
                Some(Node::Unknown) => {
                    self.open.push("a number is known only at deployment");
                    return None;
                }
                // A parameter or a quoted number may reach AWS as a number.
                Some(Node::String(text)) if text.as_literal().is_none() => {
                    self.open.push("a number is known only at deployment");
                    return None;
                }
                _ => {
                    self.refuse("A number must follow the operator", "Value of the numeric operator must be numeric");
                    return None;
                }
            };
            if number.abs() > 5e9 {
                self.open.push("a number beyond five thousand millions");
            }
            terms.push((comparison, number));
        }
        let lower = |comparison| matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
        let upper = |comparison| matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
        match terms[..] {
            [_] => {}
            [(low, bottom), (high, top)] if lower(low) && upper(high) => {
                if bottom > top {
                    self.refuse("The lower bound is above the upper one", "Bottom must be less than top");
                } else if bottom == top {
                    self.open.push("a numeric range of one number");
                }
            }
            [(low, _), (..)] if lower(low) => {
                self.refuse("The second operator of a range is < or <=", "Bad numeric range operator");
            }
            _ => {
                self.refuse(
                    format!("numeric takes one comparison or a lower and an upper bound, found {count} entries"),
                    "Too many elements in numeric expression",
                );
            }
        }
        Some(Matcher::Numeric(terms))
    }

    fn anything_but<T: Tree>(&mut self, value: T) -> Option<Matcher> {
        const LIST: &str = "Inside anything but list, start|null|boolean is not supported.";
        match value.node() {
            Node::String(text) => Some(Matcher::AnythingBut(vec![Matcher::Equal(Scalar::String(text.into_owned()))])),
            Node::Number(number) => Some(Matcher::AnythingBut(vec![Matcher::Equal(Scalar::Number(number))])),
            Node::Unknown => {
                self.open.push("a value is known only at deployment");
                None
            }
            Node::Bool(_) | Node::Null => {
                self.refuse(
                    "anything-but takes a string, a number, a list of them or a comparison",
                    "Value of anything-but must be an array or single string/number value.",
                );
                None
            }
            Node::Array(items) => {
                let (mut numbers, mut strings) = (false, false);
                let mut excluded = Vec::new();
                for item in &items {
                    match item.node() {
                        Node::String(text) => {
                            strings = true;
                            excluded.push(Matcher::Equal(Scalar::String(text.into_owned())));
                        }
                        Node::Number(number) => {
                            numbers = true;
                            excluded.push(Matcher::Equal(Scalar::Number(number)));
                        }
                        Node::Unknown => {
                            self.open.push("a value is known only at deployment");
                            return None;
                        }
                        _ => {
                            self.refuse("The list of anything-but has strings or numbers only", LIST);
                            return None;
                        }
                    }
                }
                if numbers == strings {
                    self.refuse(
                        "The list of anything-but has either strings or numbers",
                        "Inside anything but list, either all values are number or string, mixed type is not supported",
                    );
                    return None;
                }
                Some(Matcher::AnythingBut(excluded))
            }
            Node::Object(fields) => {
                let (name, value) = self.operator(fields)?;
                if !matches!(name.as_str(), "prefix" | "suffix" | "wildcard" | "equals-ignore-case") {
                    self.push(
                        format!("anything-but does not combine with {name}"),
                        format!("Unsupported anything-but pattern: {name}"),
                        false,
                        None,
                    );
                    return None;
                }
                let inner: Vec<T> = match value.node() {
                    Node::Array(items) => {
                        if items.is_empty() {
                            self.refuse("The list of anything-but is empty", "Empty arrays are not allowed");
                        }
                        items
                    }
                    _ => {
                        return self.negated(&name, &value).map(|matcher| Matcher::AnythingBut(vec![matcher]));
                    }
                };
                let matchers: Option<Vec<_>> = inner.iter().map(|item| self.negated(&name, item)).collect();
                Some(Matcher::AnythingBut(matchers?))
            }
        }
    }

    fn negated<T: Tree>(&mut self, name: &str, value: &T) -> Option<Matcher> {
        match (name, value.node()) {
            ("prefix" | "suffix", Node::String(text)) if text.as_literal() == Some("") => {
                self.refuse(format!("The {name} is empty"), "Null prefix/suffix not allowed");
                None
            }
            ("prefix" | "suffix", Node::Object(_)) => {
                self.open.push("anything-but with a nested comparison");
                None
            }
            ("prefix", _) => self.string(name, value).map(|text| Matcher::Prefix { text, ignore_case: false }),
            ("suffix", _) => self.string(name, value).map(|text| Matcher::Suffix { text, ignore_case: false }),
            ("wildcard", _) => self.string(name, value).map(|text| self.wildcard(text)),
            _ => self.string(name, value).map(Matcher::EqualIgnoreCase),
        }
    }
}

fn scalar_of<T>(node: Node<'_, T>) -> Option<Scalar> {
    match node {
        Node::String(text) => Some(Scalar::String(text.into_owned())),
        Node::Number(number) => Some(Scalar::Number(number)),
        Node::Bool(value) => Some(Scalar::Bool(value)),
        Node::Null => Some(Scalar::Null),
        Node::Object(_) | Node::Array(_) | Node::Unknown => None,
    }
}

impl EventPattern {
    /// What the pattern asks of a field, outside `$or`: `values(&["detail", "eventName"])`.
    pub fn values(&self, path: &[&str]) -> Option<&[Matcher]> {
        let (first, rest) = path.split_first()?;
        let (_, entry) = self.fields.iter().find(|(key, _)| key.as_literal() == Some(*first))?;
        match (entry, rest.is_empty()) {
            (Entry::AnyOf(matchers), true) => Some(matchers),
            (Entry::Object(inner), false) => inner.values(rest),
            _ => None,
        }
    }

    /// Whether the pattern speaks of the field at all, in `$or` too. Unknown where names or parts are not known.
    pub fn mentions(&self, path: &[&str]) -> Tri {
        let Some((first, rest)) = path.split_first() else { return Tri::Yes };
        let mut answer = Tri::No;
        for (key, entry) in &self.fields {
            let own = match key.as_literal() {
                Some(key) if key != *first => Tri::No,
                None => Tri::Unknown,
                Some(_) => match entry {
                    Entry::Unknown => Tri::Unknown,
                    Entry::AnyOf(_) => rest.is_empty().into(),
                    Entry::Object(inner) => inner.mentions(rest),
                },
            };
            answer = answer.or(own);
        }
        for alternative in self.alternatives.iter().flatten() {
            answer = answer.or(alternative.mentions(path));
        }
        answer
    }

    /// Names at the top that no event has: such a pattern never matches (`detailType` for `detail-type`).
    pub fn foreign_fields(&self) -> Vec<&str> {
        let own = self.fields.iter().filter_map(|(key, _)| key.as_literal()).filter(|key| !ENVELOPE.contains(key));
        own.chain(self.alternatives.iter().flatten().flat_map(|pattern| pattern.foreign_fields())).collect()
    }

    /// Whether the pattern matches the event.
    pub fn matches(&self, event: &Json) -> Tri {
        let mut answer = Tri::Yes;
        for (key, entry) in &self.fields {
            let own = match key.as_literal() {
                None => Tri::Unknown,
                Some(key) => entry.matches(event.get(key)),
            };
            answer = answer.and(own);
        }
        for group in &self.alternatives {
            answer = answer.and(group.iter().fold(Tri::No, |any, pattern| any.or(pattern.matches(event))));
        }
        answer
    }
}

impl Entry {
    fn matches(&self, value: Option<&Json>) -> Tri {
        match (self, value) {
            (Entry::Unknown, _) => Tri::Unknown,
            (Entry::Object(pattern), Some(Json::Array(items))) => {
                items.iter().fold(Tri::No, |any, item| any.or(pattern.matches(item)))
            }
            (Entry::Object(pattern), value) => pattern.matches(value.unwrap_or(&Json::Null)),
            (Entry::AnyOf(matchers), Some(Json::Array(items))) if !items.is_empty() => {
                let one = |item| matchers.iter().fold(Tri::No, |any, matcher| any.or(matcher.matches(Some(item))));
                items.iter().fold(Tri::No, |any, item| any.or(one(item)))
            }
            (Entry::AnyOf(matchers), value) => {
                let leaf = value.filter(|value| !matches!(value, Json::Array(_) | Json::Object(_)));
                matchers.iter().fold(Tri::No, |any, matcher| any.or(matcher.matches(leaf)))
            }
        }
    }
}

impl Matcher {
    fn matches(&self, value: Option<&Json>) -> Tri {
        let string = value.and_then(Json::as_str);
        let with = |text: &Text, test: &dyn Fn(&str, &str) -> bool| match (string, text.as_literal()) {
            (None, _) => Tri::No,
            (Some(_), None) => Tri::Unknown,
            (Some(own), Some(text)) => test(own, text).into(),
        };
        let fold = |text: &str, ignore_case: bool| if ignore_case { text.to_lowercase() } else { text.to_string() };
        match self {
            Matcher::Unknown => Tri::Unknown,
            Matcher::Exists(wanted) => (value.is_some() == *wanted).into(),
            Matcher::Equal(Scalar::String(text)) => with(text, &|own, text| own == text),
            Matcher::Equal(Scalar::Number(number)) => (value.and_then(Json::as_f64) == Some(*number)).into(),
            Matcher::Equal(Scalar::Bool(wanted)) => (value.and_then(Json::as_bool) == Some(*wanted)).into(),
            Matcher::Equal(Scalar::Null) => value.is_some_and(Json::is_null).into(),
            Matcher::Prefix { text, ignore_case } => {
                with(text, &|own, text| fold(own, *ignore_case).starts_with(&fold(text, *ignore_case)))
            }
            Matcher::Suffix { text, ignore_case } => {
                with(text, &|own, text| fold(own, *ignore_case).ends_with(&fold(text, *ignore_case)))
            }
            Matcher::EqualIgnoreCase(text) => with(text, &|own, text| fold(own, true) == fold(text, true)),
            Matcher::Wildcard(text) => with(text, &|own, text| wildcard(text, own)),
            Matcher::Cidr(text) => with(text, &|own, text| {
                let address: Option<IpAddr> = own.parse().ok();
                address.zip(Cidr::parse(text)).is_some_and(|(address, range)| range.contains_address(address))
            }),
            Matcher::Numeric(terms) => match value.and_then(Json::as_f64) {
                None => Tri::No,
                Some(own) => terms
                    .iter()
                    .all(|(comparison, number)| match comparison {
                        Comparison::Equal => own == *number,
                        Comparison::Less => own < *number,
                        Comparison::LessOrEqual => own <= *number,
                        Comparison::Greater => own > *number,
                        Comparison::GreaterOrEqual => own >= *number,
                    })
                    .into(),
            },
            Matcher::AnythingBut(excluded) => match value {
                None => Tri::No,
                Some(_) => !excluded.iter().fold(Tri::No, |any, matcher| any.or(matcher.matches(value))),
            },
        }
    }
}

/// `*` stands for any characters, `\` escapes. The usual two-pointer walk: linear in practice, never exponential.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts: Vec<Option<char>> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => None,
            '\\' => Some(chars.next().unwrap_or('\\')),
            c => Some(c),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match parts.get(p) {
            Some(Some(c)) if *c == text[t] => {
                p += 1;
                t += 1;
            }
            Some(None) => {
                star = Some((p, t));
                p += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    parts[p..].iter().all(Option::is_none)
}
