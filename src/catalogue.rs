//! What there is to say about the rules without running them: their metadata and their pages.

use std::collections::BTreeMap;

#[cfg(not(target_arch = "wasm32"))]
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::checker::refuse;
use crate::config::did_you_mean;
use crate::rules::{Category, FixKind, Parameter, ParameterKind, Preset, Rule, Scope, Severity, all};

/// A rule, as `rules()` and `stackproof rules --format json` list it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "Rule"))]
pub struct RuleReport {
    pub id: &'static str,
    pub title: &'static str,
    pub category: Category,
    pub severity: Severity,
    /// The smallest preset that it is in; every larger one has it too.
    pub preset: Preset,
    /// What it looks at: one resource, several that belong together, or all stacks of an assembly.
    pub scope: Scope,
    pub fix: Option<FixKind>,
    pub since: &'static str,
    /// The CloudFormation types that it is about; `*` is every type.
    pub types: &'static [&'static str],
    pub aws_error: Option<&'static str>,
    /// Whether the CDK's own validation says the same.
    pub cdk_builtin: bool,
    pub docs: String,
    /// A JSON Schema of the rule's parameters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(extend("type" = "object")))]
    pub parameters: Json,
}

impl RuleReport {
    pub fn of(rule: &Rule) -> RuleReport {
        let properties: BTreeMap<&str, Json> =
            rule.parameters.iter().map(|parameter| (parameter.name, schema(parameter))).collect();
        RuleReport {
            id: rule.id,
            title: rule.title(),
            category: rule.category,
            severity: rule.severity,
            preset: rule.preset,
            scope: rule.scope,
            fix: rule.fix,
            since: rule.since,
            types: rule.on,
            aws_error: rule.aws_error,
            cdk_builtin: rule.cdk_builtin,
            docs: format!("https://stackproof.dev/rules/{}", rule.id),
            parameters: json!({ "type": "object", "properties": properties, "additionalProperties": false }),
        }
    }
}

/// The JSON Schema of a parameter.
fn schema(parameter: &Parameter) -> Json {
    let mut schema = match parameter.kind {
        ParameterKind::Number => json!({ "type": "number" }),
        ParameterKind::Boolean => json!({ "type": "boolean" }),
        ParameterKind::Text => json!({ "type": "string" }),
        ParameterKind::List => json!({ "type": "array", "items": { "type": "string" } }),
        ParameterKind::Numbers => json!({ "type": "array", "items": { "type": "number" } }),
        ParameterKind::Object => json!({ "type": "object" }),
    };
    schema["description"] = json!(parameter.doc);
    let default = serde_json::from_str::<Json>(parameter.default).unwrap_or(Json::Null);
    if !default.is_null() {
        schema["default"] = default;
    }
    schema
}

/// Metadata of all rules as JSON.
pub fn rules() -> String {
    let rules: Vec<RuleReport> = all().map(RuleReport::of).collect();
    serde_json::to_string(&rules).unwrap_or_else(|error| refuse(format!("the rules could not be written: {error}")))
}

/// What to say of an id that no rule has, with the nearest one that there is.
pub(crate) fn unknown_rule(id: &str) -> String {
    match did_you_mean(id, all().map(|rule| rule.id)) {
        Some(near) => format!("there is no rule {id} (did you mean {near}?)"),
        None => format!("there is no rule {id} (stackproof rules lists them)"),
    }
}

/// Refuses an id that no rule has, with the nearest one that there is.
pub fn require_rule(id: &str) -> Result<&'static Rule, String> {
    all().find(|rule| rule.id == id).ok_or_else(|| refuse(unknown_rule(id)))
}

/// The documentation of a rule as Markdown. Native builds only: the module for JavaScript ships it as a file.
#[cfg(not(target_arch = "wasm32"))]
pub fn explain(id: &str) -> Result<String, String> {
    let rule = require_rule(id)?;
    let docs: String =
        rule.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let word = |value: Json| value.as_str().unwrap_or_default().to_owned();
    let mut text = format!(
        "# {}\n\n{} · {} · preset {}{}\n\n{}\n",
        rule.id,
        word(json!(rule.category)),
        word(json!(rule.severity)),
        word(json!(rule.preset)),
        rule.fix.map(|fix| format!(" · fix {}", word(json!(fix)))).unwrap_or_default(),
        docs.trim()
    );
    if !rule.parameters.is_empty() {
        text.push_str("\n## Parameters\n\n");
        for parameter in rule.parameters {
            text.push_str(&format!("- `{}` (default `{}`): {}\n", parameter.name, parameter.default, parameter.doc));
        }
    }
    Ok(text)
}
