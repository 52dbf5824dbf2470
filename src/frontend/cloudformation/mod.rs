//! CloudFormation templates → model: the canonical shape is theirs, so that most of it is taking stock.

pub mod assembly;
mod loops;

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::doc::{Doc, Entry, NodeId, Shape};
use crate::model::source::{NodeRef, Origin, Source, SourceId};
use crate::model::stack::{Deployer, Model, Numbered, Parameter, ResourceData, StackData};
use crate::model::text::{ResourceId, StackId};
use crate::model::{Read, Value, World};

use super::load::{InputError, Settings, error_at};
use loops::Unseen;

/// The function that a short tag of YAML stands for (AWS CloudFormation User Guide, "Intrinsic function reference").
/// A tag with a namespace (`!Rain::Embed`) belongs to a tool that runs before CloudFormation: a function with an unknown
/// result.
pub fn tag(name: &str) -> Option<Cow<'static, str>> {
    if name.contains("::") {
        return Some(format!("Fn::{name}").into());
    }
    Some(Cow::Borrowed(match name {
        "Ref" => "Ref",
        "Condition" => "Condition",
        "GetAtt" => "Fn::GetAtt",
        "Sub" => "Fn::Sub",
        "Join" => "Fn::Join",
        "If" => "Fn::If",
        "Equals" => "Fn::Equals",
        "And" => "Fn::And",
        "Or" => "Fn::Or",
        "Not" => "Fn::Not",
        "Select" => "Fn::Select",
        "Split" => "Fn::Split",
        "FindInMap" => "Fn::FindInMap",
        "ImportValue" => "Fn::ImportValue",
        "Base64" => "Fn::Base64",
        "GetAZs" => "Fn::GetAZs",
        "Cidr" => "Fn::Cidr",
        "Transform" => "Fn::Transform",
        "Length" => "Fn::Length",
        "ToJsonString" => "Fn::ToJsonString",
        "ForEach" => "Fn::ForEach",
        "Contains" => "Fn::Contains",
        "EachMemberEquals" => "Fn::EachMemberEquals",
        "EachMemberIn" => "Fn::EachMemberIn",
        "RefAll" => "Fn::RefAll",
        "ValueOf" => "Fn::ValueOf",
        "ValueOfAll" => "Fn::ValueOfAll",
        _ => return None,
    }))
}

const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

/// Stands among the transforms of a template in which `Fn::ForEach` makes resources that are not known.
pub const FOR_EACH: &str = "Fn::ForEach";

/// What is known of a stack from outside its template.
#[derive(Clone, Debug, Default)]
pub(super) struct StackFacts {
    pub name: Option<String>,
    pub construct_path: Option<String>,
    pub account: Option<String>,
    pub region: Option<String>,
    /// What the parent of a nested stack passes for its parameters.
    pub passed: FxHashMap<String, (StackId, NodeRef)>,
}

/// What the loops of a template may run over.
struct Given<'a> {
    model: &'a Model,
    parameters: &'a Numbered<Parameter>,
    given: &'a FxHashMap<String, String>,
    passed: &'a FxHashMap<String, (StackId, NodeRef)>,
    region: Option<&'a str>,
}

impl Given<'_> {
    /// What a parameter is: passed, given, or its default where there is no choice.
    fn parameter(&self, name: &str) -> Option<(&Parameter, String)> {
        let parameter = self.parameters.get(name).filter(|parameter| !parameter.kind.starts_with("AWS::SSM::"))?;
        if let Some(&(stack, node)) = self.passed.get(name) {
            let world = World::new(self.model);
            let value = Value::of(&world, stack, node);
            let text = match value.items() {
                Read::Known(items) => {
                    let items = items.iter().map(|item| item.literal().known());
                    items.collect::<Option<Vec<_>>>()?.join(",")
                }
                _ => value.literal().known()?.into_owned(),
            };
            return (!world.has_choices()).then_some((parameter, text));
        }
        if let Some(given) = self.given.get(name) {
            return Some((parameter, given.clone()));
        }
        let default = parameter.default.filter(|_| parameter.allowed.len() < 2)?;
        match self.model.source(default.source).shape(default.node) {
            Shape::String(text) | Shape::Number(text) => Some((parameter, text.to_owned())),
            _ => None,
        }
    }
}

