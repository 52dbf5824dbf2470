//! stackproof: proves an AWS stack before it is deployed.
//!
//! Data flows one way: bytes → `doc` → `frontend` → `model` + `graph` → `rules` → findings → `fix`/`report`. A floor imports
//! only floors below it. `wasm` is the only file that knows JavaScript.

mod checker;
pub mod doc;
pub mod lang;
pub mod frontend;
pub mod model;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use checker::{Checker, explain, rules, version};
