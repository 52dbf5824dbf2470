//! Tags of a resource, whatever its type calls them: a list of `Key`/`Value` or a map.

use crate::model::{Read, Resource, Text, Value};

/// A tag as it is written.
pub struct Tag<'s> {
    pub key: Text<'s>,
    pub key_at: Value<'s>,
    pub value: Value<'s>,
}

/// Properties that hold tags.
const PROPERTIES: &[&str] =
    &["Tags", "HostedZoneTags", "FileSystemTags", "BackupVaultTags", "BackupPlanTags", "UserPoolTags", "tags"];

/// The property with the tags; absent where there is none.
pub fn property(resource: Resource<'_>) -> Value<'_> {
    let written = resource.data().properties.and_then(|at| {
        let doc = &resource.world().model.source(at.source).doc;
        doc.entries(at.node).map(|entry| entry.name).find(|name| PROPERTIES.contains(name))
    });
    match written {
        Some(name) => resource.properties().member(name),
        None => resource.get("Tags"),
    }
}

/// The tags of a resource. `Read::Other` where the property holds something else.
pub fn tags(resource: Resource<'_>) -> Read<Vec<Tag<'_>>> {
    let value = property(resource);
    if let Read::Known(items) = value.items() {
        let mut tags = Vec::with_capacity(items.len());
        for item in items {
            let key = item.get("Key");
            match (key.symbolic(), item.unknown()) {
                (_, Some(unknown)) => return Read::Unknown(unknown.clone()),
                (Some(text), _) => tags.push(Tag { key: text, key_at: key, value: item.get("Value") }),
                (None, _) => return Read::Other,
            }
        }
        return Read::Known(tags);
    }
    value.entries().map(|entries| {
        entries.into_iter().map(|(name, value)| Tag { key: Text::from(name), key_at: value.clone(), value }).collect()
    })
}

/// The value of a tag by its key, in any case of letters.
pub fn tag<'s>(tags: &[Tag<'s>], key: &str) -> Option<Value<'s>> {
    tags.iter()
        .find(|tag| tag.key.as_literal().is_some_and(|own| own.eq_ignore_ascii_case(key)))
        .map(|tag| tag.value.clone())
}
