//! aws-native: CloudFormation's names but for the first letters.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::resolver::Resolver;
use super::{Made, camel, is_free, is_function, text_of};

pub struct Type {
    pub token: String,
    /// CloudFormation's path, without brackets → the last name of the native path.
    names: BTreeMap<String, String>,
}

/// By CloudFormation's type.
pub fn read(rows: &Map<String, Value>) -> BTreeMap<String, Type> {
    let native = rows.iter().filter(|(token, _)| token.starts_with("aws-native:"));
    native.map(|(token, row)| (text_of(&row["kind"]), Type::of(token, row))).collect()
}

impl Type {
    fn of(token: &str, row: &Value) -> Type {
        let mut names = BTreeMap::new();
        for (native, path) in row["properties"].as_object().into_iter().flatten() {
            let path = if path.is_array() { &path[0] } else { path };
            let (path, native) = (text_of(path).replace("[]", ""), native.replace("[]", ""));
            let (parts, natives): (Vec<&str>, Vec<&str>) = (path.split('.').collect(), native.split('.').collect());
            if parts.len() == natives.len() {
                for (index, name) in natives.iter().enumerate() {
                    names.insert(parts[..=index].join("."), (*name).to_owned());
                }
            }
        }
        Type { token: token.to_owned(), names }
    }

    pub fn make(&self, resolver: &Resolver<'_>, resource: &Value) -> Result<Vec<Made>, String> {
        let mut made = Made { token: self.token.clone(), inputs: Map::new(), uses: BTreeMap::new() };
        for (name, value) in resource["Properties"].as_object().into_iter().flatten() {
            let mut uses = BTreeSet::new();
            let input = self.names.get(name).cloned().unwrap_or_else(|| camel(name));
            let value = self.value(resolver, value, name, is_free(name), &mut uses)?;
            made.uses.insert(input.clone(), uses);
            made.inputs.insert(input, value);
        }
        Ok(vec![made])
    }

    fn value(
        &self,
        resolver: &Resolver<'_>,
        value: &Value,
        path: &str,
        free: bool,
        uses: &mut BTreeSet<String>,
    ) -> Result<Value, String> {
        match value {
            Value::Object(members) => {
                if let Some((name, argument)) = members.iter().next().filter(|(name, _)| is_function(name)) {
                    return resolver.function(name, argument, uses);
                }
                let mut converted = Map::new();
                for (name, inner) in members {
                    let inner_path = format!("{path}.{name}");
                    let shown = match free {
                        true => name.clone(),
                        false => self.names.get(&inner_path).cloned().unwrap_or_else(|| camel(name)),
                    };
                    let inner = self.value(resolver, inner, &inner_path, free || is_free(name), uses)?;
                    converted.insert(shown, inner);
                }
                Ok(Value::Object(converted))
            }
            Value::Array(items) => {
                items.iter().map(|item| self.value(resolver, item, path, free, uses)).collect::<Result<_, _>>()
            }
            other => Ok(other.clone()),
        }
    }
}
