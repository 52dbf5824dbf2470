//! The report as data, version 1. The JSON Schema and the TypeScript types that are shipped come from these types
//! (`cargo xtask types`), with their comments.

#[cfg(not(target_arch = "wasm32"))]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::Merged;
use crate::frontend::{InputError, InputKind};
use crate::model::stack::Model;
use crate::model::{Place, ResourceId};
use crate::rules::{Category, Draft, FixKind, Outcome, Preset, Severity};

use super::locate::Locator;
use super::mask::mask;

/// The report: what `check` returns, `--format json` prints and machines may rely on.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
pub struct Report {
    #[cfg_attr(not(target_arch = "wasm32"), schemars(extend("const" = 1)))]
    pub version: u32,
    pub tool: Tool,
    pub settings: EffectiveSettings,
    pub inputs: Vec<InputReport>,
    /// Inputs that could not be read, or are no infrastructure: nothing is known about them.
    pub errors: Vec<InputError>,
    /// What is odd about an input that was read all the same, such as a name that stands twice in an object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<InputError>,
    pub summary: Summary,
    /// In the order of file, line, column, rule, resource and pointer.
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
    /// How many rules ran.
    pub rules: usize,
}

/// What the host's options and the configuration came to: hosts grade findings by it.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EffectiveSettings {
    pub preset: Preset,
    pub fail_on: Severity,
    pub strict: bool,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "CheckedInput"))]
pub struct InputReport {
    pub file: String,
    pub kind: InputKind,
    /// How many resources it declares.
    pub resources: usize,
}

/// How many findings there are: by severity those that fail, and apart from them the undetermined and the suppressed ones.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
pub struct Summary {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
    pub undetermined: usize,
    pub suppressed: usize,
}

/// Lines and columns start at 1; columns count UTF-16 units; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    #[serde(skip)]
    pub span: [u32; 2],
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub rule: &'static str,
    pub category: Category,
    pub severity: Severity,
    pub outcome: Outcome,
    pub message: String,
    /// What decides it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// What AWS answers when this is deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_error: Option<String>,
    pub docs: String,
    /// The same for the same fault across runs and moved lines.
    pub fingerprint: String,
    /// `null` where the finding is about the input as a whole.
    pub resource: Option<ResourceReport>,
    /// A JSON Pointer into the resource, in the names that the user wrote.
    pub pointer: String,
    /// `null` where there is no source.
    pub location: Option<Location>,
    /// The other places of the resource that the rule objects to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceReport>,
    /// The conditions of the stack under which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// What could not be known, where the outcome is `undetermined`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<UnknownReport>,
    /// Other resources that it has to do with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<FixReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppressed>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "FindingResource"))]
#[serde(rename_all = "camelCase")]
pub struct ResourceReport {
    /// Logical id, or URN.
    pub id: String,
    /// CloudFormation's type, whatever the resource was written in.
    #[serde(rename = "type")]
    pub kind: String,
    /// The type as it was written.
    pub source_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub construct_path: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "FindingPlace"))]
#[serde(rename_all = "camelCase")]
pub struct PlaceReport {
    pub pointer: String,
    pub location: Location,
    pub message: String,
    pub severity: Severity,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "FindingUnknown"))]
#[serde(rename_all = "camelCase")]
pub struct UnknownReport {
    pub why: String,
    /// The resources whose values it waits for.
    pub depends_on: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "FindingRelated"))]
pub struct RelatedReport {
    pub id: String,
    pub pointer: String,
    pub note: String,
    pub location: Location,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "Fix"))]
pub struct FixReport {
    pub kind: FixKind,
    /// What to change, in words.
    pub text: String,
    /// Empty where the fix cannot be made as edits of what the user wrote.
    pub edits: Vec<EditReport>,
}

/// One edit: as JSON Patch on the resource, and as new text for a span of the file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "Edit"))]
#[serde(rename_all = "camelCase")]
pub struct EditReport {
    pub target: EditTarget,
    pub pointer: String,
    pub op: EditOp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
    /// Byte offsets into the file's text, without a byte order mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<[u32; 2]>,
    /// What stands there afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_text: Option<String>,
}

