//! The classic provider: every property where the type map has a row for it, in the form that the row says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::resolver::{Resolver, UNKNOWN};
use super::{Made, is_function, text_of};

pub struct Type {
    pub token: String,
    /// The type's own rows, then those of the resources that configure it, each with its token.
    rows: Vec<Row>,
    /// Token of a configuring resource → its input that names what it configures.
    joins: BTreeMap<String, String>,
}

struct Row {
    token: String,
    /// Pulumi's path and CloudFormation's.
    from: String,
    to: String,
    how: String,
}

/// By CloudFormation's type. Of several the shortest name is the plain one.
pub fn read(rows: &Map<String, Value>) -> BTreeMap<String, Type> {
    let mut types: BTreeMap<String, Type> = BTreeMap::new();
    let mut classic: Vec<(&String, &Value)> =
        rows.iter().filter(|(token, _)| token.starts_with("aws:") && !token.ends_with("V2")).collect();
    classic.sort_by_key(|(token, _)| (token.len(), token.as_str()));
    for (token, row) in classic.iter().filter(|(_, row)| row["owner"].is_null()) {
        let made = || Type { token: (*token).clone(), rows: Row::all(token, row), joins: BTreeMap::new() };
        types.entry(text_of(&row["kind"])).or_insert_with(made);
    }
    for (token, row) in classic.iter().filter(|(_, row)| !row["owner"].is_null()) {
        if let Some(owner) = types.get_mut(&text_of(&row["owner"])) {
            owner.rows.extend(Row::all(token, row));
            owner.joins.insert((*token).clone(), text_of(&row["join"]));
        }
    }
    types
}

impl Row {
    fn all(token: &str, row: &Value) -> Vec<Row> {
        let properties = row["properties"].as_object().into_iter().flatten();
        properties
            .map(|(from, to)| Row {
                token: token.to_owned(),
                from: from.clone(),
                to: text_of(if to.is_array() { &to[0] } else { to }),
                how: text_of(&to[1]),
            })
            .collect()
    }
}

/// Puts a leaf where a row says, below the elements of lists that lead to it.
type Place<'p> = &'p mut dyn FnMut(&Row, &[usize], Leaf) -> Result<(), String>;

/// A value on its way, with the resources that it comes from.
struct Leaf {
    value: Value,
    uses: BTreeSet<String>,
}

impl Type {
    pub fn make(&self, resolver: &Resolver<'_>, id: &str, resource: &Value) -> Result<Vec<Made>, String> {
        let new = |token: &str| Made { token: token.to_owned(), inputs: Map::new(), uses: BTreeMap::new() };
        let mut all = vec![new(&self.token)];
        let mut place = |row: &Row, indices: &[usize], leaf: Leaf| {
            let at = match all.iter().position(|made| made.token == row.token) {
                Some(at) => at,
                None => {
                    let mut made = new(&row.token);
                    if let Some(join) = self.joins.get(&row.token) {
                        made.inputs.insert(join.clone(), json!(resolver.reference(id)?));
                        made.uses.insert(join.clone(), BTreeSet::from([id.to_owned()]));
                    }
                    all.push(made);
                    all.len() - 1
                }
            };
            let input = row.from.split(['.', '[']).next().unwrap_or_default();
            all[at].uses.entry(input.to_owned()).or_default().extend(leaf.uses);
            put(&mut all[at].inputs, &row.from, indices, leaf.value)
        };
        for (name, value) in resource["Properties"].as_object().into_iter().flatten() {
            self.walk(resolver, name, &mut Vec::new(), value, &mut place)?;
        }
        Ok(all)
    }

