//! Tags. Source: AWS, *Tag naming limits and requirements* (tag-editor/latest/userguide) and the services' API references.

use super::charset::{Charset, nothing};
use super::holes::Units;
use super::{Problem, Verdict, language};
use crate::model::text::Text;
use crate::model::tri::Tri;

/// User tags of one resource.
pub const MAX_TAGS: usize = 50;

/// Which characters the service takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characters {
    /// Letters, digits, blanks and `_.:/=+-@` only (IAM, Lambda, KMS, CloudWatch, …).
    Documented,
    /// The service takes more (EC2), or it is not known.
    Open,
}

/// `\p{L}\p{Z}\p{N}_.:/=+\-@`, or a little more: a mark that counts as a letter is not told from one.
fn documented(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}

fn anything(_: char) -> bool {
    true
}

fn charset(what: &'static str, least: usize, greatest: usize, characters: Characters) -> Charset {
    Charset {
        what,
        characters: "letters, digits, blanks and _.:/=+-@",
        allowed: if characters == Characters::Documented { documented } else { anything },
        least,
        greatest,
        aws_error: "ValidationException: The tag key or value has invalid characters or a wrong length",
        replace: nothing,
    }
}

/// Whether a text is plain enough for every service, and of 1 to `greatest` characters: nearly all are.
fn is_plain(text: &Text, greatest: usize) -> bool {
    text.as_literal().is_some_and(|text| {
        (1..=greatest).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _.:/=+-@".contains(&byte))
    })
}

fn begins_with_aws(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

/// A key: 1-128 characters, not beginning with `aws:` in any case.
pub fn key(text: &Text, characters: Characters) -> Verdict<()> {
    if is_plain(text, 128) && text.as_literal().is_some_and(|text| !begins_with_aws(text)) {
        return Verdict::Valid(());
    }
    let verdict = charset("A tag key", 1, 128, characters).check(text).map(|_| ());
    if verdict.is_invalid() {
        return verdict;
    }
    match language::begins_with(&Units::of(text), "aws:", true) {
        Tri::No => verdict,
        Tri::Unknown => Verdict::Undetermined("the key may begin with aws:".into()),
        Tri::Yes => Verdict::Invalid(Problem::new(
            0,
            4,
            "Tag keys that begin with aws: belong to AWS",
            "InvalidParameterValue: aws: prefixed tag key names are not allowed for external use",
        )),
    }
}

/// A value: 0-256 characters.
pub fn value(text: &Text, characters: Characters) -> Verdict<()> {
    if is_plain(text, 256) {
        return Verdict::Valid(());
    }
    charset("A tag value", 0, 256, characters).check(text).map(|_| ())
}