impl loops::Known for Given<'_> {
    fn text(&self, name: &str) -> Option<String> {
        match name {
            "AWS::Region" => self.region.map(str::to_owned),
            _ => self.parameter(name).filter(|(parameter, _)| !parameter.is_list()).map(|(_, text)| text),
        }
    }

    fn list(&self, name: &str) -> Option<Vec<String>> {
        let (_, text) = self.parameter(name).filter(|(parameter, _)| parameter.is_list())?;
        Some(text.split(',').map(str::trim).filter(|_| !text.is_empty()).map(str::to_owned).collect())
    }
}

/// Takes stock of one template.
pub(super) fn build(
    model: &mut Model,
    file: &str,
    source: SourceId,
    settings: &Settings,
    facts: Option<StackFacts>,
) -> Result<StackId, InputError> {
    let facts = facts.unwrap_or_default();
    let parameters = parameters_of(model, source);
    let region = facts.region.clone().or_else(|| settings.region.clone());
    let given = Given {
        model,
        parameters: &parameters,
        given: &settings.parameters,
        passed: &facts.passed,
        region: region.as_deref(),
    };
    let (source, unseen) = match loops_of(model, source, &given) {
        Ok(expanded) => expanded,
        Err(loops::TooMuch(node)) => {
            let message = "the loops of this template make too much: CloudFormation takes templates of up to 1 MB";
            return Err(error_at(model, file, NodeRef { source, node }, message));
        }
    };
    let doc = &model.source(source).doc;
    let Some(root) = doc.root() else {
        return Err(InputError {
            file: file.into(),
            line: None,
            column: None,
            message: "the template is empty".into(),
        });
    };
    let at = |node: NodeId| NodeRef { source, node };
    let section = |name: &str| doc.get(root, name).filter(|&node| !matches!(doc.shape(node), Shape::Null));
    if let Some(resources) = section("Resources")
        && !matches!(doc.shape(resources), Shape::Object)
    {
        return Err(error_at(model, file, at(resources), "Resources must be an object of logical ids"));
    }
    let stack_id = StackId(model.stacks.len() as u32);
    let mut conditions: Numbered<NodeRef> = section("Conditions")
        .into_iter()
        .flat_map(|node| doc.entries(node))
        .map(|entry| (entry.name.to_owned(), at(entry.value)))
        .collect();
    if unseen.others {
        // A condition that is not there may be one that a loop makes: it holds or not.
        for resource in section("Resources").into_iter().flat_map(|node| doc.entries(node)) {
            let named = doc.get(resource.value, "Condition").and_then(|node| Some((doc.string(node)?, node)));
            if let Some((name, node)) = named.filter(|(name, _)| !conditions.contains_key(*name)) {
                conditions.insert(name.to_owned(), at(node));
            }
        }
    }
    let transforms = match section("Transform").map(|node| (node, doc.shape(node))) {
        Some((_, Shape::String(name))) => vec![name.to_owned()],
        Some((_, Shape::Array(names))) => {
            names.iter().map(|&name| doc.string(name).unwrap_or("a macro").to_owned()).collect()
        }
        Some(_) => vec!["a macro".to_owned()],
        None => Vec::new(),
    };
    let mut transforms: Vec<String> = transforms.into_iter().filter(|name| name != LANGUAGE_EXTENSIONS).collect();
    let has_loop = |resources| doc.entries(resources).any(|entry| entry.name.starts_with(loops::LOOP));
    if unseen.resources || section("Resources").is_some_and(has_loop) {
        transforms.push(FOR_EACH.to_owned());
    }
    let data = StackData {
        name: facts.name,
        construct_path: facts.construct_path,
        file: file.to_owned(),
        root: at(root),
        account: facts.account.or_else(|| settings.account.clone()),
        region,
        environment: settings.environment.clone(),
        deployer: Deployer::CloudFormation,
        preview: false,
        parameters,
        conditions,
        mappings: section("Mappings").map(at),
        outputs: section("Outputs").map(at),
        transforms,
        resources: Vec::new(),
        by_logical_id: FxHashMap::default(),
        given: settings.parameters.clone(),
        passed: facts.passed,
    };
    let mut resources = Vec::new();
    let mut depends = Vec::new();
    for entry in section("Resources").into_iter().flat_map(|node| resources_of(doc, node)) {
        let shape = doc.shape(entry.value);
        if matches!(shape, Shape::Null) {
            continue; // What a rule is about.
        }
        if let Some(what) = malformed(doc, entry.value).filter(|_| data.transforms.is_empty()) {
            return Err(error_at(model, file, at(entry.value), format!("{} {what}", entry.name)));
        }
        if !matches!(shape, Shape::Object) {
            continue;
        }
        let field = |name: &str| doc.get(entry.value, name).filter(|&node| !matches!(doc.shape(node), Shape::Null));
        let text = |name: &str| field(name).and_then(|node| doc.string(node)).map(str::to_owned);
        let kind = text("Type").unwrap_or_default();
        let metadata = field("Metadata");
        let construct_path = metadata
            .and_then(|node| doc.get(node, "aws:cdk:path"))
            .and_then(|node| doc.string(node))
            .map(|path| path.strip_suffix("/Resource").unwrap_or(path).to_owned());
        let needs: Vec<String> = match field("DependsOn").map(|node| doc.shape(node)) {
            Some(Shape::String(name)) => vec![name.to_owned()],
            Some(Shape::Array(names)) => names.iter().filter_map(|&name| doc.string(name)).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        depends.push(needs);
        let properties = field("Properties").map(at);
        resources.push(ResourceData {
            stack: stack_id,
            id: entry.name.to_owned(),
            source_type: kind.clone(),
            kind,
            anchor: at(entry.value),
            name_span: Some(entry.name_span),
            properties,
            written_properties: properties,
            outputs: None,
            condition: text("Condition"),
            depends_on: Vec::new(),
            property_dependencies: FxHashMap::default(),
            deletion_policy: text("DeletionPolicy"),
            update_replace_policy: text("UpdateReplacePolicy"),
            metadata: metadata.map(at),
            construct_path,
            deployer: Deployer::CloudFormation,
            region: None,
            joined_to: None,
            external: false,
            physical_name: None,
            physical_id: None,
            arn: None,
        });
    }
    model.stacks.push(data);
    let ids: Vec<ResourceId> = resources.into_iter().map(|resource| model.add_resource(resource)).collect();
    for (id, needs) in ids.into_iter().zip(depends) {
        let needs = needs.iter().filter_map(|name| model.stack(stack_id).by_logical_id.get(name).copied()).collect();
        model.resources[id.0 as usize].depends_on = needs;
    }
    collect_exports(model, stack_id);
    Ok(stack_id)
}

/// The entries of `Resources`. Of a name that comes twice CloudFormation takes the last.
fn resources_of(doc: &Doc, resources: NodeId) -> impl Iterator<Item = Entry<'_>> {
    let last: Option<FxHashMap<&str, NodeId>> =
        (!doc.duplicates().is_empty()).then(|| doc.entries(resources).map(|entry| (entry.name, entry.value)).collect());
    doc.entries(resources).filter(move |entry| last.as_ref().is_none_or(|last| last[entry.name] == entry.value))
}

