//! TypeScript declarations of JSON Schemas, as the formatter of this repository would lay them out.

use schemars::Schema;
use serde_json::{Map, Value as Json};

const WIDTH: usize = 120;

/// What a schema describes, by name.
pub type Named<'s> = Vec<(&'s str, &'s Map<String, Json>)>;

/// Each schema's root, if it is an object, and its definitions; those of the same name once.
pub fn named<'s>(schemas: &[&'s Schema]) -> Named<'s> {
    let mut all = Named::new();
    for root in schemas.iter().filter_map(|schema| schema.as_object()) {
        let name = root.get("title").and_then(Json::as_str).unwrap_or_default();
        let definitions = root.get("definitions").and_then(Json::as_object);
        let definitions =
            definitions.into_iter().flatten().filter_map(|(name, one)| Some((name.as_str(), one.as_object()?)));
        for (name, one) in root.contains_key("properties").then_some((name, root)).into_iter().chain(definitions) {
            if all.iter().all(|(seen, _)| *seen != name) {
                all.push((name, one));
            }
        }
    }
    all
}

/// A file of types. Those that another file has already are imported from there.
pub fn file(title: &str, types: &Named<'_>, elsewhere: Option<(&str, &Named<'_>)>) -> String {
    let mut out = format!("/** {title} Written by `cargo xtask types` from the Rust types. */\n");
    let there = |name: &str| elsewhere.is_some_and(|(_, known)| known.iter().any(|(one, _)| *one == name));
    let (mut imported, own): (Named<'_>, Named<'_>) = types.iter().partition(|(name, _)| there(name));
    if let Some((path, _)) = elsewhere {
        imported.sort_by_key(|(name, _)| *name);
        let names: Vec<&str> = imported.iter().map(|(name, _)| *name).collect();
        out.push_str(&format!("\nimport type {{ {} }} from \"{path}\";\n", names.join(", ")));
    }
    for (name, one) in own {
        declare(&mut out, name, one);
    }
    out
}

fn declare(out: &mut String, name: &str, schema: &Map<String, Json>) {
    out.push('\n');
    comment(out, "", schema);
    match schema.get("properties").and_then(Json::as_object) {
        Some(properties) => {
            out.push_str(&format!("export interface {name} {{\n"));
            let required = schema.get("required").and_then(Json::as_array);
            for (name, property) in properties {
                if let Json::Object(property) = property {
                    comment(out, "  ", property);
                }
                let required = required.is_some_and(|required| required.iter().any(|one| one == name));
                let head = format!("  {}{}:", key(name), if required { "" } else { "?" });
                assign(out, &head, &options(property), "    ");
            }
            out.push_str("}\n");
        }
        None => assign(out, &format!("export type {name} ="), &options(&Json::Object(schema.clone())), "  "),
    }
}

/// A type after its name: on the same line where it fits, else one option a line.
fn assign(out: &mut String, head: &str, options: &[String], indent: &str) {
    let line = format!("{head} {};", options.join(" | "));
    if line.chars().count() <= WIDTH {
        out.push_str(&line);
    } else {
        out.push_str(head);
        for option in options {
            out.push_str(&format!("\n{indent}| {option}"));
        }
        out.push(';');
    }
    out.push('\n');
}

fn comment(out: &mut String, indent: &str, schema: &Map<String, Json>) {
    let Some(text) = schema.get("description").and_then(Json::as_str) else { return };
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    match lines.as_slice() {
        [line] => out.push_str(&format!("{indent}/** {line} */\n")),
        _ => {
            let lines: String = lines.iter().map(|line| format!("{indent} * {line}\n")).collect();
            out.push_str(&format!("{indent}/**\n{lines}{indent} */\n"));
        }
    }
}

fn key(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}

/// The types that a value may have: a union where there are several.
fn options(schema: &Json) -> Vec<String> {
    let Json::Object(schema) = schema else { return vec!["unknown".to_owned()] };
    if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        return vec![reference.rsplit('/').next().unwrap_or_default().to_owned()];
    }
    for name in ["allOf", "anyOf", "oneOf"] {
        if let Some(Json::Array(of)) = schema.get(name) {
            return of.iter().flat_map(options).collect();
        }
    }
    if let Some(value) = schema.get("const") {
        return vec![value.to_string()];
    }
    if let Some(Json::Array(values)) = schema.get("enum") {
        return values.iter().map(Json::to_string).collect();
    }
    match schema.get("type") {
        Some(Json::Array(types)) => {
            types.iter().map(|kind| single(kind.as_str().unwrap_or_default(), schema)).collect()
        }
        Some(Json::String(kind)) => vec![single(kind, schema)],
        _ => vec!["unknown".to_owned()],
    }
}

fn single(kind: &str, schema: &Map<String, Json>) -> String {
    match kind {
        "integer" => "number".to_owned(),
        "array" => {
            let item = schema.get("items").map_or_else(|| vec!["unknown".to_owned()], options);
            let one = item.join(" | ");
            match (schema.get("minItems"), schema.get("maxItems").and_then(Json::as_u64)) {
                (Some(_), Some(count)) => format!("[{}]", vec![one; count as usize].join(", ")),
                _ if item.len() > 1 => format!("({one})[]"),
                _ => format!("{one}[]"),
            }
        }
        "object" => match schema.get("additionalProperties") {
            Some(values @ Json::Object(_)) => format!("Record<string, {}>", options(values).join(" | ")),
            _ => "object".to_owned(),
        },
        other => other.to_owned(),
    }
}
