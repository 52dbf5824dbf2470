//! What CloudTrail takes in event selectors.
//!
//! Sources: CloudTrail API reference, `AdvancedFieldSelector`, `AdvancedEventSelector`, `DataResource`, `EventSelector`; AWS,
//! *Filtering data events by using advanced event selectors*; errors of `PutEventSelectors`.

use super::holes::Filling;
use super::{Problem, Verdict, arn};
use crate::model::text::Text;

/// Whose selectors these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Trail,
    EventDataStore,
}

pub const MAX_VALUES: usize = 500;
pub const MAX_NAME_LENGTH: usize = 1000;
/// Basic selectors of one trail.
pub const MAX_BASIC_SELECTORS: usize = 5;
/// Values of data resources over all basic selectors of a trail.
pub const MAX_DATA_RESOURCES: usize = 250;
/// The types that basic selectors take.
pub const BASIC_TYPES: [&str; 3] = ["AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"];
/// What `ExcludeManagementEventSources`, and `NotEquals` on a trail's management events, take.
pub const EXCLUDABLE_SOURCES: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

const DATA: &[&str] = &[
    "eventCategory",
    "resources.type",
    "eventName",
    "eventSource",
    "eventType",
    "readOnly",
    "resources.ARN",
    "sessionCredentialFromConsole",
    "userIdentity.arn",
];
const NETWORK: &[&str] = &["eventCategory", "eventSource", "eventName", "errorCode", "vpcEndpointId"];
const MANAGEMENT_OF_STORE: &[&str] = &[
    "eventCategory",
    "eventName",
    "eventSource",
    "eventType",
    "readOnly",
    "sessionCredentialFromConsole",
    "userIdentity.arn",
];

/// The fields that a category takes; `None` for a category that the target does not have.
pub fn allowed_fields(target: Target, category: &str) -> Option<&'static [&'static str]> {
    Some(match (target, category) {
        (Target::Trail, "Management") => &["eventCategory", "eventSource", "readOnly"],
        (Target::EventDataStore, "Management") => MANAGEMENT_OF_STORE,
        (_, "Data") => DATA,
        (_, "NetworkActivity") => NETWORK,
        (Target::EventDataStore, "Insight" | "ConfigurationItem" | "Evidence" | "ActivityAuditLog") => {
            &["eventCategory"]
        }
        _ => return None,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equals,
    NotEquals,
    StartsWith,
    NotStartsWith,
    EndsWith,
    NotEndsWith,
}

impl Operator {
    pub const ALL: [Operator; 6] = [
        Operator::Equals,
        Operator::NotEquals,
        Operator::StartsWith,
        Operator::NotStartsWith,
        Operator::EndsWith,
        Operator::NotEndsWith,
    ];

    /// The name of the property.
    pub fn name(self) -> &'static str {
        match self {
            Operator::Equals => "Equals",
            Operator::NotEquals => "NotEquals",
            Operator::StartsWith => "StartsWith",
            Operator::NotStartsWith => "NotStartsWith",
            Operator::EndsWith => "EndsWith",
            Operator::NotEndsWith => "NotEndsWith",
        }
    }
}

/// One field selector, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct FieldSelector<'s> {
    /// `None` where it is not known.
    pub field: Option<Text<'s>>,
    /// `None` for values that are not known as a whole, present or not.
    pub operators: Vec<(Operator, Option<Vec<Text<'s>>>)>,
    /// Whether more operators may be there than are listed.
    pub open: bool,
}

/// One advanced event selector.
#[derive(Clone, Debug, Default)]
pub struct Selector<'s> {
    pub fields: Vec<FieldSelector<'s>>,
    /// Whether more fields may be there than are listed.
    pub open: bool,
}

/// Where in the selector something is wrong; `field` is an index into [`Selector::fields`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorProblem {
    pub kind: Kind,
    /// `None` where a field is missing.
    pub field: Option<usize>,
    pub operator: Option<Operator>,
    pub value: Option<usize>,
    pub message: String,
    pub aws_error: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The category does not take the field. Removing it makes the selector valid; it then selects more events.
    FieldNotAllowed,
    /// The target has no such category.
    Category,
    Required,
    Operator,
    Value,
    Duplicate,
}

