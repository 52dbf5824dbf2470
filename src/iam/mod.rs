//! IAM policy documents: parse, lint, evaluate, and questions over sets of requests.
//!
//! `parse` reads a document into a [`policy::Policy`]; `evaluate` decides one request as AWS does; `lint` names what AWS would
//! refuse; `questions` decides whole sets of requests.

pub mod actions;
pub mod condition;
pub mod evaluate;
pub mod lint;
pub mod parse;
pub mod policy;
pub mod principal;
pub mod questions;
pub mod size;
mod source;

pub use source::JsonDocument;
