//! See the documentation of the rule below.

use super::{functions, secret_text};
use crate::model::text::Piece;
use crate::rules::prelude::*;

rule! {
    /// No secret stands in a function's environment variables.
    ///
    /// The variables are part of the function's configuration: everyone who may read that reads them, and so do deployment
    /// logs and the template. A dynamic reference to Secrets Manager or to a secure parameter does not help, since
    /// CloudFormation puts the resolved value into the configuration in clear.
    ///
    /// Mend it by passing the ARN of the secret and reading it at run time.
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
    ///       Environment: {Variables: {DB_PASSWORD: '{{resolve:secretsmanager:orders-db:SecretString:password}}'}}
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
    ///       Environment: {Variables: {DB_PASSWORD_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-db-AbCdEf'}}
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Securing Lambda environment variables"; CloudFormation User Guide, "Dynamic
    /// references".
    {
        id: "lambda-env-secret", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: functions::FUNCTIONS,
    }
    |check, function| {
        // What is not known never matches: only what is written is looked at.
        for (name, value) in function.get("Environment.Variables").entries().known().unwrap_or_default() {
            let advice = || Fix::suggested("pass the ARN of the secret, and read it when the function runs");
            if let Some(service) = reference(&value) {
                check
                    .fail(
                        &value,
                        format!("{name} takes a secret from {service}, which is then in clear in the function's configuration"),
                    )
                    .fix(advice());
                continue;
            }
            let Read::Known(text) = value.text() else { continue };
            let literal: String = text
                .pieces()
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(literal) => literal.as_ref(),
                    Piece::Symbol(_) => "\u{fffc}",
                })
                .collect();
            if let Some(what) = secret_text::secret(&literal) {
                check.fail(&value, format!("{name} holds {what}")).fix(advice());
            } else if text.as_literal().is_some() && secret_text::is_secret_name(name) && secret_text::is_secret_value(&literal)
            {
                check.fail(&value, format!("{name} looks like a secret and has a literal value")).fix(advice());
            }
        }
    }
}

/// The service that a dynamic reference to a secret in the written value asks.
fn reference(value: &Value<'_>) -> Option<&'static str> {
    let mut found = None;
    value.each_written_string(|_, text| {
        if text.contains("{{resolve:secretsmanager:") {
            found = Some("Secrets Manager");
        } else if text.contains("{{resolve:ssm-secure:") {
            found = Some("a secure parameter");
        }
    });
    if let Some(Why::DynamicReference(text)) = value.unknown().map(Unknown::why) {
        if text.contains("secretsmanager") {
            found = Some("Secrets Manager");
        } else if text.contains("ssm-secure") {
            found = Some("a secure parameter");
        }
    }
    found
}
