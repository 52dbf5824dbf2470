//! The rules: one file, one rule, found by its id (`kms-rotation` is `kms/kms_rotation.rs`).

#[macro_use]
mod rule;
pub mod calls;
mod check;
mod finding;
pub mod names;
pub mod permission;
pub mod policies;
pub mod prelude;
mod registry;
mod roles;
pub mod statements;
pub mod strings;
pub mod tags;
pub mod texts;
pub mod words;
mod written;

mod account;
mod alarm;
mod cloudtrail;
mod events;
mod general;
mod iam;
mod kms;
mod lambda;
mod logs;
mod messaging;
mod network;
mod s3;
mod secrets;

pub use check::{Check, Doubt, Finding, Options, RuleSettings};
pub use finding::{At, Category, Draft, Edit, Fix, FixKind, Op, Outcome, Related, Severity};
pub use registry::all;
pub use rule::{Parameter, ParameterKind, Preset, Rule, Run, Scope};

const SERVICES: &[&[&Rule]] = &[
    general::RULES,
    iam::RULES,
    kms::RULES,
    logs::RULES,
    cloudtrail::RULES,
    s3::RULES,
    lambda::RULES,
    events::RULES,
    alarm::RULES,
    messaging::RULES,
    secrets::RULES,
    network::RULES,
    account::RULES,
];
