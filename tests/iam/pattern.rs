//! Patterns against symbolic strings: a table, and the law that an unknown never contradicts what is decided.

use proptest::prelude::*;
use serde_json::Value;
use stackproof::model::pattern::{Meets, Pattern, Within, same};
use stackproof::model::text::{OpaqueId, Piece, Pseudo, ResourceId, StackId, Symbol, Text, TextBuilder};
use stackproof::model::tri::Tri;

/// Reads `{A}` as the account id of the stack, `{A2}` as that of another stack, `{P}` partition, `{R}` region, `{N}` and `{M}`
/// names, `{I}` an id, `{?}` and `{!}` unknown strings.
fn text(source: &str) -> Text<'static> {
    let mut builder = TextBuilder::default();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a closing brace");
        builder.push_literal(before.to_owned().into());
        builder.push_symbol(match name {
            "A" => Symbol::Pseudo(Pseudo::AccountId, StackId(0)),
            "A2" => Symbol::Pseudo(Pseudo::AccountId, StackId(1)),
            "P" => Symbol::Pseudo(Pseudo::Partition, StackId(0)),
            "R" => Symbol::Pseudo(Pseudo::Region, StackId(0)),
            "S" => Symbol::Pseudo(Pseudo::StackName, StackId(0)),
            "U" => Symbol::Pseudo(Pseudo::UrlSuffix, StackId(0)),
            "N" => Symbol::Name(ResourceId(0)),
            "M" => Symbol::Name(ResourceId(1)),
            "I" => Symbol::Id(ResourceId(0)),
            "?" => Symbol::Opaque(OpaqueId(0)),
            "!" => Symbol::Opaque(OpaqueId(1)),
            other => panic!("no symbol {other}"),
        });
        rest = after;
    }
    builder.push_literal(rest.to_owned().into());
    builder.finish()
}

fn tri(name: &str) -> Tri {
    match name {
        "yes" => Tri::Yes,
        "no" => Tri::No,
        "unknown" => Tri::Unknown,
        other => panic!("no answer {other}"),
    }
}

