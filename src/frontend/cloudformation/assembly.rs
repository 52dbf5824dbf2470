//! The cloud assembly of the CDK (`cdk.out`): stacks, nested stacks and Stages as one input.
//!
//! Source: `manifest.json` as written by aws-cdk-lib (cloud-assembly-schema).

use rustc_hash::FxHashMap;

use crate::doc::{Doc, NodeId};
use crate::frontend::detect::InputKind;
use crate::frontend::load::{InputError, InputFile, Loaded, Settings, read};
use crate::model::source::{NodeRef, Origin, Source};
use crate::model::stack::Model;
use crate::model::text::StackId;

use super::{StackFacts, build};

struct Template {
    path: String,
    facts: StackFacts,
}

/// Reads an assembly. File paths are given as the host shows them; those of manifests are relative to the manifest's folder.
pub fn load(
    name: &str,
    files: Vec<InputFile>,
    settings: &dyn Fn(Option<&str>) -> Settings,
) -> Result<Loaded, Vec<InputError>> {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let mut by_path: FxHashMap<String, InputFile> = FxHashMap::default();
    let mut manifests = Vec::new();
    for file in files {
        let path = file.path.replace('\\', "/");
        if path == "manifest.json" || path.ends_with("/manifest.json") {
            manifests.push(path.clone());
        }
        by_path.insert(path, file);
    }
    manifests.sort_by_key(|path| (path.matches('/').count(), path.clone()));
    if manifests.is_empty() {
        let message = "there is no manifest.json: expected the cloud assembly that cdk synth writes".to_owned();
        return Err(vec![InputError { file: name.to_owned(), line: None, column: None, message }]);
    }
    let mut templates = Vec::new();
    for path in &manifests {
        let Some(file) = by_path.get(path) else { continue };
        match read(&file.path, &file.bytes) {
            Ok((doc, _)) => templates.extend(stacks_of(&doc, path)),
            Err(error) => errors.push(error),
        }
    }
    let mut model = Model::default();
    let mut open: Vec<(Template, Option<(StackId, NodeRef)>)> =
        templates.into_iter().rev().map(|template| (template, None)).collect();
    while let Some((template, parent)) = open.pop() {
        let Some(file) = by_path.remove(&template.path) else {
            if parent.is_none() {
                let message = "the manifest names this template, and it is not there".to_owned();
                errors.push(InputError { file: template.path, line: None, column: None, message });
            }
            continue;
        };
        let doc = match read(&file.path, &file.bytes) {
            Ok((doc, more)) => {
                warnings.extend(more);
                doc
            }
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let origin = Origin::File { path: file.path.clone() };
        let source = model.add_source(Source { doc, origin, functions: true, holes: Vec::new() });
        let settings = settings(template.facts.name.as_deref());
        let mut facts = template.facts;
        if let Some((parent, properties)) = parent {
            facts.passed = passed_parameters(&model, parent, properties);
        }
        match build(&mut model, &file.path, source, &settings, Some(facts.clone())) {
            Ok(stack) => {
                open.extend(nested_of(&model, stack, &template.path, &facts));
            }
            Err(error) => errors.push(error),
        }
    }
    if model.stacks.is_empty() && !errors.is_empty() {
        return Err(errors);
    }
    Ok(Loaded { model, kind: InputKind::Assembly, errors, warnings })
}

fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
}

fn text<'d>(doc: &'d Doc, node: NodeId, name: &str) -> Option<&'d str> {
    doc.get(node, name).and_then(|node| doc.string(node))
}

fn stacks_of(doc: &Doc, manifest: &str) -> Vec<Template> {
    let mut found = Vec::new();
    let artifacts = doc.root().and_then(|root| doc.get(root, "artifacts"));
    for artifact in artifacts.into_iter().flat_map(|node| doc.entries(node)) {
        if text(doc, artifact.value, "type") != Some("aws:cloudformation:stack") {
            continue;
        }
        let Some(properties) = doc.get(artifact.value, "properties") else { continue };
        let Some(file) = text(doc, properties, "templateFile") else { continue };
        let environment = text(doc, artifact.value, "environment").and_then(|text| text.strip_prefix("aws://"));
        let (account, region) = environment.and_then(|text| text.split_once('/')).unwrap_or_default();
        let known = |text: &str| (!text.is_empty() && !text.starts_with("unknown-")).then(|| text.to_owned());
        found.push(Template {
            path: format!("{}{file}", folder(manifest)),
            facts: StackFacts {
                name: text(doc, properties, "stackName").or(Some(artifact.name)).map(str::to_owned),
                construct_path: text(doc, artifact.value, "displayName").map(str::to_owned),
                account: known(account),
                region: known(region),
                passed: FxHashMap::default(),
            },
        });
    }
    found
}

/// The nested stacks of a template, by the asset path that the CDK leaves in their metadata.
fn nested_of(
    model: &Model,
    stack: StackId,
    path: &str,
    facts: &StackFacts,
) -> Vec<(Template, Option<(StackId, NodeRef)>)> {
    let mut found = Vec::new();
    for &id in model.of_type(stack, "AWS::CloudFormation::Stack") {
        let resource = model.resource(id);
        let Some(metadata) = resource.metadata else { continue };
        let doc = &model.source(metadata.source).doc;
        let Some(file) = text(doc, metadata.node, "aws:asset:path") else { continue };
        let template = Template {
            path: format!("{}{file}", folder(path)),
            facts: StackFacts {
                name: None,
                construct_path: resource.construct_path.clone(),
                account: facts.account.clone(),
                region: facts.region.clone(),
                passed: FxHashMap::default(),
            },
        };
        let parent = resource.properties.map(|properties| (stack, properties));
        found.push((template, parent.or(Some((stack, resource.anchor)))));
    }
    found
}

/// What the parent of a nested stack passes for its parameters.
fn passed_parameters(model: &Model, parent: StackId, properties: NodeRef) -> FxHashMap<String, (StackId, NodeRef)> {
    let doc = &model.source(properties.source).doc;
    let values = doc.get(properties.node, "Parameters").into_iter().flat_map(|values| doc.entries(values));
    values
        .map(|entry| (entry.name.to_owned(), (parent, NodeRef { source: properties.source, node: entry.value })))
        .collect()
}
