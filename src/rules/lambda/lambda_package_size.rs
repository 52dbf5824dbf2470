//! See the documentation of the rule below.

use super::functions;
use crate::model::text::Piece;
use crate::rules::Doubt;
use crate::rules::prelude::*;

/// Bytes of code that stands in the template.
/// Source: CloudFormation Template Reference, "AWS::Lambda::Function Code", `ZipFile`.
const MOST_INLINE: usize = 4_194_304;

rule! {
    /// A function's code is small enough, and of a kind that may stand in the template.
    ///
    /// Code in `ZipFile` is limited to 4 MB, exists for Node.js and Python only, and becomes a file called `index`: the handler
    /// begins with `index.`, or the first call fails. Other runtimes need a package in a bucket or a container image.
    ///
    /// Mend it by naming the handler `index.<function>`, or by packaging the code.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: java21
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {ZipFile: 'class Handler {}'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {ZipFile: 'def handler(event, context): pass'}
    /// ```
    ///
    /// Source: CloudFormation Template Reference, "AWS::Lambda::Function Code"; Lambda Developer Guide, "Lambda quotas".
    {
        id: "lambda-package-size", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: functions::FUNCTIONS,
        aws_error: "InvalidParameterValueException: ZipFile can only be used with Node.js and Python runtimes",
    }
    |check, function| {
        let code = if function.is("AWS::Serverless::Function") { function.get("InlineCode") } else { function.get("Code.ZipFile") };
        // Pulumi's code is an archive of its own, never text in a template.
        if !code.is_present() || function.deployer() == crate::model::stack::Deployer::TerraformBridge {
            return;
        }
        let doubt = code.unknown().map(|unknown| Doubt { at: code.place(), unknown: unknown.clone() });
        let length = code.literal().known().map_or(0, |text| text.len());
        if length > MOST_INLINE {
            check
                .fail(&code, format!("the code in the template has {length} bytes, CloudFormation takes {MOST_INLINE}"))
                .aws_error("Properties validation failed: expected maxLength: 4194304");
        }
        let runtime = function.get("Runtime");
        match runtime.literal() {
            Read::Known(name) if !name.starts_with("nodejs") && !name.starts_with("python") => {
                check.in_doubt(doubt, || {
                    check.fail(&runtime, format!("code in the template is for Node.js and Python, not for {name}"));
                });
                return;
            }
            Read::Unknown(unknown) => {
                check.undetermined(&runtime, unknown);
            }
            _ => {}
        }
        let handler = function.get("Handler");
        match (handler.literal(), handler.symbolic().map(|text| starts_with_index(&text))) {
            (_, None | Some(Tri::Yes)) => {}
            (Read::Known(name), _) => check.in_doubt(doubt, || {
                // It deploys: the first call fails.
                check
                    .fail(&handler, format!("the handler is {name}, but code in the template becomes the file index"))
                    .category(Category::Reliability)
                    .severity(Severity::Medium)
                    .aws_error("Runtime.ImportModuleError: Unable to import module");
            }),
            (_, Some(_)) => check.leave_open(Doubt::of(&handler)),
        }
    }
}

fn starts_with_index(handler: &Text<'_>) -> Tri {
    match handler.pieces().first() {
        Some(Piece::Literal(start)) => start.starts_with("index.").into(),
        Some(Piece::Symbol(_)) => Tri::Unknown,
        None => Tri::No,
    }
}
