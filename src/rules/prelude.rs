//! What almost every rule needs.

pub use super::finding::{Category, Edit, Fix, Op, Severity};
pub use crate::graph::{Rel, Target};
pub use crate::model::{Kind, Pseudo, Read, Resource, Stack, Symbol, Text, Tri, Unknown, Value, Why};
