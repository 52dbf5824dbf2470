//! Values as text in the style of the file around them.

use serde_json::Value as Json;

use crate::doc::{Doc, NodeId, Shape};

/// A node as JSON.
pub fn to_json(doc: &Doc, node: NodeId) -> Json {
    match doc.shape(node) {
        Shape::Null => Json::Null,
        Shape::Bool(value) => Json::Bool(value),
        Shape::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned())),
        Shape::String(text) => Json::String(text.to_owned()),
        Shape::Array(items) => Json::Array(items.iter().map(|&item| to_json(doc, item)).collect()),
        Shape::Object => {
            Json::Object(doc.entries(node).map(|entry| (entry.name.to_owned(), to_json(doc, entry.value))).collect())
        }
    }
}

/// JSON over several lines, continuation lines indented by `indent` and `step` per level.
pub fn json(value: &Json, indent: &str, step: &str) -> String {
    let inner = format!("{indent}{step}");
    match value {
        Json::Object(members) if !members.is_empty() => {
            let lines: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{inner}{}: {}", quoted(name), json(value, &inner, step)))
                .collect();
            format!("{{\n{}\n{indent}}}", lines.join(",\n"))
        }
        Json::Array(items) if !items.is_empty() => {
            let lines: Vec<String> = items.iter().map(|item| format!("{inner}{}", json(item, &inner, step))).collect();
            format!("[\n{}\n{indent}]", lines.join(",\n"))
        }
        other => other.to_string(),
    }
}

pub fn quoted(text: &str) -> String {
    Json::String(text.to_owned()).to_string()
}

/// YAML in block style: what follows `name:` or `-` when these stand at `indent`.
pub fn yaml(value: &Json, indent: &str) -> String {
    let inner = format!("{indent}  ");
    match value {
        Json::Object(members) if !members.is_empty() => format!("\n{}", members_of(members, &inner)),
        Json::Array(items) if !items.is_empty() => {
            let lines: Vec<String> = items.iter().map(|item| format!("{inner}-{}", element(item, &inner))).collect();
            format!("\n{}", lines.join("\n"))
        }
        other => format!(" {}", scalar(other)),
    }
}

/// What follows the dash of a list element whose dash stands at `indent`: an object begins on the same line.
pub fn element(value: &Json, indent: &str) -> String {
    match value {
        Json::Object(members) if !members.is_empty() => {
            let inner = format!("{indent}  ");
            format!(" {}", members_of(members, &inner).trim_start())
        }
        other => yaml(other, indent),
    }
}

fn members_of(members: &serde_json::Map<String, Json>, indent: &str) -> String {
    let lines: Vec<String> =
        members.iter().map(|(name, value)| format!("{indent}{}:{}", scalar_text(name), yaml(value, indent))).collect();
    lines.join("\n")
}

fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => scalar_text(text),
        other => other.to_string(),
    }
}

/// A string without quotes where YAML reads it as that string, else in double quotes, which YAML shares with JSON.
pub fn scalar_text(text: &str) -> String {
    let mut chars = text.chars();
    let plain = chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '*' | '$'))
        && !text.ends_with(':')
        && !text.contains(": ")
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if plain { text.to_owned() } else { quoted(text) }
}
