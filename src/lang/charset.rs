//! Names that are a number of characters from a set: the common part of the name parsers.

use super::holes::{Filling, Unit, Units};
use super::{Problem, Verdict};
use crate::model::text::Text;

/// What a name is made of.
#[derive(Clone, Copy)]
pub(crate) struct Charset {
    /// What the text is, for messages: "a bucket name".
    pub what: &'static str,
    /// The characters, for messages.
    pub characters: &'static str,
    pub allowed: fn(char) -> bool,
    /// In characters.
    pub least: usize,
    pub greatest: usize,
    pub aws_error: &'static str,
    /// What a character that is not allowed becomes; `None` where nothing may be put there without being asked.
    pub replace: fn(char) -> Option<&'static str>,
}

impl Charset {
    pub fn problem(&self, offset: usize, length: usize, message: impl Into<String>) -> Problem {
        Problem::new(offset, length, message, self.aws_error)
    }

    /// `Valid` here means: every filling has a good length and good characters.
    pub fn check(&self, text: &Text) -> Verdict<Units> {
        let units = Units::of(text);
        let end = units.offset(units.len());
        let (least, greatest) = units.length_bounds();
        if least > self.greatest || greatest.is_some_and(|greatest| greatest < self.least) {
            let message = format!("{} has {} to {} characters", self.what, self.least, self.greatest);
            return Verdict::Invalid(self.problem(0, end, message));
        }
        let mut sure = least >= self.least && greatest.is_some_and(|greatest| greatest <= self.greatest);
        let mut index = 0;
        while let Some(unit) = units.get(index) {
            match unit {
                Unit::Char(c) if !(self.allowed)(c) => {
                    let mut last = index;
                    let mut fix = Some(String::new());
                    while let Some(Unit::Char(c)) = units.get(last) {
                        if (self.allowed)(c) {
                            break;
                        }
                        fix = fix.zip((self.replace)(c)).map(|(fix, replacement)| fix + replacement);
                        last += 1;
                    }
                    let offset = units.offset(index);
                    let bad = units.text(index..last);
                    let mut problem = self.problem(
                        offset,
                        units.offset(last) - offset,
                        format!("{} has {} only, not '{bad}'", self.what, self.characters),
                    );
                    problem.fix = fix;
                    return Verdict::Invalid(problem);
                }
                Unit::Char(_) => {}
                Unit::Hole(symbol) => sure &= Filling::of(symbol).only(self.allowed),
            }
            index += 1;
        }
        if sure {
            Verdict::Valid(units)
        } else {
            Verdict::Undetermined("parts of the name are known only at deployment".into())
        }
    }
}

pub(crate) fn nothing(_: char) -> Option<&'static str> {
    None
}

pub(crate) fn strip(_: char) -> Option<&'static str> {
    Some("")
}
