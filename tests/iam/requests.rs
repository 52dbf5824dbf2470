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
