//! Runs every fixture under `tests/rules/<service>/<rule>/` and every example of the rules' documentation.
//!
//! A fixture's name says what its rule must answer: `fails….cfn.yaml`, `passes….pulumi.json`, `undetermined…`. A `fails`
//! fixture may name the resource in its first line (`# on: Key`; in JSON a top-level `"//": "on: Key"`).

mod converted;
mod fixes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use converted::{Types, When};
use serde_json::{Value, json};
use stackproof::Checker;
use stackproof::rules::{FixKind, Rule, all};

/// Checks a text whose parameters stand in `marks`.
fn check(rule: &str, name: &str, kind: &str, text: &str, marks: &str) -> Result<Vec<Value>, String> {
    let mut options = json!({ "preset": "all", "rules": [rule], "now": "2026-11-26" });
    if let Some(parameters) = parameters(marks) {
        options["config"] = json!({ "rules": { rule: parameters } });
    }
    let mut checker = Checker::new(&options.to_string())?;
    checker.begin_input(name, kind);
    let text = if kind == "pulumi-resources" { with_urns(text)? } else { text.to_owned() };
    checker.add_file(name, text.into_bytes());
    let report: Value = serde_json::from_str(&checker.run()).map_err(|error| error.to_string())?;
    let errors = report["errors"].as_array().cloned().unwrap_or_default();
    if !errors.is_empty() {
        return Err(format!("{name}: {}", json!(errors)));
    }
    Ok(report["findings"].as_array().cloned().unwrap_or_default())
}

/// Parameters of the rule that a text is judged with: `# params: {…}`, in JSON a top-level `"//params": {…}`.
fn parameters(text: &str) -> Option<Value> {
    if text.starts_with('{') {
        let fixture: Value = serde_json::from_str(text).ok()?;
        return fixture.get("//params").cloned();
    }
    let line = text.lines().find_map(|line| line.strip_prefix("# params: "))?;
    Some(serde_json::from_str(line).expect("the parameters of a fixture are JSON"))
}

/// The resources of a fixture have a type and a name; the engine's URN is made of them.
fn with_urns(text: &str) -> Result<String, String> {
    let mut fixture: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for resource in
        fixture["resources"].as_array_mut().into_iter().flatten().filter(|resource| resource["urn"].is_null())
    {
        let part = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        resource["urn"] = format!("urn:pulumi:dev::test::{}::{}", part("type"), part("name")).into();
    }
    Ok(fixture.to_string())
}

fn judge(rule: &str, name: &str, kind: &str, text: &str, expected: &str) -> Result<(), String> {
    judge_marked(rule, name, kind, text, text, expected)
}

/// Judges a text whose first lines, with parameters and the resource at fault, are `marks`.
fn judge_marked(rule: &str, name: &str, kind: &str, text: &str, marks: &str, expected: &str) -> Result<(), String> {
    let findings = check(rule, name, kind, text, marks)?;
    let of = |outcome: &str| findings.iter().filter(|finding| finding["outcome"] == outcome).collect::<Vec<_>>();
    let (fails, undetermined) = (of("fail"), of("undetermined"));
    let shown = || {
        let lines = findings.iter().map(|finding| {
            format!("\n      {} {}: {}", finding["outcome"], finding["resource"]["id"], finding["message"])
        });
        lines.collect::<String>()
    };
    let agrees = match expected {
        "fails" => {
            let first = marks.lines().next().unwrap_or_default();
            let marked =
                first.strip_prefix("# on: ").or_else(|| first.split_once("\"//\": \"on: ").map(|(_, name)| name));
            let on = marked.map(|name| name.trim_matches(['"', ',', ' ']));
            !fails.is_empty()
                && on.is_none_or(|on| {
                    fails.iter().any(|finding| {
                        let id = finding["resource"]["id"].as_str().unwrap_or_default();
                        id == on || id.ends_with(&format!("::{on}"))
                    })
                })
        }
        "passes" => fails.iter().all(|finding| finding["severity"] == "info") && undetermined.is_empty(),
        "undetermined" => fails.is_empty() && !undetermined.is_empty(),
        other => return Err(format!("{name}: a fixture is named fails…, passes… or undetermined…, not {other}")),
    };
    if agrees { Ok(()) } else { Err(format!("{name}: expected {rule} to say {expected}, got{}", shown())) }
}

