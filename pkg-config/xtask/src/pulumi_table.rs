//! `cargo xtask pulumi-table`: writes the Rust table of Pulumi types from `type-map.json` beside it.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::Failure;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/frontend/pulumi");

pub fn run(_arguments: &[String]) -> Result<(), Failure> {
    let path = Path::new(FOLDER).join("table.rs");
    std::fs::write(&path, render(&read("type-map.json")?)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn read(name: &str) -> Result<String, Failure> {
    let path = Path::new(FOLDER).join(name);
    std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The table as Rust source; fails with what is wrong with the map.
fn render(map: &str) -> Result<String, Failure> {
    let map: Value = serde_json::from_str(map).map_err(|error| format!("type-map.json: {error}"))?;
    let types = map["types"].as_object().ok_or("type-map.json has no \"types\"")?;
    let mut rows: Vec<(&String, &Value)> = types.iter().collect();
    rows.sort_by_key(|(token, _)| token.as_str());
    let mut out = String::from(
        "//! Pulumi types → CloudFormation types. Made by `cargo xtask pulumi-table` from type-map.json; not edited.\n\n\
         use super::shape::As::*;\nuse super::shape::{Owner, PropertyRow as P, TypeRow};\n\n\
         /// Sorted by token.\n#[rustfmt::skip]\npub(super) static TYPES: &[TypeRow] = &[\n",
    );
    for (token, row) in rows {
        let kind = row["kind"].as_str().ok_or_else(|| format!("{token} has no kind"))?;
        let owner = match (row["owner"].as_str(), row["join"].as_str()) {
            (Some(kind), Some(join)) => format!("Some(Owner {{ kind: {kind:?}, join: {join:?} }})"),
            _ => "None".to_owned(),
        };
        let _ = write!(out, "    TypeRow {{ token: {token:?}, kind: {kind:?}, owner: {owner}, properties: &[");
        let properties = row["properties"].as_object().ok_or_else(|| format!("{token} has no properties"))?;
        let mut properties: Vec<(&String, &Value)> = properties.iter().collect();
        // A segment ends before any character of a name: what stands under one name then stands together.
        properties.sort_by_key(|(path, _)| path.replace('.', "\u{1}").replace('[', "\u{2}"));
        for (path, target) in &properties {
            if token.starts_with("aws-native:") && target.as_str() == Some(&pascal(path)) {
                // The rule for names that are not in the table gives the same.
                continue;
            }
            let (cfn, how) = match target {
                Value::String(cfn) => (cfn.as_str(), "Same".to_owned()),
                Value::Array(pair) => {
                    let cfn = pair.first().and_then(Value::as_str).ok_or_else(|| format!("{token} {path}"))?;
                    let how = pair.get(1).and_then(Value::as_str).unwrap_or_default();
                    (cfn, conversion(how).ok_or_else(|| format!("{token} {path}: unknown conversion {how:?}"))?)
                }
                _ => return Err(format!("{token} {path}: expected a path or a pair")),
            };
            let _ = write!(out, "\n        P({path:?}, {cfn:?}, {how}),");
        }
        out.push_str(if out.ends_with('[') { "] },\n" } else { "\n    ] },\n" });
    }
    out.push_str("];\n");
    Ok(out)
}

/// `a.bC[].d` → `A.BC[].D`.
fn pascal(path: &str) -> String {
    let mut start = true;
    path.chars()
        .map(|letter| {
            let shown = if start { letter.to_ascii_uppercase() } else { letter };
            start = letter == '.';
            shown
        })
        .collect()
}

fn conversion(name: &str) -> Option<String> {
    if let Some(key) = name.strip_prefix("attribute:") {
        return Some(format!("Attribute({key:?})"));
    }
    let variant = match name {
        "map" => "Map",
        "tags" => "Tags",
        "dimensions" => "Dimensions",
        "enabled-suspended" => "EnabledSuspended",
        "enabled-disabled" => "EnabledDisabled",
        "state" => "State",
        "acl" => "Acl",
        "scheme" => "Scheme",
        _ => return None,
    };
    Some(variant.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_up_to_date() {
        let table = super::read("table.rs").unwrap_or_default();
        let fresh = super::render(&super::read("type-map.json").unwrap_or_default());
        assert!(fresh.as_ref() == Ok(&table), "run cargo xtask pulumi-table");
    }
}
