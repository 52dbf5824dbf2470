//! The evaluator: a request is allowed, denied or unknown, and adding a Deny never allows more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use stackproof::access::access_requests;

fuzz_target!(|input: (&str, &str, &str, &str)| {
    let (statements, principal, action, resource) = input;
    let Ok(statements) = serde_json::from_str::<Value>(statements) else { return };
    let decide = |statements: Value| {
        let row = json!([{
            "name": "r",
            "policies": [{ "kind": "resource", "document": { "Version": "2012-10-17", "Statement": statements } }],
            "request": { "principal": principal, "action": action, "resource": resource, "context": {} },
        }]);
        let answer = access_requests(&row.to_string()).ok()?;
        let answer: Value = serde_json::from_str(&answer).ok()?;
        answer[0]["decision"].as_str().map(str::to_owned)
    };
    let before = decide(statements.clone());
    let mut more = match statements {
        Value::Array(items) => items,
        one => vec![one],
    };
    more.push(json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" }));
    let after = decide(Value::Array(more));
    assert!(after.as_deref() != Some("allow"), "{before:?} became {after:?}");
});
