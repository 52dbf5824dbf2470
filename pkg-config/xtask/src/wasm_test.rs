//! `wasm-test FILE`: runs tests that were built for wasm32, under Node.

use crate::{Failure, tools};

pub fn run(arguments: &[String]) -> Result<(), Failure> {
    // The runner runs under Node by default; cargo gives it the folder of the package, so paths stay as they are.
    tools::run(tools::wasm_tools().arg("test").args(arguments), "Install Rust: https://rustup.rs")
}
