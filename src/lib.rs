//! stackproof: proves an AWS stack before it is deployed.
//!
//! Data flows one way: bytes → `doc` → `frontend` → `model` + `graph` → `rules` → findings → `fix`/`report`. A floor imports
//! only floors below it. `wasm` is the only file that knows JavaScript.

pub mod model;
