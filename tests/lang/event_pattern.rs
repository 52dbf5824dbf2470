use proptest::prelude::*;
use serde_json::{Value as Json, json};
use stackproof::lang::Verdict;
use stackproof::lang::event_pattern::{EventPattern, Node, PatternFix, PatternProblem, Step, Tree, parse, read};
use stackproof::model::tri::Tri;

use crate::support::{Expect, I, U, V, outcome, text};

/// JSON whose strings may have holes; `"?"` is wholly unknown.
struct Holed<'a>(&'a Json);

impl<'a> Tree for Holed<'a> {
    fn node(&self) -> Node<'_, Self> {
        match self.0 {
            Json::Object(fields) => Node::Object(fields.iter().map(|(key, value)| (text(key), Holed(value))).collect()),
            Json::Array(items) => Node::Array(items.iter().map(Holed).collect()),
            Json::String(string) if string == "?" => Node::Unknown,
            Json::String(string) => Node::String(text(string)),
            Json::Number(number) => Node::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::Bool(value) => Node::Bool(*value),
            Json::Null => Node::Null,
        }
    }
}

fn judge(source: &str) -> Verdict<EventPattern, PatternProblem> {
    match serde_json::from_str::<Json>(source) {
        Ok(json) => parse(&Holed(&json)),
        Err(error) => panic!("{source}: {error}"),
    }
}

