//! JSON Schemas of Rust types, in the form that editors and validators understand best (draft 7).

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value as Json;

/// The schema of what is written.
pub fn of_output<T: JsonSchema>(name: &str) -> Schema {
    finish(name, SchemaSettings::draft07().for_serialize().into_generator().into_root_schema_for::<T>())
}

/// The schema of what is read.
pub fn of_input<T: JsonSchema>(name: &str) -> Schema {
    finish(name, SchemaSettings::draft07().into_generator().into_root_schema_for::<T>())
}

fn finish(name: &str, mut schema: Schema) -> Schema {
    RecursiveTransform(plain).transform(&mut schema);
    schema.insert("$id".to_owned(), format!("https://stackproof.dev/schema/{name}.json").into());
    schema
}

/// Rust's widths of numbers are no formats that validators know, and what may be left out is left out rather than null.
fn plain(schema: &mut Schema) {
    if schema.get("format").and_then(Json::as_str).is_some_and(|format| format.starts_with("uint")) {
        schema.remove("format");
    }
    let Some(object) = schema.as_object_mut() else { return };
    let required: Vec<Json> = object.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
    let Some(Json::Object(properties)) = object.get_mut("properties") else { return };
    for (name, property) in properties {
        if !required.iter().any(|one| one == name) {
            without_null(property);
        }
    }
}

fn without_null(property: &mut Json) {
    let Json::Object(property) = property else { return };
    if let Some(Json::Array(types)) = property.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            property.insert("type".to_owned(), one);
        }
    }
    if let Some(Json::Array(options)) = property.get_mut("anyOf") {
        options.retain(|one| one["type"] != "null");
        if options.len() == 1 {
            let one = property.remove("anyOf").unwrap_or_default();
            property.insert("allOf".to_owned(), one);
        }
    }
}
