//! Policy documents in the model.

use std::borrow::Cow;

use crate::model::{Kind, Place, Read, Value};

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
            Kind::Text(text) => Shape::Text(text.clone()),
            Kind::Unknown(_) => Shape::Unknown(self.symbolic()),
            Kind::List(_) => match self.items() {
                Read::Known(items) => Shape::List(items),
                _ => Shape::Unknown(None),
            },
            Kind::Object(_) => match self.entries() {
                Read::Known(entries) => {
                    Shape::Object(entries.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
                }
                _ => Shape::Unknown(None),
            },
        }
    }
}
