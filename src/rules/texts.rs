//! What rules say about strings in small languages: where the fault is, and how it is mended.

use crate::lang::{Problem, Verdict, repair};
use crate::model::{Kind, Read, Resource, Symbol, Text, Unknown, Value, Why};

use super::check::{Check, Finding};
use super::finding::{Edit, Fix};

/// Reads a value by a parser of `lang`. `None` for an absent value and one that is no string.
pub fn parse<'s, T>(value: &Value<'s>, parser: impl Fn(&Text<'s>) -> Verdict<T>) -> Option<Verdict<T>> {
    match value.kind() {
        Kind::Absent | Kind::Null | Kind::List(_) | Kind::Object(_) => None,
        _ => value.symbolic().map(|text| parser(&text)),
    }
}

/// Reports that a value cannot be judged: the reason of its holes, or else the parser's own.
pub fn open(check: &Check<'_>, value: &Value<'_>, why: &str) {
    let unknown = match value.literal() {
        Read::Known(_) => Unknown::other(why),
        _ => Unknown::from(value),
    };
    check.undetermined(value, unknown);
}

/// Reports a string that AWS refuses, with the parser's own fix where it has one.
pub fn refuse<'c, 's, T>(
    check: &'c Check<'s>,
    resource: Resource<'s>,
    value: &Value<'s>,
    problem: &Problem,
    parser: impl Fn(&Text<'s>) -> Verdict<T>,
) -> Finding<'c> {
    let mut finding = check.fail(value, sentence(&problem.message)).aws_error(problem.aws_error.as_str());
    let Some(text) = value.symbolic() else { return finding };
    if text.as_literal().is_some() {
        finding = finding.within(problem.offset, problem.length);
    }
    match repair(&text, parser) {
        Some(Text::Literal(mended)) => {
            let edit = Edit::replace(resource, value, mended.as_ref());
            finding.fix(Fix::safe(format!("write it as {mended}"), vec![edit]))
        }
        Some(mended) => finding.fix(Fix::suggested(format!("write it as {mended}"))),
        None => finding,
    }
}

/// A parser's message in the style of findings: lower-case start, unless the first word is a name.
pub fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next();
    let second = characters.clone().next();
    match (first, second) {
        (Some(first), second) if second.is_none_or(|c| c == ' ' || c.is_lowercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => message.to_owned(),
    }
}

/// The output of a Pulumi program that a text holds and that is not known at a preview, if it holds one.
pub fn at_preview(text: &Text<'_>, of: Resource<'_>) -> Option<Unknown> {
    let mut unknowns = text.symbols().filter_map(|symbol| match symbol {
        Symbol::Opaque(id) => Some(of.world().model.unknown(id)),
        _ => None,
    });
    unknowns.find(|unknown| matches!(unknown.why(), Why::Preview(_)))
}
