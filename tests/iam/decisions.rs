//! `decisions/*.json`: `{source, rows: [{name, policies: {kind: statements}, request, expect}]}`. Each file gives the page of
//! AWS's documentation that decides its rows. What a request does not say is alice of account 428190573662 reading an object.

use serde_json::{Value, json};

const FILES: [(&str, &str); 5] = [
    ("account", include_str!("decisions/account.json")),
    ("cross-account", include_str!("decisions/cross-account.json")),
    ("sessions", include_str!("decisions/sessions.json")),
    ("keys", include_str!("decisions/keys.json")),
    ("trust", include_str!("decisions/trust.json")),
];

#[test]
fn table_of_decisions() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, text) in FILES {
        let table: Value = serde_json::from_str(text).expect("a table");
        assert!(
            table["source"].as_str().is_some_and(|source| source.starts_with("https://docs.aws.amazon.com/")),
            "{file}"
        );
        let rows = table["rows"].as_array().expect("rows");
        let requests: Vec<Value> = rows
            .iter()
            .map(|row| {
                let mut request = json!({
                    "principal": "arn:aws:iam::428190573662:user/alice",
                    "principalAccount": "428190573662",
                    "action": "s3:GetObject",
                    "resource": "arn:aws:s3:::acme-data/in/a.csv",
                    "resourceAccount": "428190573662",
                    "context": {},
                });
                for (name, value) in row["request"].as_object().into_iter().flatten() {
                    request[name] = value.clone();
                }
                let policies: Vec<Value> = row["policies"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(kind, statements)| {
                        json!({"kind": kind, "document": {"Version": "2012-10-17", "Statement": statements}})
                    })
                    .collect();
                json!({"name": row["name"], "policies": policies, "request": request})
            })
            .collect();
        let answers = stackproof::access::access_requests(&Value::from(requests).to_string()).expect("answers");
        let answers: Vec<Value> = serde_json::from_str(&answers).expect("JSON");
        for (row, answer) in rows.iter().zip(&answers) {
            count += 1;
            if row["expect"] != answer["decision"] {
                wrong.push(format!("{file}: {row}\n    got {}: {}", answer["decision"], answer["explanation"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 300, "{count} rows");
}
