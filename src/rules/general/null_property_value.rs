//! See the documentation of the rule below.

use crate::doc::{NodeId, Shape};
use crate::model::Place;
use crate::model::source::NodeRef;
use crate::rules::prelude::*;

rule! {
    /// A template holds no null.
    ///
    /// CloudFormation refuses a template that has a null anywhere, also one that an empty YAML value (`Properties:`), a `~` or
    /// a programming language's `null` leaves there.
    ///
    /// Mend it by leaving the name out, or with `!Ref AWS::NoValue` in a branch of `Fn::If`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Bucket:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       BucketName: null
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Bucket:
    ///     Type: AWS::S3::Bucket
    ///     Properties:
    ///       BucketName: !Ref AWS::NoValue
    /// ```
    ///
    /// Source: AWS re:Post, "How do I resolve template validation or template format errors in CloudFormation".
    {
        id: "null-property-value", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        aws_error: "Template format error: 'null' values are not allowed in templates",
    }
    stack |check, stack| {
        if stack.data().deployer != crate::model::stack::Deployer::CloudFormation {
            return;
        }
        let root = stack.data().root;
        let source = check.world().model.source(root.source);
        // Nodes lie flat: most templates have no null, and need no walk.
        if !(0..source.doc.len() as u32).any(|node| matches!(source.shape(NodeId(node)), Shape::Null)) {
            return;
        }
        // A macro may put something in a null's place.
        let macros = stack.may_hold_more();
        for entry in source.doc.entries(root.node) {
            let resources = entry.name == "Resources";
            if !resources {
                for null in nulls(source, entry.value) {
                    let at = Place { node: NodeRef { source: root.source, node: null.node }, missing: None };
                    match &macros {
                        Some(unknown) => check.undetermined(at, unknown),
                        None => check.fail(at, format!("{}{} is null", entry.name, null.below)),
                    };
                }
                continue;
            }
            for resource in source.doc.entries(entry.value) {
                let found = nulls(source, resource.value);
                let known = stack.resource(resource.name);
                for null in found {
                    let at = Place { node: NodeRef { source: root.source, node: null.node }, missing: None };
                    let Some(known) = known else {
                        check.fail(at, format!("Resources/{}{} is null", resource.name, null.below));
                        continue;
                    };
                    if let Some(unknown) = &macros {
                        check.undetermined_on(known, at, unknown);
                        continue;
                    }
                    report(check, known, at, &null);
                }
            }
        }
    }
}

fn report<'s>(check: &crate::rules::Check<'s>, resource: Resource<'s>, at: Place, null: &Null) {
    let edit = if null.named {
        Edit::remove(resource, at)
    } else {
        Edit::replace(resource, at, serde_json::json!({ "Ref": "AWS::NoValue" }))
    };
    let text = if null.named { "leave it out" } else { "put !Ref AWS::NoValue there" };
    check
        .fail_on(resource, at, format!("{} is null", null.below.trim_start_matches('/')))
        .fix(Fix::safe(text, vec![edit]));
}

struct Null {
    node: NodeId,
    /// Names and indices down to it.
    below: String,
    /// The value of a name, not an element or the argument of a function.
    named: bool,
}

fn nulls(source: &crate::model::source::Source, from: NodeId) -> Vec<Null> {
    let mut found = Vec::new();
    let mut open: Vec<(NodeId, String, bool)> = vec![(from, String::new(), false)];
    while let Some((node, below, named)) = open.pop() {
        match source.shape(node) {
            Shape::Null => found.push(Null { node, below, named }),
            Shape::Array(elements) => {
                let numbered = elements.iter().enumerate().rev();
                open.extend(numbered.map(|(index, &element)| (element, format!("{below}/{index}"), false)));
            }
            Shape::Object => {
                let function =
                    source.doc.single_entry(node).is_some_and(|entry| crate::model::intrinsic::is_function(entry.name));
                for entry in source.doc.entries(node).rev() {
                    // A document that becomes a string and the argument of a macro may hold what they like; a bare `!GetAZs`
                    // means the region of the stack.
                    if matches!(entry.name, "Fn::ToJsonString" | "Fn::Transform" | "Fn::GetAZs") {
                        continue;
                    }
                    open.push((entry.value, format!("{below}/{}", entry.name), !function));
                }
            }
            _ => {}
        }
    }
    found
}