#[test]
fn verdicts() {
    let long = format!(r#"{{"source": ["{}"]}}"#, "a".repeat(4100));
    let longer = format!(r#"{{"source": ["{}"]}}"#, "a".repeat(2100));
    let rows: &[(&str, Expect)] = &[
        // From AWS's pages on event patterns and comparison operators.
        (r#"{"source": ["aws.ec2"]}"#, V),
        (
            r#"{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "detail": {"state": ["terminated"]}}"#,
            V,
        ),
        (
            r#"{"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}], "x-limit": [{"numeric": ["=", 3.018e2]}]}}"#,
            V,
        ),
        (r#"{"time": [{"prefix": "2017-10-02"}]}"#, V),
        (r#"{"detail": {"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}}"#, V),
        (r#"{"detail": {"FileName": [{"suffix": ".png"}]}}"#, V),
        (r#"{"detail": {"FileName": [{"suffix": {"equals-ignore-case": ".png"}}]}}"#, V),
        (r#"{"detail": {"state": [{"anything-but": "initializing"}]}}"#, V),
        (r#"{"detail": {"x-limit": [{"anything-but": 123}]}}"#, V),
        (r#"{"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}}"#, V),
        (r#"{"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}}"#, V),
        (r#"{"detail": {"state": [{"anything-but": {"equals-ignore-case": "initializing"}}]}}"#, V),
        (r#"{"detail": {"state": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]}}"#, V),
        (r#"{"detail": {"state": [{"anything-but": {"prefix": "init"}}]}}"#, V),
        (r#"{"detail": {"state": [{"anything-but": {"prefix": ["init", "error"]}}]}}"#, V),
        (r#"{"detail": {"FileName": [{"anything-but": {"suffix": ".txt"}}]}}"#, V),
        (r#"{"detail": {"FilePath": [{"anything-but": {"wildcard": "*/lib/*"}}]}}"#, V),
        (r#"{"detail": {"state": [{"exists": true}]}}"#, V),
        (r#"{"detail": {"state": [{"exists": false}]}}"#, V),
        (r#"{"detail": {"ip": [{"cidr": "10.0.0.0/24"}]}}"#, V),
        (r#"{"detail": {"ip": [{"cidr": "2001:db8::/32"}]}}"#, V),
        (r#"{"detail-type": [{"equals-ignore-case": "ec2 instance state-change notification"}]}"#, V),
        (r#"{"detail": {"path": [{"wildcard": "dir/*.png"}]}}"#, V),
        (r#"{"detail": {"path": [{"wildcard": "a\\*b*"}]}}"#, V),
        (r#"{"detail": {"$or": [{"a": ["x"]}, {"b": [{"numeric": ["<", 10]}]}]}}"#, V),
        (r#"{"$or": [{"source": ["a"]}, {"source": ["b"]}], "account": ["123456789012"]}"#, V),
        (r#"{"detail": {"LastName": [""]}}"#, V),
        (r#"{"detail": {"UserID": [null]}}"#, V),
        (r#"{"detail": {"ok": [true, false, 1, "x"]}}"#, V),
        (r#"{"detailType": ["x"]}"#, V),
        // Refused.
        (r#"{}"#, I),
        (r#"[]"#, I),
        (r#""x""#, I),
        (r#"{"source": "aws.ec2"}"#, I),
        (r#"{"source": null}"#, I),
        (r#"{"source": 5}"#, I),
        (r#"{"source": []}"#, I),
        (r#"{"detail": {}}"#, I),
        (r#"{"detail": {"state": {"prefix": "a"}}}"#, I),
        (r#"{"source": [["a"]]}"#, I),
        (r#"{"source": [{}]}"#, I),
        (r#"{"source": [{"prefix": "a", "suffix": "b"}]}"#, I),
        (r#"{"source": [{"startsWith": "a"}]}"#, I),
        (r#"{"source": [{"prefix": 5}]}"#, I),
        (r#"{"source": [{"prefix": ["a"]}]}"#, I),
        (r#"{"source": [{"prefix": {"wildcard": "a"}}]}"#, I),
        (r#"{"source": [{"suffix": null}]}"#, I),
        (r#"{"source": [{"equals-ignore-case": ["a"]}]}"#, I),
        (r#"{"detail": {"a": [{"numeric": ["==", 5]}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": [">"]}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": []}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": 5}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": [5]}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": ["=", "5"]}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": [">", 5, "<", 1]}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": ["<", 5, ">", 1]}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": [">", 1, ">", 5]}]}}"#, I),
        (r#"{"detail": {"a": [{"numeric": [">", 1, "<", 5, "<", 6]}]}}"#, I),
        (r#"{"detail": {"a": [{"exists": null}]}}"#, I),
        (r#"{"detail": {"a": [{"exists": 1}]}}"#, I),
        (r#"{"detail": {"a": [{"cidr": "10.0.0.0"}]}}"#, I),
        (r#"{"detail": {"a": [{"cidr": "10.0.0.0/33"}]}}"#, I),
        (r#"{"detail": {"a": [{"cidr": "300.0.0.0/8"}]}}"#, I),
        (r#"{"detail": {"a": [{"wildcard": "a**b"}]}}"#, I),
        (r#"{"detail": {"a": [{"wildcard": "a\\b"}]}}"#, I),
        (r#"{"detail": {"a": [{"wildcard": "a\\"}]}}"#, I),
        (r#"{"detail": {"a": [{"anything-but": true}]}}"#, I),
        (r#"{"detail": {"a": [{"anything-but": null}]}}"#, I),
        (r#"{"detail": {"a": [{"anything-but": []}]}}"#, I),
        (r#"{"detail": {"a": [{"anything-but": ["x", 1]}]}}"#, I),
        (r#"{"detail": {"a": [{"anything-but": [null]}]}}"#, I),
        (r#"{"detail": {"a": [{"anything-but": {"numeric": ["=", 1]}}]}}"#, I),
        (r#"{"detail": {"a": [{"anything-but": {"prefix": ""}}]}}"#, I),
        (r#"{"$or": "x"}"#, I),
        (r#"{"$or": []}"#, I),
        (&long, I),
        // Open.
        (&longer, U),
        (r#"{"$or": [{"source": ["a"]}]}"#, U),
        (r#"{"$or": ["a", "b"]}"#, U),
        (r#"{"detail": {"a": [{"exists": "true"}]}}"#, U),
        (r#"{"detail": {"a": [{"exactly": "x"}]}}"#, U),
        (r#"{"detail": {"a": [{"numeric": [">=", 5, "<=", 5]}]}}"#, U),
        (r#"{"detail": {"a": [{"numeric": [">", 10000000000]}]}}"#, U),
        (r#"{"detail": {"a": [{"prefix": ""}]}}"#, U),
        // Unknown parts.
        (r#""?""#, U),
        (r#"{"source": "?"}"#, U),
        (r#"{"source": ["?"]}"#, U),
        (r#"{"source": ["${X}"]}"#, V),
        (r#"{"resources": ["arn:aws:s3:::${Name}"], "detail": {"b": [{"prefix": "${X}"}]}}"#, V),
        (r#"{"${X}": ["a"]}"#, U),
        (r#"{"source": "${X}"}"#, I),
        (r#"{"source": ["?"], "detail": "x"}"#, I),
        (r#"{"detail": {"a": [{"numeric": ["=", "${X}"]}]}}"#, U),
        (r#"{"detail": {"a": [{"cidr": "${X}/8"}]}}"#, U),
        (r#"{"detail": {"a": [{"wildcard": "${X}*"}]}}"#, U),
        (r#"{"detail": {"a": [{"wildcard": "${AccountId}*"}]}}"#, V),
        (r#"{"detail": {"a": [{"${X}": "b"}]}}"#, U),
    ];
    let mut wrong = Vec::new();
    for (source, expected) in rows {
        let verdict = judge(source);
        if outcome(&verdict) != *expected {
            wrong.push(format!("{source}: expected {expected:?}, got {verdict:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn problems_tell_where_and_what_aws_says() {
    let json = json!({"source": "aws.iam", "detail": {"eventName": [{"prefx": "x"}], "b": []}});
    let reading = read(&&json);
    let key = |name: &str| Step::Key(name.to_string());
    let paths: Vec<_> = reading.problems.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(
        paths,
        [
            vec![key("source")],
            vec![key("detail"), key("eventName"), Step::Index(0), key("prefx")],
            vec![key("detail"), key("b")]
        ]
    );
    assert_eq!(
        reading.problems[0].aws_error,
        "InvalidEventPatternException: Event pattern is not valid. Reason: \"source\" must be an object or an array"
    );
    assert_eq!(reading.problems[0].fix, Some(PatternFix::WrapInArray));
    assert!(reading.problems[1].at_key);
}

#[test]
fn a_pattern_tells_what_it_asks_for() {
    let json = json!({"source": ["aws.iam"], "detailType": ["x"], "detail": {"eventName": ["A", {"prefix": "B"}]},
        "$or": [{"account": ["1"]}, {"regionn": ["2"]}]});
    let pattern = read(&&json).pattern;
    assert_eq!(pattern.values(&["detail", "eventName"]).map(<[_]>::len), Some(2));
    assert_eq!(pattern.values(&["detail"]), None);
    assert_eq!(pattern.mentions(&["detail", "eventName"]), Tri::Yes);
    assert_eq!(pattern.mentions(&["account"]), Tri::Yes);
    assert_eq!(pattern.mentions(&["detail", "eventSource"]), Tri::No);
    assert_eq!(pattern.foreign_fields(), ["detailType", "regionn"]);
}

#[test]
fn matching_an_event() {
    let event = json!({"source": "aws.iam", "account": "123456789012", "resources": ["arn:a", "arn:b"],
        "detail": {"eventName": "DeleteUser", "count": 5, "ip": "10.0.0.7", "null": null, "flag": true,
                   "file": "dir/sub/x.PNG", "list": [{"id": 1}, {"id": 2}], "empty": []}});
    for (source, expected) in [
        (r#"{"source": ["aws.iam"]}"#, Tri::Yes),
        (r#"{"source": ["aws.ec2", "aws.iam"], "detail": {"eventName": [{"prefix": "Delete"}]}}"#, Tri::Yes),
        (r#"{"source": ["aws.ec2"]}"#, Tri::No),
        (r#"{"resources": ["arn:b"]}"#, Tri::Yes),
        (r#"{"detail": {"count": [{"numeric": [">", 4, "<=", 5]}]}}"#, Tri::Yes),
        (r#"{"detail": {"count": [5]}}"#, Tri::Yes),
        (r#"{"detail": {"count": ["5"]}}"#, Tri::No),
        (r#"{"detail": {"ip": [{"cidr": "10.0.0.0/24"}]}}"#, Tri::Yes),
        (r#"{"detail": {"ip": [{"cidr": "10.0.1.0/24"}]}}"#, Tri::No),
        (r#"{"detail": {"null": [null]}}"#, Tri::Yes),
        (r#"{"detail": {"flag": [true]}}"#, Tri::Yes),
        (r#"{"detail": {"absent": [{"exists": false}]}}"#, Tri::Yes),
        (r#"{"detail": {"count": [{"exists": true}]}}"#, Tri::Yes),
        (r#"{"detail": {"absent": [{"anything-but": "x"}]}}"#, Tri::No),
        (r#"{"detail": {"eventName": [{"anything-but": ["CreateUser"]}]}}"#, Tri::Yes),
        (r#"{"detail": {"eventName": [{"anything-but": {"prefix": "Del"}}]}}"#, Tri::No),
        (r#"{"detail": {"file": [{"suffix": ".png"}]}}"#, Tri::No),
        (r#"{"detail": {"file": [{"suffix": {"equals-ignore-case": ".png"}}]}}"#, Tri::Yes),
        (r#"{"detail": {"file": [{"wildcard": "dir/*x.*"}]}}"#, Tri::Yes),
        (r#"{"detail": {"file": [{"wildcard": "dir/*y*"}]}}"#, Tri::No),
        (r#"{"detail": {"eventName": [{"equals-ignore-case": "deleteuser"}]}}"#, Tri::Yes),
        (r#"{"detail": {"list": {"id": [2]}}}"#, Tri::Yes),
        (r#"{"$or": [{"source": ["x"]}, {"account": ["123456789012"]}]}"#, Tri::Yes),
        (r#"{"$or": [{"source": ["x"]}, {"account": ["1"]}]}"#, Tri::No),
        (r#"{"account": ["${AccountId}"]}"#, Tri::Unknown),
        (r#"{"account": ["${AccountId}"], "source": ["x"]}"#, Tri::No),
    ] {
        let json: Json = serde_json::from_str(source).unwrap_or_default();
        assert_eq!(read(&Holed(&json)).pattern.matches(&event), expected, "{source}");
    }
}

fn near_pattern() -> impl Strategy<Value = Json> {
    let word = prop_oneof![
        Just("source"),
        Just("detail"),
        Just("$or"),
        Just("prefix"),
        Just("suffix"),
        Just("anything-but"),
        Just("numeric"),
        Just("exists"),
        Just("cidr"),
        Just("wildcard"),
        Just("equals-ignore-case"),
        Just("a**\\"),
        Just("="),
        Just(">"),
        Just("<="),
        Just("10.0.0.0/8"),
        Just("?"),
        Just("${X}"),
        Just(""),
        Just("é"),
    ];
    let leaf = prop_oneof![
        word.clone().prop_map(|word| json!(word)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|value| json!(value)),
        Just(Json::Null),
    ];
    leaf.prop_recursive(6, 64, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
            proptest::collection::vec((word.clone(), inner), 0..5).prop_map(|fields| Json::Object(
                fields.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics(pattern in near_pattern(), event in near_pattern()) {
        let reading = read(&Holed(&pattern));
        let _ = reading.pattern.matches(&event);
        prop_assert!(reading.problems.iter().all(|problem| !problem.message.is_empty()));
    }

    /// Unknown parts never turn a pattern that some filling makes valid into a refused one.
    #[test]
    fn unknown_parts_are_judged_by_their_fillings(pattern in near_pattern(), filling in near_pattern()) {
        fn fill(json: &Json, filling: &Json) -> Json {
            match json {
                Json::String(string) if string == "?" => filling.clone(),
                Json::Array(items) => items.iter().map(|item| fill(item, filling)).collect(),
                Json::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), fill(value, filling))).collect(),
                other => other.clone(),
            }
        }
        let filled = fill(&pattern, &filling);
        let (before, after) = (parse(&Holed(&pattern)), parse(&Holed(&filled)));
        prop_assert!(!before.is_invalid() || after.is_invalid(), "{pattern} refused, {filled} is {after:?}: {before:?}");
    }
}

#[test]
fn deep_patterns_are_no_danger() {
    // Built and dropped without recursion of serde_json's own.
    let mut json = json!(["x"]);
    for _ in 0..5000 {
        json = Json::Object([("a".to_string(), json)].into_iter().collect());
    }
    assert!(parse(&&json).is_undetermined());
    while let Json::Object(fields) = json {
        json = fields.into_iter().next().map(|(_, inner)| inner).unwrap_or_default();
    }
    assert_eq!(json, json!(["x"]));
}