fn fixtures() -> BTreeMap<String, Vec<PathBuf>> {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    for service in read_dir(&root) {
        for rule in read_dir(&service) {
            let id = rule.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.insert(id, read_dir(&rule));
        }
    }
    found
}

fn read_dir(path: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

fn expected_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split(['-', '.']).next().unwrap_or_default().to_owned()
}

/// Notes for `xtask docs` what ran, in `target/coverage.json`; not where only some rules were asked for.
fn note(section: &str, counts: Value) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    if std::env::var_os("STACKPROOF_ONLY").is_some() {
        return;
    }
    let _turn = ONE_AT_A_TIME.lock();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("coverage.json");
    let old = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
    let mut coverage: Value = old.unwrap_or_else(|| json!({}));
    coverage[section] = counts;
    fs::write(&path, coverage.to_string()).expect("the target folder can be written to");
}

/// The column of the coverage table that a fixture counts for.
fn dialect(name: &str, text: &str) -> &'static str {
    match name.contains(".pulumi.") {
        false => "cloudformation",
        true if text.contains("\"aws-native:") => "native",
        true => "classic",
    }
}

/// What a fixture is: a template, what the pack collects, or a whole `pulumi stack export`.
fn kind_of(name: &str, text: &str) -> &'static str {
    match name.contains(".pulumi.") {
        true if text.contains("\"deployment\"") => "pulumi-state",
        true => "pulumi-resources",
        false => "cloudformation",
    }
}

/// `STACKPROOF_ONLY=kms-` runs the fixtures of some rules.
fn wanted(rule: &str) -> bool {
    std::env::var("STACKPROOF_ONLY").map_or(true, |only| rule.contains(&only))
}

#[test]
fn fixtures_say_what_their_names_say() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut ran: BTreeMap<String, BTreeMap<&str, u32>> = BTreeMap::new();
    for (rule, files) in fixtures() {
        if !wanted(&rule) {
            continue;
        }
        for path in files {
            let name = path.to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a fixture is a text file");
            let kind = kind_of(&name, &text);
            seen += 1;
            match judge(&rule, &name, kind, &text, &expected_of(&path)) {
                Ok(()) => *ran.entry(rule.clone()).or_default().entry(dialect(&name, &text)).or_default() += 1,
                Err(error) => wrong.push(error),
            }
        }
    }
    note("fixtures", json!(ran));
    assert!(wrong.is_empty(), "{} of {seen} fixtures disagree:\n  {}", wrong.len(), wrong.join("\n  "));
}

/// Templates that say something else as resources of aws-native, and why that is right.
const UNLIKE_IN_NATIVE: &[(&str, &str)] = &[
    ("lambda-timeout-max/passes-cdk-handler", "the CDK's own functions are known by their logical ids"),
    ("unresolved-output-in-string/fails-outside-sub", "only CloudFormation has an Fn::Sub to forget"),
    ("vpc-endpoint-config/fails-no-route-table", "a program may attach route tables by resources of their own"),
    ("vpc-endpoint-config/fails-no-subnet", "a program may attach subnets by resources of their own"),
    ("waf-association/fails-empty-acl", "a program may attach rule groups by resources of their own"),
];

