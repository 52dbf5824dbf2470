//! What kind of document a file holds, by its top-level names.

use serde::{Deserialize, Serialize};

use crate::doc::{Doc, Shape};

/// The kinds of input that a report names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename = "Kind"))]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// A template.
    Cloudformation,
    /// A cloud assembly of the CDK's: `cdk.out`.
    Assembly,
    /// What `pulumi stack export` writes.
    PulumiState,
    /// What `pulumi preview --json` writes.
    PulumiPreview,
    /// Resources as the Pulumi engine hands them to a policy pack.
    PulumiResources,
    /// A program.
    PulumiProject,
    /// A policy document alone.
    IamPolicy,
}

/// The kind of a single document; `Err` says what was expected.
pub fn detect(doc: &Doc) -> Result<InputKind, String> {
    let expected = "expected a CloudFormation template (an object with Resources), a Pulumi stack export or preview, or an IAM policy document";
    let Some(root) = doc.root() else { return Err(format!("the file is empty: {expected}")) };
    if !matches!(doc.shape(root), Shape::Object) {
        return Err(format!("the top level is no object: {expected}"));
    }
    let has = |name: &str| doc.get(root, name).is_some();
    if has("deployment") || has("checkpoint") {
        return Ok(InputKind::PulumiState);
    }
    if has("steps") && (has("changeSummary") || has("config") || has("diagnostics") || has("duration")) {
        return Ok(InputKind::PulumiPreview);
    }
    // Parameters and rules are all that the CDK writes of a stack without resources.
    if has("Resources") || has("AWSTemplateFormatVersion") || has("Transform") || (has("Parameters") && has("Rules")) {
        return Ok(InputKind::Cloudformation);
    }
    if has("Statement") {
        return Ok(InputKind::IamPolicy);
    }
    if has("artifacts") && has("version") {
        return Err("this is the manifest of a cloud assembly: give the folder that holds it (cdk.out)".into());
    }
    if has("name") && has("runtime") {
        return Err("this is a Pulumi project file: export its stack (pulumi stack export) or its preview (pulumi preview --json) and check that".into());
    }
    Err(expected.into())
}

#[cfg(test)]
mod tests {
    use super::{InputKind, detect};

    fn kind(text: &str) -> Result<InputKind, String> {
        detect(&crate::frontend::read_document("input.json", text.as_bytes()).expect("JSON").0)
    }

    #[test]
    fn each_kind_is_known_by_its_names() {
        assert_eq!(kind(r#"{"Resources": {}}"#), Ok(InputKind::Cloudformation));
        assert_eq!(kind(r#"{"AWSTemplateFormatVersion": "2010-09-09"}"#), Ok(InputKind::Cloudformation));
        assert_eq!(kind(r#"{"Parameters": {}, "Rules": {}}"#), Ok(InputKind::Cloudformation));
        assert_eq!(kind(r#"{"version": 3, "deployment": {}}"#), Ok(InputKind::PulumiState));
        assert_eq!(kind(r#"{"steps": [], "changeSummary": {}}"#), Ok(InputKind::PulumiPreview));
        assert_eq!(kind(r#"{"Statement": []}"#), Ok(InputKind::IamPolicy));
    }

    #[test]
    fn what_is_none_is_told_what_was_expected() {
        for (text, says) in [
            (r#"{"Parameters": {}}"#, "expected a CloudFormation template"),
            (r#"{"version": "38.0.0", "artifacts": {}}"#, "manifest of a cloud assembly"),
            (r#"{"name": "app", "runtime": "nodejs"}"#, "pulumi stack export"),
            ("[]", "the top level is no object"),
        ] {
            let said = kind(text).expect_err(text);
            assert!(said.contains(says), "{text}: {said}");
        }
    }
}
