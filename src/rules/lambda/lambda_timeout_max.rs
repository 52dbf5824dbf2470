//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// A function's timeout stays within the organisation's limit.
    ///
    /// A long timeout lets a hanging function run, and be paid for, far longer than its work takes; remediation and alerting
    /// functions are meant to answer in seconds. Lambda stops a function after 3 seconds where no timeout is set. The handlers
    /// that the CDK makes for its own custom resources are not judged.
    ///
    /// Mend it by lowering `Timeout`, or by splitting the work; a running function may need what it has, so this is not done
    /// by itself.
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
    ///       Timeout: 120
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
    ///       Timeout: 60
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Configure Lambda function timeout".
    {
        id: "lambda-timeout-max", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::Lambda::Function", "AWS::Serverless::Function"],
        params: {
            maxSeconds: Number = "60", "Longest timeout in seconds.";
            exempt: List = "[]", "Logical ids or Pulumi names of functions that may take longer."
        },
    }
    |check, function| {
        if super::functions::is_exempt(function, &check.list("exempt")) {
            return;
        }
        let Some(most) = check.number("maxSeconds") else { return };
        let timeout = function.effective("Timeout");
        match timeout.number() {
            Read::Known(seconds) if seconds > most => {
                check
                    .fail(&timeout, format!("the timeout of {seconds} seconds is above the limit of {most}"))
                    .fix(Fix::suggested(format!("set Timeout to {most} or less")));
            }
            Read::Unknown(unknown) => {
                check.undetermined(&timeout, unknown);
            }
            _ => {}
        }
    }
}
