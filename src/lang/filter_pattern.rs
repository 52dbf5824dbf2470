//! CloudWatch Logs filter patterns: of metric filters, subscription filters and `FilterLogEvents`.
//!
//! Source: AWS, *Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail*
//! (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html and its pages for unstructured, JSON and
//! space-delimited log events), the CIS AWS Foundations patterns, and error texts of `PutMetricFilter`.

use serde_json::Value as Json;

use super::holes::{Filling, Unit, Units};
use super::language::{self, Language, any, blanks, caseless, class, either, list, maybe, sequence, some, word};
use super::{Problem, Verdict};
use crate::model::text::Text;
use crate::model::tri::Tri;

/// Longest pattern, in characters (`PutMetricFilter`, filterPattern).
pub const MAX_LENGTH: usize = 1024;
/// Most regular expressions in one space-delimited or JSON pattern.
pub const MAX_REGEXES: usize = 2;
/// Most filters with a regular expression in one log group.
pub const MAX_REGEX_FILTERS_PER_LOG_GROUP: usize = 5;

/// One pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterPattern {
    /// The empty pattern: matches every event.
    Everything,
    /// Words, phrases and regular expressions anywhere in the event.
    Terms(Vec<Term>),
    /// `[ip, user, status = 4*]`: the event split at blanks.
    Delimited(Vec<Column>),
    /// `{ $.eventName = "ConsoleLogin" }`: the event as a JSON object.
    Json(Expression),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Everything,
    Terms,
    Regex,
    Delimited,
    Json,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub mode: Mode,
    pub value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Required,
    /// `?term`: one of these must be there. Without effect beside a required term.
    Optional,
    /// `-term`: must not be there.
    Excluded,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// As written: a word, a number, a wildcard.
    Bare(Text<'static>),
    /// Without its quotes, escapes undone.
    Quoted(Text<'static>),
    /// Without its percent signs.
    Regex(Text<'static>),
}

impl Value {
    pub fn text(&self) -> &Text<'static> {
        match self {
            Value::Bare(text) | Value::Quoted(text) | Value::Regex(text) => text,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// `None` is `...`: any number of columns.
    pub name: Option<Text<'static>>,
    pub condition: Option<Condition>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    Compare(Operator, Value),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Test(Selector, Test),
}

/// `$.users[0].name`
#[derive(Clone, Debug, PartialEq)]
pub struct Selector(pub Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Key(Text<'static>),
    Index(u64),
    /// `[*]`
    Every,
}

impl Selector {
    /// `$.a.b[0]`, in the plainest spelling.
    pub fn path(&self) -> String {
        let mut path = String::from("$");
        for step in &self.0 {
            match step {
                Step::Key(key) => path.push_str(&format!(".{key}")),
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Every => path.push_str("[*]"),
            }
        }
        path
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Compare(Operator, Value),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Reads a pattern.
pub fn parse(text: &Text) -> Verdict<FilterPattern> {
    let units = Units::of(text);
    let (least, greatest) = units.length_bounds();
    if least > MAX_LENGTH {
        return Verdict::Invalid(Problem::new(
            0,
            units.offset(units.len()),
            format!("The pattern has at least {least} characters; AWS takes {MAX_LENGTH}"),
            "Value at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024",
        ));
    }
    let mut parser = Parser { units: &units, at: 0, doubts: None, regexes: 0, depth: 0 };
    let reading = parser.pattern();
    let doubts = parser.doubts;
    match (reading, doubts) {
        (Err(Stop::Refused(problem)), _) if !units.has_holes() => Verdict::Invalid(*problem),
        (Ok(pattern), None) if !units.has_holes() => Verdict::Valid(pattern),
        (reading, doubts) => judge(&units, reading, doubts, greatest),
    }
}

/// The verdict where something is open: holes, or forms of which AWS's answer is not known.
fn judge(
    units: &Units,
    reading: Read<FilterPattern>,
    doubts: Option<&'static str>,
    greatest: Option<usize>,
) -> Verdict<FilterPattern> {
    if let Err(index) = language::possible(&whole_language(), units) {
        let offset = units.offset(index);
        return Verdict::Invalid(match reading {
            Err(Stop::Refused(problem)) => *problem,
            _ => Problem::new(
                offset,
                units.offset(index + 1).saturating_sub(offset),
                "No value of the unknown parts makes this a filter pattern",
                INVALID,
            ),
        });
    }
    match (reading, doubts) {
        (Ok(pattern), None) if greatest.is_some_and(|greatest| greatest <= MAX_LENGTH) && holes_are_safe(units) => {
            Verdict::Valid(pattern)
        }
        (Err(Stop::Open(why)), _) | (_, Some(why)) => Verdict::Undetermined(why.into()),
        _ => Verdict::Undetermined("the pattern has parts that are known only at deployment".into()),
    }
}

const INVALID: &str = "InvalidParameterException: Invalid filter pattern";

/// A hole is safe where its characters cannot end the word or phrase that it stands in, and its word stays one.
fn holes_are_safe(units: &Units) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    for unit in &units.units {
        match unit {
            Unit::Char(_) if escaped => escaped = false,
            Unit::Char('\\') if quoted => escaped = true,
            Unit::Char('"') => quoted = !quoted,
            Unit::Char(_) => {}
            Unit::Hole(symbol) => {
                let filling = Filling::of(*symbol);
                let safe = if quoted {
                    !escaped && filling.only(|c| c != '"' && c != '\\' && !c.is_control() && c.is_ascii())
                } else {
                    filling.only(|c| c.is_ascii_alphanumeric() || c == '_')
                };
                if !safe {
                    return false;
                }
            }
        }
    }
    true
}

/// More than every pattern that AWS may accept; see [`language`].
fn whole_language() -> Language {
    fn phrase_char(c: char) -> bool {
        c != '"' && c != '\\'
    }
    fn regex_char(c: char) -> bool {
        c != '%' && c != '\\' && c.is_ascii() && !matches!(c, '(' | ')' | '!')
    }
    fn opening(c: char) -> bool {
        c == '(' || c.is_whitespace()
    }
    fn closing(c: char) -> bool {
        c == ')' || c.is_whitespace()
    }
    fn selector_char(c: char) -> bool {
        !c.is_whitespace() && !matches!(c, '"' | '=' | '<' | '>' | '!' | '(' | ')' | '{' | '}' | '&' | '|' | '[')
    }
    fn subscript_char(c: char) -> bool {
        c != ']'
    }
    let escape = || sequence([word("\\"), class(|_| true)]);
    let phrase = || sequence([word("\""), any(either([class(phrase_char), escape()])), word("\"")]);
    let regex = || sequence([word("%"), any(either([class(regex_char), escape()])), word("%")]);
    let operator = || either(["=", "!=", "<", "<=", ">", ">="].map(word));

    let joined = |item: Language| {
        let item = sequence([any(class(opening)), item, any(class(closing))]);
        list(item, either([word("&&"), word("||")]))
    };
    let selector = sequence([
        word("$"),
        any(either([class(selector_char), sequence([word("["), any(class(subscript_char)), word("]")])])),
    ]);
    let value = either([phrase(), regex(), some(class(json_bare))]);
    let test = either([
        sequence([blanks(), operator(), blanks(), value]),
        sequence([
            blanks(),
            caseless("is"),
            some(class(char::is_whitespace)),
            either([caseless("null"), caseless("true"), caseless("false")]),
        ]),
        sequence([blanks(), caseless("not"), some(class(char::is_whitespace)), caseless("exists")]),
    ]);
    let json = sequence([word("{"), either([blanks(), joined(sequence([selector, test]))]), word("}")]);

    let column_value = either([phrase(), regex(), some(class(column_bare))]);
    let name = || some(class(column_name));
    let comparison = sequence([name(), blanks(), maybe(sequence([operator(), blanks(), column_value]))]);
    let column = sequence([blanks(), maybe(either([word("..."), joined(comparison)])), blanks()]);
    let delimited = sequence([word("["), list(column, word(",")), word("]")]);

    let term =
        sequence([any(class(|c| c == '?' || c == '-')), maybe(either([phrase(), regex(), some(class(term_char))]))]);
    let terms = any(either([class(char::is_whitespace), term]));
    sequence([blanks(), either([json, delimited, terms]), blanks()])
}

/// What may stand in a value without quotes in a JSON pattern, known or not. The documentation asks for quotes around anything
/// but letters and digits, yet the CIS patterns with `kms.amazonaws.com` work.
fn json_bare(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | '\'' | '=' | '<' | '>' | '!' | '(' | ')' | '{' | '}' | '&' | '|' | '%')
}

fn json_bare_known(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*' | ':' | '/' | '@' | '-' | '+')
}

fn column_bare(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | ',' | ']' | '&' | '|' | '(' | ')' | '%' | '=' | '[')
}

fn column_bare_known(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*' | '-' | ':' | '/')
}

/// `[A-Za-z0-9_-]`; a letter of another script is not known.
fn column_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-' || (!c.is_ascii() && c.is_alphanumeric())
}

fn term_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

enum Stop {
    Refused(Box<Problem>),
    /// AWS's answer is not known.
    Open(&'static str),
}

type Read<T> = Result<T, Stop>;

/// Brackets within brackets: more than the 1,024 characters allow to mean anything, few enough for the stack.
const MAX_DEPTH: usize = 200;

struct Parser<'a> {
    units: &'a Units,
    at: usize,
    /// Something that AWS may or may not accept was read.
    doubts: Option<&'static str>,
    regexes: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<Unit> {
        self.units.get(self.at)
    }

    fn at_char(&self, c: char) -> bool {
        self.peek() == Some(Unit::Char(c))
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.units.get(self.at + i) == Some(Unit::Char(c)))
    }

    fn eat(&mut self, text: &str) -> bool {
        let here = self.looking_at(text);
        if here {
            self.at += text.chars().count();
        }
        here
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(Unit::Char(c)) if c.is_whitespace()) {
            self.at += 1;
        }
    }

    /// Takes units while they are holes or satisfy the class.
    fn take(&mut self, class: impl Fn(char) -> bool) -> std::ops::Range<usize> {
        let start = self.at;
        while match self.peek() {
            Some(Unit::Char(c)) => class(c),
            Some(Unit::Hole(_)) => true,
            None => false,
        } {
            self.at += 1;
        }
        start..self.at
    }

    fn doubt(&mut self, why: &'static str) {
        self.doubts.get_or_insert(why);
    }

    fn problem(&self, range: std::ops::Range<usize>, message: impl Into<String>, error: impl Into<String>) -> Problem {
        let start = self.units.offset(range.start);
        let end = self.units.offset(range.end);
        Problem::new(start, end.saturating_sub(start), message, error)
    }

    fn refuse<T>(&self, range: std::ops::Range<usize>, message: impl Into<String>) -> Read<T> {
        Err(Stop::Refused(Box::new(self.problem(range, message, INVALID))))
    }

    fn here(&self) -> std::ops::Range<usize> {
        self.at..(self.at + 1).min(self.units.len().max(self.at))
    }

    /// The last unit that is no blank, and its place.
    fn last(&self) -> Option<(usize, Unit)> {
        let end = self.units.units.iter().rposition(|unit| !matches!(unit, Unit::Char(c) if c.is_whitespace()))?;
        Some((end, self.units.get(end)?))
    }

    fn pattern(&mut self) -> Read<FilterPattern> {
        self.skip_blanks();
        for (open, close) in [('{', '}'), ('[', ']')] {
            if !self.at_char(open) {
                continue;
            }
            if let Some((end, last)) = self.last()
                && (end == self.at || !last.is(close))
                && !matches!(last, Unit::Hole(_))
            {
                return Err(Stop::Refused(Box::new(self.problem(
                    end..end + 1,
                    format!("A pattern that starts with '{open}' must end with '{close}'"),
                    format!(
                        "InvalidParameterException: If a filter pattern starts with '{open}' it must end with '{close}'"
                    ),
                ))));
            }
            self.at += 1;
            let pattern = if open == '{' { self.json()? } else { self.delimited()? };
            self.skip_blanks();
            if self.at < self.units.len() {
                return self.refuse(self.at..self.units.len(), format!("Nothing may follow the closing '{close}'"));
            }
            if self.regexes > MAX_REGEXES {
                return self.refuse(
                    0..self.units.len(),
                    format!("The pattern has {} regular expressions; AWS takes {MAX_REGEXES}", self.regexes),
                );
            }
            return Ok(pattern);
        }
        self.terms()
    }

    fn terms(&mut self) -> Read<FilterPattern> {
        let mut terms = Vec::new();
        loop {
            self.skip_blanks();
            if self.peek().is_none() {
                break;
            }
            let start = self.at;
            let mode = match self.peek() {
                Some(Unit::Char('?')) => Mode::Optional,
                Some(Unit::Char('-')) => Mode::Excluded,
                _ => Mode::Required,
            };
            if mode != Mode::Required {
                self.at += 1;
            }
            let value = match self.peek() {
                Some(Unit::Char('"')) => {
                    let value = self.quoted()?;
                    if matches!(self.peek(), Some(Unit::Hole(_))) {
                        return Err(Stop::Open("what follows a phrase is known only at deployment"));
                    }
                    if matches!(self.peek(), Some(Unit::Char(c)) if !c.is_whitespace()) {
                        if !self.at_char('"') {
                            self.take(|c| !c.is_whitespace());
                            return self.bad_term(start, start);
                        }
                        self.doubt("two phrases without a blank between them");
                    }
                    value
                }
                Some(Unit::Char('%')) if self.closes_regex() => self.regex()?,
                _ => {
                    let word = self.at;
                    let range = self.take(|c| !c.is_whitespace());
                    if range.is_empty() {
                        return Err(Stop::Open("a lone '?' or '-'"));
                    }
                    let mut foreign = false;
                    for unit in &self.units.units[range.clone()] {
                        match unit {
                            Unit::Char(c) if c.is_ascii() && !term_char(*c) => return self.bad_term(start, word),
                            Unit::Char(c) => foreign |= !c.is_ascii(),
                            Unit::Hole(_) => {}
                        }
                    }
                    if foreign {
                        self.doubt("a word with characters beyond ASCII, without quotes");
                    }
                    Value::Bare(self.units.text(range))
                }
            };
            terms.push(Term { mode, value });
        }
        Ok(if terms.is_empty() { FilterPattern::Everything } else { FilterPattern::Terms(terms) })
    }

    /// A term with a character that needs quotes: `start` is where it begins, `word` where its text does.
    fn bad_term<T>(&self, start: usize, word: usize) -> Read<T> {
        let term = self.units.text(start..self.at);
        let problem = self.problem(
            word..self.at,
            format!("The term {term} has characters other than letters, digits and '_', so it needs double quotes"),
            format!("InvalidParameterException: Invalid character(s) in term '{term}'"),
        );
        let units = &self.units.units[word..self.at];
        let literal: Option<String> = units.iter().map(|unit| unit.char()).collect();
        Err(Stop::Refused(Box::new(match literal {
            // A term with a quote in it is a phrase gone wrong: what was meant is not known.
            Some(literal) if !literal.contains('"') => {
                problem.with_fix(format!("\"{}\"", literal.replace('\\', "\\\\")))
            }
            _ => problem,
        })))
    }

    /// At `"`.
    fn quoted(&mut self) -> Read<Value> {
        let start = self.at;
        self.at += 1;
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            match self.peek() {
                None => return self.refuse(start..self.at, "The phrase has no closing double quote"),
                Some(Unit::Char('"')) => {
                    self.at += 1;
                    parts.push(Text::literal(literal));
                    return Ok(Value::Quoted(Text::concat(parts)));
                }
                Some(Unit::Char('\\')) => {
                    self.at += 1;
                    match self.peek() {
                        Some(Unit::Char(c)) => {
                            if c != '"' && c != '\\' {
                                literal.push('\\');
                            }
                            literal.push(c);
                            self.at += 1;
                        }
                        _ => literal.push('\\'),
                    }
                }
                Some(Unit::Char(c)) => {
                    literal.push(c);
                    self.at += 1;
                }
                Some(Unit::Hole(symbol)) => {
                    parts.push(Text::literal(std::mem::take(&mut literal)));
                    parts.push(Text::symbol(symbol));
                    self.at += 1;
                }
            }
        }
    }

    fn closes_regex(&self) -> bool {
        self.units.units[self.at + 1..].iter().any(|unit| unit.is('%'))
    }

    /// At `%`.
    fn regex(&mut self) -> Read<Value> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return self.refuse(start..self.at, "The regular expression has no closing '%'"),
                Some(Unit::Char('%')) => break,
                Some(Unit::Char('\\')) => {
                    self.at += 1;
                    if self.at_char('%') {
                        self.doubt("an escaped percent sign in a regular expression");
                    }
                    if !matches!(self.peek(), Some(Unit::Char('(' | ')' | '!')) | None) {
                        self.at += 1;
                    }
                }
                Some(Unit::Char(c)) => {
                    if !c.is_ascii() || matches!(c, '(' | ')' | '!') {
                        return Err(Stop::Refused(Box::new(self.problem(
                            self.at..self.at + 1,
                            format!("'{c}' is not supported in a regular expression of a filter pattern"),
                            "InvalidParameterException: Invalid character(s) in term",
                        ))));
                    }
                    let known =
                        c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":_#=@/;,-^$?[]{}|*+.".contains(c);
                    if !known {
                        self.doubt("a regular expression with a character that the documentation does not list");
                    }
                    self.at += 1;
                }
                Some(Unit::Hole(_)) => self.at += 1,
            }
        }
        self.at += 1;
        self.regexes += 1;
        Ok(Value::Regex(self.units.text(start + 1..self.at - 1)))
    }

    fn operator(&mut self) -> Read<Option<Operator>> {
        let start = self.at;
        let operator = if self.eat("!=") {
            Operator::NotEqual
        } else if self.eat("<=") {
            Operator::LessOrEqual
        } else if self.eat(">=") {
            Operator::GreaterOrEqual
        } else if self.eat("<") {
            Operator::Less
        } else if self.eat(">") {
            Operator::Greater
        } else if self.eat("=") {
            Operator::Equal
        } else {
            return Ok(None);
        };
        if self.at_char('=') || self.at_char('<') || self.at_char('>') {
            let written_start = start;
            self.take_operators();
            let written = self.units.text(written_start..self.at).to_string();
            let problem = self.problem(
                written_start..self.at,
                format!("'{written}' is no operator of filter patterns; they are = != < <= > >="),
                INVALID,
            );
            let fix = match written.as_str() {
                "==" | "===" => Some("="),
                "!==" => Some("!="),
                _ => None,
            };
            return Err(Stop::Refused(Box::new(match fix {
                Some(fix) => problem.with_fix(fix),
                None => problem,
            })));
        }
        Ok(Some(operator))
    }

    fn take_operators(&mut self) {
        while matches!(self.peek(), Some(Unit::Char('=' | '<' | '>' | '!'))) {
            self.at += 1;
        }
    }

    /// A value in single quotes: AWS knows only double ones.
    fn single_quotes<T>(&mut self) -> Read<T> {
        let start = self.at;
        let close = self.units.units[start + 1..].iter().position(|unit| unit.is('\''));
        let end = close.map_or(self.units.len(), |length| start + length + 2);
        let problem = self.problem(start..end, "Strings need double quotes", INVALID);
        let literal: Option<String> = self.units.units[start..end].iter().map(|unit| unit.char()).collect();
        Err(Stop::Refused(Box::new(match (close, literal) {
            (Some(_), Some(literal)) if !literal.contains(['"', '\\']) => problem.with_fix(literal.replace('\'', "\"")),
            _ => problem,
        })))
    }

    fn enter(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Open("brackets nested very deeply"));
        }
        Ok(())
    }

    // JSON

    fn json(&mut self) -> Read<FilterPattern> {
        self.skip_blanks();
        if self.at_char('}') {
            return Err(Stop::Open("a JSON pattern without a condition"));
        }
        let expression = self.either()?;
        self.skip_blanks();
        if !self.eat("}") {
            return self.unexpected_in_json();
        }
        Ok(FilterPattern::Json(expression))
    }

    fn unexpected_in_json<T>(&mut self) -> Read<T> {
        match self.peek() {
            None => self.refuse(self.units.len().saturating_sub(1)..self.units.len(), "A '}' or ')' is missing"),
            Some(Unit::Char('}')) => self.refuse(self.here(), "A ')' is missing before this '}'"),
            Some(Unit::Char(')')) => self.refuse(self.here(), "This ')' closes nothing"),
            Some(_) => {
                let start = self.at;
                self.take(|c| !c.is_whitespace() && c != '}');
                self.at = self.at.max(start + 1);
                let text = self.units.text(start..self.at);
                self.refuse(start..self.at, format!("Expected &&, || or the end, found {text}"))
            }
        }
    }

    fn either(&mut self) -> Read<Expression> {
        let mut items = vec![self.both()?];
        loop {
            self.skip_blanks();
            if !self.eat("||") {
                break;
            }
            items.push(self.both()?);
        }
        Ok(if items.len() == 1 { items.remove(0) } else { Expression::Any(items) })
    }

    fn both(&mut self) -> Read<Expression> {
        let mut items = vec![self.atom()?];
        loop {
            self.skip_blanks();
            if !self.eat("&&") {
                break;
            }
            items.push(self.atom()?);
        }
        Ok(if items.len() == 1 { items.remove(0) } else { Expression::All(items) })
    }

    fn atom(&mut self) -> Read<Expression> {
        self.skip_blanks();
        if self.eat("(") {
            self.enter()?;
            let inner = self.either()?;
            self.depth -= 1;
            self.skip_blanks();
            if !self.eat(")") {
                return self.unexpected_in_json();
            }
            return Ok(inner);
        }
        let selector = self.selector()?;
        self.skip_blanks();
        let start = self.at;
        let Some(operator) = self.operator()? else {
            return self.predicate(selector);
        };
        self.skip_blanks();
        let value = self.json_value()?;
        if !matches!(operator, Operator::Equal | Operator::NotEqual)
            && value.text().as_literal().is_some_and(|text| text.parse::<f64>().is_err())
        {
            self.doubt("a comparison of order with something that is no number");
        }
        debug_assert!(self.at > start);
        Ok(Expression::Test(selector, Test::Compare(operator, value)))
    }

    fn json_value(&mut self) -> Read<Value> {
        match self.peek() {
            Some(Unit::Char('"')) => self.quoted(),
            Some(Unit::Char('%')) => self.regex(),
            Some(Unit::Char('\'')) => self.single_quotes(),
            _ => {
                let range = self.take(json_bare);
                if range.is_empty() {
                    return self.refuse(self.here(), "A value is missing after the operator");
                }
                if !self.units.units[range.clone()].iter().all(|unit| unit.char().is_none_or(json_bare_known)) {
                    self.doubt("a value without quotes that has unusual characters");
                }
                Ok(Value::Bare(self.units.text(range)))
            }
        }
    }

    fn keyword(&mut self) -> (String, std::ops::Range<usize>) {
        self.skip_blanks();
        let range = self.take(|c| c.is_alphanumeric() || c == '_');
        (self.units.text(range.clone()).to_string(), range)
    }

    /// `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`: after the selector, at what is no operator.
    fn predicate(&mut self, selector: Selector) -> Read<Expression> {
        let start = self.at;
        let (first, first_range) = self.keyword();
        if first_range.is_empty() {
            return self.refuse(
                self.here(),
                format!("The selector {} has no condition: expected an operator, IS or NOT EXISTS", selector.path()),
            );
        }
        if self.units.units[first_range.clone()].iter().any(|unit| matches!(unit, Unit::Hole(_))) {
            return Err(Stop::Open("the condition is known only at deployment"));
        }
        let (second, second_range) = self.keyword();
        let upper = (first.to_ascii_uppercase(), second.to_ascii_uppercase());
        let test = match (upper.0.as_str(), upper.1.as_str()) {
            ("IS", "NULL") => Test::IsNull,
            ("IS", "TRUE") => Test::IsTrue,
            ("IS", "FALSE") => Test::IsFalse,
            ("NOT", "EXISTS") => Test::NotExists,
            ("IS", "NOT") => {
                return self.refuse(start..second_range.end, "IS NOT does not exist; test with != or NOT EXISTS");
            }
            ("EXISTS", _) => {
                return self.refuse(
                    first_range,
                    "EXISTS does not exist alone; = \"*\" tests for any value, NOT EXISTS for none",
                );
            }
            _ => {
                if self.units.units[second_range].iter().any(|unit| matches!(unit, Unit::Hole(_))) {
                    return Err(Stop::Open("the condition is known only at deployment"));
                }
                return self.refuse(
                    first_range,
                    format!("Expected an operator, IS NULL, IS TRUE, IS FALSE or NOT EXISTS, found {first}"),
                );
            }
        };
        if upper.0 != first || upper.1 != second {
            self.doubt("a keyword in lower case");
        }
        Ok(Expression::Test(selector, test))
    }

    fn selector(&mut self) -> Read<Selector> {
        let start = self.at;
        if !self.eat("$") {
            let range = self.take(|c| !c.is_whitespace() && !matches!(c, '=' | '!' | '<' | '>' | '}' | ')'));
            if self.units.units[range.clone()].iter().any(|unit| matches!(unit, Unit::Hole(_))) {
                return Err(Stop::Open("the selector is known only at deployment"));
            }
            if range.is_empty() {
                return match self.peek() {
                    None => self.refuse(
                        self.units.len().saturating_sub(1)..self.units.len(),
                        "A condition is missing at the end",
                    ),
                    _ => self.refuse(self.here(), "A condition is missing here"),
                };
            }
            let text = self.units.text(range.clone());
            return self.refuse(range, format!("A property selector starts with '$.', found {text}"));
        }
        let mut steps = Vec::new();
        loop {
            if self.eat(".") {
                if self.at_char('[') {
                    self.doubt("a selector with '.['");
                    continue;
                }
                let range = self.take(|c| c.is_alphanumeric() || c == '_' || c == '-');
                let (from, to) = (range.start, range.end);
                if range.is_empty() {
                    match self.peek() {
                        Some(Unit::Char('*')) => return Err(Stop::Open("a wildcard in a selector")),
                        Some(Unit::Char('"' | '\'')) => {
                            return self.refuse(self.here(), "A property name in a selector has no quotes");
                        }
                        _ => return self.refuse(self.here(), "A property name is missing after '.'"),
                    }
                }
                if self.units.units[from..to].iter().any(|unit| unit.char().is_some_and(|c| !c.is_ascii())) {
                    self.doubt("a property name with characters beyond ASCII");
                }
                steps.push(Step::Key(self.units.text(range)));
            } else if self.at_char('[') {
                let open = self.at;
                let end = self.units.units[open..].iter().position(|unit| unit.is(']')).map(|length| open + length);
                let Some(end) = end else {
                    return self.refuse(open..self.units.len(), "The '[' in the selector is not closed");
                };
                let inner = self.units.text(open + 1..end);
                self.at = end + 1;
                match inner.as_literal() {
                    None => {
                        self.doubt("an index that is known only at deployment");
                        steps.push(Step::Every);
                    }
                    Some("*") => steps.push(Step::Every),
                    Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                        match digits.parse() {
                            Ok(index) => steps.push(Step::Index(index)),
                            Err(_) => return Err(Stop::Open("a very large index")),
                        }
                    }
                    Some(quoted) if quoted.len() >= 2 && quoted.starts_with('\'') && quoted.ends_with('\'') => {
                        steps.push(Step::Key(Text::literal(quoted[1..quoted.len() - 1].to_string())));
                    }
                    Some(_) => return Err(Stop::Open("an unusual index in a selector")),
                }
            } else {
                break;
            }
        }
        if steps.is_empty() {
            self.doubt("a selector of the whole event");
        }
        match self.peek() {
            Some(Unit::Char('"')) => self.refuse(self.here(), "A property name in a selector has no quotes"),
            Some(Unit::Char(c))
                if !c.is_whitespace() && !matches!(c, '=' | '!' | '<' | '>' | '}' | ')' | '&' | '|') =>
            {
                if c.is_ascii_alphanumeric() || c == '\'' {
                    return self.refuse(start..self.at + 1, "A property selector starts with '$.'");
                }
                Err(Stop::Open("an unusual character in a selector"))
            }
            _ => Ok(Selector(steps)),
        }
    }

    // Space-delimited

    fn delimited(&mut self) -> Read<FilterPattern> {
        let mut columns = Vec::new();
        loop {
            self.skip_blanks();
            if self.at_char(',') || self.at_char(']') {
                self.doubt("an empty column");
            } else {
                columns.push(self.column()?);
                self.skip_blanks();
            }
            if self.eat(",") {
                continue;
            }
            if self.eat("]") {
                break;
            }
            return match self.peek() {
                None => self.refuse(self.units.len().saturating_sub(1)..self.units.len(), "A ']' or ')' is missing"),
                Some(Unit::Hole(_)) => Err(Stop::Open("a column is known only at deployment")),
                Some(_) => {
                    let start = self.at;
                    self.take(|c| !matches!(c, ',' | ']'));
                    let text = self.units.text(start..self.at).to_string();
                    self.refuse(start..self.at, format!("Expected ',' or ']', found {}", text.trim_end()))
                }
            };
        }
        let names: Vec<_> = columns.iter().filter_map(|column| column.name.as_ref()?.as_literal()).collect();
        if columns.iter().filter(|column| column.name.is_none()).count() > 1 {
            self.doubt("more than one '...'");
        }
        if names.iter().enumerate().any(|(i, name)| names[..i].contains(name)) {
            self.doubt("two columns of one name");
        }
        Ok(FilterPattern::Delimited(columns))
    }

    fn column(&mut self) -> Read<Column> {
        let start = self.at;
        if self.looking_at("...") {
            self.at += 3;
            let after = self.take(|c| !c.is_whitespace() && !matches!(c, ',' | ']'));
            if after.is_empty() {
                return Ok(Column { name: None, condition: None });
            }
            if self.units.units[after.clone()].iter().any(|unit| matches!(unit, Unit::Hole(_))) {
                return Err(Stop::Open("a column is known only at deployment"));
            }
            return self.bad_name(start, Some("..."));
        }
        if self.at_char('(') {
            let mut name = None;
            let condition = self.column_either(&mut name)?;
            return Ok(Column { name, condition: Some(condition) });
        }
        let mut name = None;
        let condition = self.column_either(&mut name)?;
        Ok(Column { name, condition: if condition == Condition::All(Vec::new()) { None } else { Some(condition) } })
    }

    fn bad_name<T>(&self, start: usize, fix: Option<&str>) -> Read<T> {
        let name = self.units.text(start..self.at);
        let problem = self.problem(
            start..self.at,
            format!("The column name {name} may have letters, digits, '_' and '-' only; '...' stands alone"),
            format!("InvalidParameterException: Invalid character(s) in term '{name}'"),
        );
        Err(Stop::Refused(Box::new(match fix {
            Some(fix) => problem.with_fix(fix),
            None => problem,
        })))
    }

    fn column_either(&mut self, name: &mut Option<Text<'static>>) -> Read<Condition> {
        let mut items = vec![self.column_both(name)?];
        loop {
            self.skip_blanks();
            if !self.eat("||") {
                break;
            }
            items.push(self.column_both(name)?);
        }
        Ok(if items.len() == 1 { items.remove(0) } else { Condition::Any(items) })
    }

    fn column_both(&mut self, name: &mut Option<Text<'static>>) -> Read<Condition> {
        let mut items = vec![self.comparison(name)?];
        loop {
            self.skip_blanks();
            if !self.eat("&&") {
                break;
            }
            items.push(self.comparison(name)?);
        }
        Ok(if items.len() == 1 { items.remove(0) } else { Condition::All(items) })
    }

    fn comparison(&mut self, name: &mut Option<Text<'static>>) -> Read<Condition> {
        self.skip_blanks();
        if self.eat("(") {
            self.enter()?;
            let inner = self.column_either(name)?;
            self.depth -= 1;
            self.skip_blanks();
            if !self.eat(")") {
                return self.refuse(self.here(), "A ')' is missing");
            }
            return Ok(inner);
        }
        let start = self.at;
        let range =
            self.take(|c| !c.is_whitespace() && !matches!(c, ',' | ']' | '=' | '!' | '<' | '>' | '&' | '|' | ')'));
        if range.is_empty() {
            return self.refuse(self.here(), "A column name is missing here");
        }
        let mut foreign = false;
        for unit in &self.units.units[range.clone()] {
            match unit {
                Unit::Char(c) if !column_name(*c) => return self.bad_name(start, None),
                Unit::Char(c) => foreign |= !c.is_ascii(),
                Unit::Hole(_) => {}
            }
        }
        if foreign {
            self.doubt("a column name with characters beyond ASCII");
        }
        let own = self.units.text(range);
        let first = name.is_none();
        if name.get_or_insert_with(|| own.clone()) != &own {
            // An old example of AWS's has `status_code = 4* && bytes > 1000`; users report it refused.
            self.doubt("one column's condition names another column");
        }
        self.skip_blanks();
        let Some(operator) = self.operator()? else {
            if !first || self.looking_at("&&") || self.looking_at("||") {
                self.doubt("a column name without a comparison in a condition");
            }
            return Ok(Condition::All(Vec::new()));
        };
        self.skip_blanks();
        let value = match self.peek() {
            Some(Unit::Char('"')) => self.quoted()?,
            Some(Unit::Char('%')) => self.regex()?,
            Some(Unit::Char('\'')) => return Err(Stop::Open("a value in single quotes")),
            _ => {
                let range = self.take(column_bare);
                if range.is_empty() {
                    return self.refuse(self.here(), "A value is missing after the operator");
                }
                if !self.units.units[range.clone()].iter().all(|unit| unit.char().is_none_or(column_bare_known)) {
                    self.doubt("a value without quotes that has unusual characters");
                }
                Value::Bare(self.units.text(range))
            }
        };
        Ok(Condition::Compare(operator, value))
    }
}