/// What an edit does at its pointer, as in JSON Patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
pub enum EditOp {
    Add,
    Replace,
    Remove,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
pub struct EditTarget {
    /// Absent where the user wrote a program: the edit is then one of the resource's inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub resource: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema), schemars(rename = "Suppression"))]
pub struct Suppressed {
    pub by: SuppressedBy,
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// Who said that a finding shall not count.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
pub enum SuppressedBy {
    /// The configuration's `ignore`.
    Config,
    /// The resource's own `Metadata`.
    Metadata,
    /// An acknowledgement of the CDK's.
    Acknowledgement,
    /// A baseline of findings that were there before.
    Baseline,
}

/// Findings of one input, in no particular order.
pub fn build(model: &Model, merged: Vec<Merged>) -> Vec<Finding> {
    if merged.is_empty() {
        return Vec::new();
    }
    let locator = Locator::new(model);
    merged.into_iter().map(|merged| finding(model, &locator, merged)).collect()
}

fn finding(model: &Model, locator: &Locator<'_>, merged: Merged) -> Finding {
    let Merged { rule, stack, draft, more, under } = merged;
    let say = |text: &str| mask(&model.name_symbols(text));
    // A split resource that was joined to its owner is what the user wrote.
    let resource = draft.resource.map(|id| written_by(model, id, draft.place));
    let pointer = locator.pointer(resource, draft.place);
    let location = locator.place(resource, draft.place, draft.within);
    let report = resource.map(|id| resource_report(model, id));
    let id = report.as_ref().map_or_else(String::new, |resource| resource.id.clone());
    let places = more
        .iter()
        .map(|other| PlaceReport {
            pointer: locator.pointer(resource, other.place),
            location: locator.place(resource, other.place, other.within),
            message: say(&other.message),
            severity: other.severity,
        })
        .collect();
    let related = draft
        .related
        .iter()
        .map(|related| RelatedReport {
            id: model.resource(related.resource).id.clone(),
            pointer: locator.pointer(Some(related.resource), related.place),
            note: say(&related.note),
            location: locator.place(Some(related.resource), related.place, None),
        })
        .collect();
    let unknown = draft.unknown.as_ref().map(|unknown| UnknownReport {
        why: say(&unknown.to_string()),
        depends_on: unknown.depends_on().iter().map(|&id| model.resource(id).id.clone()).collect(),
    });
    let stack_name = model.stack(stack).name.clone().unwrap_or_default();
    Finding {
        rule: rule.id,
        category: draft.category,
        severity: draft.severity,
        outcome: draft.outcome,
        message: say(&draft.message),
        explanation: draft.explanation.as_deref().map(say),
        aws_error: draft.aws_error.as_deref().map(|text| model.name_symbols(text).into_owned()),
        docs: format!("https://stackproof.dev/rules/{}", rule.id),
        fingerprint: fingerprint(&[rule.id, &stack_name, &id, &pointer]),
        resource: report,
        pointer,
        location: Some(location),
        places,
        under,
        unknown,
        related,
        fix: draft.fix.as_ref().map(|fix| crate::fix::report(model, locator, fix)),
        suppressed: None,
    }
}

fn written_by(model: &Model, owner: ResourceId, place: Place) -> ResourceId {
    let parts = model.joined(owner);
    if parts.is_empty() {
        return owner;
    }
    let (source, node) = model.file_of(place.node);
    let span = model.source(source).span(node);
    let written = parts.iter().copied().find(|&id| {
        let anchor = model.resource(id).anchor;
        let anchor = model.source(anchor.source).span(anchor.node);
        anchor.start <= span.start && span.end <= anchor.end
    });
    written.unwrap_or(owner)
}

fn resource_report(model: &Model, id: ResourceId) -> ResourceReport {
    let data = model.resource(id);
    ResourceReport {
        id: data.id.clone(),
        kind: data.kind.clone(),
        source_type: data.source_type.clone(),
        stack: model.stack(data.stack).name.clone(),
        construct_path: data.construct_path.clone(),
    }
}

/// FNV-1a over the parts: stable between runs and machines, and independent of lines.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0xFF]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// File, line, column, rule, resource id, pointer: the same input gives the same bytes.
pub fn sort(findings: &mut [Finding]) {
    fn place(finding: &Finding) -> Option<(&str, u32, u32)> {
        finding.location.as_ref().map(|at| (at.file.as_str(), at.line, at.column))
    }
    fn rest(finding: &Finding) -> (&str, Option<&str>, &str) {
        (finding.rule, finding.resource.as_ref().map(|resource| resource.id.as_str()), &finding.pointer)
    }
    findings.sort_by(|one, other| place(one).cmp(&place(other)).then_with(|| rest(one).cmp(&rest(other))));
}

impl Draft {
    /// A short form for tests and logs.
    pub fn summary(&self) -> String {
        format!("{:?} {}", self.outcome, self.message)
    }
}
