//! See the documentation of the rule below.

use rustc_hash::FxHashMap;

use crate::doc::{Doc, parse_json};
use crate::iam::lint::nearest;
use crate::model::Place;
use crate::model::source::NodeRef;
use crate::model::stack::Deployer;
use crate::rules::prelude::*;

/// Inputs of each type, as @pulumi/aws 7.48 declares them.
const INPUTS: &str = include_str!("../../frontend/pulumi/inputs.json");

rule! {
    /// Pulumi resources have only inputs that their provider knows.
    ///
    /// A wrong name passes wherever the compiler does not look: in YAML, in Python's dictionaries, behind `as any`. The
    /// provider refuses it, or drops it without a word.
    ///
    /// Only the names at the top are looked at, of types that stackproof knows.
    ///
    /// ```json fails
    /// {"resources": [{"type": "aws:cloudwatch/metricAlarm:MetricAlarm", "name": "errors", "inputs": {"description": "too many errors"}}]}
    /// ```
    /// ```json passes
    /// {"resources": [{"type": "aws:cloudwatch/metricAlarm:MetricAlarm", "name": "errors", "inputs": {"alarmDescription": "too many errors"}}]}
    /// ```
    ///
    /// Source: Pulumi Registry, the inputs of each resource of the AWS provider.
    {
        id: "pulumi-unknown-input", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
        aws_error: "Invalid or unknown key",
    }
    |check, resource| {
        if resource.deployer() != Deployer::TerraformBridge {
            return;
        }
        let data = resource.data();
        let Some(written) = data.written_properties else { return };
        let table: &Table = check.world().model.extension(Table::default_of);
        let Some(known) = table.inputs(&data.source_type) else { return };
        let doc = &check.world().model.source(written.source).doc;
        for entry in doc.entries(written.node) {
            // The engine's own, and what the provider puts there.
            if entry.name.starts_with("__") || matches!(entry.name, "tagsAll" | "region" | "id") || known.contains(&entry.name) {
                continue;
            }
            let at = Place { node: NodeRef { source: written.source, node: entry.value }, missing: None };
            let near = nearest(entry.name, &known).or_else(|| {
                let end = entry.name.to_ascii_lowercase();
                known.iter().find(|name| name.to_ascii_lowercase().ends_with(&end)).copied()
            });
            let hint = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            let finding = check.fail(at, format!("{} has no input {}{hint}", data.source_type, entry.name));
            if let Some(near) = near {
                finding.fix(Fix::suggested(format!("rename it to {near}")));
            }
        }
    }
}

/// The names by type, read once per input.
struct Table {
    doc: Doc,
    types: FxHashMap<String, crate::doc::NodeId>,
}

impl Table {
    fn default_of() -> Table {
        let doc = parse_json(INPUTS).unwrap_or_default();
        let types = doc.root().into_iter().flat_map(|root| doc.entries(root));
        let types = types.map(|entry| (entry.name.to_owned(), entry.value)).collect();
        Table { doc, types }
    }

    fn inputs(&self, kind: &str) -> Option<Vec<&str>> {
        let node = *self.types.get(kind)?;
        match self.doc.shape(node) {
            crate::doc::Shape::Array(names) => Some(names.iter().filter_map(|&name| self.doc.string(name)).collect()),
            _ => None,
        }
    }
}