/// All that CloudTrail refuses in one advanced selector. What is not known is not reported.
pub fn check(selector: &Selector, target: Target) -> Vec<SelectorProblem> {
    let mut found = Vec::new();
    let name_of = |index: usize| selector.fields[index].field.as_ref().and_then(|field| field.as_literal());
    let positions =
        |name: &str| (0..selector.fields.len()).filter(|&index| name_of(index) == Some(name)).collect::<Vec<_>>();
    let all_known = !selector.open && (0..selector.fields.len()).all(|index| name_of(index).is_some());
    let problem = |kind, field, message: String, detail: String| SelectorProblem {
        kind,
        field,
        operator: None,
        value: None,
        message,
        aws_error: format!("InvalidEventSelectorsException: {detail}"),
    };

    let categories = positions("eventCategory");
    if categories.is_empty() && all_known {
        found.push(problem(
            Kind::Required,
            None,
            "A selector needs eventCategory".into(),
            "The eventCategory field is required.".into(),
        ));
    }
    for index in 0..selector.fields.len() {
        let Some(name) = name_of(index) else { continue };
        if (0..index).any(|earlier| name_of(earlier) == Some(name)) {
            found.push(problem(
                Kind::Duplicate,
                Some(index),
                format!("The field {name} stands twice; one field selector can have several operators"),
                format!("The field {name} is specified more than once."),
            ));
        }
        let field = &selector.fields[index];
        if field.operators.is_empty() && !field.open {
            found.push(problem(
                Kind::Operator,
                Some(index),
                format!("The field {name} has no operator"),
                format!("At least one operator is required for the field {name}."),
            ));
        }
    }
    let category = categories.first().and_then(|&index| single(&selector.fields[index], Operator::Equals));
    for &index in &categories {
        only_equals(&selector.fields[index], index, "eventCategory", &mut found);
        exactly_one(&selector.fields[index], index, "eventCategory", &mut found);
    }
    let Some(category) = category else { return found };
    let Some(allowed) = allowed_fields(target, category) else {
        let known = match target {
            Target::Trail => "Management, Data and NetworkActivity",
            Target::EventDataStore => {
                "Management, Data, NetworkActivity, Insight, ConfigurationItem, Evidence and ActivityAuditLog"
            }
        };
        found.push(problem(
            Kind::Category,
            categories.first().copied(),
            format!("{category} is no event category here; there are {known}"),
            format!("Invalid value for the eventCategory field: {category}."),
        ));
        return found;
    };
    for index in 0..selector.fields.len() {
        let Some(name) = name_of(index) else { continue };
        let field = &selector.fields[index];
        if !allowed.contains(&name) {
            found.push(problem(
                Kind::FieldNotAllowed,
                Some(index),
                format!("{category} events cannot be selected by {name} here; the fields are {}", allowed.join(", ")),
                format!(
                    "The following field is not allowed when the eventCategory field value equals {category}: {name}."
                ),
            ));
            continue;
        }
        match name {
            "readOnly" => {
                only_equals(field, index, name, &mut found);
                one_of(field, index, name, &["true", "false"], &mut found);
            }
            "resources.type" => {
                only_equals(field, index, name, &mut found);
                exactly_one(field, index, name, &mut found);
                data_type(field, index, &mut found);
            }
            "errorCode" => {
                only_equals(field, index, name, &mut found);
                one_of(field, index, name, &["VpceAccessDenied"], &mut found);
            }
            "eventSource" if category == "NetworkActivity" => only_equals(field, index, name, &mut found),
            "eventSource" if category == "Management" && target == Target::Trail => {
                for (operator, values) in &field.operators {
                    if *operator != Operator::NotEquals && values.is_some() {
                        found.push(operator_problem(index, *operator, name, "NotEquals"));
                    }
                }
                one_of(field, index, name, &EXCLUDABLE_SOURCES, &mut found);
            }
            "sessionCredentialFromConsole" => {
                for (operator, values) in &field.operators {
                    if !matches!(operator, Operator::Equals | Operator::NotEquals) && values.is_some() {
                        found.push(operator_problem(index, *operator, name, "Equals and NotEquals"));
                    }
                }
            }
            "resources.ARN" => {
                for (operator, values) in &field.operators {
                    for (at, value) in values.iter().flatten().enumerate() {
                        if matches!(operator, Operator::Equals | Operator::NotEquals) && arn::parse(value).is_invalid()
                        {
                            found.push(value_problem(index, *operator, at, name, value, "a full ARN"));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let required = match category {
        "Data" => Some("resources.type"),
        "NetworkActivity" => Some("eventSource"),
        _ => None,
    };
    if let Some(required) = required
        && all_known
        && positions(required).is_empty()
    {
        found.push(problem(
            Kind::Required,
            None,
            format!("A selector of {category} events needs {required}"),
            format!("The {required} field is required when the eventCategory field value equals {category}."),
        ));
    }
    found
}

/// How many values a selector has at least, for [`MAX_VALUES`].
pub fn count_values(selector: &Selector) -> usize {
    selector
        .fields
        .iter()
        .flat_map(|field| &field.operators)
        .map(|(_, values)| values.as_ref().map_or(0, Vec::len))
        .sum()
}

fn single<'a>(field: &'a FieldSelector, operator: Operator) -> Option<&'a str> {
    let mut values =
        field.operators.iter().filter(|(own, _)| *own == operator).filter_map(|(_, values)| values.as_ref());
    match (values.next().map(Vec::as_slice), values.next()) {
        (Some([value]), None) => value.as_literal(),
        _ => None,
    }
}

fn operator_problem(field: usize, operator: Operator, name: &str, allowed: &str) -> SelectorProblem {
    SelectorProblem {
        kind: Kind::Operator,
        field: Some(field),
        operator: Some(operator),
        value: None,
        message: format!("The field {name} takes {allowed} here, not {}", operator.name()),
        aws_error: format!(
            "InvalidEventSelectorsException: The operator {} is not valid for the field {name}.",
            operator.name()
        ),
    }
}

fn value_problem(
    field: usize,
    operator: Operator,
    value: usize,
    name: &str,
    text: &Text,
    expected: &str,
) -> SelectorProblem {
    SelectorProblem {
        kind: Kind::Value,
        field: Some(field),
        operator: Some(operator),
        value: Some(value),
        message: format!("The field {name} takes {expected}, not {text}"),
        aws_error: format!("InvalidEventSelectorsException: Invalid value for the field {name}: {text}."),
    }
}

fn only_equals(field: &FieldSelector, index: usize, name: &str, found: &mut Vec<SelectorProblem>) {
    for (operator, values) in &field.operators {
        // An operator of unknown value may be absent.
        if *operator != Operator::Equals && values.is_some() {
            found.push(operator_problem(index, *operator, name, "Equals only"));
        }
    }
}

fn exactly_one(field: &FieldSelector, index: usize, name: &str, found: &mut Vec<SelectorProblem>) {
    for (operator, values) in &field.operators {
        if let (Operator::Equals, Some(values)) = (operator, values)
            && values.len() != 1
        {
            found.push(SelectorProblem {
                kind: Kind::Value,
                field: Some(index),
                operator: Some(*operator),
                value: None,
                message: format!("The field {name} takes exactly one value, not {}", values.len()),
                aws_error: format!("InvalidEventSelectorsException: The field {name} must have exactly one value."),
            });
        }
    }
}

fn one_of(field: &FieldSelector, index: usize, name: &str, allowed: &[&str], found: &mut Vec<SelectorProblem>) {
    for (operator, values) in &field.operators {
        for (at, value) in values.iter().flatten().enumerate() {
            if value.as_literal().is_some_and(|value| !allowed.contains(&value)) {
                found.push(value_problem(index, *operator, at, name, value, &allowed.join(" or ")));
            }
        }
    }
}

/// The data event types of services whose types have been the same for years; those of others come and go.
/// Source: CloudTrail API Reference, `AdvancedFieldSelector`.
const DATA_TYPES: [(&str, &[&str]); 3] = [
    ("AWS::S3::", &["AWS::S3::Object", "AWS::S3::AccessPoint"]),
    ("AWS::Lambda::", &["AWS::Lambda::Function"]),
    ("AWS::DynamoDB::", &["AWS::DynamoDB::Table", "AWS::DynamoDB::Stream"]),
];

fn data_type(field: &FieldSelector, index: usize, found: &mut Vec<SelectorProblem>) {
    let [(operator, Some(values))] = field.operators.as_slice() else { return };
    let [value] = values.as_slice() else { return };
    let Some(written) = value.as_literal() else { return };
    let of_service = DATA_TYPES.iter().find(|(service, _)| written.starts_with(service));
    if let Some((_, types)) = of_service
        && !types.contains(&written)
    {
        found.push(value_problem(index, *operator, 0, "resources.type", value, &types.join(" or ")));
    }
}

/// One value of a basic selector's data resource.
pub fn data_resource_value(kind: &str, value: &Text) -> Verdict<()> {
    let shown = value.to_string();
    let refuse = |message: &str, fix: Option<Text>| {
        let mut problem = Problem::new(
            0,
            shown.len(),
            message,
            format!("InvalidEventSelectorsException: Value {shown} for DataResources.Values is invalid."),
        );
        problem.fix = fix.and_then(|fix| fix.as_literal().map(String::from));
        Verdict::Invalid(problem)
    };
    let service = match kind {
        "AWS::S3::Object" => "s3",
        "AWS::Lambda::Function" => "lambda",
        "AWS::DynamoDB::Table" => "dynamodb",
        _ => return Verdict::Undetermined("a type of data resource that basic selectors do not list".into()),
    };
    let Some(rest) = after_service(value, service) else {
        return match value.as_literal() {
            Some(_) => refuse(&format!("Values for {kind} are ARNs that begin with arn:aws:{service}"), None),
            None => Verdict::Undetermined("the value is known only at deployment".into()),
        };
    };
    let prefix = || Text::literal(shown[..shown.len() - rest.len()].to_string());
    match (service, rest.as_str()) {
        ("s3", "" | ":::") | ("lambda" | "dynamodb", "") => Verdict::Valid(()),
        ("s3", ":::*" | ":::*/*" | ":*") => refuse(
            "All buckets are written arn:aws:s3:::, without a wildcard",
            Some(Text::concat([prefix(), Text::literal(":::")])),
        ),
        ("lambda" | "dynamodb", ":*" | ":*:*:*") => {
            refuse("Everything of the service is written without ':' and wildcard", Some(prefix()))
        }
        ("s3", bucket) if value.as_literal().is_some() && bucket.starts_with(":::") => {
            if bucket.contains('/') {
                Verdict::Valid(())
            } else {
                let mended = Text::concat([value.clone().into_owned(), Text::literal("/")]);
                refuse("A bucket's objects are written with a slash at the end: arn:aws:s3:::bucket/", Some(mended))
            }
        }
        ("s3", _) if has_bucket_and_key(value) => Verdict::Valid(()),
        _ if value.as_literal().is_none() => Verdict::Undetermined("the value is known only at deployment".into()),
        _ => Verdict::Valid(()),
    }
}

/// Whether the text is `arn:…:s3:::<bucket>/<prefix>` whatever its holes hold.
fn has_bucket_and_key(value: &Text) -> bool {
    let parts = arn::parse(value).valid().and_then(|arn| arn.bucket_and_key());
    parts.is_some_and(|(bucket, key)| {
        key.is_some()
            && !bucket.to_string().is_empty()
            && value.symbols().all(|symbol| Filling::of(symbol).only(|c| c != '*'))
    })
}

/// What follows `arn:<partition>:<service>`, as it is displayed.
fn after_service(value: &Text, service: &str) -> Option<String> {
    let shown = value.to_string();
    let rest = shown.strip_prefix("arn:")?;
    // A partition that is not known is shown as ${AWS::Partition}, with colons of its own.
    let (_, rest) = rest.strip_prefix("${AWS::Partition}").unwrap_or(rest).split_once(':')?;
    rest.strip_prefix(service).filter(|rest| rest.is_empty() || rest.starts_with(':')).map(String::from)
}
