//! The report: what machines may rely on (version 1), and what people read.

mod json;
mod locate;
mod mask;
mod text;

pub use json::{
    EditOp, EditReport, EditTarget, EffectiveSettings, Finding, FixReport, InputReport, Location, Report,
    ResourceReport, Summary, Suppressed, SuppressedBy, Tool, build, sort,
};
pub use locate::Locator;
pub use mask::mask;
pub use text::{TextOptions, render_text};