impl FilterPattern {
    pub fn kind(&self) -> Kind {
        match self {
            FilterPattern::Everything => Kind::Everything,
            FilterPattern::Terms(terms) => match &terms[..] {
                [Term { mode: Mode::Required, value: Value::Regex(_) }] => Kind::Regex,
                _ => Kind::Terms,
            },
            FilterPattern::Delimited(_) => Kind::Delimited,
            FilterPattern::Json(_) => Kind::Json,
        }
    }

    /// How many regular expressions the pattern has. A log group takes five filters that have any.
    pub fn regexes(&self) -> usize {
        fn of(value: &Value) -> usize {
            usize::from(matches!(value, Value::Regex(_)))
        }
        fn condition(it: &Condition) -> usize {
            match it {
                Condition::Compare(_, value) => of(value),
                Condition::All(items) | Condition::Any(items) => items.iter().map(condition).sum(),
            }
        }
        match self {
            FilterPattern::Everything => 0,
            FilterPattern::Terms(terms) => terms.iter().map(|term| of(&term.value)).sum(),
            FilterPattern::Delimited(columns) => {
                columns.iter().filter_map(|column| column.condition.as_ref()).map(condition).sum()
            }
            FilterPattern::Json(_) => self
                .tests()
                .iter()
                .map(|(_, test)| match test {
                    Test::Compare(_, value) => of(value),
                    _ => 0,
                })
                .sum(),
        }
    }

