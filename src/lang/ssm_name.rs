//! Names of Systems Manager parameters. Source: API reference, `PutParameter` ("Parameter name constraints").

use super::charset::{Charset, nothing};
use super::holes::Units;
use super::{Problem, Verdict, language};
use crate::model::text::Text;
use crate::model::tri::Tri;

/// Including the ARN before the name, whose length depends on partition and region.
pub const MAX_ARN_LENGTH: usize = 1011;
const SHORTEST_ARN_PREFIX: usize = "arn:aws:ssm:eu-west-1:123456789012:parameter".len();
pub const MAX_LEVELS: usize = 15;

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/')
}

const CHARSET: Charset = Charset {
    what: "A parameter name",
    characters: "letters, digits and _ . - /",
    allowed,
    least: 1,
    greatest: MAX_ARN_LENGTH - SHORTEST_ARN_PREFIX,
    aws_error: "ValidationException: Parameter name must be a fully qualified name of letters, digits and _.-/",
    replace: nothing,
};

pub fn check(text: &Text) -> Verdict<()> {
    let verdict = CHARSET.check(text).map(|_| ());
    if verdict.is_invalid() {
        return verdict;
    }
    let units = Units::of(text);
    let shown = text.to_string();
    let first = usize::from(shown.starts_with('/'));
    let starts = ["aws", "ssm", "/aws", "/ssm"].map(|start| language::begins_with(&units, start, true));
    if starts.contains(&Tri::Yes) {
        return Verdict::Invalid(Problem::new(
            first,
            3,
            "A parameter name does not begin with aws or ssm, in any case",
            "ValidationException: Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
        ));
    }
    // Slashes in the literal parts; holes may bring more, never fewer.
    let slashes: Vec<usize> =
        (0..units.len()).filter(|&index| units.get(index).is_some_and(|unit| unit.is('/'))).collect();
    if let Some(&slash) = slashes.first() {
        let leading = units.get(0).and_then(|unit| unit.char());
        if language::begins_with(&units, "/", false).is_no() {
            let mut problem = Problem::new(
                0,
                units.offset(1),
                "A parameter name with levels begins with '/'",
                "ValidationException: Parameter name must be a fully qualified name.",
            );
            problem.fix = leading.map(|c| format!("/{c}"));
            return Verdict::Invalid(problem);
        }
        if slashes.len() > MAX_LEVELS {
            return Verdict::Invalid(Problem::new(
                units.offset(slash),
                1,
                format!("A parameter name has at most {MAX_LEVELS} levels"),
                "HierarchyLevelLimitExceededException",
            ));
        }
        if units.get(units.len() - 1).is_some_and(|unit| unit.is('/')) {
            return Verdict::Invalid(Problem::new(
                units.offset(units.len() - 1),
                1,
                "A parameter name does not end with '/'",
                "ValidationException: Parameter name must not end with slash.",
            ));
        }
    }
    if starts.contains(&Tri::Unknown) {
        return Verdict::Undetermined("the name may begin with aws or ssm".into());
    }
    if !slashes.is_empty() && language::begins_with(&units, "/", false) == Tri::Unknown {
        return Verdict::Undetermined("whether the name begins with '/' is known only at deployment".into());
    }
    // Close to the limit, the length of the ARN before the name decides; and a repeated slash is not documented.
    if shown.len() > CHARSET.greatest - 40 || shown.contains("//") {
        return Verdict::Undetermined("an unusually long name, or a level without a name".into());
    }
    verdict
}
