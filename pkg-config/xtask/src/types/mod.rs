//! `types`: what machines may rely on, written from the Rust types: the JSON Schemas that the package ships, and the
//! TypeScript types of `js/report.ts` and `js/configuration.ts`.

mod configuration;
mod schema;
mod typescript;

use std::fs;
use std::path::Path;

use schemars::Schema;
use stackproof::catalogue::RuleReport;
use stackproof::report::Report;

use crate::{Failure, tools};

/// Writes the TypeScript files; with `--check` only says which are stale; with `--schemas FOLDER` writes the schemas.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments {
        [] => typescript_files().into_iter().try_for_each(|(path, text)| save(&tools::root().join(path), &text)),
        [flag] if flag == "--check" => check(),
        [flag, folder] if flag == "--schemas" => {
            fs::create_dir_all(folder).map_err(|error| format!("{folder}: {error}"))?;
            schemas().into_iter().try_for_each(|(name, schema)| {
                let text = serde_json::to_string_pretty(&schema).map_err(|error| error.to_string())?;
                save(&Path::new(folder).join(format!("{name}.json")), &format!("{text}\n"))
            })
        }
        _ => Err("types takes --check, or --schemas FOLDER, or nothing".to_owned()),
    }
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn check() -> Result<(), Failure> {
    let stale: Vec<&str> = typescript_files()
        .into_iter()
        .filter(|(path, text)| fs::read_to_string(tools::root().join(path)).unwrap_or_default() != *text)
        .map(|(path, _)| path)
        .collect();
    if stale.is_empty() { Ok(()) } else { Err(format!("not up to date, run cargo xtask types: {}", stale.join(", "))) }
}

/// The schemas by name: of the report, of the list of rules, and of the configuration file.
fn schemas() -> [(&'static str, Schema); 3] {
    [
        ("report", schema::of_output::<Report>("report")),
        ("rules", schema::of_output::<Vec<RuleReport>>("rules")),
        ("config", configuration::schema()),
    ]
}

fn typescript_files() -> [(&'static str, String); 2] {
    let [(_, report), (_, rules), (_, config)] = schemas();
    let report = typescript::named(&[&report, &rules]);
    let config = typescript::named(&[&config]);
    [
        ("js/report.ts", typescript::file("The report, version 1, and the list of rules.", &report, None)),
        ("js/configuration.ts", typescript::file("The configuration file.", &config, Some(("./report", &report)))),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_typescript_types_are_those_of_the_rust_types() {
        assert_eq!(super::check(), Ok(()));
    }
}
