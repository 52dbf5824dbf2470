//! The whole check over the fixtures of the rules, some of their values replaced by what no rule expects there: it ends,
//! says the same twice, points into the text, and what its edits make of the text can still be read.
#![no_main]

#[allow(dead_code)] // A template's edits alone are made here.
#[path = "../../../tests/fixes/mod.rs"]
mod fixes;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use stackproof::Checker;

struct Fixture {
    kind: &'static str,
    content: Value,
}

/// The fixture, and for each change the value to replace, what with, and another place.
type Input = (u16, Vec<(u16, u8, u16)>);

fuzz_target!(|input: Input| {
    let (number, changes) = input;
    let fixtures = FIXTURES.get_or_init(fixtures);
    let Some(fixture) = fixtures.get(usize::from(number) % fixtures.len()) else { return };
    let mut content = fixture.content.clone();
    for (place, kind, other) in changes.into_iter().take(6) {
        change(&mut content, place.into(), kind, other.into());
    }
    let text = content.to_string();
    if text.len() > 100_000 {
        return;
    }
    let first = report(fixture.kind, &text);
    assert_eq!(first, report(fixture.kind, &text), "the same input gives the same bytes");
    let report: Value = serde_json::from_str(&first).expect("a report is JSON");
    for finding in report["findings"].as_array().into_iter().flatten() {
        if let Some(column) = finding["location"]["endColumn"].as_u64() {
            assert!(column as usize <= text.encode_utf16().count() + 1, "{finding} is beyond the end");
        }
        let edits = finding["fix"]["edits"].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(edited) = fixes::to_template(&text, edits) {
            assert!(serde_json::from_str::<Value>(&edited).is_ok(), "{finding} makes of {text}\n{edited}");
        }
    }
});

static FIXTURES: OnceLock<Vec<Fixture>> = OnceLock::new();

fn report(kind: &str, text: &str) -> String {
    let mut checker = Checker::new(r#"{"preset": "all", "now": "2026-11-26"}"#).expect("the options are right");
    checker.begin_input("t.json", kind);
    checker.add_file("t.json", text.as_bytes().to_vec());
    let report = checker.run();
    let _ = checker.render("text", "{}").expect("a report can be shown");
    report
}

/// Every value of the tree, the tree itself last.
fn pointers(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, format!("{pointer}/{index}"), found));
        }
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            pointers(member, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        _ => {}
    }
    found.push(pointer);
}

fn change(content: &mut Value, place: usize, kind: u8, other: usize) {
    let mut all = Vec::new();
    pointers(content, String::new(), &mut all);
    let name_of_other = all[other % all.len()].rsplit('/').next().unwrap_or_default().to_owned();
    let (place, other) = (all[place % all.len()].clone(), content.pointer(&all[other % all.len()]).cloned());
    let (Some(at), Some(other)) = (content.pointer_mut(&place), other) else { return };
    let old = at.take();
    *at = match kind % 24 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1e300),
        4 => json!(u64::MAX),
        5 => json!(""),
        6 => json!("*"),
        7 => json!("${"),
        8 => json!("arn:aws:s3:::"),
        9 => json!("arn::::::"),
        10 => json!("é\u{1f4a5}\u{0}\u{2028}"),
        11 => json!([]),
        12 => json!({}),
        13 => json!([old, other]),
        14 => json!({ name_of_other: old }),
        15 => json!({ "Ref": name_of_other }),
        16 => json!({ "Fn::GetAtt": [name_of_other, "Arn"] }),
        17 => json!({ "Fn::If": ["C", old, { "Ref": "AWS::NoValue" }] }),
        18 => json!({ "Fn::Sub": format!("{}${{{name_of_other}}}", old.as_str().unwrap_or_default()) }),
        19 => json!({ "Fn::Join": ["", [old, other]] }),
        20 => Value::String(old.to_string()),
        21 => json!("04da6b54-80e4-46f7-96ec-b56ff0331ba9"),
        22 => json!(format!("{}{}", old.as_str().unwrap_or_default(), other.as_str().unwrap_or_default())),
        _ => other,
    };
}

fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/rules");
    let folders = |path: &PathBuf| {
        let mut paths: Vec<PathBuf> = fs::read_dir(path).expect("a folder").flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let rules: Vec<PathBuf> = folders(&root).iter().flat_map(&folders).collect();
    rules.iter().flat_map(folders).map(|path| fixture(&path)).collect()
}

fn fixture(path: &Path) -> Fixture {
    let text = fs::read_to_string(path).expect("a fixture is a text file");
    if !path.to_string_lossy().ends_with(".pulumi.json") {
        let (doc, _) = stackproof::frontend::read_document("t.yaml", text.as_bytes()).expect("a fixture is YAML");
        let content = doc.root().map(|root| stackproof::fix::to_json(&doc, root)).unwrap_or_default();
        return Fixture { kind: "cloudformation", content };
    }
    let mut content: Value = serde_json::from_str(&text).expect("a fixture is JSON");
    for resource in content["resources"].as_array_mut().into_iter().flatten() {
        let part = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        let urn = format!("urn:pulumi:dev::test::{}::{}", part("type"), part("name"));
        resource.as_object_mut().map(|members| members.entry("urn").or_insert(urn.into()));
    }
    Fixture { kind: "pulumi-resources", content }
}
