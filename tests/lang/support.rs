//! How the tables are written and run.

use stackproof::lang::Verdict;
use stackproof::model::text::{OpaqueId, Pseudo, ResourceId, StackId, Symbol, Text};

/// What a row expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    Valid,
    Invalid,
    Undetermined,
}

pub use Expect::{Invalid as I, Undetermined as U, Valid as V};

pub fn outcome<T, P>(verdict: &Verdict<T, P>) -> Expect {
    match verdict {
        Verdict::Valid(_) => V,
        Verdict::Invalid(_) => I,
        Verdict::Undetermined(_) => U,
    }
}

/// `${Region}` and its like are holes, any other `${…}` is a string of which nothing is known.
pub fn text(source: &str) -> Text<'static> {
    let mut parts = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        parts.push(Text::literal(rest[..start].to_string()));
        let pseudo = |pseudo| Symbol::Pseudo(pseudo, StackId(0));
        parts.push(Text::symbol(match &rest[start + 2..start + length] {
            "Region" => pseudo(Pseudo::Region),
            "AccountId" => pseudo(Pseudo::AccountId),
            "Partition" => pseudo(Pseudo::Partition),
            "StackName" => pseudo(Pseudo::StackName),
            "UrlSuffix" => pseudo(Pseudo::UrlSuffix),
            "Name" => Symbol::Name(ResourceId(1)),
            "Id" => Symbol::Id(ResourceId(1)),
            _ => Symbol::Opaque(OpaqueId(1)),
        }));
        rest = &rest[start + length + 1..];
    }
    parts.push(Text::literal(rest.to_string()));
    Text::concat(parts)
}

/// Runs a table and names every row that disagrees.
pub fn table<T: std::fmt::Debug>(rows: &[(&str, Expect)], parse: impl Fn(&Text) -> Verdict<T>) {
    let mut wrong = Vec::new();
    for (source, expected) in rows {
        let text = text(source);
        let verdict = parse(&text);
        if outcome(&verdict) != *expected {
            wrong.push(format!("{source:?}: expected {expected:?}, got {verdict:?}"));
        }
        if let Verdict::Invalid(problem) = &verdict {
            let shown = text.to_string();
            let end = problem.offset + problem.length;
            if !shown.is_char_boundary(problem.offset) || !shown.is_char_boundary(end) || problem.message.is_empty() {
                wrong.push(format!("{source:?}: the problem {problem:?} does not lie in {shown:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
