//! CloudFormation templates → model: the canonical shape is theirs, so that most of it is taking stock.

pub mod assembly;

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::doc::{NodeId, Shape};
use crate::model::source::{NodeRef, SourceId};
use crate::model::stack::{Deployer, Model, Parameter, ResourceData, StackData};
use crate::model::text::{ResourceId, StackId};

use super::load::{InputError, Settings, error_at};

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

/// Stands among the transforms of a template in which `Fn::ForEach` makes resources.
pub const FOR_EACH: &str = "Fn::ForEach";

/// What is known of a stack from outside its template.
#[derive(Clone, Debug, Default)]
pub(super) struct StackFacts {
    pub name: Option<String>,
    pub construct_path: Option<String>,
    pub account: Option<String>,
    pub region: Option<String>,
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
    let mut parameters = FxHashMap::default();
    for entry in section("Parameters").into_iter().flat_map(|node| doc.entries(node)) {
        let allowed = match doc.get(entry.value, "AllowedValues").map(|node| doc.shape(node)) {
            Some(Shape::Array(values)) => values.iter().map(|&value| at(value)).collect(),
            _ => Vec::new(),
        };
        parameters.insert(
            entry.name.to_owned(),
            Parameter {
                node: at(entry.value),
                kind: doc.get(entry.value, "Type").and_then(|node| doc.string(node)).unwrap_or("String").to_owned(),
                default: doc.get(entry.value, "Default").map(at),
                allowed,
            },
        );
    }
    let conditions = section("Conditions")
        .into_iter()
        .flat_map(|node| doc.entries(node))
        .map(|entry| (entry.name.to_owned(), at(entry.value)))
        .collect();
    let transforms = match section("Transform").map(|node| (node, doc.shape(node))) {
        Some((_, Shape::String(name))) => vec![name.to_owned()],
        Some((_, Shape::Array(names))) => {
            names.iter().map(|&name| doc.string(name).unwrap_or("a macro").to_owned()).collect()
        }
        Some(_) => vec!["a macro".to_owned()],
        None => Vec::new(),
    };
    let mut transforms: Vec<String> = transforms.into_iter().filter(|name| name != "AWS::LanguageExtensions").collect();
    let loops = section("Resources").into_iter().flat_map(|node| doc.entries(node));
    if loops.into_iter().any(|entry| entry.name.starts_with("Fn::ForEach::")) {
        // Loops are not expanded: there are resources that are not seen.
        transforms.push(FOR_EACH.to_owned());
    }
    let data = StackData {
        name: facts.name,
        construct_path: facts.construct_path,
        file: file.to_owned(),
        root: at(root),
        account: facts.account.or_else(|| settings.account.clone()),
        region: facts.region.or_else(|| settings.region.clone()),
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
        passed: FxHashMap::default(),
    };
    let mut resources = Vec::new();
    let mut depends = Vec::new();
    for entry in section("Resources").into_iter().flat_map(|node| doc.entries(node)) {
        if !matches!(doc.shape(entry.value), Shape::Object) {
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
        parameters: FxHashMap::default(),
        conditions: FxHashMap::default(),
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
