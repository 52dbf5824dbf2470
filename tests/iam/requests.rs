//! `requests.json`: rows of `stackproof access --requests`, each with the decision that AWS's documentation gives.

use serde_json::{Value, json};

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

/// Policies that many requests share are read once, and decide as if each request carried them: alike in every row, or
/// written once before all of them.
#[test]
fn shared_policies_decide_as_a_requests_own() {
    let ask = |requests: &Value| -> Vec<Value> {
        let answers = stackproof::access::access_requests(&requests.to_string()).expect("answers");
        serde_json::from_str(&answers).expect("JSON")
    };
    let plain = json!({"Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*"});
    // What `Data.Arn` is follows from the request.
    let symbolic = json!({"Effect": "Allow", "Action": ["s3:PutObject", "sqs:SendMessage"], "Resource": {"Fn::GetAtt": ["Data", "Arn"]}});
    let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*/secret"});
    let policies = |statements: &[&Value]| json!([{"kind": "identity", "document": {"Statement": statements}}]);
    let request = |action: &str, resource: Value| json!({"principal": "arn:aws:iam::428190573662:role/r", "action": action, "resource": resource, "resourceAccount": "428190573662"});
    let data = || json!({"Fn::GetAtt": ["Data", "Arn"]});
    let asked = [
        request("s3:GetObject", json!("arn:aws:s3:::acme/a")),
        request("s3:GetObject", json!("arn:aws:s3:::acme/secret")),
        request("s3:GetObject", json!("arn:aws:s3:::other/a")),
        request("s3:PutObject", data()),
        request("sqs:SendMessage", data()),
        request("sns:Publish", data()),
    ];
    let text = policies(&[&plain, &symbolic]);
    let own: Vec<Value> =
        asked.iter().map(|request| json!({"policies": [text[0], policies(&[&deny])[0]], "request": request})).collect();
    let one_by_one: Vec<Value> = own.iter().flat_map(ask).collect();
    let decisions: Vec<&str> = one_by_one.iter().filter_map(|answer| answer["decision"].as_str()).collect();
    assert_eq!(decisions, ["allow", "explicit-deny", "implicit-deny", "allow", "allow", "implicit-deny"]);
    assert_eq!(ask(&json!(own)), one_by_one);
    let rows: Vec<Value> =
        asked.iter().map(|request| json!({"policies": policies(&[&deny]), "request": request})).collect();
    assert_eq!(ask(&json!({"policies": text, "requests": rows})), one_by_one);
    let error = stackproof::access::access_requests(&json!({"policies": [{}], "requests": [own[0]]}).to_string());
    assert_eq!(error, Err("request 1: a policy has no \"kind\"".to_owned()));
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

/// A role that a resource's policy names is held by its boundary (a user is not): the boundary is what stands in the way.
#[test]
fn what_a_boundary_takes_away_is_said() {
    let named = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::428190573662:role/app"}, "Action": "s3:GetObject", "Resource": "*"});
    let boundary = json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"});
    let row = json!([{
        "policies": [
            {"kind": "resource", "document": {"Statement": [named]}},
            {"kind": "boundary", "document": {"Statement": [boundary]}},
        ],
        "request": {
            "principal": "arn:aws:sts::428190573662:assumed-role/app/session", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::acme/a", "resourceAccount": "428190573662",
        },
    }]);
    let answers = stackproof::access::access_requests(&row.to_string()).expect("answers");
    let answers: Value = serde_json::from_str(&answers).expect("JSON");
    assert_eq!(answers[0]["decision"], "implicit-deny");
    let explanation = answers[0]["explanation"].as_str().unwrap_or_default();
    assert!(explanation.starts_with("the permissions boundary does not allow s3:GetObject"), "{explanation}");
}
