//! See the documentation of the rule below.

use super::functions;
use crate::rules::prelude::*;

rule! {
    /// Environment variables are encrypted with a key of the account's own.
    ///
    /// Without `KmsKeyArn` Lambda encrypts the variables with an AWS managed key, whose policy and use the account does not
    /// control.
    ///
    /// Mend it by naming a customer managed key; the function's role needs `kms:Decrypt` on it.
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
    ///       Environment: {Variables: {TABLE: orders}}
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
    ///       Environment: {Variables: {TABLE: orders}}
    ///       KmsKeyArn: arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Securing Lambda environment variables".
    {
        id: "lambda-env-kms", since: "0.1.0", category: Compliance, severity: Low, preset: All,
        scope: SingleResource,
        fix: Suggested,
        on: functions::FUNCTIONS,
    }
    |check, function| {
        let variables = function.get("Environment.Variables");
        let empty = match variables.entries() {
            Read::Known(entries) => !entries.iter().any(|(_, value)| !value.is_absent()),
            Read::Unknown(unknown) => {
                if !function.get("KmsKeyArn").is_present() {
                    check.undetermined(&variables, unknown);
                }
                return;
            }
            _ => true,
        };
        let key = function.get("KmsKeyArn");
        if empty || functions::is_made_by_cdk(function) {
            return;
        }
        match key.kind() {
            Kind::Unknown(unknown) if unknown.maybe_absent() || matches!(unknown.why(), Why::Transform(_)) => {
                check.undetermined(&key, unknown);
            }
            Kind::Absent | Kind::Null => {
                check
                    .fail(&key, "the environment variables are not encrypted with a customer managed key")
                    .fix(Fix::suggested("set KmsKeyArn to the ARN of a customer managed key"));
            }
            _ => {}
        }
    }
}
