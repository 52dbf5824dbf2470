//! See the documentation of the rule below.

use super::functions;
use crate::rules::prelude::*;

rule! {
    /// A function stays within Lambda's fixed limits.
    ///
    /// Lambda refuses a timeout over 900 seconds, memory below 128 or over 10,240 MB, more than five layers or security groups,
    /// an image function with a handler or runtime, a zip function without them, and reserved concurrency that leaves the
    /// account fewer than 100 unreserved executions.
    ///
    /// Mend it by choosing a value within the limit.
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
    ///       MemorySize: 64
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
    ///       MemorySize: 128
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Lambda quotas"; API reference, "CreateFunction".
    {
        id: "lambda-limits", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: functions::FUNCTIONS,
        params: { accountConcurrency: Number = "1000", "Concurrent executions that the account has in the region." },
        aws_error: "1 validation error detected: failed to satisfy constraint",
        cdk_builtin: true,
    }
    |check, function| {
        let managed = function.get("CapacityProviderConfig");
        // Functions on instances of their own have wider limits.
        let (longest, largest) = if managed.is_absent() { (900.0, 10_240.0) } else { (5_400.0, 32_768.0) };
        for (path, least, most, unit) in [
            ("Timeout", 1.0, longest, "seconds"),
            ("MemorySize", 128.0, largest, "MB"),
            ("EphemeralStorage.Size", 512.0, 10_240.0, "MB"),
        ] {
            let value = function.get(path);
            match value.number() {
                Read::Known(number) if number < least || number > most || number.fract() != 0.0 => {
                    let bound = if number < least { ("greater", least) } else { ("less", most) };
                    check
                        .fail(&value, format!("{path} is {number}, Lambda takes {least} to {most} {unit}"))
                        .aws_error(format!(
                            "1 validation error detected: Value '{number}' failed to satisfy constraint: Member must have value {} than or equal to {}",
                            bound.0, bound.1
                        ));
                }
                Read::Unknown(unknown) => {
                    check.undetermined(&value, unknown);
                }
                _ => {}
            }
        }
        for (path, most, what) in [
            ("Layers", 5, "layers"),
            ("VpcConfig.SecurityGroupIds", 5, "security groups"),
            ("VpcConfig.SubnetIds", 16, "subnets"),
        ] {
            let value = function.get(path);
            if let Read::Known(items) = value.items() {
                let count = items.iter().filter(|item| item.is_present()).count();
                if count > most {
                    check
                        .fail(&value, format!("the function has {count} {what}, Lambda takes {most}"))
                        .aws_error(format!("InvalidParameterValueException: the number of {what} exceeds the limit of {most}"));
                }
            }
        }
        for (path, most) in [("Description", 256), ("Handler", 128), ("FunctionName", 64)] {
            let value = function.get(path);
            // A full or partial ARN may stand for the name.
            let Read::Known(text) = value.literal() else { continue };
            let length = text.chars().count();
            let name_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if path == "FunctionName" && text.contains(':') {
                continue;
            }
            if length > most {
                check
                    .fail(&value, format!("{path} has {length} characters, Lambda takes {most}"))
                    .aws_error(format!("1 validation error detected: Member must have length less than or equal to {most}"));
            } else if path == "Handler" && text.contains(char::is_whitespace) {
                check
                    .fail(&value, "Handler has no blanks")
                    .aws_error("1 validation error detected: Member must satisfy regular expression pattern: [^\\s]+");
            } else if path == "FunctionName" && !text.is_empty() && !text.chars().all(name_like) {
                check
                    .fail(&value, "FunctionName consists of letters, digits, hyphens and underscores")
                    .aws_error("1 validation error detected: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+");
            }
        }
        vpc(check, function);
        package(check, function);
        concurrency(check, function);
    }
}

