//! Policy documents in the model.

use std::borrow::Cow;

use crate::model::{Kind, Place, Read, Symbol, Value};

use super::parse::{PolicySource, Shape};

impl<'s> PolicySource<'s> for Value<'s> {
    type Place = Place;

    fn place(&self) -> Place {
        Value::place(self)
    }

    fn shape(&self) -> Shape<'s, Self> {
        match self.kind() {
            Kind::Absent | Kind::Null => Shape::Null,
            Kind::Bool(value) => Shape::Bool(*value),
            Kind::Number(number) => Shape::Number(number.clone()),
            // An attribute or parameter alone in its place may be an object or a list too.
            Kind::Text(text) if matches!(text.as_symbol(), Some(Symbol::Opaque(_))) => {
                Shape::Unknown(Some(text.clone()))
            }
            Kind::Text(text) => Shape::Text(text.clone()),
            Kind::Unknown(_) => Shape::Unknown(self.symbolic()),
            Kind::List(_) => match self.items() {
                Read::Known(items) => Shape::List(items),
                _ => Shape::Unknown(None),
            },
            Kind::Object(_) => {
                let mut members = Vec::with_capacity(self.width());
                match self.each_entry(|name, value| members.push((Cow::Borrowed(name), value))) {
                    Read::Known(()) => Shape::Object(members),
                    _ => Shape::Unknown(None),
                }
            }
        }
    }
}

/// A plain JSON document, without functions.
#[derive(Clone, Copy)]
pub struct JsonDocument<'j>(pub &'j serde_json::Value);

impl<'j> PolicySource<'j> for JsonDocument<'j> {
    type Place = ();

    fn place(&self) {}

    fn shape(&self) -> Shape<'j, Self> {
        match self.0 {
            serde_json::Value::Null => Shape::Null,
            serde_json::Value::Bool(value) => Shape::Bool(*value),
            serde_json::Value::Number(number) => Shape::Number(Cow::Owned(number.to_string())),
            serde_json::Value::String(text) => Shape::Text(text.as_str().into()),
            serde_json::Value::Array(items) => Shape::List(items.iter().map(JsonDocument).collect()),
            serde_json::Value::Object(members) => Shape::Object(
                members.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), JsonDocument(value))).collect(),
            ),
        }
    }
}
