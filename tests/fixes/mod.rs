//! Makes the edits that a finding carries, in what the user wrote.

use serde_json::{Value, json};

/// Applies the edits of a finding to a template, last span first.
pub fn to_template(text: &str, edits: &[Value]) -> Option<String> {
    let mut spans = Vec::new();
    for edit in edits {
        let at = |index: usize| edit["span"][index].as_u64().map(|offset| offset as usize);
        spans.push((at(0)?, at(1)?, edit["newText"].as_str()?));
    }
    spans.sort();
    let mut mended = text.to_owned();
    for (start, end, new) in spans.into_iter().rev() {
        mended.replace_range(start..end, new);
    }
    Some(mended)
}

/// Applies the edits of a finding to the inputs of resources, as the policy pack does (`js/pulumi/remediation.ts`).
pub fn to_resources(text: &str, edits: &[Value]) -> Option<String> {
    let mut fixture: Value = serde_json::from_str(text).ok()?;
    let state = !fixture["deployment"].is_null();
    for edit in edits {
        let rows = if state { &mut fixture["deployment"]["resources"] } else { &mut fixture["resources"] };
        let target = edit["target"]["resource"].as_str()?;
        let is = |row: &Value| {
            let urn = row["urn"].as_str().map_or_else(
                || {
                    format!(
                        "urn:pulumi:dev::test::{}::{}",
                        row["type"].as_str().unwrap_or(""),
                        row["name"].as_str().unwrap_or("")
                    )
                },
                str::to_owned,
            );
            urn == target
        };
        let row = rows.as_array_mut()?.iter_mut().find(|row| is(row))?;
        let pointer = edit["pointer"].as_str()?;
        let pointer = pointer
            .split_once("/inputs/")
            .filter(|(head, _)| !head.contains("/inputs"))
            .map_or(pointer, |(_, tail)| tail);
        let names: Vec<String> =
            pointer.trim_start_matches('/').split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        patch(&mut row["inputs"], &names, edit)?;
    }
    Some(fixture.to_string())
}

fn patch(value: &mut Value, names: &[String], edit: &Value) -> Option<()> {
    if let Value::String(text) = value {
        let mut document: Value = serde_json::from_str(text).ok()?;
        patch(&mut document, names, edit)?;
        *value = Value::String(document.to_string());
        return Some(());
    }
    let (name, rest) = names.split_first()?;
    let op = edit["op"].as_str()?;
    match value {
        Value::Object(members) if rest.is_empty() && op == "remove" => members.remove(name).map(|_| ()),
        Value::Object(members) if rest.is_empty() => {
            members.insert(name.clone(), edit["value"].clone());
            Some(())
        }
        Value::Object(members) => {
            let inner = members.entry(name.clone()).or_insert_with(|| json!({}));
            patch(inner, rest, edit)
        }
        Value::Array(items) => {
            let index = if name == "-" { items.len() } else { name.parse().ok()? };
            match (op, rest.is_empty()) {
                (_, false) => patch(items.get_mut(index)?, rest, edit)?,
                ("add", true) if index <= items.len() => items.insert(index, edit["value"].clone()),
                ("replace", true) => *items.get_mut(index)? = edit["value"].clone(),
                ("remove", true) if index < items.len() => drop(items.remove(index)),
                _ => return None,
            }
            Some(())
        }
        _ => None,
    }
}
