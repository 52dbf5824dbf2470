//! See the documentation of the rule below.

use rustc_hash::FxHashMap;

use crate::model::text::Piece;
use crate::model::{StackId, Symbol};
use crate::rules::prelude::*;

rule! {
    /// Export names are well formed, and unique in account and region.
    ///
    /// An export belongs to one stack of an account and region; a second stack (or a second output) with the name is refused.
    /// A name has up to 255 letters, digits, colons and hyphens, and is known before any resource is made.
    ///
    /// Mend it by putting the stack's name in front: `!Sub '${AWS::StackName}-VpcId'`.
    ///
    /// ```yaml fails
    /// Resources: {Topic: {Type: AWS::SNS::Topic}}
    /// Outputs:
    ///   One: {Value: !Ref Topic, Export: {Name: !Sub '${AWS::StackName}-topic'}}
    ///   Two: {Value: !Ref Topic, Export: {Name: !Sub '${AWS::StackName}-topic'}}
    /// ```
    /// ```yaml passes
    /// Resources: {Topic: {Type: AWS::SNS::Topic}}
    /// Outputs:
    ///   One: {Value: !Ref Topic, Export: {Name: !Sub '${AWS::StackName}-topic'}}
    /// ```
    ///
    /// Source: CloudFormation User Guide, "Outputs section" and "Get exported outputs from a deployed stack".
    {
        id: "export-name-unique", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: Assembly,
        fix: Suggested,
    }
    stack |check, stack| {
        if stack.id() != StackId(0) {
            return;
        }
        // Account, region and name → output and value.
        let mut taken: FxHashMap<(Text<'_>, Text<'_>, Text<'_>), Vec<Export<'_>>> = FxHashMap::default();
        let mut order = Vec::new();
        for stack in stack.siblings() {
            for (output, value) in stack.outputs().entries().known().unwrap_or_default() {
                let condition = value.member("Condition").literal().known().map(|name| name.into_owned());
                let name = value.get("Export").get("Name");
                let Some(text) = name.symbolic() else { continue };
                form(check, stack, output, &name, &text);
                let key = (stack.pseudo(Pseudo::AccountId), stack.pseudo(Pseudo::Region), text);
                let exports = taken.entry(key.clone()).or_default();
                if exports.len() == 1 {
                    order.push(key);
                }
                exports.push(Export { stack, output, name, condition });
            }
        }
        for key in order {
            let mut there = taken.get(&key).into_iter().flatten().filter(|export| export.exists());
            let Some(first) = there.next() else { continue };
            for again in there {
                let whose = if again.stack.id() == first.stack.id() {
                    String::new()
                } else {
                    format!(" of {}", first.stack.data().name.as_deref().unwrap_or("another stack"))
                };
                check
                    .fail(&again.name, format!("the output {} exports the name that {}{whose} exports already", again.output, first.output))
                    .aws_error("Export with this name is already exported by another stack")
                    .fix(Fix::suggested("put the stack's name in front: ${AWS::StackName}-…"));
            }
        }
    }
}

struct Export<'s> {
    stack: Stack<'s>,
    output: &'s str,
    name: Value<'s>,
    condition: Option<String>,
}

impl Export<'_> {
    fn exists(&self) -> bool {
        self.condition.as_deref().is_none_or(|name| self.stack.condition(name).unwrap_or(true))
    }
}

fn form<'s>(check: &crate::rules::Check<'s>, stack: Stack<'s>, output: &str, name: &Value<'s>, text: &Text<'s>) {
    if text.symbols().any(|symbol| matches!(symbol, Symbol::Name(_) | Symbol::Id(_))) {
        check
            .fail(name, format!("the export name of {output} refers to a resource"))
            .aws_error("Template error: the Name field of Export must not depend on any resources")
            .fix(Fix::suggested("build the name from parameters and pseudo parameters"));
        return;
    }
    let mut length = 0;
    for piece in text.pieces().iter() {
        let Piece::Literal(literal) = piece else { continue };
        length += literal.chars().count();
        if let Some(bad) = literal.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-')) {
            check
                .fail(name, format!("the export name of {output} has {bad:?}; letters, digits, colons and hyphens are allowed"))
                .aws_error("Template format error: the Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens.")
                .fix(Fix::suggested("use hyphens"));
            return;
        }
    }
    if length > 255 || text.as_literal() == Some("") {
        check
            .fail(name, format!("the export name of {output} has {length} characters; 1 to 255 are allowed"))
            .aws_error("Template format error: the Name field of an Export has 1 to 255 characters")
            .fix(Fix::suggested("shorten the name"));
    } else if is_written(name) && !has_stack_name(stack, text) {
        check
            .fail(name, format!("the export name of {output} is the same in every stack of this template"))
            .category(Category::Reliability)
            .severity(Severity::Info)
            .fix(Fix::suggested("put the stack's name in front: ${AWS::StackName}-…"));
    }
}

/// Whether the name begins with that of its stack, as those that the CDK makes do.
fn has_stack_name(stack: Stack<'_>, text: &Text<'_>) -> bool {
    let rest = stack.data().name.as_deref().and_then(|name| text.as_literal()?.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with([':', '-']))
}

/// Whether the name stands in the template as it is.
fn is_written(name: &Value<'_>) -> bool {
    let at = name.place().node;
    name.world().model.source(at.source).doc.string(at.node).is_some()
}
