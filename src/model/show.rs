//! Symbolic strings as a person reads them: `${Key}`, `${Bucket.Arn}`, `${AWS::AccountId}`, `${parameter Environment}`.

use std::borrow::Cow;

use super::stack::{Model, OpaqueKey};
use super::text::{OpaqueId, Pseudo, ResourceId, Text};
use super::unknown::Why;

/// Puts names for the marks of symbols in a sentence: the kind (`name of`, `id of`, `unknown`) and number of each are asked for.
pub fn name_markers(sentence: &str, name: impl Fn(&str, u32) -> Option<String>) -> Cow<'_, str> {
    let name = |marker: &str| {
        if let Some(pseudo) = Pseudo::ALL.into_iter().find(|pseudo| pseudo.mark() == marker) {
            return Some(pseudo.to_string());
        }
        let (kind, number) = marker.split_once(" #")?;
        name(kind, number.parse().ok()?)
    };
    let mut out = String::new();
    let mut rest = sentence;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let end = start + length + 1;
        match name(&rest[start + 2..end - 1]) {
            Some(name) => {
                out.push_str(&rest[..start]);
                out.push_str("${");
                out.push_str(&name);
                out.push('}');
                rest = &rest[end..];
            }
            None => {
                out.push_str(&rest[..start + 2]);
                rest = &rest[start + 2..];
            }
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(sentence);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

impl Model {
    /// A string with its symbols by name.
    pub fn show(&self, text: &Text<'_>) -> String {
        self.name_symbols(&text.to_string()).into_owned()
    }

    /// Puts names for the numbers by which [`Text`]'s `Display` marks symbols (`${name of #3}`), wherever they stand in a
    /// sentence. Rules and the evaluator write sentences without the model at hand; whoever reports them calls this once.
    pub fn name_symbols<'t>(&self, sentence: &'t str) -> Cow<'t, str> {
        name_markers(sentence, |kind, number| match kind {
            "name of" | "id of" => self.resources.get(number as usize).map(|_| self.label(ResourceId(number))),
            "unknown" => self.opaque_name(OpaqueId(number)),
            _ => None,
        })
    }

    /// The logical id, or the name at the end of a URN.
    fn label(&self, id: ResourceId) -> String {
        let id = &self.resource(id).id;
        id.rsplit("::").next().unwrap_or(id).to_owned()
    }

    fn opaque_name(&self, id: OpaqueId) -> Option<String> {
        let (key, why) = self.opaque_key(id)?;
        Some(match (key, why) {
            (OpaqueKey::Attribute(resource, attribute), _) if attribute.is_empty() => self.label(resource),
            (OpaqueKey::Attribute(resource, attribute), _) => format!("{}.{attribute}", self.label(resource)),
            (OpaqueKey::Property(resource, property), _) => format!("{property} of {}", self.label(resource)),
            (_, Why::Parameter(name)) => format!("parameter {name}"),
            (_, Why::Import(name)) => format!("import {name}"),
            (_, Why::Preview(property)) => format!("output in {property}"),
            (_, Why::Attribute(name) | Why::DynamicReference(name) | Why::Secret(name)) => name,
            (_, Why::Function(name)) => format!("result of {name}"),
            _ => "unknown".to_owned(),
        })
    }
}
