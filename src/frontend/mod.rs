//! Files → the canonical model. Each front end knows one dialect and no rule.

pub mod cloudformation;
mod detect;
mod load;
pub mod pulumi;

pub use detect::InputKind;
pub use load::{InputError, InputFile, Loaded, Settings, load, read as read_document};

use crate::model::ResourceId;
use crate::model::source::NodeRef;
use crate::model::stack::Model;

/// JSON Pointer from a resource to a value of its canonical properties, in what the user wrote.
pub fn written_pointer(model: &Model, resource: ResourceId, node: NodeRef) -> String {
    let properties = model.resource(resource).properties;
    match properties.filter(|properties| properties.source == node.source) {
        Some(properties) => model.source(node.source).doc.pointer(properties.node, node.node),
        None => String::new(),
    }
}