    /// Finds the row of each value; what no row is for has no input.
    fn walk(
        &self,
        resolver: &Resolver<'_>,
        path: &str,
        indices: &mut Vec<usize>,
        value: &Value,
        place: Place<'_>,
    ) -> Result<(), String> {
        if let Some(row) = self.rows.iter().find(|row| row.to == path) {
            let mut leaf = Leaf { value: Value::Null, uses: BTreeSet::new() };
            let value = resolved(resolver, value, &mut leaf.uses)?;
            leaf.value = written(&row.how, value).ok_or_else(|| format!("{path} has another form"))?;
            return place(row, indices, leaf);
        }
        match value {
            Value::Object(members) if !members.keys().any(|name| is_function(name)) && !members.is_empty() => members
                .iter()
                .try_for_each(|(name, inner)| self.walk(resolver, &format!("{path}.{name}"), indices, inner, place)),
            Value::Array(items) if !items.is_empty() => items.iter().enumerate().try_for_each(|(index, item)| {
                indices.push(index);
                let walked = self.walk(resolver, &format!("{path}[]"), indices, item, place);
                indices.pop();
                walked
            }),
            _ => Err(format!("{} has no input for {path}", self.token)),
        }
    }
}

fn resolved(resolver: &Resolver<'_>, value: &Value, uses: &mut BTreeSet<String>) -> Result<Value, String> {
    match value {
        Value::Object(members) => {
            if let Some((name, argument)) = members.iter().next().filter(|(name, _)| is_function(name)) {
                return resolver.function(name, argument, uses);
            }
            let members = members.iter().map(|(name, inner)| Ok((name.clone(), resolved(resolver, inner, uses)?)));
            Ok(Value::Object(members.collect::<Result<_, String>>()?))
        }
        Value::Array(items) => items.iter().map(|item| resolved(resolver, item, uses)).collect(),
        other => Ok(other.clone()),
    }
}

/// A value of CloudFormation's as the row's form has it; `None` where there is no such form.
fn written(how: &str, value: Value) -> Option<Value> {
    let switch = |on: &str, off: &str| match value.as_str() {
        Some(text) if text == on => Some(json!(true)),
        Some(text) if text == off => Some(json!(false)),
        _ => None,
    };
    let pairs = |key: &str| {
        let pairs = value.as_array()?.iter().map(|pair| Some((pair[key].as_str()?.to_owned(), pair["Value"].clone())));
        let pairs = pairs.collect::<Option<Vec<_>>>()?;
        let map: Map<String, Value> = pairs.iter().cloned().collect();
        (map.len() == pairs.len()).then_some(Value::Object(map))
    };
    match how {
        "" => match &value {
            // A document: JSON text.
            Value::Object(_) => {
                let text = value.to_string();
                Some(json!(if text.contains(UNKNOWN) { UNKNOWN.to_owned() } else { text }))
            }
            Value::Array(items) if items.iter().any(Value::is_object) => None,
            _ => Some(value),
        },
        "map" => Some(value),
        "tags" => pairs("Key"),
        "dimensions" => pairs("Name"),
        "enabled-suspended" => switch("Enabled", "Suspended"),
        "enabled-disabled" => switch("Enabled", "Disabled"),
        "state" => switch("ENABLED", "DISABLED"),
        _ => None,
    }
}

/// Puts a value where a path such as `rules[].filter.prefix` leads. Where Pulumi has one object and CloudFormation a list, the
/// list may have one element.
fn put(inputs: &mut Map<String, Value>, path: &str, indices: &[usize], value: Value) -> Result<(), String> {
    let lists = path.matches("[]").count();
    let Some(extra) = indices.len().checked_sub(lists) else { return Err(format!("{path} has more lists")) };
    if indices[..extra].iter().any(|&index| index != 0) {
        return Err(format!("{path} takes one element"));
    }
    let mut indices = indices[extra..].iter();
    let mut root = Value::Object(std::mem::take(inputs));
    let mut at = &mut root;
    for part in path.split('.') {
        let (name, list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        if at.is_null() {
            *at = json!({});
        }
        at = at.as_object_mut().ok_or("a value stands where an object should")?.entry(name).or_insert(Value::Null);
        if list {
            if at.is_null() {
                *at = json!([]);
            }
            let index = *indices.next().unwrap_or(&0);
            let items = at.as_array_mut().ok_or("a value stands where a list should")?;
            while items.len() <= index {
                items.push(Value::Null);
            }
            at = &mut items[index];
        }
    }
    *at = value;
    if let Value::Object(members) = root {
        *inputs = members;
    }
    Ok(())
}
