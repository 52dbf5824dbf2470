//! `questions.json`: pairs of policies and questions about all requests, with the answer. A row is
//! `{question, first, second, kind, expect}`; `expect` is yes, no or unknown.

use serde_json::{Value, json};
use stackproof::iam::JsonDocument;
use stackproof::iam::evaluate::{Outcome, PolicyKind};
use stackproof::iam::parse::read;
use stackproof::iam::policy::Policy;
use stackproof::iam::questions::{Answer, allows_more, lets_anyone_in, lets_outsiders_in, slips_past};
use stackproof::model::text::Text;
use stackproof::model::tri::Tri;

fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn confirm(answer: &Answer<'_>, kind: PolicyKind, allowed: &Policy<'_>, refused: Option<&Policy<'_>>) -> bool {
    let Answer::Yes(witness) = answer else { return true };
    // The lifetimes of rows differ, so the witness is asked as it is.
    let request = stackproof::iam::evaluate::Request::clone(witness);
    allowed.allows(kind, &request).outcome == Outcome::Allow
        && refused.is_none_or(|policy| policy.allows(kind, &request).outcome != Outcome::Allow)
}

#[test]
fn listed_questions() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("questions.json")).expect("rows");
    assert!(rows.len() >= 60, "{} rows", rows.len());
    let (mut undecided, mut wrong) = (0, Vec::new());
    for row in &rows {
        let (first, second) = (document(&row["first"]), document(&row["second"]));
        let (first, second) = (read(&JsonDocument(&first)).policy, read(&JsonDocument(&second)).policy);
        let kind = PolicyKind::named(row["kind"].as_str().unwrap_or("identity")).expect("a kind");
        let question = row["question"].as_str().expect("a question");
        let answer = match question {
            "anyone" => lets_anyone_in(&first, kind),
            "outsiders" => lets_outsiders_in(&first, kind, &Text::from("428190573662")),
            "more" => allows_more(&first, &second, kind),
            "slips" => slips_past(&first, &second, kind),
            other => panic!("no question {other}"),
        };
        let refused = (question == "more").then_some(&second);
        assert!(confirm(&answer, kind, &first, refused), "{row}: the witness does not hold: {answer:?}");
        let expected = match row["expect"].as_str() {
            Some("yes") => Tri::Yes,
            Some("no") => Tri::No,
            _ => Tri::Unknown,
        };
        if answer.tri() == Tri::Unknown {
            undecided += 1;
        }
        if answer.tri() != expected {
            wrong.push(format!("{row}: {:?}", answer.tri()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(undecided * 10 <= rows.len(), "{undecided} of {} undecided", rows.len());
}
