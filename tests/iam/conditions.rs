//! `conditions.json`: `[operator, value, context value, expect]`; the context value null is an absent key, `"?"` a key that is
//! there or not. Source: the user guide's pages on condition operators and on multivalued context keys.

use proptest::prelude::*;
use serde_json::{Value, json};
use stackproof::iam::JsonDocument;
use stackproof::iam::condition::KeyState;
use stackproof::iam::evaluate::{Outcome, PolicyKind, Request};
use stackproof::iam::parse::read;
use stackproof::iam::principal::Principal;
use stackproof::model::text::Text;

fn request(state: KeyState<'static>) -> Request<'static> {
    Request::new(Principal::of(Text::from("arn:aws:iam::428190573662:user/alice"), None), "s3:GetObject", "*")
        .with_state("a:key", state)
}

fn state(value: &Value) -> KeyState<'static> {
    match value {
        Value::Null => KeyState::Absent,
        Value::String(text) if text == "?" => KeyState::Unknown,
        Value::Array(values) => {
            KeyState::Values(values.iter().filter_map(Value::as_str).map(|text| Text::from(text.to_owned())).collect())
        }
        Value::String(text) => KeyState::Values(vec![Text::from(text.clone())]),
        other => panic!("no context value {other}"),
    }
}

fn holds(operator: &str, value: &Value, context: &Value) -> Outcome {
    let document = json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"A:Key": value}}}});
    read(&JsonDocument(&document)).policy.allows(PolicyKind::Identity, &request(state(context))).outcome
}

#[test]
fn table_of_conditions() {
    let rows: Vec<(String, Value, Value, String)> =
        serde_json::from_str(include_str!("conditions.json")).expect("rows");
    assert!(rows.len() >= 100, "{} rows", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(operator, value, context, expected)| {
            let answer = match holds(operator, value, context) {
                Outcome::Allow => "yes",
                Outcome::ImplicitDeny => "no",
                _ => "unknown",
            };
            (answer != expected).then(|| format!("{operator} {value} on {context}: {answer}, expected {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64),
        failure_persistence: None,
        ..Default::default()
    }
}

fn statement() -> impl Strategy<Value = Value> {
    (
        prop::bool::weighted(0.3),
        prop::sample::select(vec!["*", "s3:*", "s3:Get*", "s3:Put*", "iam:*"]),
        prop::bool::weighted(0.2),
        prop::sample::select(vec!["*", "arn:aws:s3:::d/*", "arn:aws:s3:::d/k", "arn:aws:s3:::e/*"]),
        prop::option::of((
            prop::sample::select(vec![
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringEqualsIfExists",
                "StringNotEqualsIfExists",
                "ForAllValues:StringEquals",
                "ForAnyValue:StringEquals",
                "ForAnyValue:StringNotEquals",
            ]),
            prop::sample::select(vec!["v", "w", "v*", "${a:other}"]),
        )),
    )
        .prop_map(|(deny, action, not, resource, condition)| {
            let mut statement = json!({"Effect": if deny { "Deny" } else { "Allow" }, "Resource": resource});
            statement[if not { "NotAction" } else { "Action" }] = json!(action);
            if let Some((operator, value)) = condition {
                statement["Condition"] = json!({operator: {"a:key": value}});
            }
            statement
        })
}

fn decide(statements: &[Value], state: KeyState<'static>, other: KeyState<'static>) -> Outcome {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let mut request = Request::new(
        Principal::of(Text::from("arn:aws:iam::428190573662:user/alice"), None),
        "s3:GetObject",
        "arn:aws:s3:::d/k",
    );
    request.context.put("a:key", state);
    request.context.put("a:other", other);
    read(&JsonDocument(&document)).policy.allows(PolicyKind::Identity, &request).outcome
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn an_added_deny_never_allows_more(statements in prop::collection::vec(statement(), 0..5), extra in statement(), value in prop::sample::select(vec!["v", "w", "x"])) {
        let state = KeyState::Values(vec![Text::from(value)]);
        let before = decide(&statements, state.clone(), KeyState::Absent);
        let mut extra = extra;
        extra["Effect"] = json!("Deny");
        let mut more = statements.clone();
        more.push(extra);
        let after = decide(&more, state, KeyState::Absent);
        prop_assert!(after != Outcome::Allow || before == Outcome::Allow);
        prop_assert!(before != Outcome::ExplicitDeny || after == Outcome::ExplicitDeny);
    }

    #[test]
    fn the_order_of_statements_does_not_matter(statements in prop::collection::vec(statement(), 0..6), turn in 0usize..6) {
        let mut turned = statements.clone();
        turned.rotate_left(turn.min(statements.len()));
        turned.reverse();
        let state = KeyState::Values(vec![Text::from("v")]);
        prop_assert_eq!(decide(&statements, state.clone(), KeyState::Unknown), decide(&turned, state, KeyState::Unknown));
    }

    /// What is decided while keys are not known stays so whatever they turn out to be.
    #[test]
    fn unknown_context_is_sound(statements in prop::collection::vec(statement(), 0..5), first in 0usize..5, second in 0usize..4) {
        let decided = decide(&statements, KeyState::Unknown, KeyState::Unknown);
        let values = [None, Some(vec!["v"]), Some(vec!["w"]), Some(vec!["v", "w"]), Some(vec!["vx"])];
        let state = |values: &Option<Vec<&'static str>>| match values {
            None => KeyState::Absent,
            Some(values) => KeyState::Values(values.iter().map(|value| Text::from(*value)).collect()),
        };
        let concrete = decide(&statements, state(&values[first]), state(&values[if second == 3 { 4 } else { second }]));
        prop_assert!(decided == Outcome::Unknown || decided == concrete, "{:?}, then {:?}: {:?}", decided, concrete, statements);
    }
}
