//! CloudFormation templates as resources of Pulumi, classic or aws-native: each property under the name that the type map gives
//! it, and references as they are once the resources exist, with the outputs that they came from, or as they are before.

mod classic;
mod native;
mod resolver;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use resolver::{ACCOUNT, REGION, Resolver};

/// A provider, with what the type map says about its types.
pub enum Types {
    Classic(BTreeMap<String, classic::Type>),
    Native(BTreeMap<String, native::Type>),
}

/// When a program's resources are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing exists: what refers to a resource is not known.
    FirstPreview,
    /// Everything exists.
    Update,
}

/// A resource of a program, made from a part of a template's.
pub struct Made {
    token: String,
    inputs: Map<String, Value>,
    /// The resources whose values stand in an input.
    uses: BTreeMap<String, BTreeSet<String>>,
}

impl Types {
    pub fn classic() -> Types {
        Types::Classic(classic::read(&rows()))
    }

    pub fn native() -> Types {
        Types::Native(native::read(&rows()))
    }

    fn provider(&self) -> &'static str {
        match self {
            Types::Classic(_) => "aws",
            Types::Native(_) => "aws-native",
        }
    }

    fn token(&self, kind: &str) -> Option<&str> {
        match self {
            Types::Classic(types) => types.get(kind).map(|row| row.token.as_str()),
            Types::Native(types) => types.get(kind).map(|row| row.token.as_str()),
        }
    }

    /// A template's resource in this provider: the resource itself first, then those that configure it.
    fn make(&self, resolver: &Resolver<'_>, id: &str, resource: &Value) -> Result<Vec<Made>, String> {
        let kind = text_of(&resource["Type"]);
        let none = || format!("{} has no {kind}, or the type map does not", self.provider());
        match self {
            Types::Classic(types) => types.get(&kind).ok_or_else(none)?.make(resolver, id, resource),
            Types::Native(types) => types.get(&kind).ok_or_else(none)?.make(resolver, resource),
        }
    }
}

fn rows() -> Map<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/frontend/pulumi/type-map.json");
    let text = fs::read_to_string(path).expect("the type map is there");
    let map: Value = serde_json::from_str(&text).expect("the type map is JSON");
    map["types"].as_object().cloned().expect("it has types")
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What the policy pack would collect of the template's resources, or why there is no such thing.
pub fn resources(types: &Types, template: &Value, when: When) -> Result<Value, String> {
    for part in ["Parameters", "Conditions", "Mappings", "Transform", "Rules"] {
        if !template[part].is_null() {
            return Err(format!("{part} have no twin in a program's resources"));
        }
    }
    let resources = template["Resources"].as_object().ok_or("no resources")?;
    let resolver = Resolver { resources, when };
    let urn = |id: &str| {
        let kind = resolver.kind(id).unwrap_or_default();
        format!("urn:pulumi:dev::test::{}::{id}", types.token(&kind).unwrap_or_default())
    };
    let mut rows = vec![json!({
        "type": format!("pulumi:providers:{}", types.provider()), "name": "default",
        "inputs": { "region": REGION, "allowedAccountIds": format!("[\"{ACCOUNT}\"]") },
    })];
    for (id, resource) in resources {
        for part in ["Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy"]
        {
            if !resource[part].is_null() {
                return Err(format!("{part} has no twin in a resource's inputs"));
            }
        }
        let after: Vec<String> = match &resource["DependsOn"] {
            Value::String(one) => vec![urn(one)],
            Value::Array(all) => all.iter().map(|one| urn(&text_of(one))).collect(),
            _ => Vec::new(),
        };
        let kind = text_of(&resource["Type"]);
        for (index, made) in types.make(&resolver, id, resource)?.into_iter().enumerate() {
            let name = if index == 0 { id.clone() } else { format!("{id}-{index}") };
            let dependencies: Map<String, Value> = made
                .uses
                .iter()
                .map(|(input, uses)| (input.clone(), uses.iter().map(|id| urn(id)).collect::<Vec<_>>().into()))
                .collect();
            let mut outputs = made.inputs.clone();
            if index == 0 {
                outputs.extend(resolver.outputs(id, &kind, matches!(types, Types::Native(_)))?);
            }
            rows.push(json!({
                "type": made.token, "name": name, "urn": format!("urn:pulumi:dev::test::{}::{name}", made.token),
                "id": resolver.reference(id)?, "inputs": made.inputs, "outputs": outputs,
                "propertyDependencies": dependencies, "dependencies": after,
            }));
        }
    }
    Ok(json!({ "resources": rows, "preview": when == When::FirstPreview }))
}

/// The same resources as `pulumi stack export` has them.
pub fn exported(resources: &str) -> String {
    let collected: Value = serde_json::from_str(resources).unwrap_or_default();
    let mut rows = collected["resources"].as_array().cloned().unwrap_or_default();
    for row in &mut rows {
        row["custom"] = json!(true);
        if row["urn"].is_null() {
            row["urn"] = json!(format!("urn:pulumi:dev::test::{}::{}", text_of(&row["type"]), text_of(&row["name"])));
        }
        if let Value::Object(members) = row {
            members.remove("name");
        }
    }
    json!({ "version": 3, "deployment": { "manifest": {}, "resources": rows } }).to_string()
}

/// Properties whose value is JSON or a map: the names inside are nobody's to change.
fn is_free(name: &str) -> bool {
    const FREE: &[&str] = &[
        "Body",
        "Content",
        "DashboardBody",
        "EventPattern",
        "FilterPolicy",
        "InputParameters",
        "InputPathsMap",
        "Variables",
        "StageVariables",
    ];
    name.ends_with("Policy") || name.ends_with("PolicyDocument") || FREE.contains(&name)
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

/// `KMSKeyId` → `kmsKeyId`, as the provider's schema does.
fn camel(name: &str) -> String {
    let upper = name.chars().take_while(char::is_ascii_uppercase).count();
    let whole = upper == name.len();
    let lowered = if upper > 1 && !whole { upper - 1 } else { upper };
    name.char_indices().map(|(index, c)| if index < lowered { c.to_ascii_lowercase() } else { c }).collect()
}
