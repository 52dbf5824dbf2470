//! Files → the canonical model. Each front end knows one dialect and no rule.

pub mod cloudformation;
mod detect;
mod load;
pub mod pulumi;

pub use detect::InputKind;
pub use load::{InputError, InputFile, Loaded, Settings, load, read as read_document};

use crate::model::ResourceId;
use crate::model::source::NodeRef;
use crate::model::stack::{Deployer, Model};

/// JSON Pointer from a resource to a value of its canonical properties, in what the user wrote.
pub fn written_pointer(model: &Model, resource: ResourceId, node: NodeRef) -> String {
    if model.resource(resource).deployer != Deployer::CloudFormation {
        return pulumi::written_pointer(model, resource, node);
    }
    let properties = model.resource(resource).properties;
    match properties.filter(|properties| properties.source == node.source) {
        Some(properties) => model.source(node.source).doc.pointer(properties.node, node.node),
        None => String::new(),
    }
}

/// What the user would write for a property that is missing below a value of a resource.
pub fn written_name(model: &Model, resource: ResourceId, below: NodeRef, missing: &str) -> String {
    match model.resource(resource).deployer {
        Deployer::CloudFormation => missing.to_owned(),
        _ => pulumi::written_name(model, resource, below, missing),
    }
}
