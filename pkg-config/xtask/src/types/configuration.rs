//! The schema of the configuration file. The core reads the file by hand, for the places of its errors; that both accept the
//! same is tested (`tests/js/schema.test.mjs`, and below).

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};
use stackproof::catalogue::RuleReport;
use stackproof::rules::{Preset, Severity, all};

use super::schema::of_input;

pub fn schema() -> Schema {
    of_input::<Configuration>("config")
}

/// What stackproof.config.json or .yaml holds: one form for the command line, the CDK and Pulumi.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code)]
struct Configuration {
    /// Where the schema of this file is, for editors.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// Which rules run; each preset has the rules of those before it. Default: `recommended`.
    preset: Option<PresetName>,
    /// What the stacks are for, such as `prod`: rules that are stricter in production go by it.
    environment: Option<Scalar>,
    /// The account that the stacks go to, where nothing else says it.
    account: Option<Scalar>,
    /// The region that the stacks go to, where nothing else says it.
    region: Option<Scalar>,
    /// The severity from which on a check has failed. Default: `high`.
    fail_on: Option<Severity>,
    /// Whether undetermined findings count too, at their rule's severity. Default: false.
    strict: Option<bool>,
    /// Values of the templates' parameters, by name.
    parameters: Option<BTreeMap<String, Scalar>>,
    /// What is different for some stacks, by a glob over the stack's name.
    stacks: Option<BTreeMap<String, StackConfiguration>>,
    /// Rules by id: off, their severity, their parameters. A rule that is named here runs whatever the preset.
    rules: Option<Rules>,
    /// Findings that do not count.
    ignore: Option<Vec<Ignore>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct StackConfiguration {
    environment: Option<Scalar>,
    account: Option<Scalar>,
    region: Option<Scalar>,
    parameters: Option<BTreeMap<String, Scalar>>,
}

/// Findings that do not count; what is left out matches everything.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct Ignore {
    /// A rule's id, or a glob over ids.
    rule: Option<Scalar>,
    /// A glob over logical id, construct path or URN.
    resource: Option<Scalar>,
    /// Why; it may not be blank.
    #[schemars(extend("pattern" = r"\S"))]
    reason: Scalar,
    /// The last day on which it holds, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))]
    expires: Option<String>,
}

/// Text; numbers and booleans are taken as they are written.
#[derive(JsonSchema)]
#[schemars(extend("type" = ["string", "number", "boolean"]))]
#[allow(dead_code)]
struct Scalar(Json);

struct PresetName;

impl JsonSchema for PresetName {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PresetName".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<Preset>(), { "const": "prod" }] })
    }
}

/// One property a rule, with the rule's own parameters.
struct Rules;

impl JsonSchema for Rules {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let severity = generator.subschema_for::<Severity>();
        let level = json!({ "description": "The severity of the rule's findings, or `off`.", "anyOf": [severity, { "const": "off" }] });
        let level = define(generator, "RuleLevel", level);
        let switch = define(
            generator,
            "RuleSwitch",
            json!({
                "description": "A rule off or on, or on with the severity that its findings shall have.",
                "anyOf": [level, { "const": "on" }, { "type": "boolean" }],
            }),
        );
        let properties: Map<String, Json> = all()
            .map(|rule| {
                let report = RuleReport::of(rule);
                let mut settings = Map::from_iter([("level".to_owned(), level.clone())]);
                if let Some(Json::Object(parameters)) = report.parameters.get("properties") {
                    settings.extend(parameters.clone());
                }
                let name = match rule.parameters {
                    [] => "RuleSettings".to_owned(),
                    _ => format!("{}Settings", pascal(rule.id)),
                };
                let settings = json!({ "type": "object", "properties": settings, "additionalProperties": false });
                let settings = define(generator, &name, settings);
                (rule.id.to_owned(), json!({ "description": report.title, "anyOf": [switch, settings] }))
            })
            .collect();
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}

/// Puts a schema among the definitions, and gives the reference to it.
fn define(generator: &mut SchemaGenerator, name: &str, schema: Json) -> Json {
    generator.definitions_mut().insert(name.to_owned(), schema);
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// `kms-rotation` as `KmsRotation`.
fn pascal(id: &str) -> String {
    let word = |word: &str| word.chars().next().map(|first| format!("{}{}", first.to_uppercase(), &word[1..]));
    id.split('-').filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    #[test]
    fn the_schema_has_the_keys_that_the_core_reads() {
        let schema = super::schema();
        let properties = schema.get("properties").and_then(Json::as_object).unwrap();
        let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut keys = stackproof::config::KEYS.to_vec();
        names.sort_unstable();
        keys.sort_unstable();
        assert_eq!(names, keys);
    }
}
