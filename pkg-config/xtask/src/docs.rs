//! `docs`: the rules' pages (`docs/rules/<rule>.md`) and their table, from the registry and from the tests that ran.
//!
//! What the table says of a dialect is no claim: `cargo test --test rules` notes in `target/coverage.json` which fixtures it
//! ran and which fixes it applied, and the table is made from that.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stackproof::explain;
use stackproof::rules::{Rule, all};

use crate::{Failure, tools};

/// The columns of the table that come from fixtures, as `tests/rules.rs` names them.
const DIALECTS: [(&str, &str); 3] =
    [("cloudformation", "CloudFormation"), ("classic", "Pulumi classic"), ("native", "Pulumi native")];

/// Writes pages and table; with `--check` only says which are stale; with `--json FILE` writes the pages into one file, by id.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments {
        [] => write(false),
        [flag] if flag == "--check" => write(true),
        [flag, path] if flag == "--json" => {
            let pages: BTreeMap<&str, String> =
                all().map(|rule| Ok((rule.id, explain(rule.id)?))).collect::<Result<_, Failure>>()?;
            save(Path::new(path), &format!("{}\n", json!(pages)))
        }
        _ => Err("docs takes --check, or --json FILE, or nothing".to_owned()),
    }
}

fn write(check: bool) -> Result<(), Failure> {
    let folder = tools::root().join("docs/rules");
    let mut wanted = BTreeMap::from([(folder.join("README.md"), table()?)]);
    for rule in all() {
        wanted.insert(folder.join(format!("{}.md", rule.id)), page(rule)?);
    }
    let there: Vec<PathBuf> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let mut stale = Vec::new();
    for path in there.into_iter().filter(|path| !wanted.contains_key(path)) {
        match check {
            true => stale.push(path),
            false => fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?,
        }
    }
    for (path, text) in wanted {
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        match check {
            true => stale.push(path),
            false => save(&path, &text)?,
        }
    }
    let names: Vec<_> = stale.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy()).collect();
    match names.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("docs/rules is stale: run cargo test --test rules && cargo xtask docs ({})", names.join(", ")))
        }
    }
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    let wrote = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    wrote.map_err(|error| format!("{}: {error}", path.display()))
}

/// What `stackproof explain` says, and what only a reader of the folder needs.
fn page(rule: &Rule) -> Result<String, Failure> {
    let mut text = explain(rule.id)?;
    let types: Vec<String> = rule.on.iter().map(|kind| format!("`{kind}`")).collect();
    if !types.is_empty() {
        text.push_str(&format!("\nLooks at: {}.\n", types.join(", ").replace("`*`", "every resource")));
    }
    if let Some(error) = rule.aws_error {
        text.push_str(&format!("\nAWS answers: {error}\n"));
    }
    text.push_str("\n[All rules](README.md)\n");
    Ok(text)
}

fn table() -> Result<String, Failure> {
    let path = tools::target().join("coverage.json");
    let read = fs::read_to_string(&path).map_err(|error| error.to_string());
    let coverage: Value = read
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
        .map_err(|error| format!("{}: {error}; run cargo test --test rules first", path.display()))?;
    let mut text = format!(
        "# The rules\n\n{} rules. Made by `cargo xtask docs` from the rules and from the fixtures that the tests ran: a number \
         is how many\nof them agreed, `-` that there is none. *Pulumi* counts the templates that were run as resources of\nthe provider, too. *Fix* counts \
         the safe fixes that were applied to a failing fixture and mended it.\n\n| rule | severity | category | preset |",
        all().count()
    );
    for (_, heading) in DIALECTS {
        text.push_str(&format!(" {heading} |"));
    }
    text.push_str(" fix |\n|---|---|---|---|---|---|---|---|\n");
    let mut rules: Vec<&Rule> = all().collect();
    rules.sort_by_key(|rule| rule.id);
    for rule in rules {
        let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
        text.push_str(&format!(
            "| [{id}]({id}.md) | {} | {} | {} |",
            word(json!(rule.severity)),
            word(json!(rule.category)),
            word(json!(rule.preset)),
            id = rule.id
        ));
        for (dialect, _) in DIALECTS {
            let written = coverage["fixtures"][rule.id][dialect].as_u64().unwrap_or(0);
            let ran = written + coverage[format!("converted-{dialect}")][rule.id].as_u64().unwrap_or(0);
            text.push_str(&if ran == 0 { " - |".to_owned() } else { format!(" {ran} |") });
        }
        let fix = rule.fix.map(|fix| word(json!(fix))).unwrap_or_else(|| "-".to_owned());
        match coverage["fixes"][rule.id].as_u64() {
            Some(applied) => text.push_str(&format!(" {fix}, {applied} applied |\n")),
            None => text.push_str(&format!(" {fix} |\n")),
        }
    }
    Ok(text)
}
