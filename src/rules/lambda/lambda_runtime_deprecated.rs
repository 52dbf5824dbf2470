//! See the documentation of the rule below.

use super::runtimes::{AS_OF, days_before, nearest, runtime};
use crate::rules::prelude::*;

rule! {
    /// Functions run on a runtime that AWS still supports.
    ///
    /// After a runtime's deprecation AWS no longer patches it; later it refuses new functions on it, and then changes of
    /// existing ones. A name that is no runtime at all is refused at once.
    ///
    /// Mend it by moving to the successor, after a look at what the language changed.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: nodejs18.x
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: nodejs24.x
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Lambda runtimes".
    {
        id: "lambda-runtime-deprecated", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::Lambda::Function", "AWS::Serverless::Function", "AWS::Lambda::LayerVersion"],
        params: {
            asOf: Text = "null", "The day to judge by, YYYY-MM-DD; the day of the check where it is not given.";
            warnDays: Number = "180", "Days before the deprecation from which it is announced."
        },
        aws_error: "InvalidParameterValueException: The runtime parameter is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.",
    }
    |check, function| {
        if !function.is("AWS::Lambda::LayerVersion") {
            let package = function.effective("PackageType");
            match package.literal() {
                Read::Known(kind) if kind == "Image" => return,
                Read::Unknown(unknown) => {
                    check.undetermined(&package, unknown);
                    return;
                }
                _ => {}
            }
            judge(check, &function.get("Runtime"), true);
            return;
        }
        let runtimes = function.get("CompatibleRuntimes");
        match runtimes.items_or_one() {
            // A layer that still names an old runtime besides newer ones harms nobody.
            Read::Known(names) if names.len() == 1 => judge(check, &names[0], false),
            Read::Unknown(unknown) => {
                check.undetermined(&runtimes, unknown);
            }
            _ => {}
        }
    }
}

fn judge<'s>(check: &crate::rules::Check<'s>, value: &Value<'s>, is_function: bool) {
    let name = match value.literal() {
        Read::Known(name) => name,
        Read::Unknown(unknown) => {
            check.undetermined(value, unknown);
            return;
        }
        _ => return,
    };
    let Some(known) = runtime(&name) else {
        let near = nearest(&name).map(|near| format!("; the nearest name is {near}")).unwrap_or_default();
        let finding = check
            .fail(value, format!("no known Lambda runtime has this name{near}"))
            .aws_error(format!("InvalidParameterValueException: Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set"));
        if let Some(near) = nearest(&name) {
            finding.fix(Fix::suggested(format!("use {near}")));
        }
        return;
    };
    if name == "dotnet9" && is_function {
        check
            .fail(value, "dotnet9 exists only as a container base image, not as a runtime of zip packages")
            .aws_error("InvalidParameterValueException: Value dotnet9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set")
            .fix(Fix::suggested("use dotnet10, or package the function as a container image"));
        return;
    }
    let Some(deprecated) = known.deprecated else { return };
    let given = check.string("asOf").or_else(|| check.now()).and_then(|now| now.get(..10));
    // Time does not run backwards: what was out of support when the table was made still is.
    let Some(today) = given.or_else(|| (AS_OF > deprecated).then_some(AS_OF)) else {
        check
            .undetermined(value, Unknown::other("the host gives no date to compare the runtime's end of support with"));
        return;
    };
    let reached = |date: Option<&str>| date.is_some_and(|date| today >= date);
    let advice = |finding: crate::rules::Finding<'_>| {
        if let Some(successor) = known.successor {
            finding.fix(Fix::suggested(format!("move to {successor}")));
        }
    };
    if reached(known.create_block) && is_function {
        // Where the function exists already, AWS takes changes of it until the later date.
        let refused = if reached(known.update_block) { "new and changed" } else { "new" };
        advice(
            check
                .fail(value, format!("AWS refuses {refused} functions on {name} (supported until {deprecated})"))
                .category(Category::DeployFailure)
                .severity(Severity::Critical)
                .aws_error(format!("InvalidParameterValueException: The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.")),
        );
    } else if today > deprecated {
        advice(check.fail(value, format!("{name} is out of support since {deprecated}")).no_aws_error());
    } else if days_before(deprecated, check.number("warnDays").unwrap_or(180.0) as i64)
        .is_some_and(|day| today >= day.as_str())
    {
        advice(
            check
                .fail(value, format!("support for {name} ends on {deprecated}"))
                .severity(Severity::Low)
                .category(Category::Hygiene)
                .no_aws_error(),
        );
    }
}
