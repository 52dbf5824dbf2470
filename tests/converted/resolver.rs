//! What references of a template are, once its resources exist.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use stackproof::model::attributes::{Form, NAMINGS, Naming};

use super::{When, camel, text_of};

pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "471293851604";

/// What the engine writes for an output that is not known yet.
pub const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

pub fn naming(kind: &str) -> Option<&'static Naming> {
    NAMINGS.iter().find(|naming| naming.kind == kind)
}

pub struct Resolver<'t> {
    pub resources: &'t Map<String, Value>,
    pub when: When,
}

impl Resolver<'_> {
    pub fn kind(&self, id: &str) -> Option<String> {
        self.resources.get(id).map(|resource| text_of(&resource["Type"]))
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
        if self.when == When::FirstPreview {
            return UNKNOWN.to_owned();
        }
        // The ARN of a rule on another bus than the default one holds the name of the bus.
        let bus = self.text(&self.resources[id]["Properties"]["EventBusName"], &mut BTreeSet::new());
        let bus = bus.ok().filter(|bus| naming.kind == "AWS::Events::Rule" && bus != "default");
        let name = bus.map_or(String::new(), |bus| format!("{bus}/")) + &self.name(id, naming);
        let parts = naming.arn.replace(":P:", ":aws:").replace(":R:", &format!(":{REGION}:"));
        parts.replace(":A:", &format!(":{ACCOUNT}:")).replace("{}", &name)
    }

    pub fn reference(&self, id: &str) -> Result<String, String> {
        let kind = self.kind(id).ok_or_else(|| format!("Ref {id} names no resource"))?;
        if self.when == When::FirstPreview {
            return Ok(UNKNOWN.to_owned());
        }
        Ok(match naming(&kind) {
            Some(naming) if naming.reference == Form::Arn && naming.arn.is_empty() => {
                return Err(format!("{kind} has no ARN that is known here"));
            }
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

    pub fn text(&self, value: &Value, uses: &mut BTreeSet<String>) -> Result<String, String> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Object(inner) => match inner.iter().next() {
                Some((name, argument)) => self.function(name, argument, uses).map(|value| text_of(&value)),
                None => Err("an empty object is no text".to_owned()),
            },
            _ => Err("this is no text".to_owned()),
        }
    }

    pub fn function(&self, name: &str, argument: &Value, uses: &mut BTreeSet<String>) -> Result<Value, String> {
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
        // A text that holds an output which is not known is not known as a whole.
        Ok(Value::String(if made.contains(UNKNOWN) { UNKNOWN.to_owned() } else { made }))
    }

    /// What the provider answers with once the resource exists.
    pub fn outputs(&self, id: &str, kind: &str, native: bool) -> Result<Map<String, Value>, String> {
        let mut outputs = Map::new();
        if let Some(naming) = naming(kind) {
            if let Some(name) = naming.name {
                // In the classic provider a name is what its input is called, mostly.
                let output = match (native, kind) {
                    (true, _) => camel(name),
                    (false, "AWS::S3::Bucket") => "bucket".to_owned(),
                    (false, _) => "name".to_owned(),
                };
                outputs.insert(output, json!(self.name(id, naming)));
            }
            if !naming.arn.is_empty() {
                let output = if native { camel(naming.arn_attribute) } else { "arn".to_owned() };
                outputs.insert(output, json!(self.arn(id, naming)));
            }
        }
        if kind == "AWS::KMS::Key" {
            outputs.insert("keyId".to_owned(), json!(self.reference(id)?));
        }
        Ok(outputs)
    }
}
