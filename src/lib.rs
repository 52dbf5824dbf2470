//! stackproof: proves an AWS stack before it is deployed.
//!
//! Data flows one way: bytes → `doc` → `frontend` → `model` + `graph` → `rules` → findings → `fix`/`report`. A floor imports
//! only floors below it. `wasm` is the only file that knows JavaScript.

pub mod access;
pub mod catalogue;
mod checker;
pub mod config;
pub mod doc;
pub mod engine;
pub mod fix;
pub mod frontend;
pub mod graph;
pub mod iam;
pub mod lang;
pub mod model;
pub mod report;
pub mod rules;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub use catalogue::explain;
pub use catalogue::{require_rule, rules};
pub use checker::{Checker, version};
