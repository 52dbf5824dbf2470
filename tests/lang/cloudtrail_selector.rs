use stackproof::lang::cloudtrail_selector::{
    FieldSelector, Kind, Operator, Selector, Target, check, count_values, data_resource_value,
};
use stackproof::lang::repair;

use crate::support::{I, U, V, table, text};

type Row<'a> = (&'a str, Operator, &'a [&'a str]);

fn selector(rows: &[Row]) -> Selector<'static> {
    let field = |(name, operator, values): &Row| FieldSelector {
        field: Some(text(name)),
        operators: vec![(*operator, Some(values.iter().map(|value| text(value)).collect()))],
        open: false,
    };
    Selector { fields: rows.iter().map(field).collect(), open: false }
}

fn kinds(rows: &[Row], target: Target) -> Vec<Kind> {
    check(&selector(rows), target).into_iter().map(|problem| problem.kind).collect()
}

use Operator::{EndsWith, Equals, NotEquals, StartsWith};

const MANAGEMENT: Row = ("eventCategory", Equals, &["Management"]);
const DATA: Row = ("eventCategory", Equals, &["Data"]);
const S3: Row = ("resources.type", Equals, &["AWS::S3::Object"]);
const NETWORK: Row = ("eventCategory", Equals, &["NetworkActivity"]);

#[test]
fn selectors_of_a_trail() {
    let rows: &[(&[Row], &[Kind])] = &[
        (&[MANAGEMENT], &[]),
        (&[MANAGEMENT, ("readOnly", Equals, &["false"])], &[]),
        (&[MANAGEMENT, ("eventSource", NotEquals, &["kms.amazonaws.com", "rdsdata.amazonaws.com"])], &[]),
        (&[("readOnly", Equals, &["true"]), MANAGEMENT], &[]),
        (&[MANAGEMENT, ("eventName", Equals, &["ConsoleLogin"])], &[Kind::FieldNotAllowed]),
        (&[MANAGEMENT, ("eventType", Equals, &["AwsApiCall"])], &[Kind::FieldNotAllowed]),
        (&[MANAGEMENT, ("eventSource", Equals, &["kms.amazonaws.com"])], &[Kind::Operator]),
        (&[MANAGEMENT, ("eventSource", NotEquals, &["iam.amazonaws.com"])], &[Kind::Value]),
        (&[MANAGEMENT, ("eventSource", NotEquals, &["${X}"])], &[]),
        (&[MANAGEMENT, ("readOnly", NotEquals, &["true"])], &[Kind::Operator]),
        (&[MANAGEMENT, ("readOnly", Equals, &["yes"])], &[Kind::Value]),
        (&[("readOnly", Equals, &["true"])], &[Kind::Required]),
        (&[("eventCategory", NotEquals, &["Data"])], &[Kind::Operator]),
        (&[("eventCategory", Equals, &["Management", "Data"])], &[Kind::Value]),
        (&[("eventCategory", Equals, &["Everything"])], &[Kind::Category]),
        (&[("eventCategory", Equals, &["ConfigurationItem"])], &[Kind::Category]),
        (&[("eventCategory", Equals, &["${X}"]), ("eventName", Equals, &["a"])], &[]),
        (&[MANAGEMENT, MANAGEMENT], &[Kind::Duplicate]),
        (&[DATA, S3], &[]),
        (&[DATA, S3, ("eventName", StartsWith, &["Put"]), ("resources.ARN", StartsWith, &["arn:aws:s3:::b/"])], &[]),
        (&[DATA], &[Kind::Required]),
        (&[DATA, ("resources.type", Equals, &["AWS::S3::Object", "AWS::Lambda::Function"])], &[Kind::Value]),
        (&[DATA, ("resources.type", NotEquals, &["AWS::S3::Object"])], &[Kind::Operator]),
        (&[DATA, S3, ("resources.ARN", Equals, &["my-bucket"])], &[Kind::Value]),
        (&[DATA, S3, ("resources.ARN", Equals, &["${X}"])], &[]),
        (&[DATA, S3, ("vpcEndpointId", Equals, &["vpce-1"])], &[Kind::FieldNotAllowed]),
        (&[DATA, S3, ("sessionCredentialFromConsole", EndsWith, &["e"])], &[Kind::Operator]),
        (
            &[NETWORK, ("eventSource", Equals, &["kms.amazonaws.com"]), ("errorCode", Equals, &["VpceAccessDenied"])],
            &[],
        ),
        (&[NETWORK], &[Kind::Required]),
        (
            &[NETWORK, ("eventSource", Equals, &["kms.amazonaws.com"]), ("errorCode", Equals, &["AccessDenied"])],
            &[Kind::Value],
        ),
        (&[NETWORK, ("eventSource", NotEquals, &["kms.amazonaws.com"])], &[Kind::Operator]),
    ];
    for (rows, expected) in rows {
        assert_eq!(kinds(rows, Target::Trail), *expected, "{rows:?}");
    }
}

