//! What a Pulumi document says about its stack: name, account, region, and whether it is a first preview.

use rustc_hash::FxHashMap;

use crate::doc::{Doc, NodeId, Shape, parse_json};
use crate::model::source::{NodeRef, SourceId};
use crate::model::stack::{Deployer, Numbered, StackData};

use super::PulumiKind;
use super::rows::Row;
use super::special_value::{known_text, sentinel};

pub(super) fn stack_data(doc: &Doc, rows: &[Row<'_>], file: &str, source: SourceId, kind: PulumiKind) -> StackData {
    let root = doc.root().unwrap_or(NodeId(0));
    let native = rows.iter().any(|row| row.token.starts_with("aws-native:"))
        && !rows.iter().any(|row| row.token.starts_with("aws:"));
    let named = doc.get(root, "stack").and_then(|name| doc.string(name));
    StackData {
        name: named.or_else(|| rows.first().and_then(|row| row.urn.split([':']).nth(2))).map(str::to_owned),
        construct_path: None,
        file: file.to_owned(),
        root: NodeRef { source, node: root },
        account: account(doc, rows),
        region: region(doc, rows),
        environment: None,
        deployer: if native { Deployer::CloudControl } else { Deployer::TerraformBridge },
        preview: is_preview(doc, root, rows, kind),
        parameters: Numbered::default(),
        conditions: Numbered::default(),
        mappings: None,
        outputs: None,
        transforms: Vec::new(),
        resources: Vec::new(),
        by_logical_id: FxHashMap::default(),
        given: FxHashMap::default(),
        passed: FxHashMap::default(),
    }
}

/// Whether some resource does not exist yet.
fn is_preview(doc: &Doc, root: NodeId, rows: &[Row<'_>], kind: PulumiKind) -> bool {
    let said = doc.get(root, "preview").map(|value| matches!(doc.shape(value), Shape::Bool(true)));
    if kind == PulumiKind::Resources
        && let Some(said) = said
    {
        return said;
    }
    let sentinel_id =
        |row: &Row<'_>| doc.get(row.node, "id").and_then(|id| doc.string(id)).is_some_and(|id| sentinel(id).is_some());
    rows.iter().any(|row| sentinel_id(row) || (row.custom && row.id.is_none() && row.inputs.is_some()))
}

pub(super) fn region_of<'d>(doc: &'d Doc, provider: &Row<'d>) -> Option<&'d str> {
    provider.inputs.and_then(|inputs| doc.get(inputs, "region")).and_then(|region| known_text(doc, region))
}

fn aws_providers<'r, 'd>(rows: &'r [Row<'d>]) -> impl Iterator<Item = &'r Row<'d>> {
    rows.iter().filter(|row| matches!(row.token, "pulumi:providers:aws" | "pulumi:providers:aws-native"))
}

/// The region of the default provider, or the one that all providers share.
fn region(doc: &Doc, rows: &[Row<'_>]) -> Option<String> {
    let is_default = |row: &&Row<'_>| row.urn.rsplit("::").next().is_some_and(|name| name.starts_with("default"));
    let defaults: Vec<&Row<'_>> = aws_providers(rows).filter(is_default).collect();
    if defaults.is_empty() {
        return single(aws_providers(rows).map(|row| region_of(doc, row)));
    }
    single(defaults.into_iter().map(|row| region_of(doc, row)))
}

/// The value that all have in common; `None` if one has none.
fn single<'d>(values: impl Iterator<Item = Option<&'d str>>) -> Option<String> {
    let mut common = None;
    for value in values {
        let value = value?;
        if common.is_some_and(|common| common != value) {
            return None;
        }
        common = Some(value);
    }
    common.map(str::to_owned)
}

/// The account that the providers allow, if it is one; else the one in the ARNs of the state, if it is one.
fn account(doc: &Doc, rows: &[Row<'_>]) -> Option<String> {
    let mut allowed: Vec<String> = Vec::new();
    for provider in aws_providers(rows) {
        let list = provider.inputs.and_then(|inputs| doc.get(inputs, "allowedAccountIds"));
        match list.map(|list| doc.shape(list)) {
            // Structured settings of a provider are JSON texts.
            Some(Shape::String(text)) => {
                if let Ok(inner) = parse_json(text) {
                    inner.root().iter().for_each(|&root| collect(&inner, root, &mut allowed));
                }
            }
            Some(_) => list.iter().for_each(|&list| collect(doc, list, &mut allowed)),
            None => {}
        }
    }
    allowed.sort_unstable();
    allowed.dedup();
    if let [only] = allowed.as_slice() {
        return Some(only.clone());
    }
    let mut common: Option<&str> = None;
    for row in rows.iter().filter(|row| row.token.starts_with("aws") && !row.external) {
        let arn = row.outputs.and_then(|outputs| doc.get(outputs, "arn")).and_then(|arn| known_text(doc, arn));
        let Some(account) = arn.and_then(|arn| arn.split(':').nth(4)) else { continue };
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if common.is_some_and(|common| common != account) {
            return None;
        }
        common = Some(account);
    }
    common.map(str::to_owned)
}

fn collect(doc: &Doc, list: NodeId, into: &mut Vec<String>) {
    if let Shape::Array(elements) = doc.shape(list) {
        into.extend(elements.iter().filter_map(|&element| doc.string(element)).map(str::to_owned));
    }
}