fn vpc<'s>(check: &crate::rules::Check<'s>, function: Resource<'s>) {
    let config = function.get("VpcConfig");
    let empty = |path| match function.get(path).items() {
        Read::Known(items) => Some(items.is_empty()),
        Read::Absent => Some(true),
        _ => None,
    };
    let (subnets, groups) = (empty("VpcConfig.SubnetIds"), empty("VpcConfig.SecurityGroupIds"));
    let missing = match (subnets, groups) {
        (Some(true), Some(false)) => "SubnetIds",
        (Some(false), Some(true)) => "SecurityGroupIds",
        _ => return,
    };
    check
        .fail(&config, format!("VpcConfig has no {missing}: Lambda takes both lists or neither"))
        .aws_error("InvalidParameterValueException: SubnetIds and SecurityIds must coexist or be both empty list.");
}

fn package<'s>(check: &crate::rules::Check<'s>, function: Resource<'s>) {
    if !function.is("AWS::Lambda::Function") {
        return;
    }
    let kind = function.effective("PackageType");
    let Some(kind) = check.known(&kind, kind.literal()) else { return };
    for path in ["Runtime", "Handler"] {
        let value = function.get(path);
        if kind == "Image" && value.is_present() {
            check
                .fail(&value, format!("{path} cannot be set on a function that is packaged as an image"))
                .aws_error(format!("InvalidParameterValueException: Please don't provide {path} when the intended function PackageType is Image."));
        } else if kind == "Zip" && value.is_absent() {
            check
                .fail(&value, format!("a zip function needs a {path}"))
                .aws_error("InvalidParameterValueException: Runtime and Handler are mandatory parameters for functions created with deployment packages.");
        }
    }
    let layers = function.get("Layers");
    if kind == "Image" && layers.items().known().is_some_and(|layers| layers.iter().any(Value::is_present)) {
        check
            .fail(&layers, "a function that is packaged as an image has no layers")
            .aws_error("InvalidParameterValueException: Please don't provide Layers when the intended function PackageType is Image.");
    }
    let snap = function.get("SnapStart.ApplyOn");
    if snap.literal().known().as_deref() == Some("PublishedVersions")
        && let Read::Known(runtime) = function.get("Runtime").literal()
    {
        const WITHOUT: [&str; 8] =
            ["nodejs", "ruby", "go", "provided", "python2", "python3.6", "dotnetcore", "dotnet6"];
        let old = ["python3.7", "python3.8", "python3.9", "python3.10", "python3.11", "java8"];
        if WITHOUT.iter().chain(&old).any(|prefix| runtime.starts_with(prefix)) {
            check
                .fail(
                    &snap,
                    format!("SnapStart does not work with {runtime}: Java 11, Python 3.12, .NET 8 and later have it"),
                )
                .aws_error(format!(
                    "InvalidParameterValueException: {runtime} is not supported for SnapStart enabled functions."
                ));
        }
    }
}

/// The functions of a stack together: reported on each that asks for so much that its sum is over.
fn concurrency<'s>(check: &crate::rules::Check<'s>, function: Resource<'s>) {
    let value = function.get("ReservedConcurrentExecutions");
    // Pulumi writes -1 for "none".
    let Read::Known(own) = value.number() else { return };
    let bridge = function.is_pulumi() && own == -1.0;
    if own < 0.0 && !bridge {
        check
            .fail(&value, format!("ReservedConcurrentExecutions is {own}, the least is 0"))
            .aws_error("1 validation error detected: Member must have value greater than or equal to 0");
        return;
    }
    let Some(account) = check.number("accountConcurrency") else { return };
    let mut sum = 0.0;
    for kind in functions::FUNCTIONS {
        for other in function.stack().of_type(kind) {
            let reserved = other.get("ReservedConcurrentExecutions").number().known().unwrap_or(0.0).max(0.0);
            // Those before this one count too: the one that goes over the limit is refused.
            if other.id() <= function.id() {
                sum += reserved;
            }
        }
    }
    if own > 0.0 && sum > account - 100.0 {
        check
            .fail(
                &value,
                format!("{sum} reserved executions of {account} leave the account fewer than 100 unreserved ones"),
            )
            .aws_error("InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].");
    }
}