/// The same for the classic provider.
const UNLIKE_IN_CLASSIC: &[(&str, &str)] = &[
    ("alarm-shape/fails-return-data", "there a query returns data only where it says so"),
    ("alarm-shape/passes-band", "there a query returns data only where it says so"),
    ("alarm-shape/passes", "there a query returns data only where it says so"),
    ("iam-scp-syntax/fails-target", "there a target is a resource of its own, and at fault itself"),
    ("lambda-timeout-max/passes-cdk-handler", "the CDK's own functions are known by their logical ids"),
    ("sg-description-charset/fails-none", "there the provider writes a description of its own"),
    ("sg-unrestricted-egress/fails", "there a group without egress rules has none"),
    ("unresolved-output-in-string/fails-outside-sub", "only CloudFormation has an Fn::Sub to forget"),
    ("vpc-endpoint-config/fails-no-route-table", "a program may attach route tables by resources of their own"),
    ("vpc-endpoint-config/fails-no-subnet", "a program may attach subnets by resources of their own"),
    ("waf-association/fails-empty-acl", "a program may attach rule groups by resources of their own"),
];

/// A template's fixture as resources of a program, or why there is no such thing.
fn converted(types: &Types, name: &str, text: &str, when: When) -> Result<String, String> {
    let read = stackproof::frontend::read_document(name, text.as_bytes());
    let (doc, _) = read.map_err(|error| format!("{name}: {}", error.message))?;
    let template = doc.root().map(|root| stackproof::fix::to_json(&doc, root)).unwrap_or_default();
    converted::resources(types, &template, when).map(|resources| resources.to_string())
}

/// Whatever a template's fixture says, its resources say as a provider of Pulumi writes them: to the policy pack, and in the
/// export of their stack.
fn say_the_same(types: &Types, dialect: &str, unlike: &[(&str, &str)], least: u32) {
    let mut wrong = Vec::new();
    let mut ran: BTreeMap<String, u32> = BTreeMap::new();
    let mut without: BTreeMap<String, u32> = BTreeMap::new();
    for (rule, files) in fixtures().into_iter().filter(|(rule, _)| !PULUMI_EXEMPT.contains(&rule.as_str())) {
        for path in files.iter().filter(|path| wanted(&rule) && path.to_string_lossy().ends_with(".cfn.yaml")) {
            let expected = expected_of(path);
            if expected == "undetermined" {
                continue; // What a parameter or an import leaves open.
            }
            let name = path.to_string_lossy().into_owned();
            let text = fs::read_to_string(path).expect("a fixture is a text file");
            let resources = match converted(types, &name, &text, When::Update) {
                Ok(resources) => resources,
                Err(why) => {
                    *without.entry(why).or_default() += 1;
                    continue;
                }
            };
            let short = name.trim_end_matches(".cfn.yaml");
            let unlike = unlike.iter().any(|(unlike, _)| short.ends_with(&format!("/{unlike}")));
            let says = |kind, form: &str| judge_marked(&rule, &name, kind, form, &text, &expected);
            let exported = converted::exported(&resources);
            match says("pulumi-resources", &resources).and_then(|()| says("pulumi-state", &exported)) {
                Ok(()) if unlike => wrong.push(format!("{name}: says the same: strike it from the list of the unlike")),
                Err(_) if unlike => {}
                Ok(()) => *ran.entry(rule.clone()).or_default() += 1,
                Err(error) => wrong.push(error),
            }
        }
    }
    for (why, count) in &without {
        println!("not converted: {count} × {why}");
    }
    note(&format!("converted-{dialect}"), json!(ran));
    let total: u32 = ran.values().sum();
    assert!(wrong.is_empty(), "{} disagree, {total} agree:\n  {}", wrong.len(), wrong.join("\n  "));
    assert!(std::env::var_os("STACKPROOF_ONLY").is_some() || total > least, "only {total} ran");
}

#[test]
fn templates_say_the_same_as_resources_of_aws_native() {
    say_the_same(&Types::native(), "native", UNLIKE_IN_NATIVE, 400);
}

#[test]
fn templates_say_the_same_as_resources_of_the_classic_provider() {
    say_the_same(&Types::classic(), "classic", UNLIKE_IN_CLASSIC, 100);
}

