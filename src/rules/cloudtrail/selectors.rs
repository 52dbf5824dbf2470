//! The advanced event selectors of a trail or event data store, as `lang` reads them, with their places.

use crate::lang::cloudtrail_selector::{FieldSelector, Operator, Selector, SelectorProblem, Target};
use crate::model::{Read, Resource, Text, Unknown, Value};

/// One selector and where its parts stand.
pub struct Written<'s> {
    pub value: Value<'s>,
    /// As many as `selector.fields`.
    pub fields: Vec<Value<'s>>,
    pub selector: Selector<'s>,
    /// Why something of it is not known.
    pub unknown: Option<Unknown>,
}

/// Whose selectors a resource has.
pub fn target(resource: Resource<'_>) -> Target {
    match resource.is("AWS::CloudTrail::EventDataStore") {
        true => Target::EventDataStore,
        false => Target::Trail,
    }
}

/// The advanced event selectors of a resource.
pub fn advanced<'s>(resource: Resource<'s>) -> Read<Vec<Written<'s>>> {
    resource.get("AdvancedEventSelectors").items_or_one().map(|items| items.into_iter().map(written).collect())
}

fn written(value: Value<'_>) -> Written<'_> {
    let list = value.get("FieldSelectors");
    let mut unknown = list.unknown().cloned();
    let fields = list.items_or_one().known().unwrap_or_default();
    let mut selector = Selector { fields: Vec::new(), open: unknown.is_some() };
    for field in &fields {
        let read = field_selector(field, &mut unknown);
        selector.fields.push(read);
    }
    Written { value, fields, selector, unknown }
}

fn field_selector<'s>(field: &Value<'s>, unknown: &mut Option<Unknown>) -> FieldSelector<'s> {
    let mut read = FieldSelector { field: None, operators: Vec::new(), open: field.is_unknown() };
    let name = field.get("Field");
    match name.literal() {
        Read::Known(name) => read.field = Some(Text::literal(name)),
        Read::Unknown(why) => *unknown = unknown.take().or(Some(why)),
        _ => {}
    }
    for operator in Operator::ALL {
        let value = field.get(operator.name());
        match value.items_or_one() {
            Read::Known(items) => {
                let texts: Option<Vec<Text<'s>>> = items.iter().map(Value::symbolic).collect();
                if texts.iter().flatten().any(|text| text.as_literal().is_none())
                    && read.field.as_ref().and_then(Text::as_literal) == Some("eventCategory")
                    && let Some(open) = items.iter().find(|item| !matches!(item.literal(), Read::Known(_)))
                {
                    *unknown = unknown.take().or(Some(Unknown::from(open)));
                }
                read.operators.push((operator, texts));
            }
            Read::Unknown(why) => {
                *unknown = unknown.take().or(Some(why));
                read.operators.push((operator, None));
            }
            Read::Absent | Read::Other => {}
        }
    }
    read
}

impl<'s> Written<'s> {
    /// Where a problem stands.
    pub fn place(&self, problem: &SelectorProblem) -> Value<'s> {
        let Some(field) = problem.field.and_then(|index| self.fields.get(index)) else { return self.value.clone() };
        let Some(operator) = problem.operator else { return field.get("Field") };
        let values = field.get(operator.name());
        let item = |index: usize| values.items().known().and_then(|items| items.get(index).cloned());
        problem.value.and_then(item).unwrap_or(values)
    }

    /// The literal values of a field's `Equals`.
    pub fn equals(&self, name: &str) -> Vec<String> {
        let fields =
            self.selector.fields.iter().filter(|field| field.field.as_ref().and_then(Text::as_literal) == Some(name));
        fields
            .flat_map(|field| &field.operators)
            .filter(|(operator, _)| *operator == Operator::Equals)
            .flat_map(|(_, values)| values.iter().flatten())
            .filter_map(|value| value.as_literal().map(str::to_owned))
            .collect()
    }

    /// Whether the selector speaks of a field.
    pub fn has(&self, name: &str) -> bool {
        self.selector.fields.iter().any(|field| field.field.as_ref().and_then(Text::as_literal) == Some(name))
    }
}
