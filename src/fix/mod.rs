//! Fixes: edits in canonical shape → edits on what the user wrote.

use crate::model::stack::Model;
use crate::report::{FixReport, Locator};
use crate::rules::Fix;

/// A fix as the report carries it.
pub fn report(_model: &Model, _locator: &Locator<'_>, fix: &Fix) -> FixReport {
    FixReport { kind: fix.kind, text: fix.text.clone(), edits: Vec::new() }
}
