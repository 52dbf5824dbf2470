//! See the documentation of the rule below.

use crate::model::Place;
use crate::model::source::NodeRef;
use crate::model::stack::Deployer;
use crate::rules::prelude::*;

rule! {
    /// A template is within the quotas of CloudFormation.
    ///
    /// At most 500 resources, 200 parameters, 200 outputs, 200 mappings with 200 attributes each, 1,000,000 bytes, a
    /// description of 1,024 bytes, and names of 255 characters. These quotas cannot be raised.
    ///
    /// Mend it by moving a part that belongs together into a stack of its own, before the limit is reached: resources cannot
    /// change their stack without being replaced or moved by a refactoring.
    ///
    /// ```yaml fails
    /// Resources: {Topic: {Type: AWS::SNS::Topic}}
    /// Description: "A description of more than 1024 bytes. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. sixteen letters. \
    ///   The end."
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic: {Type: AWS::SNS::Topic}
    /// ```
    ///
    /// Source: CloudFormation User Guide, "Understand CloudFormation quotas".
    {
        id: "template-limits", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        params: { warnAt: Number = "0.8", "Share of a quota from which on to warn."; },
        aws_error: "Template format error: Number of resources is greater than maximum allowed, 500",
        cdk_builtin: true,
    }
    stack |check, stack| {
        let data = stack.data();
        if data.deployer != Deployer::CloudFormation {
            return;
        }
        let root = data.root;
        let doc = &check.world().model.source(root.source).doc;
        let at = |node| Place { node: NodeRef { source: root.source, node }, missing: None };
        let share = check.number("warnAt").unwrap_or(0.8);
        let limit = |place: Place, count: usize, most: usize, what: &str| {
            if count > most {
                check
                    .fail(place, format!("{count} {what} are more than the {most} that a template may have"))
                    .aws_error(format!("Template format error: Number of {what}, {count}, is greater than maximum allowed, {most}"))
                    .fix(Fix::suggested("move a part into a stack of its own"));
            } else if count as f64 >= share * most as f64 {
                check
                    .fail(place, format!("{count} {what} are close to the {most} that a template may have"))
                    .category(Category::Reliability)
                    .severity(Severity::Low)
                    .no_aws_error()
                    .fix(Fix::suggested("move a part into a stack of its own while that is easy"));
            }
        };
        limit(at(root.node), doc.text().len(), 1_000_000, "bytes");
        for (section, most, what) in
            [("Resources", 500, "resources"), ("Outputs", 200, "outputs"), ("Parameters", 200, "parameters"), ("Mappings", 200, "mappings")]
        {
            let Some(node) = doc.get(root.node, section) else { continue };
            limit(at(node), doc.entry_count(node), most, what);
            for entry in doc.entries(node) {
                if entry.name.chars().count() > 255 {
                    check
                        .fail(at(entry.value), format!("a name in {section} is longer than 255 characters"))
                        .no_aws_error()
                        .fix(Fix::suggested("shorten the name"));
                }
                if section == "Mappings" {
                    for attribute in doc.entries(entry.value) {
                        limit(at(attribute.value), doc.entry_count(attribute.value), 200, "attributes of a mapping");
                    }
                }
            }
        }
        if let Some(node) = doc.get(root.node, "Description")
            && let Some(text) = doc.string(node)
            && text.len() > 1024
        {
            check
                .fail(at(node), format!("the description has {} bytes, more than the 1024 that it may have", text.len()))
                .aws_error("Template format error: 'Description' length is greater than 1024.")
                .fix(Fix::suggested("shorten the description"));
        }
    }
}
