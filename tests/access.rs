//! `stackproof access` over inputs: the policies of templates and documents decide.

use serde_json::{Value as Json, json};
use stackproof::Checker;

const TEMPLATE: &str = r#"
Parameters:
  Open: {Type: String, AllowedValues: ["yes", "no"]}
Conditions:
  IsOpen: !Equals [!Ref Open, "yes"]
Resources:
  Data: {Type: AWS::S3::Bucket}
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Sid: Logs, Effect: Allow, Principal: {Service: logging.s3.amazonaws.com}, Action: s3:PutObject, Resource: !Sub "${Data.Arn}/logs/*",
             Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}}
          - {Sid: Tls, Effect: Deny, Principal: "*", Action: s3:*, Resource: !Sub "${Data.Arn}/*", Condition: {Bool: {aws:SecureTransport: false}}}
          - {Sid: Partner, Effect: Allow, Principal: {AWS: "arn:aws:iam::999988887777:root"}, Action: s3:GetObject, Resource: !Sub "${Data.Arn}/*"}
          - !If [IsOpen, {Sid: Open, Effect: Allow, Principal: "*", Action: s3:GetObject, Resource: !Sub "${Data.Arn}/*"}, !Ref AWS::NoValue]
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Sid: Read, Effect: Allow, Action: s3:ListBucket, Resource: !GetAtt Data.Arn}]
  Outsourced:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
"#;

fn ask(files: &[(&str, &str)], question: Json) -> Result<Json, String> {
    let mut checker = Checker::new("{}")?;
    for (name, text) in files {
        checker.begin_input(name, "auto");
        checker.add_file(name, text.as_bytes().to_vec());
    }
    serde_json::from_str(&checker.access(&question.to_string())?).map_err(|error| error.to_string())
}

fn template(question: Json) -> Json {
    ask(&[("t.yaml", TEMPLATE)], question).unwrap()
}

#[test]
fn policies_of_a_template_decide() {
    let service = |context: Json, account: &str| {
        template(json!({
            "principal": "logging.s3.amazonaws.com", "action": "s3:PutObject", "resource": "Data/logs/2027",
            "context": context, "account": account,
        }))
    };
    let answer = service(json!({ "aws:SourceAccount": "111122223333" }), "111122223333");
    assert_eq!(answer["decision"], "allow", "{answer}");
    assert_eq!(answer["statement"]["sid"], "Logs");
    assert_eq!(answer["statement"]["holder"], "DataPolicy");
    assert_eq!(answer["statement"]["location"]["line"], 15);
    let answer = service(json!({ "aws:SourceAccount": "444455556666" }), "111122223333");
    assert_eq!(answer["decision"], "implicit-deny", "{answer}");
    let answer = service(json!({ "aws:SourceAccount": "111122223333", "aws:SecureTransport": false }), "111122223333");
    assert_eq!(answer["decision"], "explicit-deny", "{answer}");
    assert_eq!(answer["statement"]["sid"], "Tls");
}

#[test]
fn names_are_shown_not_numbers() {
    let answer = template(json!({ "principal": "Reader", "action": "s3:ListBucket", "resource": "Data" }));
    assert_eq!(answer["decision"], "allow", "{answer}");
    let explanation = answer["explanation"].as_str().unwrap();
    assert!(explanation.contains("on arn:aws:s3:::${Data},"), "{explanation}");
    assert!(explanation.contains("iam::${AWS::AccountId}:role/reader "), "{explanation}");
}

#[test]
fn a_role_is_found_by_name_and_arn() {
    for principal in ["Reader", "reader", "arn:aws:iam::111122223333:role/reader"] {
        let answer = template(json!({
            "principal": principal, "action": "s3:ListBucket", "resource": "Data", "account": "111122223333",
        }));
        assert_eq!(answer["decision"], "allow", "{principal}: {answer}");
    }
}

#[test]
fn the_trust_policy_decides_who_takes_a_role() {
    let assume = |principal: &str| {
        template(json!({ "principal": principal, "action": "sts:AssumeRole", "resource": "Reader" }))["decision"]
            .clone()
    };
    assert_eq!(assume("lambda.amazonaws.com"), "allow");
    assert_eq!(assume("ec2.amazonaws.com"), "implicit-deny");
}

#[test]
fn policies_that_are_not_there_leave_it_unknown() {
    let answer = template(json!({ "principal": "Outsourced", "action": "s3:ListBucket", "resource": "Data" }));
    assert_eq!(answer["decision"], "unknown", "{answer}");
    assert!(answer["explanation"].as_str().unwrap().contains("ReadOnlyAccess"), "{answer}");
    // The bucket lets the partner in; what the partner's own policies say is not here.
    let answer = template(json!({
        "principal": "arn:aws:iam::999988887777:user/p", "action": "s3:GetObject", "resource": "Data/a",
        "account": "111122223333",
    }));
    assert_eq!(answer["decision"], "unknown", "{answer}");
}

