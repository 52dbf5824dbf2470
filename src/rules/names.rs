//! The physical names that users write, and other things that a resource says about itself.

use crate::model::Resource;
use crate::model::Value;
use crate::model::attributes::naming;

use super::finding::{Edit, Fix, Op};

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

/// Whether nothing says that `needed` is created before `user`: neither that it is, nor that it cannot be, nor that one of them
/// is there already.
pub fn may_come_late<'s>(needed: Resource<'s>, user: Resource<'s>) -> bool {
    !needed.data().external && !user.data().external && !user.comes_after(needed) && !needed.comes_after(user)
}

/// The policies of a key that are resources of their own, which Pulumi's classic provider alone has.
pub fn key_policies(key: Resource<'_>) -> impl Iterator<Item = Resource<'_>> {
    key.parts().filter(|part| part.is("aws:kms/keyPolicy:KeyPolicy"))
}

/// The change that makes a resource wait for another.
pub fn wait_for(resource: Resource<'_>, needed: Resource<'_>) -> Fix {
    if resource.is_pulumi() {
        return Fix::suggested(format!("add {} to the dependsOn of {}", needed.label(), resource.label()));
    }
    let known = resource.data().depends_on.iter().map(|&id| Resource::new(resource.world(), id).logical_id());
    let mut names: Vec<&str> = known.collect();
    let text = format!("add DependsOn: {}", needed.logical_id());
    if names.is_empty() && !needed.logical_id().is_empty() {
        let op = Op::Set { path: "DependsOn".to_owned(), value: needed.logical_id().into() };
        return Fix::safe(text, vec![Edit { resource: resource.id(), at: resource.place(), op }]);
    }
    names.push(needed.logical_id());
    let op = Op::Set { path: "DependsOn".to_owned(), value: names.into() };
    Fix::safe(text, vec![Edit { resource: resource.id(), at: resource.place(), op }])
}
