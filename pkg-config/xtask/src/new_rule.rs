//! `new-rule SERVICE ID`: a rule's file, its fixtures in both dialects and its place in the list. The tests fail until all are
//! filled in: the fixtures hold no resource yet, and the check says nothing.

use std::fs;
use std::path::Path;

use stackproof::rules::all;

use crate::{Failure, generate, tools};

const RULE: &str = r#"//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// One sentence: what holds where the rule is kept.
    ///
    /// Why it fails otherwise, with the words of AWS's own error if there is one. How to mend it.
    ///
    /// ```yaml fails
    /// Resources: {}
    /// ```
    /// ```yaml passes
    /// Resources: {}
    /// ```
    ///
    /// Source: the page of AWS's documentation that says so.
    {
        id: "ID", since: "VERSION", category: Security, severity: Medium, preset: Enhanced, scope: SingleResource,
        on: ["AWS::Service::Type"],
    }
    |check, resource| {
        let property = resource.get("Property");
        match property.boolean() {
            Read::Known(true) => {}
            Read::Unknown(unknown) => {
                check.undetermined(&property, unknown);
            }
            Read::Known(false) | Read::Absent | Read::Other => {
                check.fail(&property, "what is wrong, in one sentence that names the thing");
            }
        }
    }
}
"#;

const TEMPLATE: &str = "Resources: {}\n";
const PROGRAM: &str = "{ \"resources\": [] }\n";

pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let [service, id] = arguments else {
        return Err("new-rule takes a service and an id: new-rule kms kms-rotation".into());
    };
    let root = tools::root();
    let folder = root.join("src/rules").join(service);
    if !folder.join("mod.rs").exists() {
        return Err(format!(
            "there is no service {service}: add src/rules/{service}/mod.rs and list it in src/rules/mod.rs"
        ));
    }
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(format!("{id:?} is no id: lower-case letters, digits and hyphens"));
    }
    let file = folder.join(format!("{}.rs", id.replace('-', "_")));
    if file.exists() || all().any(|rule| rule.id == *id) {
        return Err(format!("there is a rule {id} already"));
    }
    let version = stackproof::version();
    save(&root, &file, &RULE.replace("\"ID\"", &format!("{id:?}")).replace("VERSION", version))?;
    let fixtures = root.join("tests/rules").join(service).join(id);
    for outcome in ["fails", "passes"] {
        save(&root, &fixtures.join(format!("{outcome}.cfn.yaml")), TEMPLATE)?;
        save(&root, &fixtures.join(format!("{outcome}.pulumi.json")), PROGRAM)?;
    }
    generate::run(&[])?;
    println!("Fill these in, then: STACKPROOF_ONLY={id} cargo test --test rules");
    Ok(())
}

fn save(root: &Path, path: &Path, text: &str) -> Result<(), Failure> {
    let wrote = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    println!("{}", path.strip_prefix(root).unwrap_or(path).display());
    wrote.map_err(|error| format!("{}: {error}", path.display()))
}
