//! The IAM evaluator against tables of requests with known decisions.

mod conditions;
mod decisions;
mod lint;
mod pattern;
mod questions;
mod requests;
mod speed;
