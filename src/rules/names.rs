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
