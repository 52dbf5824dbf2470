//! See the documentation of the rule below.

use super::functions;
use crate::lang::holes::Units;
use crate::rules::prelude::*;

/// Names that Lambda sets itself and lets nobody set.
/// Source: AWS Lambda Developer Guide, "Defined runtime environment variables" (reserved ones).
const RESERVED: [&str; 17] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
];
/// In bytes, of all names and values together.
const MOST_BYTES: usize = 4096;

rule! {
    /// Environment variables have names that Lambda takes, and 4 KB together.
    ///
    /// Lambda refuses names that it sets itself (`AWS_REGION`, `_HANDLER`, …), names that do not begin with a letter, have
    /// other characters than letters, digits and underscores or only one character, and more than 4,096 bytes of names and
    /// values. Functions behind CloudFront (Lambda@Edge) have none at all.
    ///
    /// Mend it by renaming the variable; keep large settings in a parameter or in an object.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: arn:aws:iam::111122223333:role/handler
    ///       Code: {ZipFile: 'def handler(event, context): pass'}
    ///       Environment: {Variables: {AWS_REGION: eu-west-1}}
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
    ///       Environment: {Variables: {TARGET_REGION: eu-west-1}}
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Working with Lambda environment variables".
    {
        id: "lambda-env-limits", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: functions::FUNCTIONS,
        aws_error: "InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification.",
        cdk_builtin: true,
    }
    |check, function| {
        let variables = function.get("Environment.Variables");
        let Some(entries) = check.known(&variables, variables.entries()) else { return };
        let mut least = 0;
        for (name, value) in &entries {
            let present = !matches!(value.kind(), Kind::Absent);
            if !present {
                continue;
            }
            least += name.len() + value.symbolic().map_or(0, |text| Units::of(&text).length_bounds().0);
            if RESERVED.contains(name) || *name == "LAMBDA_RUNTIME_DIR" {
                check
                    .fail(value, format!("{name} is reserved for Lambda itself"))
                    .aws_error(format!("InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {name}"));
            } else if !is_name(name) {
                check
                    .fail(
                        value,
                        format!("{name} is no name of a variable: a letter, then at least one more letter, digit or underscore"),
                    )
                    .aws_error("1 validation error detected: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]");
            }
        }
        if least > MOST_BYTES {
            check
                .fail(&variables, format!("the environment variables have at least {least} bytes, Lambda takes {MOST_BYTES}"))
                .aws_error("InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.");
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
