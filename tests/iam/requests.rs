//! `requests.json`: rows of `stackproof access --requests`, each with the decision that AWS's documentation gives.

use serde_json::Value;

#[test]
fn every_request_is_decided_as_expected() {
    let text = include_str!("requests.json");
    let rows: Vec<Value> = serde_json::from_str(text).expect("rows");
    let answers: Vec<Value> =
        serde_json::from_str(&stackproof::access::access_requests(text).expect("answers")).expect("answers are JSON");
    assert_eq!(rows.len(), answers.len());
    let wrong: Vec<String> = rows
        .iter()
        .zip(&answers)
        .filter(|(row, answer)| row["expect"] != answer["decision"] || row["name"] != answer["name"])
        .map(|(row, answer)| {
            format!(
                "{}: expected {}, got {}: {}",
                row["name"], row["expect"], answer["decision"], answer["explanation"]
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_comparison_shows_what_is_new() {
    let policy = |action: &str| serde_json::json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}});
    let ask = |old: &str, new: &str| -> Value {
        let question = serde_json::json!({"kind": "identity", "old": policy(old), "new": policy(new)}).to_string();
        serde_json::from_str(&stackproof::access::access_compare(&question).expect("an answer")).expect("JSON")
    };
    let wider = ask("sqs:SendMessage", "sqs:*");
    assert_eq!(wider["answer"], "yes");
    assert!(wider["witness"]["action"].as_str().is_some_and(|action| action.to_ascii_lowercase().starts_with("sqs:")));
    assert_eq!(ask("sqs:*", "sqs:SendMessage")["answer"], "no");
    assert!(stackproof::access::access_compare("{}").is_err());
}
