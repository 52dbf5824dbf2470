//! Names of CloudWatch Logs log groups. Source: API reference, `CreateLogGroup`.

use super::charset::{Charset, nothing};
use super::holes::Units;
use super::{Problem, Verdict, language};
use crate::model::text::Text;
use crate::model::tri::Tri;

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '#')
}

const CHARSET: Charset = Charset {
    what: "A log group name",
    characters: "letters, digits and _ - / . #",
    allowed,
    least: 1,
    greatest: 512,
    aws_error: "InvalidParameterException: Value at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
    replace: nothing,
};

pub fn check(text: &Text) -> Verdict<()> {
    let verdict = CHARSET.check(text).map(|_| ());
    if verdict.is_invalid() {
        return verdict;
    }
    match language::begins_with(&Units::of(text), "aws/", false) {
        Tri::No => verdict,
        Tri::Unknown => Verdict::Undetermined("the name may begin with aws/".into()),
        Tri::Yes => Verdict::Invalid(Problem::new(
            0,
            4,
            "The prefix aws/ is reserved",
            "InvalidParameterException: Log groups starting with AWS/ are reserved for AWS.",
        )),
    }
}
