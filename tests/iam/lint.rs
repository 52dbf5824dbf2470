//! Documents that AWS refuses, each with one fault, and documents that it takes.

use serde_json::{Value, json};
use stackproof::iam::JsonDocument;
use stackproof::iam::lint::{Grammar, ProblemKind, Service, problems};
use stackproof::iam::parse::read;

fn kinds(document: &Value, grammar: Grammar) -> Vec<ProblemKind> {
    let parsed = read(&JsonDocument(document));
    problems(&parsed.policy, grammar).into_iter().map(|problem| problem.kind).collect()
}

fn statement(change: impl FnOnce(&mut Value)) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-data/*"});
    change(&mut statement);
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

#[test]
fn faults_of_identity_policies() {
    use ProblemKind::*;
    let rows: Vec<(&str, Value, ProblemKind)> = vec![
        ("effect case", statement(|s| s["Effect"] = json!("allow")), Syntax),
        ("no effect", statement(|s| _ = s.as_object_mut().unwrap().remove("Effect")), Syntax),
        ("no action", statement(|s| _ = s.as_object_mut().unwrap().remove("Action")), Syntax),
        ("no resource", statement(|s| _ = s.as_object_mut().unwrap().remove("Resource")), Syntax),
        ("both actions", statement(|s| s["NotAction"] = json!("s3:*")), Syntax),
        ("unknown element", statement(|s| s["Actions"] = json!("s3:*")), Syntax),
        ("empty action list", statement(|s| s["Action"] = json!([])), Syntax),
        ("action is an object", statement(|s| s["Action"] = json!({"a": 1})), Syntax),
        ("curly quotes", statement(|s| s["Resource"] = json!("arn:aws:s3:::\u{201c}x\u{201d}")), Characters),
        ("sid with space", statement(|s| s["Sid"] = json!("Allow read")), Sid),
        ("no vendor", statement(|s| s["Action"] = json!("GetObject")), Action),
        ("two colons", statement(|s| s["Action"] = json!("s3:Get:Object")), Action),
        ("vendor wildcard", statement(|s| s["Action"] = json!("s*:GetObject")), Action),
        ("not an ARN", statement(|s| s["Resource"] = json!("acme-data")), ResourceArn),
        ("short ARN", statement(|s| s["Resource"] = json!("arn:aws:s3")), ResourceArn),
        ("partition", statement(|s| s["Resource"] = json!("arn:1:s3:::x")), ResourceArn),
        ("service wildcard", statement(|s| s["Resource"] = json!("arn:aws:*:eu-west-1:428190573662:x")), ResourceArn),
        ("bucket with region", statement(|s| s["Resource"] = json!("arn:aws:s3:eu-west-1::acme-data")), ResourceArn),
        ("iam path", statement(|s| s["Resource"] = json!("arn:aws:iam::428190573662:roles/x")), ResourceArn),
        ("principal", statement(|s| s["Principal"] = json!("*")), PrincipalPlacement),
        ("operator", statement(|s| s["Condition"] = json!({"StringEqual": {"aws:SourceVpc": "x"}})), ConditionOperator),
        ("null if exists", statement(|s| s["Condition"] = json!({"NullIfExists": {"a:b": "true"}})), ConditionOperator),
        (
            "time of day",
            statement(|s| s["Condition"] = json!({"DateLessThan": {"aws:CurrentTime": "18:00Z"}})),
            DateValue,
        ),
        ("no boolean", statement(|s| s["Condition"] = json!({"Bool": {"aws:SecureTransport": "yes"}})), ValueType),
        ("no number", statement(|s| s["Condition"] = json!({"NumericLessThan": {"s3:max-keys": "1h"}})), ValueType),
        ("no block", statement(|s| s["Condition"] = json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}})), ValueType),
        ("no ARN value", statement(|s| s["Condition"] = json!({"ArnLike": {"aws:SourceArn": "bucket"}})), ValueType),
        ("nested value", statement(|s| s["Condition"] = json!({"StringLike": {"a:b": {"c": "d"}}})), Syntax),
        ("host bits", statement(|s| s["Condition"] = json!({"IpAddress": {"aws:SourceIp": "10.1.2.3/8"}})), HostBits),
        ("version", json!({"Version": "2021-01-01", "Statement": []}), Version),
        (
            "variable without version",
            json!({"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::x/${aws:username}"}}),
            LiteralVariable,
        ),
    ];
    for (name, document, kind) in rows {
        let found = kinds(&document, Grammar::Inline);
        assert!(found.contains(&kind), "{name}: {found:?}");
    }
}

#[test]
fn faults_of_principals() {
    use ProblemKind::{PrincipalFormat, PrincipalPlacement, Syntax, TrustShape};
    let trust = |principal: Value, action: &str| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": principal, "Action": action}});
    let rows: Vec<(Value, Option<ProblemKind>)> = vec![
        (trust(json!({"Service": "lambda.amazonaws.com"}), "sts:AssumeRole"), None),
        (trust(json!({"AWS": "428190573662"}), "sts:AssumeRole"), None),
        (trust(json!({"AWS": "arn:aws:iam::428190573662:role/team/app"}), "sts:AssumeRole"), None),
        (trust(json!({"AWS": "arn:aws:sts::428190573662:assumed-role/app/run"}), "sts:AssumeRole"), None),
        (trust(json!({"Service": "lambda"}), "sts:AssumeRole"), Some(PrincipalFormat)),
        (trust(json!({"Service": "*.amazonaws.com"}), "sts:AssumeRole"), Some(PrincipalFormat)),
        (trust(json!({"AWS": "42819057366"}), "sts:AssumeRole"), Some(PrincipalFormat)),
        (trust(json!({"AWS": "lambda.amazonaws.com"}), "sts:AssumeRole"), Some(PrincipalFormat)),
        (trust(json!({"AWS": "arn:aws:iam::428190573662:role/app-*"}), "sts:AssumeRole"), Some(PrincipalFormat)),
        (trust(json!({"AWS": "arn:aws:iam::428190573662:group/admins"}), "sts:AssumeRole"), Some(PrincipalFormat)),
        (trust(json!({"Services": "lambda.amazonaws.com"}), "sts:AssumeRole"), Some(PrincipalFormat)),
        (trust(json!({"AWS": []}), "sts:AssumeRole"), Some(Syntax)),
        (trust(json!({"Service": "lambda.amazonaws.com"}), "s3:GetObject"), Some(TrustShape)),
        (trust(json!({"Service": "lambda.amazonaws.com"}), "sts:AssumeRoleWithWebIdentity"), Some(TrustShape)),
    ];
    for (document, kind) in rows {
        assert_eq!(kinds(&document, Grammar::Trust), Vec::from_iter(kind), "{document}");
    }
    let with_resource = statement(|s| s["Principal"] = json!({"AWS": "428190573662"}));
    assert!(kinds(&with_resource, Grammar::Trust).contains(&TrustShape));
    assert_eq!(kinds(&with_resource, Grammar::Resource(Service::S3)), []);
    assert_eq!(kinds(&statement(|_| {}), Grammar::Resource(Service::S3)), [PrincipalPlacement]);
    assert_eq!(kinds(&statement(|_| {}), Grammar::Key), [PrincipalPlacement]);
}

#[test]
fn what_aws_takes_is_not_flagged() {
    let rows = [
        statement(|_| {}),
        statement(|s| s["Resource"] = json!("*")),
        statement(|s| s["Resource"] = json!(["arn:aws:s3:eu-west-1:428190573662:accesspoint/ap/object/*"])),
        statement(|s| s["Resource"] = json!("arn:aws:secretsmanager:*:428190573662:secret:prod/api-??????")),
        statement(|s| s["Resource"] = json!("arn:aws:iam::*:role/${aws:username}-*")),
        statement(|s| s["Action"] = json!(["*", "execute-api:Invoke", "s3:Get*"])),
        statement(|s| {
            s["Condition"] = json!({"Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"s3:TlsVersion": 1.2}})
        }),
        statement(|s| s["Condition"] = json!({"ForAnyValue:stringlike": {"aws:TagKeys": ["a", "b"]}})),
        statement(|s| s["Condition"] = json!({"DateGreaterThan": {"aws:CurrentTime": "2026-11-21"}})),
        statement(|s| {
            s["Condition"] = json!({"IpAddress": {"aws:SourceIp": ["2001:db8::/32", "34.1.2.3", "10.0.0.0/8"]}})
        }),
        statement(|s| s["Condition"] = json!({"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"}})),
    ];
    for document in rows {
        assert_eq!(kinds(&document, Grammar::Managed), [], "{document}");
    }
}