/// What CloudFormation refuses about a resource before it looks at its type. ("Template format error: … resource definition is
/// malformed", "Every Resources object must contain a Type member.")
fn malformed(doc: &Doc, resource: NodeId) -> Option<&'static str> {
    if !matches!(doc.shape(resource), Shape::Object) {
        return Some("is no resource: expected an object with Type and Properties");
    }
    doc.get(resource, "Type").is_none().then_some("has no Type: every resource needs one")
}

fn parameters_of(model: &Model, source: SourceId) -> Numbered<Parameter> {
    let doc = &model.source(source).doc;
    let at = |node: NodeId| NodeRef { source, node };
    let section = doc.root().and_then(|root| doc.get(root, "Parameters"));
    let parameter = |entry: Entry<'_>| {
        let allowed = match doc.get(entry.value, "AllowedValues").map(|node| doc.shape(node)) {
            Some(Shape::Array(values)) => values.iter().map(|&value| at(value)).collect(),
            _ => Vec::new(),
        };
        let parameter = Parameter {
            node: at(entry.value),
            kind: doc.get(entry.value, "Type").and_then(|node| doc.string(node)).unwrap_or("String").to_owned(),
            default: doc.get(entry.value, "Default").map(at),
            allowed,
        };
        (entry.name.to_owned(), parameter)
    };
    section.into_iter().flat_map(|node| doc.entries(node)).map(parameter).collect()
}

