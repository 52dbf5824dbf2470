//! CloudFormation templates as resources of Pulumi's aws-native: each property under the name that the type map gives it, and
//! references as they are once the resources exist, with the outputs that they came from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use stackproof::model::attributes::{Form, NAMINGS, Naming};

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "471293851604";

/// The map of types, as far as it is about aws-native: CloudFormation's type → what the native one is called.
pub struct Types(BTreeMap<String, Type>);

struct Type {
    token: String,
    /// CloudFormation's path, without brackets → the last name of the native path.
    names: BTreeMap<String, String>,
}

impl Types {
    pub fn read() -> Types {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/frontend/pulumi/type-map.json");
        let text = fs::read_to_string(path).expect("the type map is there");
        let map: Value = serde_json::from_str(&text).expect("the type map is JSON");
        let rows = map["types"].as_object().expect("it has types");
        let native = rows.iter().filter(|(token, _)| token.starts_with("aws-native:"));
        Types(native.map(|(token, row)| (text_of(&row["kind"]), Type::of(token, row))).collect())
    }
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
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What the policy pack would collect of the template's resources, or why there is no such thing.
pub fn resources(types: &Types, template: &Value) -> Result<Value, String> {
    for part in ["Parameters", "Conditions", "Mappings", "Transform", "Rules"] {
        if !template[part].is_null() {
            return Err(format!("{part} have no twin in a program's resources"));
        }
    }
    let resources = template["Resources"].as_object().ok_or("no resources")?;
    let resolver = Resolver { resources };
    let mut rows = vec![json!({
        "type": "pulumi:providers:aws-native", "name": "default",
        "inputs": { "region": REGION, "allowedAccountIds": format!("[\"{ACCOUNT}\"]") },
    })];
    for (id, resource) in resources {
        for part in ["Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy"]
        {
            if !resource[part].is_null() {
                return Err(format!("{part} has no twin in a resource's inputs"));
            }
        }
        let kind = text_of(&resource["Type"]);
        let row = types.0.get(&kind).ok_or_else(|| format!("aws-native has no {kind}, or the type map does not"))?;
        let mut inputs = Map::new();
        let mut dependencies = Map::new();
        for (name, value) in resource["Properties"].as_object().into_iter().flatten() {
            let mut uses = BTreeSet::new();
            let input = row.names.get(name).cloned().unwrap_or_else(|| camel(name));
            let value = resolver.value(value, row, name, is_free(name), &mut uses)?;
            let urns: Vec<String> = uses.iter().map(|id| resolver.urn(types, id)).collect();
            dependencies.insert(input.clone(), json!(urns));
            inputs.insert(input, value);
        }
        let after = match &resource["DependsOn"] {
            Value::String(one) => vec![resolver.urn(types, one)],
            Value::Array(all) => all.iter().map(|one| resolver.urn(types, &text_of(one))).collect(),
            _ => Vec::new(),
        };
        let mut outputs = inputs.clone();
        if let Some(naming) = naming(&kind) {
            if let Some(name) = naming.name {
                outputs.insert(camel(name), json!(resolver.name(id, naming)));
            }
            if !naming.arn.is_empty() {
                outputs.insert(camel(naming.arn_attribute), json!(resolver.arn(id, naming)));
            }
        }
        if kind == "AWS::KMS::Key" {
            outputs.insert("keyId".to_owned(), json!(resolver.reference(id)?));
        }
        rows.push(json!({
            "type": row.token, "name": id, "urn": resolver.urn(types, id), "id": resolver.reference(id)?,
            "inputs": inputs, "outputs": outputs,
            "propertyDependencies": dependencies, "dependencies": after,
        }));
    }
    Ok(json!({ "resources": rows }))
}

fn naming(kind: &str) -> Option<&'static Naming> {
    NAMINGS.iter().find(|naming| naming.kind == kind)
}

/// `KMSKeyId` → `kmsKeyId`, as the provider's schema does.
fn camel(name: &str) -> String {
    let upper = name.chars().take_while(char::is_ascii_uppercase).count();
    let whole = upper == name.len();
    let lowered = if upper > 1 && !whole { upper - 1 } else { upper };
    name.char_indices().map(|(index, c)| if index < lowered { c.to_ascii_lowercase() } else { c }).collect()
}

/// Properties whose value is JSON or a map: the names inside are nobody's to change.
fn is_free(name: &str) -> bool {
    const FREE: &[&str] = &[
        "Body",
        "Content",
        "DashboardBody",
        "EventPattern",
        "FilterPolicy",
        "InputParameters",
        "InputPathsMap",
        "Variables",
        "StageVariables",
    ];
    name.ends_with("Policy") || name.ends_with("PolicyDocument") || FREE.contains(&name)
}

struct Resolver<'t> {
    resources: &'t Map<String, Value>,
}