    /// Every test of a JSON pattern, in the order of the text.
    pub fn tests(&self) -> Vec<(&Selector, &Test)> {
        fn collect<'a>(expression: &'a Expression, tests: &mut Vec<(&'a Selector, &'a Test)>) {
            match expression {
                Expression::All(items) | Expression::Any(items) => items.iter().for_each(|item| collect(item, tests)),
                Expression::Test(selector, test) => tests.push((selector, test)),
            }
        }
        let mut tests = Vec::new();
        if let FilterPattern::Json(expression) = self {
            collect(expression, &mut tests);
        }
        tests
    }

    /// What a JSON pattern compares the property with by `=`: `equal_to("$.eventName")` are the event names that it asks for.
    pub fn equal_to(&self, path: &str) -> Vec<&Text<'static>> {
        self.tests()
            .into_iter()
            .filter(|(selector, _)| selector.path() == path)
            .filter_map(|(_, test)| match test {
                Test::Compare(Operator::Equal, Value::Bare(text) | Value::Quoted(text)) => Some(text),
                _ => None,
            })
            .collect()
    }

    /// Whether `?term`s stand beside required ones, where they have no effect.
    pub fn has_idle_options(&self) -> bool {
        let FilterPattern::Terms(terms) = self else { return false };
        terms.iter().any(|term| term.mode == Mode::Optional) && terms.iter().any(|term| term.mode == Mode::Required)
    }

    /// Whether the pattern matches a log event that is this JSON object. A JSON pattern is evaluated; other kinds of pattern see
    /// the text of the event, whose spelling is not known here: only the empty one is certain to match, and a space-delimited
    /// one is unknown.
    pub fn matches(&self, event: &Json) -> Tri {
        match self {
            FilterPattern::Everything => Tri::Yes,
            FilterPattern::Terms(_) | FilterPattern::Delimited(_) => Tri::Unknown,
            FilterPattern::Json(expression) => expression.matches(event),
        }
    }
}