#[test]
fn conditions_of_the_stack_are_told_apart() {
    let answer = template(json!({ "principal": "*", "action": "s3:GetObject", "resource": "Data/a" }));
    assert_eq!(answer["decision"], "unknown", "{answer}");
    let mut cases: Vec<(&str, &str)> = answer["alternatives"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| (case["decision"].as_str().unwrap(), case["under"].as_str().unwrap()))
        .collect();
    cases.sort_unstable();
    assert_eq!(cases.len(), 2);
    assert_eq!(cases[0].0, "allow");
    assert_eq!(cases[1].0, "implicit-deny");
    assert!(cases[0].1.contains("IsOpen") || cases[0].1.contains("Open"), "{cases:?}");
}

const DOCUMENT: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::data/*"}]}"#;

#[test]
fn a_policy_document_decides() {
    let decide = |action: &str| {
        ask(
            &[("p.json", DOCUMENT)],
            json!({
                "principal": "arn:aws:iam::111122223333:user/alice", "action": action,
                "resource": "arn:aws:s3:::data/a.csv", "account": "111122223333",
            }),
        )
        .unwrap()
    };
    let answer = decide("s3:GetObject");
    assert_eq!(answer["decision"], "allow", "{answer}");
    assert_eq!(answer["statement"]["sid"], "Read");
    assert_eq!(decide("s3:PutObject")["decision"], "implicit-deny");
}

#[test]
fn comparison_has_a_witness() {
    let new = DOCUMENT.replace("s3:Get*", "s3:*");
    let answer = ask(&[("old.json", DOCUMENT), ("new.json", &new)], json!({ "compare": true })).unwrap();
    assert_eq!(answer["answer"], "yes", "{answer}");
    assert!(answer["witness"]["action"].as_str().unwrap().starts_with("s3:"), "{answer}");
    let answer = ask(&[("new.json", &new), ("old.json", DOCUMENT)], json!({ "compare": true })).unwrap();
    assert_eq!(answer["answer"], "no", "{answer}");
    // Templates: by the resource that holds the policy.
    let wider = TEMPLATE.replace("Action: s3:ListBucket", "Action: [s3:ListBucket, s3:DeleteBucket]");
    let answer = ask(&[("old.yaml", TEMPLATE), ("new.yaml", &wider)], json!({ "compare": true })).unwrap();
    assert_eq!(answer["answer"], "yes", "{answer}");
    assert_eq!(answer["witness"]["action"], "s3:DeleteBucket");
}

#[test]
fn what_is_unclear_is_refused() {
    for (files, question) in [
        (vec![], json!({ "principal": "*", "action": "s3:GetObject" })),
        (vec![("t.yaml", TEMPLATE)], json!({ "principal": "Nobody", "action": "s3:GetObject" })),
        (vec![("t.yaml", TEMPLATE)], json!({ "principal": "*", "action": "s3:GetObject", "account": "12" })),
        (vec![("t.yaml", TEMPLATE)], json!({ "principal": "*", "acton": "s3:GetObject" })),
        (vec![("t.yaml", "{")], json!({ "principal": "*", "action": "s3:GetObject" })),
        (vec![("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE)], json!({ "principal": "*", "action": "s3:GetObject" })),
        (vec![("a.yaml", TEMPLATE)], json!({ "compare": true })),
    ] {
        let error = ask(&files, question.clone()).unwrap_err();
        let message: Json = serde_json::from_str(&error).unwrap();
        assert!(message["message"].as_str().is_some_and(|message| !message.is_empty()), "{question}: {error}");
    }
}

/// With the catalogue of actions at hand the answer says what is odd about the question.
#[test]
fn an_action_that_does_not_exist_is_noted() {
    let catalogue = r#"{"services": {"s3": {
        "resources": [["bucket", "arn:*:s3:::*"], ["job", "arn:*:s3:*:*:job/*"]],
        "actions": [["ListBucket", "List", [0], []], ["DescribeJob", "Read", [1], []]]
    }}}"#;
    let notes = |action: &str| {
        let mut checker = Checker::new("{}").expect("the options are right");
        checker.actions(catalogue.to_owned());
        checker.begin_input("t.yaml", "auto");
        checker.add_file("t.yaml", TEMPLATE.as_bytes().to_vec());
        let question = json!({ "principal": "Reader", "action": action, "resource": "Data" });
        let answer: Json =
            serde_json::from_str(&checker.access(&question.to_string()).expect("an answer")).expect("JSON");
        answer["notes"].clone()
    };
    assert_eq!(notes("s3:ListBucket"), json!([]));
    assert_eq!(
        notes("s3:ListBuckett"),
        json!(["s3:ListBuckett is no documented action (did you mean s3:ListBucket?)"])
    );
    assert_eq!(notes("s3:DescribeJob"), json!(["s3:DescribeJob is about another resource: job (arn:*:s3:*:*:job/*)"]));
}
