//! The canonical model: CloudFormation-shaped resources with values that may not be known yet.

pub mod attributes;
mod condition;
mod defaults;
pub mod dependencies;
mod functions;
pub mod intrinsic;
pub mod pattern;
pub mod resource;
mod show;
pub mod source;
pub mod stack;
pub mod text;
pub mod tri;
pub mod unknown;
pub mod value;
pub mod world;

pub use resource::{Resource, Stack};
pub use show::name_markers;
pub use text::{Pseudo, ResourceId, StackId, Symbol, Text};
pub use tri::Tri;
pub use unknown::{Unknown, Why};
pub use value::{Kind, Place, Read, Value};
pub use world::World;