impl Expression {
    pub fn matches(&self, event: &Json) -> Tri {
        match self {
            Expression::All(items) => items.iter().fold(Tri::Yes, |all, item| all.and(item.matches(event))),
            Expression::Any(items) => items.iter().fold(Tri::No, |any, item| any.or(item.matches(event))),
            Expression::Test(selector, test) => {
                let mut found = Vec::new();
                let sure = select(&selector.0, event, &mut found);
                let answer = test.holds(&found);
                if sure { answer } else { Tri::Unknown }
            }
        }
    }
}

/// Collects what the selector reaches. False where a key is not known.
fn select<'a>(steps: &[Step], value: &'a Json, found: &mut Vec<&'a Json>) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return true;
    };
    match step {
        Step::Key(key) => match key.as_literal() {
            Some(key) => value.get(key).is_none_or(|inner| select(rest, inner, found)),
            None => false,
        },
        Step::Index(index) => match usize::try_from(*index).ok().and_then(|index| value.get(index)) {
            Some(inner) => select(rest, inner, found),
            None => true,
        },
        Step::Every => value.as_array().is_none_or(|items| items.iter().all(|inner| select(rest, inner, found))),
    }
}

impl Test {
    fn holds(&self, found: &[&Json]) -> Tri {
        match self {
            Test::NotExists => found.is_empty().into(),
            Test::IsNull => found.iter().any(|value| value.is_null()).into(),
            Test::IsTrue => found.iter().any(|value| **value == Json::Bool(true)).into(),
            Test::IsFalse => found.iter().any(|value| **value == Json::Bool(false)).into(),
            // Whether != holds for what is not there is not documented.
            Test::Compare(Operator::NotEqual, _) if found.is_empty() => Tri::Unknown,
            Test::Compare(operator, value) => {
                found.iter().fold(Tri::No, |any, item| any.or(compare(*operator, value, item)))
            }
        }
    }
}

fn compare(operator: Operator, value: &Value, item: &Json) -> Tri {
    let (text, number) = match value {
        Value::Regex(_) => return Tri::Unknown,
        Value::Bare(text) => match text.as_literal() {
            Some(text) => (text, text.parse::<f64>().ok()),
            None => return Tri::Unknown,
        },
        Value::Quoted(text) => match text.as_literal() {
            Some(text) => (text, None),
            None => return Tri::Unknown,
        },
    };
    if let (Some(number), Some(own)) = (number, item.as_f64()) {
        return match operator {
            Operator::Equal => own == number,
            Operator::NotEqual => own != number,
            Operator::Less => own < number,
            Operator::LessOrEqual => own <= number,
            Operator::Greater => own > number,
            Operator::GreaterOrEqual => own >= number,
        }
        .into();
    }
    let own = match item {
        Json::String(own) => own.clone(),
        Json::Number(own) => own.to_string(),
        Json::Bool(own) => own.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => return Tri::Unknown,
    };
    match operator {
        Operator::Equal => wildcard(text, &own).into(),
        Operator::NotEqual => (!wildcard(text, &own)).into(),
        // Strings have no order here.
        _ => Tri::No,
    }
}

/// `*` stands for any characters; case counts.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else { return false };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
