//! The small languages inside AWS's properties: filter patterns, schedules, event patterns, names, ARNs.
//!
//! Pure functions over symbolic strings. A *hole* is a part of a text that is known only at deployment. The answer is
//! `Invalid` only if no value of the holes could make AWS accept the text, `Valid` only if every value that AWS can put there
//! is accepted, and `Undetermined` otherwise, also where AWS's documentation leaves open what it accepts.

use std::borrow::Cow;

use crate::model::text::{Piece, Text};

pub mod account_id;
pub mod arn;
pub mod bucket_name;
mod charset;
pub mod cidr;
pub mod cloudtrail_selector;
pub mod event_pattern;
pub mod filter_pattern;
pub mod holes;
pub mod language;
pub mod log_group_name;
pub mod s3_lifecycle;
pub mod schedule;
pub mod secret_arn;
pub mod security_group_text;
pub mod ssm_name;
pub mod tag;

/// What can be said about a text before it is deployed.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<T, P = Problem> {
    Valid(T),
    Invalid(P),
    /// Why it cannot be told.
    Undetermined(Cow<'static, str>),
}

impl<T, P> Verdict<T, P> {
    pub fn valid(self) -> Option<T> {
        match self {
            Verdict::Valid(value) => Some(value),
            _ => None,
        }
    }

    pub fn problem(&self) -> Option<&P> {
        match self {
            Verdict::Invalid(problem) => Some(problem),
            _ => None,
        }
    }

    pub fn is_valid(&self) -> bool {
        matches!(self, Verdict::Valid(_))
    }

    pub fn is_invalid(&self) -> bool {
        matches!(self, Verdict::Invalid(_))
    }

    pub fn is_undetermined(&self) -> bool {
        matches!(self, Verdict::Undetermined(_))
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Verdict<U, P> {
        match self {
            Verdict::Valid(value) => Verdict::Valid(f(value)),
            Verdict::Invalid(problem) => Verdict::Invalid(problem),
            Verdict::Undetermined(why) => Verdict::Undetermined(why),
        }
    }
}

/// Why AWS refuses a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// In bytes of the text as it is displayed: a symbol takes the room of its braces (see `Display for Text`).
    pub offset: usize,
    /// In bytes, of the displayed text.
    pub length: usize,
    pub message: String,
    /// What AWS says, as far as it is known.
    pub aws_error: String,
    /// What may stand at `offset..offset + length` instead: mechanical, and keeps what the text means.
    pub fix: Option<String>,
}

impl Problem {
    pub fn new(offset: usize, length: usize, message: impl Into<String>, aws_error: impl Into<String>) -> Self {
        Problem { offset, length, message: message.into(), aws_error: aws_error.into(), fix: None }
    }

    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// Applies the problem's fix. `None` where there is none or the place is not wholly literal.
pub fn mend(text: &Text<'_>, problem: &Problem) -> Option<Text<'static>> {
    let fix = problem.fix.as_ref()?;
    let end = problem.offset.checked_add(problem.length)?;
    let mut at = 0;
    let mut parts = Vec::new();
    let mut done = false;
    for piece in text.pieces().iter() {
        let start = at;
        match piece {
            Piece::Symbol(symbol) => {
                let part = Text::symbol(*symbol);
                at += part.to_string().len();
                parts.push(part);
            }
            Piece::Literal(literal) => {
                at += literal.len();
                if !done && start <= problem.offset && end <= at {
                    let before = literal.get(..problem.offset - start)?;
                    let after = literal.get(end - start..)?;
                    parts.push(Text::literal(format!("{before}{fix}{after}")));
                    done = true;
                } else {
                    parts.push(Text::literal(literal.clone()));
                }
            }
        }
    }
    if text.pieces().is_empty() && end == 0 {
        return Some(Text::literal(fix.clone()));
    }
    done.then(|| Text::concat(parts).into_owned())
}

/// Applies fixes until the text is no longer invalid. `None` if some problem has no fix. `parse` is one of this module's parsers.
pub fn repair<'s, T>(text: &Text<'s>, parse: impl Fn(&Text<'s>) -> Verdict<T>) -> Option<Text<'s>> {
    /// More faults than that in one string is no string that a person wrote.
    const ROUNDS: usize = 64;
    let mut current = text.clone();
    for round in 0..ROUNDS {
        match parse(&current) {
            Verdict::Invalid(problem) => current = mend(&current, &problem)?,
            _ => return (round > 0).then_some(current),
        }
    }
    None
}