#[test]
fn selectors_of_an_event_data_store() {
    assert_eq!(kinds(&[MANAGEMENT, ("eventName", Equals, &["ConsoleLogin"])], Target::EventDataStore), []);
    let config = ("eventCategory", Equals, &["ConfigurationItem"][..]);
    assert_eq!(kinds(&[config], Target::EventDataStore), []);
    assert_eq!(kinds(&[config, ("readOnly", Equals, &["true"])], Target::EventDataStore), [Kind::FieldNotAllowed]);
}

#[test]
fn the_error_is_that_of_aws() {
    let problems = check(&selector(&[MANAGEMENT, ("eventName", Equals, &["x"])]), Target::Trail);
    assert_eq!(problems.first().and_then(|problem| problem.field), Some(1));
    assert_eq!(
        problems.first().map(|problem| problem.aws_error.as_str()),
        Some(
            "InvalidEventSelectorsException: The following field is not allowed when the eventCategory field value equals Management: eventName."
        )
    );
}

#[test]
fn what_is_unknown_is_not_reported() {
    let mut open = selector(&[DATA]);
    open.open = true;
    assert_eq!(check(&open, Target::Trail), []);
    let mut unnamed = selector(&[DATA]);
    unnamed.fields.push(FieldSelector::default());
    assert_eq!(check(&unnamed, Target::Trail), []);
    let mut unset = selector(&[MANAGEMENT]);
    unset.fields[0].operators.push((NotEquals, None));
    assert_eq!(check(&unset, Target::Trail), []);
    assert_eq!(count_values(&selector(&[DATA, S3, ("eventName", Equals, &["a", "b"])])), 4);
}

#[test]
fn data_resources_of_basic_selectors() {
    table(
        &[
            ("arn:aws:s3", V),
            ("arn:aws:s3:::", V),
            ("arn:aws:s3:::bucket/", V),
            ("arn:aws:s3:::bucket/prefix", V),
            ("arn:${Partition}:s3:::", V),
            ("arn:aws:s3:::*", I),
            ("arn:${Partition}:s3:::*", I),
            ("arn:aws:s3:::*/*", I),
            ("arn:aws:s3:::bucket", I),
            ("bucket", I),
            ("arn:aws:lambda", I),
            ("${X}", U),
            ("arn:aws:s3:::${Name}/", V),
            ("arn:aws:s3:::${X}/", U),
        ],
        |text| data_resource_value("AWS::S3::Object", text),
    );
    table(
        &[("arn:aws:lambda", V), ("arn:aws:lambda:*", I), ("arn:aws:lambda:eu-west-1:123456789012:function:f", V)],
        |text| data_resource_value("AWS::Lambda::Function", text),
    );
    let mend = |kind: &'static str, source: &str| {
        repair(&text(source), |text| data_resource_value(kind, text)).map(|text| text.to_string())
    };
    assert_eq!(mend("AWS::S3::Object", "arn:aws:s3:::*/*"), Some("arn:aws:s3:::".into()));
    assert_eq!(mend("AWS::S3::Object", "arn:aws:s3:::b"), Some("arn:aws:s3:::b/".into()));
    assert_eq!(mend("AWS::Lambda::Function", "arn:aws:lambda:*"), Some("arn:aws:lambda".into()));
}
