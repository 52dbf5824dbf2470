//! See the documentation of the rule below.

use rustc_hash::FxHashSet;

use crate::model::text::Piece;
use crate::rules::names::physical_name;
use crate::rules::prelude::*;
use crate::rules::strings::{Strings, WORD, each_text};

rule! {
    /// Names and ARNs do not hold "undefined", "null" or "NaN".
    ///
    /// A template string such as `` `bucket-${args?.env}` `` deploys without complaint when `env` is missing: the bucket is
    /// called `bucket-undefined`. In an ARN it names an account or resource that is not there.
    ///
    /// Mend it by making the input required, or by giving it a default.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties: {TopicName: audit-undefined}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties: {TopicName: audit-annulled, DisplayName: nothing is undefined here}
    /// ```
    ///
    /// Source: ECMAScript, "Template literals" (ToString of undefined and null); IAM User Guide, "IAM identifiers".
    {
        id: "literal-undefined-in-value", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
    }
    |check, resource| {
        let strings = Strings::of(check.world().model);
        let stack = resource.stack().id();
        if !strings.may_have(resource.id(), stack, WORD) {
            return;
        }
        let own: FxHashSet<&str> =
            strings.hits(resource.id(), WORD).map(|hit| hit.path.split('/').next().unwrap_or_default()).collect();
        let mut values: Vec<(&str, Value<'_>)> =
            own.into_iter().map(|name| (name, resource.properties().member(name))).collect();
        values.sort_by_key(|(name, _)| *name);
        let name = physical_name(resource);
        if let Some(name) = &name
            && !values.iter().any(|(_, value)| value.place() == name.place())
        {
            values.push(("", name.clone()));
        }
        for (property, value) in values {
            let is_name = name.as_ref().is_some_and(|name| name.place() == value.place());
            each_text(&value, &mut |path, at, text| {
                let last = path.iter().rev().find(|name| !name.is_empty()).copied().unwrap_or(property);
                let Some(kind) = Meant::of(is_name && path.is_empty(), property, last, path, &text) else { return };
                let Some(word) = word_in(&text, kind) else { return };
                let shown = if is_name { "the name" } else { last };
                let finding = check
                    .fail(at, format!("{shown} of {} holds the word \"{word}\" in place of a value", resource.label()))
                    .fix(Fix::suggested("make the input that is missing required, or give it a default"));
                if !(kind == Meant::Arn && names_no_account(&text)) {
                    finding.category(Category::Reliability);
                } else {
                    finding.aws_error("MalformedPolicyDocument or ValidationException: the ARN is not valid");
                }
            });
        }
    }
}

/// What a text is for, as far as it matters which words may be in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meant {
    Name,
    Arn,
    Url,
    /// A tag, where one of these words may stand alone.
    Tag,
    /// Prose, which may say "null".
    Prose,
}

impl Meant {
    fn of(is_name: bool, property: &str, last: &str, path: &[&str], text: &Text<'_>) -> Option<Meant> {
        let pieces = text.pieces();
        let start = match pieces.first() {
            Some(Piece::Literal(start)) => &**start,
            _ => "",
        };
        if is_name {
            return Some(Meant::Name);
        }
        if start.starts_with("arn:") {
            return Some(Meant::Arn);
        }
        if start.len() < 200 && start.contains("://") && !start.contains(char::is_whitespace) {
            return Some(Meant::Url);
        }
        if property == "Tags" && last != "Key" {
            return Some(Meant::Tag);
        }
        if last.ends_with("Description") || last == "DisplayName" {
            return Some(Meant::Prose);
        }
        let names = ["Name", "Identifier", "Bucket", "Prefix", "Arn", "ARN"];
        let tail = path.last().copied().unwrap_or(property);
        let named = names.iter().any(|end| tail.ends_with(end));
        // Names of events, headers and attributes are the service's.
        (named && path.len() < 3).then_some(Meant::Name)
    }
}

/// The word, where it stands between delimiters.
fn word_in(text: &Text<'_>, kind: Meant) -> Option<&'static str> {
    // A symbol is no delimiter: what it stands for may go on with letters.
    let shown: String = text
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => &**text,
            Piece::Symbol(_) => "\u{1}",
        })
        .collect();
    let delimiter = |c: char| matches!(c, '-' | '_' | '.' | '/' | ':');
    for word in ["undefined", "NaN", "null", "None"] {
        let sure = matches!(word, "undefined" | "NaN");
        if kind == Meant::Prose && !sure {
            continue;
        }
        for (at, _) in shown.match_indices(word) {
            let before = shown[..at].chars().next_back();
            let after = shown[at + word.len()..].chars().next();
            if !before.is_none_or(delimiter) || !after.is_none_or(delimiter) {
                continue;
            }
            // A whole value that says so may be meant, and so may "null-safe" and "/dev/null".
            let alone = before.is_none() && after.is_none();
            let joined = before.is_some_and(delimiter) || sure;
            let whole = alone && (word == "undefined" || (kind == Meant::Name && word != "None"));
            if (whole || (!alone && joined)) && !shown.contains("/dev/null") {
                return Some(word);
            }
        }
    }
    None
}

/// Whether account or region of an ARN is such a word: then it cannot name anything.
fn names_no_account(text: &Text<'_>) -> bool {
    let is_word = |field: &Text<'_>| matches!(field.as_literal(), Some("undefined" | "null" | "NaN" | "None"));
    text.arn_fields().is_some_and(|[_, _, _, region, account, _]| is_word(&region) || is_word(&account))
}
