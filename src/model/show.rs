//! Symbolic strings as a person reads them: `${Key}`, `${Bucket.Arn}`, `${AWS::AccountId}`, `${parameter Environment}`.

use std::borrow::Cow;

use super::stack::{Model, OpaqueKey};
use super::text::{OpaqueId, Pseudo, ResourceId, Text};
use super::unknown::Why;

impl Model {
    /// A string with its symbols by name.
    pub fn show(&self, text: &Text<'_>) -> String {
        self.name_symbols(&text.to_string()).into_owned()
    }

    /// Puts names for the numbers by which [`Text`]'s `Display` marks symbols (`${name of #3}`), wherever they stand in a
    /// sentence. Rules and the evaluator write sentences without the model at hand; whoever reports them calls this once.
    pub fn name_symbols<'t>(&self, sentence: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        let mut rest = sentence;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            let end = start + length + 1;
            match self.name_of(&rest[start + 2..end - 1]) {
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

    fn name_of(&self, marker: &str) -> Option<String> {
        if let Some(pseudo) = Pseudo::ALL.iter().find(|pseudo| format!("{pseudo:?}") == marker) {
            return Some(pseudo.to_string());
        }
        let (kind, number) = marker.split_once(" #")?;
        let number: u32 = number.parse().ok()?;
        match kind {
            "name of" | "id of" => self.resources.get(number as usize).map(|_| self.label(ResourceId(number))),
            "unknown" => self.opaque_name(OpaqueId(number)),
            _ => None,
        }
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
