//! Rules that compare the stacks of an assembly.

use serde_json::{Value, json};
use stackproof::Checker;

/// An assembly of two stacks with one template, each in an account and region.
fn findings(rule: &str, places: [(&str, &str); 2], template: &Value) -> Vec<Value> {
    let mut artifacts = json!({});
    for (index, (account, region)) in places.iter().enumerate() {
        artifacts[format!("Stack{index}")] = json!({
            "type": "aws:cloudformation:stack",
            "environment": format!("aws://{account}/{region}"),
            "properties": { "templateFile": format!("Stack{index}.template.json") },
            "displayName": format!("Stack{index}"),
        });
    }
    let options = json!({ "preset": "all", "rules": [rule] });
    let mut checker = Checker::new(&options.to_string()).expect("the options are valid");
    checker.begin_input("cdk.out", "assembly");
    let manifest = json!({ "version": "48.0.0", "artifacts": artifacts });
    checker.add_file("cdk.out/manifest.json", manifest.to_string().into_bytes());
    for index in 0..places.len() {
        checker.add_file(&format!("cdk.out/Stack{index}.template.json"), template.to_string().into_bytes());
    }
    let report: Value = serde_json::from_str(&checker.run()).expect("the report is JSON");
    assert_eq!(report["errors"], json!([]));
    report["findings"].as_array().cloned().unwrap_or_default()
}

const ONE: (&str, &str) = ("935871204466", "eu-west-1");
const OTHER_REGION: (&str, &str) = ("935871204466", "us-east-1");
const UNKNOWN: (&str, &str) = ("unknown-account", "unknown-region");

fn severities(findings: &[Value]) -> Vec<&str> {
    findings.iter().filter_map(|finding| finding["severity"].as_str()).collect()
}

#[test]
fn a_name_is_taken_by_the_stack_before() {
    let topic = json!({ "Resources": { "T": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": "alerts" } } } });
    let found = findings("duplicate-physical-name", [ONE, ONE], &topic);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["resource"]["stack"], "Stack1");
    assert_eq!(findings("duplicate-physical-name", [ONE, OTHER_REGION], &topic).len(), 0);
    assert_eq!(findings("duplicate-physical-name", [UNKNOWN, UNKNOWN], &topic).len(), 0);
    let bucket =
        json!({ "Resources": { "B": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "alerts" } } } });
    assert_eq!(findings("duplicate-physical-name", [ONE, OTHER_REGION], &bucket).len(), 1);
}

#[test]
fn an_account_has_one_hub_a_region() {
    let hub = json!({ "Resources": { "Hub": { "Type": "AWS::SecurityHub::Hub" } } });
    assert_eq!(severities(&findings("account-singleton", [ONE, ONE], &hub)), ["low", "high"]);
    assert_eq!(severities(&findings("account-singleton", [ONE, OTHER_REGION], &hub)), ["low", "low"]);
    assert_eq!(severities(&findings("account-singleton", [UNKNOWN, UNKNOWN], &hub)), ["low", "low"]);
}

#[test]
fn an_export_belongs_to_one_stack() {
    let template = json!({
        "Resources": { "T": { "Type": "AWS::SNS::Topic" } },
        "Outputs": { "T": { "Value": { "Ref": "T" }, "Export": { "Name": "company:topic" } } },
    });
    let certain = |places| {
        let found = findings("export-name-unique", places, &template);
        found.iter().filter(|finding| finding["category"] == "deploy-failure").count()
    };
    assert_eq!(certain([ONE, ONE]), 1);
    assert_eq!(certain([ONE, OTHER_REGION]), 0);
}

#[test]
fn names_beyond_a_region_tell_the_region() {
    let role =
        |name: Value| json!({ "Resources": { "R": { "Type": "AWS::IAM::Role", "Properties": { "RoleName": name } } } });
    assert_eq!(findings("name-missing-region", [ONE, OTHER_REGION], &role(json!("deploy"))).len(), 2);
    assert_eq!(findings("name-missing-region", [ONE, ONE], &role(json!("deploy"))).len(), 0);
    let named = role(json!({ "Fn::Sub": "deploy-${AWS::Region}" }));
    assert_eq!(findings("name-missing-region", [ONE, OTHER_REGION], &named).len(), 0);
}