/// Before anything exists less is known, and nothing else is said: what fails is not passed, and what passes does not fail.
#[test]
fn at_a_first_preview_nothing_contradicts_what_follows() {
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let providers = [(Types::native(), UNLIKE_IN_NATIVE), (Types::classic(), UNLIKE_IN_CLASSIC)];
    for (rule, files) in fixtures().into_iter().filter(|(rule, _)| !PULUMI_EXEMPT.contains(&rule.as_str())) {
        for path in files.iter().filter(|path| wanted(&rule) && path.to_string_lossy().ends_with(".cfn.yaml")) {
            let expected = expected_of(path);
            let name = path.to_string_lossy().into_owned();
            let text = fs::read_to_string(path).expect("a fixture is a text file");
            for (types, unlike) in &providers {
                let short = name.trim_end_matches(".cfn.yaml");
                let Ok(resources) = converted(types, &name, &text, When::FirstPreview) else { continue };
                if expected == "undetermined" || unlike.iter().any(|(unlike, _)| short.ends_with(&format!("/{unlike}")))
                {
                    continue;
                }
                let findings = match check(&rule, &name, "pulumi-resources", &resources, &text) {
                    Ok(findings) => findings,
                    Err(error) => {
                        wrong.push(error);
                        continue;
                    }
                };
                let has = |outcome: &str| {
                    findings.iter().any(|finding| finding["outcome"] == outcome && finding["severity"] != "info")
                };
                let outcome = if has("fail") {
                    "fails"
                } else if has("undetermined") {
                    "undetermined"
                } else {
                    "passes"
                };
                *counts.entry(format!("{expected}, at first {outcome}")).or_default() += 1;
                if outcome != "undetermined" && outcome != expected {
                    let said: Vec<&str> = findings.iter().filter_map(|finding| finding["message"].as_str()).collect();
                    wrong.push(format!("{name}: {outcome} at a first preview {said:?}"));
                }
            }
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{} contradict, {counts:?}:\n  {}", wrong.len(), wrong.join("\n  "));
}

/// A safe fix is carried as edits, and with them made the finding is gone: in templates, in resources of Pulumi, and in
/// templates as resources of either provider.
#[test]
fn safe_fixes_mend_what_they_are_for() {
    let providers = [Types::native(), Types::classic()];
    let mut wrong = Vec::new();
    let mut applied = 0;
    let mut mends: BTreeMap<String, u32> = BTreeMap::new();
    for (rule, files) in fixtures() {
        for path in files.iter().filter(|path| wanted(&rule) && expected_of(path) == "fails") {
            let name = path.to_string_lossy().into_owned();
            let text = fs::read_to_string(path).expect("a fixture is a text file");
            let mut forms = vec![(kind_of(&name, &text), text.clone())];
            if name.ends_with(".cfn.yaml") && !PULUMI_EXEMPT.contains(&rule.as_str()) {
                let programs = providers.iter().filter_map(|types| converted(types, &name, &text, When::Update).ok());
                forms.extend(programs.map(|resources| ("pulumi-resources", resources)));
            }
            for (kind, form) in forms {
                let again = |form: &str| check(&rule, &name, kind, form, &text);
                for finding in again(&form).unwrap_or_default() {
                    let edits = finding["fix"]["edits"].as_array().cloned().unwrap_or_default();
                    if finding["fix"]["kind"] != "safe" {
                        continue;
                    }
                    let shown = format!("{name} ({kind})");
                    let mended = match kind {
                        "cloudformation" => fixes::to_template(&form, &edits),
                        _ => fixes::to_resources(&form, &edits),
                    };
                    let Some(mended) = mended.filter(|_| !edits.is_empty()) else {
                        wrong.push(format!("{shown}: the edits of {} cannot be made: {edits:?}", finding["message"]));
                        continue;
                    };
                    applied += 1;
                    let same = |other: &Value| {
                        other["outcome"] == "fail"
                            && other["resource"]["id"] == finding["resource"]["id"]
                            && other["pointer"] == finding["pointer"]
                            && other["message"] == finding["message"]
                    };
                    match again(&mended) {
                        Ok(after) if !after.iter().any(same) => *mends.entry(rule.clone()).or_default() += 1,
                        Ok(_) => {
                            wrong.push(format!("{shown}: the fix does not mend {}:\n{mended}", finding["message"]))
                        }
                        Err(error) => wrong.push(format!("{shown}: the mended form is not read: {error}\n{mended}")),
                    }
                }
            }
        }
    }
    note("fixes", json!(mends));
    let claims =
        all().filter(|rule| rule.fix == Some(FixKind::Safe) && wanted(rule.id) && !mends.contains_key(rule.id));
    wrong.extend(claims.map(|rule| format!("{}: claims a safe fix, and no fixture is mended by one", rule.id)));
    assert!(wrong.is_empty(), "{} of {applied} fixes do not mend:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn documentation_examples_are_true() {
    let mut wrong = Vec::new();
    for rule in all().filter(|rule| wanted(rule.id)) {
        let examples = examples(rule);
        for expected in ["fails", "passes"] {
            if !examples.iter().any(|(outcome, _)| outcome == expected) {
                wrong.push(format!("{}: no example that {expected} in the documentation", rule.id));
            }
        }
        for (outcome, text) in examples {
            // Examples in JSON are resources of Pulumi.
            let kind = if text.starts_with('{') { "pulumi-resources" } else { "cloudformation" };
            if let Err(error) = judge(rule.id, &format!("{} (documentation)", rule.id), kind, &text, &outcome) {
                wrong.push(error);
            }
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}

/// The fenced blocks of a rule's documentation: ```yaml fails, ```yaml passes.
fn examples(rule: &Rule) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in rule.docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => {
                let mut words = info.split_whitespace();
                if let (Some("yaml" | "json"), Some(outcome)) = (words.next(), words.next()) {
                    open = Some((outcome.to_owned(), String::new()));
                }
            }
            (Some(_), Some("")) => found.extend(open.take()),
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

#[test]
fn every_rule_has_fixtures_in_both_dialects() {
    let fixtures = fixtures();
    let mut missing = Vec::new();
    for rule in all() {
        let files = fixtures.get(rule.id).cloned().unwrap_or_default();
        for (dialect, needed) in [(".cfn.", CFN_ONLY_EXEMPT), (".pulumi.", PULUMI_EXEMPT)] {
            if needed.contains(&rule.id) {
                continue;
            }
            for outcome in ["fails", "passes"] {
                let has =
                    files.iter().any(|path| path.to_string_lossy().contains(dialect) && expected_of(path) == outcome);
                if !has {
                    missing.push(format!("{}: no {outcome}….{}… fixture", rule.id, dialect.trim_matches('.')));
                }
            }
        }
    }
    for id in fixtures.keys() {
        if !all().any(|rule| rule.id == id) {
            missing.push(format!("tests/rules/…/{id}: there is no such rule"));
        }
    }
    assert!(missing.is_empty(), "\n  {}", missing.join("\n  "));
}

/// Rules about something that only Pulumi has.
const CFN_ONLY_EXEMPT: &[&str] = &["pulumi-legacy-resource-type", "pulumi-unknown-input"];
/// Rules about something that only CloudFormation templates have.
const PULUMI_EXEMPT: &[&str] =
    &["template-limits", "circular-dependency", "export-name-unique", "null-property-value", "ssm-securestring-cfn"];

#[test]
fn messages_and_metadata_have_the_house_style() {
    let mut wrong = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for rule in all() {
        if !ids.insert(rule.id) {
            wrong.push(format!("{}: the id is taken twice", rule.id));
        }
        if rule.title().is_empty() || rule.title().len() > 110 {
            wrong.push(format!("{}: the title (first line of the documentation) has 1 to 110 characters", rule.id));
        }
        if !rule.docs.contains("Source:") {
            wrong.push(format!("{}: the documentation names no source", rule.id));
        }
        for parameter in rule.parameters {
            if serde_json::from_str::<Value>(parameter.default).is_err() {
                wrong.push(format!("{}: the default of {} is no JSON", rule.id, parameter.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}