#[test]
fn table_of_matches() {
    let rows: Vec<[String; 3]> = serde_json::from_str(include_str!("patterns.json")).expect("rows");
    assert!(rows.len() >= 150, "{} rows", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|[pattern, subject, expected]| {
            let answer = Pattern::glob(&text(pattern)).matches(&text(subject));
            (answer != tri(expected)).then(|| format!("{pattern} ~ {subject}: {answer:?}, expected {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hostile_patterns_stay_cheap() {
    let subject = "a".repeat(100_000);
    let pattern = format!("{}b", "*a".repeat(2_000));
    assert_eq!(Pattern::glob(&Text::from(pattern.as_str())).matches_literal(&subject), Tri::No);
    let long = Pattern::glob(&Text::from("?".repeat(3_000)));
    assert_eq!(long.matches(&text(&"{?}".repeat(3_000))), Tri::Unknown);
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64),
        failure_persistence: None,
        ..Default::default()
    }
}

const SYMBOLS: [(&str, &[&str]); 7] = [
    ("{A}", &["428190573662", "111111111111"]),
    ("{R}", &["eu-west-1", "us-east-1", "x"]),
    ("{P}", &["aws", "aws-cn", "aws-us-gov"]),
    ("{N}", &["a", "b", "aws", "my-name", "x/y"]),
    ("{I}", &["a", "b", "0-9"]),
    ("{?}", &["", "a", "b", ":", "a:b", "aws", "428190573662"]),
    ("{!}", &["", "a", "ab", "b:"]),
];

fn pieces() -> impl Strategy<Value = String> {
    let symbols = SYMBOLS.iter().map(|(name, _)| *name);
    let parts: Vec<&'static str> = symbols.chain(["a", "b", ":", "aws", "*", "?", "1", "-"]).collect();
    prop::collection::vec(prop::sample::select(parts), 0..6).prop_map(|parts| parts.concat())
}

fn put(source: &str, values: &[&str]) -> String {
    SYMBOLS.iter().zip(values).fold(source.to_owned(), |text, ((name, _), value)| text.replace(name, value))
}

fn plain(source: &str) -> String {
    source.replace(['*', '?'], "")
}

proptest! {
    #![proptest_config(cases())]

    /// Whatever the symbols turn out to be, a decided answer stays.
    #[test]
    fn unknown_is_sound(pattern in pieces(), subject in pieces(), picks in prop::collection::vec(any::<prop::sample::Index>(), 7)) {
        let subject = plain(&subject.replace("{?}", "{!}"));
        let decided = Pattern::glob(&text(&pattern)).matches(&text(&subject));
        let values: Vec<&str> = SYMBOLS.iter().zip(&picks).map(|((_, values), pick)| values[pick.index(values.len())]).collect();
        let (known_pattern, known_subject) = (put(&pattern, &values), put(&subject, &values));
        let concrete = Pattern::glob(&text(&known_pattern)).matches_literal(&known_subject);
        prop_assert_ne!(concrete, Tri::Unknown);
        prop_assert!(decided == Tri::Unknown || decided == concrete, "{} ~ {}: {:?}, with values {:?}", pattern, subject, decided, concrete);
    }

    /// A match of known strings agrees with the definition.
    #[test]
    fn literal_match_agrees_with_the_definition(pattern in "[ab*?]{0,8}", subject in "[ab]{0,8}") {
        let answer = Pattern::glob(&Text::from(pattern.as_str())).matches_literal(&subject);
        prop_assert_eq!(answer.is_yes(), by_definition(pattern.as_bytes(), subject.as_bytes()));
    }

    /// Overlap and inclusion agree with trying every short string.
    #[test]
    fn algebra_agrees_with_brute_force(left in "[ab*?]{0,5}", right in "[ab*?]{0,5}") {
        let (one, other) = (Pattern::glob(&Text::from(left.as_str())), Pattern::glob(&Text::from(right.as_str())));
        let strings = short_strings();
        let both = |s: &&String| one.matches_literal(s).is_yes() && other.matches_literal(s).is_yes();
        match one.meets(&other) {
            Meets::Yes(witness) => prop_assert!(both(&&witness), "{} is in both of {} and {}", witness, left, right),
            Meets::No => prop_assert!(!strings.iter().any(|s| both(&s))),
            Meets::Unknown => prop_assert!(false, "known patterns always decide"),
        }
        let outside = strings.iter().find(|s| one.matches_literal(s).is_yes() && !other.matches_literal(s).is_yes());
        match one.within(&other) {
            Within::Yes => prop_assert!(outside.is_none(), "{:?} is in {} and not in {}", outside, left, right),
            Within::No(witness) => prop_assert!(one.matches_literal(&witness).is_yes() && other.matches_literal(&witness).is_no()),
            Within::Unknown => {}
        }
    }
}

fn by_definition(pattern: &[u8], subject: &[u8]) -> bool {
    match (pattern, subject) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            by_definition(rest, subject) || !subject.is_empty() && by_definition(pattern, &subject[1..])
        }
        ([b'?', rest @ ..], [_, others @ ..]) => by_definition(rest, others),
        ([a, rest @ ..], [b, others @ ..]) => a == b && by_definition(rest, others),
        _ => false,
    }
}

fn short_strings() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..6 {
        last = last.iter().flat_map(|s| ["a", "b", "c"].map(|c| format!("{s}{c}"))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

#[test]
fn equality_knows_no_wildcards() {
    assert_eq!(same(&text("a*"), &text("abc")), Tri::No);
    assert_eq!(same(&text("{?}"), &text("{?}")), Tri::Yes);
    assert_eq!(same(&text("{?}x"), &text("{?}y")), Tri::No);
    assert_eq!(same(&text("{A}"), &text("{A2}")), Tri::Unknown);
    assert!(matches!(text("{A}").pieces()[0], Piece::Symbol(_)));
    assert!(serde_json::from_str::<Value>("{}").is_ok());
}
