//! The evaluator on long policies: bounded work, and a figure to look at (`cargo test --release --test iam speed -- --nocapture`).

use std::time::Instant;

use serde_json::{Value, json};
use stackproof::iam::JsonDocument;
use stackproof::iam::evaluate::{Outcome, PolicyKind, Request, evaluate};
use stackproof::iam::parse::read;
use stackproof::iam::principal::Principal;

fn policy(statements: usize) -> Value {
    let statements: Vec<Value> = (0..statements)
        .map(|n| {
            json!({"Sid": format!("S{n}"), "Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"], "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn":
                    format!("arn:aws:logs:eu-west-1:428190573662:log-group:/acme/{n}/*")}}})
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn request(group: usize) -> Request<'static> {
    Request::new(Principal::service("logs.amazonaws.com"), "kms:GenerateDataKey", "*").with(
        "kms:EncryptionContext:aws:logs:arn",
        format!("arn:aws:logs:eu-west-1:428190573662:log-group:/acme/{group}/app"),
    )
}

#[test]
fn long_policies_take_linear_time() {
    let document = policy(10_000);
    let parsed = read(&JsonDocument(&document));
    assert_eq!(parsed.policy.allows(PolicyKind::Key, &request(9_999)).outcome, Outcome::Allow);
    assert_eq!(parsed.policy.allows(PolicyKind::Key, &request(10_000)).outcome, Outcome::ImplicitDeny);
}

#[test]
fn many_evaluations() {
    let document = policy(20);
    let parsed = read(&JsonDocument(&document));
    let request = request(19);
    let start = Instant::now();
    let allowed = (0..1_500)
        .filter(|_| evaluate(&request, &[(PolicyKind::Key, &parsed.policy)]).outcome == Outcome::Allow)
        .count();
    println!("1,500 evaluations of 20 statements: {:?}", start.elapsed());
    assert_eq!(allowed, 1_500);
}
