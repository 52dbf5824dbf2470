//! Values of edits for programs: a rule writes them with references of a template, a program's resource takes what they are.

use serde_json::Value as Json;

use crate::model::ResourceId;
use crate::model::stack::{Model, partition_of};

/// The value with `Ref` and `Fn::Sub` of account, region and partition as what they are for the resource. `None` where that is
/// not known, and where the value refers to a resource.
pub(super) fn known(model: &Model, resource: ResourceId, value: &Json) -> Option<Json> {
    match value {
        Json::Object(members) => {
            let mut entries = members.iter();
            if let (Some((name, argument)), None) = (entries.next(), entries.next()) {
                match (name.as_str(), argument) {
                    ("Ref", Json::String(name)) => return pseudo(model, resource, name).map(Json::String),
                    ("Fn::Sub", Json::String(text)) => return substituted(model, resource, text).map(Json::String),
                    (name, _) if name == "Ref" || name.starts_with("Fn::") => return None,
                    _ => {}
                }
            }
            let known = members.iter().map(|(name, value)| Some((name.clone(), known(model, resource, value)?)));
            known.collect::<Option<serde_json::Map<_, _>>>().map(Json::Object)
        }
        Json::Array(items) => {
            items.iter().map(|item| known(model, resource, item)).collect::<Option<_>>().map(Json::Array)
        }
        other => Some(other.clone()),
    }
}

fn pseudo(model: &Model, resource: ResourceId, name: &str) -> Option<String> {
    let data = model.resource(resource);
    let stack = model.stack(data.stack);
    let region = data.region.clone().or_else(|| stack.region.clone());
    match name {
        "AWS::AccountId" => stack.account.clone(),
        "AWS::Region" => region,
        "AWS::Partition" => region.map(|region| partition_of(&region).to_owned()),
        _ => None,
    }
}

fn substituted(model: &Model, resource: ResourceId, text: &str) -> Option<String> {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}')?;
        made.push_str(before);
        made.push_str(&pseudo(model, resource, name)?);
        rest = tail;
    }
    made.push_str(rest);
    Some(made)
}
