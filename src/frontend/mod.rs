//! Files → the canonical model. Each front end knows one dialect and no rule.

pub mod cloudformation;
mod detect;
mod load;

pub use detect::InputKind;
pub use load::{InputError, InputFile, Loaded, Settings, load};
