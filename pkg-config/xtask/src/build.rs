//! `build`: Rust to `dist/wasm`: a module for every host, and the glue that talks to it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{Failure, tools};

const RUSTUP: &str = "Install Rust with rustup: https://rustup.rs";
const NODE: &str = "Install Node.js 20 or newer, then run `npm ci`";
const TARGET: &str = "wasm32-unknown-unknown";

pub fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(unknown) = arguments.first() {
        return Err(format!("build takes no argument, and was given `{unknown}`"));
    }
    let (root, target) = (tools::root(), tools::target());
    compile(&root)?;

    let raw = target.join(TARGET).join("release/stackproof.wasm");
    let bound = target.join("wasm-bound");
    let made = root.join("dist/wasm");
    let stamp = target.join("wasm-bound/from");
    let raw_bytes = fs::read(&raw).map_err(|error| format!("{}: {error}", raw.display()))?;
    if fs::read(&stamp).is_ok_and(|from| from == raw_bytes) && made.join("stackproof_bg.wasm").exists() {
        println!("wasm: nothing changed");
        return Ok(());
    }

    let _ = fs::remove_dir_all(&bound);
    let mut bindgen = tools::wasm_tools();
    bindgen.args(["bindgen", "--target", "web", "--out-dir"]).arg(&bound).arg(&raw);
    tools::run(&mut bindgen, RUSTUP)?;

    fs::create_dir_all(&made).map_err(|error| format!("{}: {error}", made.display()))?;
    optimise(&root, &bound.join("stackproof_bg.wasm"), &made.join("stackproof_bg.wasm"))?;
    fs::copy(bound.join("stackproof.js"), made.join("stackproof.mjs"))
        .map_err(|error| format!("stackproof.js: {error}"))?;
    tools::run(Command::new("node").arg(root.join("pkg-config/scripts/instantiate.mjs")).arg(&made), NODE)?;
    // Last, so that a build that was broken off is not taken for a finished one.
    fs::write(&stamp, raw_bytes).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// The paths of this machine must not reach the module: it is the same wherever it is built.
fn compile(root: &Path) -> Result<(), Failure> {
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=/stackproof", root.display())];
    flags.extend(home.map(|home| format!("--remap-path-prefix={home}=/cargo")));
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(root)
        .args(["build", "--release", "--lib", "--package", "stackproof", "--target", TARGET])
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    tools::run(&mut cargo, RUSTUP)
}

/// `--all-features` would emit instructions that Node 20 rejects; what rustc wrote into the module says what it uses.
fn optimise(root: &Path, from: &Path, to: &Path) -> Result<(), Failure> {
    let program = root.join("node_modules/binaryen/bin/wasm-opt");
    let mut optimiser = Command::new("node");
    optimiser.arg(program).arg("-O3").arg(from).arg("-o").arg(to);
    tools::run(&mut optimiser, NODE)
}
