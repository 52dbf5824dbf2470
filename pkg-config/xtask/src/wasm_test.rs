//! `wasm-test FILE`: runs tests that were built for wasm32, under Node.

use crate::{Failure, tools};

pub fn run(arguments: &[String]) -> Result<(), Failure> {
    // The runner runs under Node by default; cargo gives it the folder of the package, so paths stay as they are. It has no
    // quiet mode: what `cargo test --quiet` hands on to tests is left out.
    let arguments = arguments.iter().filter(|argument| !matches!(argument.as_str(), "--quiet" | "-q"));
    tools::run(tools::wasm_tools().arg("test").args(arguments), "Install Rust: https://rustup.rs")
}
