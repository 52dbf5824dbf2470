//! One input, however many files it has → a [`Model`].

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::doc::{Doc, LineIndex, ParseError, parse_json, parse_yaml, text_of};
use crate::model::source::{NodeRef, Origin, Source, SourceId};
use crate::model::stack::Model;

use super::cloudformation;
use super::detect::{InputKind, detect};
use super::pulumi::{self, PulumiKind};

/// A file of an input. Paths of an assembly are relative to its folder.
#[derive(Clone, Debug)]
pub struct InputFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// What a front end takes from the configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub account: Option<String>,
    pub region: Option<String>,
    pub environment: Option<String>,
    pub parameters: FxHashMap<String, String>,
}

/// What could not be read: where, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct InputError {
    pub file: String,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub message: String,
}

pub struct Loaded {
    pub model: Model,
    pub kind: InputKind,
    pub errors: Vec<InputError>,
    /// What is odd about the files but does not keep them from being read.
    pub warnings: Vec<InputError>,
}

/// Reads an input. `kind` is what the host says it is: `auto`, or one of the kinds of the report.
/// `settings` gives what the configuration says about a stack of this name.
pub fn load(
    name: &str,
    kind: &str,
    files: Vec<InputFile>,
    settings: &dyn Fn(Option<&str>) -> Settings,
) -> Result<Loaded, Vec<InputError>> {
    if kind == "assembly" {
        return cloudformation::assembly::load(name, files, settings);
    }
    let Some(file) = files.into_iter().next() else {
        return Err(vec![InputError {
            file: name.to_owned(),
            line: None,
            column: None,
            message: "there is no file".into(),
        }]);
    };
    let path = file.path;
    let (doc, warnings) = match read(&path, &file.bytes) {
        Ok(read) => read,
        Err(error) => return Err(vec![error]),
    };
    let detected = match kind {
        "auto" => detect(&doc),
        "cloudformation" => Ok(InputKind::Cloudformation),
        "pulumi-state" => Ok(InputKind::PulumiState),
        "pulumi-resources" => Ok(InputKind::PulumiResources),
        "pulumi-preview" => Ok(InputKind::PulumiPreview),
        "iam-policy" => Ok(InputKind::IamPolicy),
        other => Err(format!("unknown kind of input {other:?}")),
    };
    let detected = match detected {
        Ok(detected) => detected,
        Err(message) => return Err(vec![InputError { file: path, line: Some(1), column: Some(1), message }]),
    };
    let mut model = Model::default();
    let functions = detected == InputKind::Cloudformation;
    let source =
        model.add_source(Source { doc, origin: Origin::File { path: path.clone() }, functions, holes: Vec::new() });
    let result = match detected {
        InputKind::Cloudformation => cloudformation::build(&mut model, &path, source, &settings(None), None)
            .map(|_| ())
            .map_err(|error| vec![error]),
        InputKind::PulumiState | InputKind::PulumiPreview | InputKind::PulumiResources => {
            build_pulumi(&mut model, &path, source, detected, settings)
        }
        InputKind::IamPolicy => cloudformation::policy_document(&mut model, &path, source).map_err(|error| vec![error]),
        InputKind::Assembly | InputKind::PulumiProject => Ok(()),
    };
    match result {
        Ok(()) => Ok(Loaded { model, kind: detected, errors: Vec::new(), warnings }),
        Err(errors) => Err(errors),
    }
}

fn build_pulumi(
    model: &mut Model,
    path: &str,
    source: SourceId,
    detected: InputKind,
    settings: &dyn Fn(Option<&str>) -> Settings,
) -> Result<(), Vec<InputError>> {
    let kind = match detected {
        InputKind::PulumiPreview => PulumiKind::Preview,
        InputKind::PulumiResources => PulumiKind::Resources,
        _ => PulumiKind::State,
    };
    pulumi::build(model, path, source, kind)
        .map_err(|message| vec![InputError { file: path.into(), line: Some(1), column: Some(1), message }])?;
    for stack in &mut model.stacks {
        // What the document says wins over the configuration.
        let given = settings(stack.name.as_deref());
        stack.account = stack.account.take().or(given.account);
        stack.region = stack.region.take().or(given.region);
        stack.environment = given.environment;
    }
    Ok(())
}

/// Parses JSON or YAML, told apart by the first character. Names that come twice in an object are returned as
/// warnings: CloudFormation takes the last one.
pub fn read(path: &str, bytes: &[u8]) -> Result<(Doc, Vec<InputError>), InputError> {
    let fail = |text: &str, error: ParseError| {
        let position = LineIndex::new(text).position(text, error.offset);
        InputError {
            file: path.to_owned(),
            line: Some(position.line),
            column: Some(position.column),
            message: error.message,
        }
    };
    let text = text_of(bytes).map_err(|error| {
        let prefix = String::from_utf8_lossy(&bytes[..error.offset.min(bytes.len())]).into_owned();
        fail(&prefix, error)
    })?;
    if text.len() >= (1 << 31) {
        return Err(InputError {
            file: path.into(),
            line: None,
            column: None,
            message: "the file is larger than 2 GB".into(),
        });
    }
    if text.trim().is_empty() {
        return Err(InputError {
            file: path.into(),
            line: Some(1),
            column: Some(1),
            message: "the file is empty: expected a CloudFormation template, a Pulumi stack export or preview, or an IAM policy document".into(),
        });
    }
    let json = text.trim_start().starts_with(['{', '[']);
    let doc = if json {
        match parse_json(text) {
            Ok(doc) => doc,
            // YAML's flow style begins like JSON; where it is neither, the JSON error is the better one.
            Err(error) => parse_yaml(text, cloudformation::tag).map_err(|_| fail(text, error))?,
        }
    } else {
        parse_yaml(text, cloudformation::tag).map_err(|error| fail(text, error))?
    };
    let mut errors = Vec::new();
    if !doc.duplicates().is_empty() {
        let index = LineIndex::new(text);
        for duplicate in doc.duplicates() {
            let first = index.position(text, duplicate.first.start as usize);
            let again = index.position(text, duplicate.again.start as usize);
            let name = text.get(duplicate.again.range()).unwrap_or_default().trim_matches(['"', '\'']);
            errors.push(InputError {
                file: path.to_owned(),
                line: Some(again.line),
                column: Some(again.column),
                message: format!(
                    "{name} stands twice in this object (first in line {}): the last one counts",
                    first.line
                ),
            });
        }
    }
    Ok((doc, errors))
}

/// The position of a value in its file, for errors of front ends.
pub(super) fn error_at(model: &Model, file: &str, node: NodeRef, message: impl Into<String>) -> InputError {
    let source = model.source(node.source);
    let text = source.doc.text();
    let position = LineIndex::new(text).position(text, source.span(node.node).start as usize);
    InputError {
        file: file.to_owned(),
        line: Some(position.line),
        column: Some(position.column),
        message: message.into(),
    }
}
