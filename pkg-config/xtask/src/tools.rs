//! Where things lie, and running other programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;

/// The repository's top folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo's output folder, which `CARGO_TARGET_DIR` may move.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a program to its end, its output going where ours goes.
///
/// # Errors
/// When it cannot be started, with the command that installs it, or when it exits with anything but 0.
pub fn run(command: &mut Command, install: &str) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("cannot run `{name}`: {error}. {install}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
}

/// The compiled `wasm-bindgen`; building it the first time takes about a minute.
pub fn wasm_tools() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["run", "--quiet", "--package", "wasm-tools", "--"]);
    command
}