impl Resolver<'_> {
    fn kind(&self, id: &str) -> Option<String> {
        self.resources.get(id).map(|resource| text_of(&resource["Type"]))
    }

    fn urn(&self, types: &Types, id: &str) -> String {
        let token = self.kind(id).and_then(|kind| types.0.get(&kind).map(|row| row.token.clone()));
        format!("urn:pulumi:dev::test::{}::{id}", token.unwrap_or_default())
    }

    /// The physical name: the one in the template, or one as the provider makes it up.
    fn name(&self, id: &str, naming: &Naming) -> String {
        let given = naming.name.map(|name| &self.resources[id]["Properties"][name]).filter(|given| !given.is_null());
        let name = given.and_then(|given| self.text(given, &mut BTreeSet::new()).ok());
        match name {
            // Secrets Manager adds six characters to the name.
            Some(name) if naming.kind == "AWS::SecretsManager::Secret" => format!("{name}-1a2b3c"),
            Some(name) => name,
            None => format!("{}-1a2b3c", id.to_lowercase()),
        }
    }

    fn arn(&self, id: &str, naming: &Naming) -> String {
        let parts = naming.arn.replace(":P:", ":aws:").replace(":R:", &format!(":{REGION}:"));
        parts.replace(":A:", &format!(":{ACCOUNT}:")).replace("{}", &self.name(id, naming))
    }

    fn reference(&self, id: &str) -> Result<String, String> {
        let kind = self.kind(id).ok_or_else(|| format!("Ref {id} names no resource"))?;
        Ok(match naming(&kind) {
            Some(naming) if naming.reference == Form::Arn => self.arn(id, naming),
            Some(naming) => self.name(id, naming),
            None => format!("{}-1a2b3c", id.to_lowercase()),
        })
    }

    fn attribute(&self, id: &str, name: &str) -> Result<String, String> {
        let kind = self.kind(id).ok_or_else(|| format!("GetAtt {id} names no resource"))?;
        match naming(&kind) {
            Some(naming) if naming.arn_attribute == name && !naming.arn.is_empty() => Ok(self.arn(id, naming)),
            _ => Err(format!("{kind} has no {name} that is known here")),
        }
    }

    fn symbol(&self, name: &str, uses: &mut BTreeSet<String>) -> Result<String, String> {
        match name {
            "AWS::Region" => return Ok(REGION.to_owned()),
            "AWS::AccountId" => return Ok(ACCOUNT.to_owned()),
            "AWS::Partition" => return Ok("aws".to_owned()),
            "AWS::URLSuffix" => return Ok("amazonaws.com".to_owned()),
            _ if name.starts_with("AWS::") => return Err(format!("{name} is CloudFormation's own")),
            _ => {}
        }
        let (id, attribute) = name.split_once('.').map_or((name, None), |(id, attribute)| (id, Some(attribute)));
        uses.insert(id.to_owned());
        attribute.map_or_else(|| self.reference(id), |attribute| self.attribute(id, attribute))
    }

    fn value(
        &self,
        value: &Value,
        row: &Type,
        path: &str,
        free: bool,
        uses: &mut BTreeSet<String>,
    ) -> Result<Value, String> {
        match value {
            Value::Object(members) => {
                if let Some((name, argument)) = members.iter().next().filter(|(name, _)| is_function(name)) {
                    return self.function(name, argument, uses);
                }
                let mut converted = Map::new();
                for (name, inner) in members {
                    let inner_path = format!("{path}.{name}");
                    let shown = match free {
                        true => name.clone(),
                        false => row.names.get(&inner_path).cloned().unwrap_or_else(|| camel(name)),
                    };
                    let inner = self.value(inner, row, &inner_path, free || is_free(name), uses)?;
                    converted.insert(shown, inner);
                }
                Ok(Value::Object(converted))
            }
            Value::Array(items) => {
                items.iter().map(|item| self.value(item, row, path, free, uses)).collect::<Result<_, _>>()
            }
            other => Ok(other.clone()),
        }
    }

    fn text(&self, value: &Value, uses: &mut BTreeSet<String>) -> Result<String, String> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Object(inner) => match inner.iter().next() {
                Some((name, argument)) => self.function(name, argument, uses).map(|value| text_of(&value)),
                None => Err("an empty object is no text".to_owned()),
            },
            _ => Err("this is no text".to_owned()),
        }
    }

    fn function(&self, name: &str, argument: &Value, uses: &mut BTreeSet<String>) -> Result<Value, String> {
        let made = match (name, argument) {
            ("Ref", Value::String(id)) => self.symbol(id, uses)?,
            ("Fn::GetAtt", Value::String(path)) => self.symbol(path, uses)?,
            ("Fn::GetAtt", Value::Array(parts)) => {
                let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                self.symbol(&parts.join("."), uses)?
            }
            ("Fn::Join", Value::Array(parts)) => {
                let separator = parts.first().and_then(Value::as_str).ok_or("Fn::Join without a separator")?;
                let items = parts.get(1).and_then(Value::as_array).ok_or("Fn::Join of no list")?;
                let texts: Vec<String> = items.iter().map(|item| self.text(item, uses)).collect::<Result<_, _>>()?;
                texts.join(separator)
            }
            ("Fn::Sub", Value::String(template)) => {
                let mut made = String::new();
                let mut rest = template.as_str();
                while let Some((before, after)) = rest.split_once("${") {
                    let (name, tail) = after.split_once('}').ok_or("Fn::Sub without an end")?;
                    made.push_str(before);
                    match name.strip_prefix('!') {
                        Some(literal) => made.push_str(&format!("${{{literal}}}")),
                        None => made.push_str(&self.symbol(name.trim(), uses)?),
                    }
                    rest = tail;
                }
                made + rest
            }
            _ => return Err(format!("{name} is not converted")),
        };
        Ok(Value::String(made))
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}
