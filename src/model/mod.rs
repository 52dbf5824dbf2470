//! The canonical model: CloudFormation-shaped resources with values that may not be known yet.

pub mod text;
pub mod tri;
