//! `wasm-bindgen` and its test runner, as one small program locked by this repository's own Cargo.lock.
//!
//! wasm-bindgen refuses a module that another version of its command made; built from the same lock file, the two cannot
//! drift, and nobody has to install anything. It stands apart from `xtask` so that writing rules never compiles it.
//!
//! `wasm-tools bindgen ARGS…` is `wasm-bindgen ARGS…`; `wasm-tools test ARGS…` is `wasm-bindgen-test-runner ARGS…`.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = std::iter::once(program).chain(arguments).collect();
    let done = match command.to_str() {
        Some("bindgen") => wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(rest),
        Some("test") => wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(rest),
        _ => {
            eprintln!("usage: wasm-tools bindgen|test ARGS…");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