/// The template with its loops expanded, where a transform does so, and what of it is not known.
fn loops_of(model: &Model, source: SourceId, given: &Given<'_>) -> Result<(SourceId, Unseen), loops::TooMuch> {
    let doc = &model.source(source).doc;
    let transform = doc.root().and_then(|root| doc.get(root, "Transform")).map(|node| (node, doc.shape(node)));
    let expands = match transform {
        Some((_, Shape::String(name))) => name == LANGUAGE_EXTENSIONS,
        Some((_, Shape::Array(names))) => names.iter().any(|&name| doc.string(name) == Some(LANGUAGE_EXTENSIONS)),
        _ => false,
    };
    let Some(expanded) = expands.then(|| loops::expand(doc, given)).transpose()?.flatten() else {
        return Ok((source, Unseen::default()));
    };
    let origin = Origin::Derived { from: source };
    let made = model.add_source(Source { doc: expanded.doc, origin, functions: true, holes: Vec::new() });
    Ok((made, expanded.unseen))
}

/// Notes the exports of a stack whose names are literal, so that imports of the same input find them.
fn collect_exports(model: &mut Model, stack: StackId) {
    let Some(outputs) = model.stack(stack).outputs else { return };
    let doc = &model.source(outputs.source).doc;
    let mut found = Vec::new();
    for entry in doc.entries(outputs.node) {
        let name =
            doc.get(entry.value, "Export").and_then(|export| doc.get(export, "Name")).and_then(|name| doc.string(name));
        if let (Some(name), Some(value)) = (name, doc.get(entry.value, "Value")) {
            found.push((name.to_owned(), NodeRef { source: outputs.source, node: value }));
        }
    }
    for (name, node) in found {
        model.exports.entry(name).or_insert((stack, node));
    }
}

/// An IAM policy document by itself: one resource of a kind of its own that holds it.
pub(super) fn policy_document(model: &mut Model, file: &str, source: SourceId) -> Result<(), InputError> {
    let Some(root) = model.source(source).doc.root() else { return Ok(()) };
    let node = NodeRef { source, node: root };
    let stack = StackId(model.stacks.len() as u32);
    model.stacks.push(StackData {
        name: None,
        construct_path: None,
        file: file.to_owned(),
        root: node,
        account: None,
        region: None,
        environment: None,
        deployer: Deployer::CloudFormation,
        preview: false,
        parameters: Numbered::default(),
        conditions: Numbered::default(),
        mappings: None,
        outputs: None,
        transforms: Vec::new(),
        resources: Vec::new(),
        by_logical_id: FxHashMap::default(),
        given: FxHashMap::default(),
        passed: FxHashMap::default(),
    });
    model.add_resource(ResourceData {
        stack,
        id: "Policy".into(),
        kind: POLICY_DOCUMENT.into(),
        source_type: POLICY_DOCUMENT.into(),
        anchor: node,
        name_span: None,
        properties: Some(node),
        written_properties: Some(node),
        outputs: None,
        condition: None,
        depends_on: Vec::new(),
        property_dependencies: FxHashMap::default(),
        deletion_policy: None,
        update_replace_policy: None,
        metadata: None,
        construct_path: None,
        deployer: Deployer::CloudFormation,
        region: None,
        joined_to: None,
        external: false,
        physical_name: None,
        physical_id: None,
        arn: None,
    });
    Ok(())
}

/// Kind of the one resource of an input that is an IAM policy document: its properties are the document itself.
pub const POLICY_DOCUMENT: &str = "Stackproof::IAM::PolicyDocument";
