//! The physical names that users write.

use crate::model::Resource;
use crate::model::Value;
use crate::model::attributes::naming;

/// The property with the name that the user chose for a resource; `None` where the type has none that is known, or it is
/// not set.
pub fn physical_name(resource: Resource<'_>) -> Option<Value<'_>> {
    let value = match naming(resource.kind()) {
        Some(naming) => resource.get(naming.name?),
        None => {
            let properties = resource.properties();
            let last = resource.kind().rsplit("::").next().unwrap_or_default();
            [format!("{last}Name"), "Name".to_owned(), "name".to_owned()]
                .iter()
                .map(|name| properties.member(name))
                .find(|value| !value.is_absent())?
        }
    };
    (!value.is_absent()).then_some(value)
}

/// The provider of a Pulumi resource as its row says; another one may be another account. Empty elsewhere.
pub fn provider(resource: Resource<'_>) -> &str {
    if !resource.is_pulumi() {
        return "";
    }
    let at = resource.data().anchor;
    let doc = &resource.world().model.source(at.source).doc;
    doc.get(at.node, "provider").and_then(|provider| doc.string(provider)).unwrap_or_default()
}
