//! See the documentation of the rule below.

use crate::rules::prelude::*;
use crate::rules::words::names_secret;

rule! {
    /// The value of a secret does not stand in the template.
    ///
    /// A literal `SecretString` is in the template, in its history, and in what anybody with
    /// cloudformation:GetTemplate sees.
    ///
    /// Mend it with `GenerateSecretString`, or with a secret that is filled outside the template. Both properties together
    /// are refused.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Database:
    ///     Type: AWS::SecretsManager::Secret
    ///     Properties: {SecretString: '{"username": "admin", "password": "changeme123"}'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Database:
    ///     Type: AWS::SecretsManager::Secret
    ///     Properties:
    ///       GenerateSecretString: {SecretStringTemplate: '{"username": "admin"}', GenerateStringKey: password}
    /// ```
    ///
    /// Source: CloudFormation Template Reference, "AWS::SecretsManager::Secret"; Secrets Manager API reference, CreateSecret.
    {
        id: "secret-plaintext-value", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::SecretsManager::Secret"],
    }
    |check, secret| {
        let value = secret.get("SecretString");
        let generated = secret.get("GenerateSecretString");
        if value.is_present() && generated.is_present() {
            check
                .fail(&value, format!("{} has both SecretString and GenerateSecretString", secret.label()))
                .category(Category::DeployFailure)
                .aws_error("Can only specify either SecretString or GenerateSecretString.")
                .fix(Fix::suggested("keep GenerateSecretString"));
        }
        let finding = |at: &Value<'_>, what: String| {
            check.fail(at, what).fix(Fix::suggested("use GenerateSecretString, or fill the secret outside the template"));
        };
        if let Read::Known(entries) = value.entries() {
            // A document: fields that are secret by name.
            for (name, field) in entries {
                if let Read::Known(text) = field.literal()
                    && !text.is_empty()
                    && names_secret(name)
                {
                    finding(&field, format!("the {name} of {} stands in the template", secret.label()));
                }
            }
            return;
        }
        let Read::Known(text) = value.literal() else { return };
        if text.len() > 65536 {
            check
                .fail(&value, format!("the value of {} has {} bytes; 65536 are the most", secret.label(), text.len()))
                .category(Category::DeployFailure)
                .aws_error("ValidationException: the secret value is longer than 65536 bytes");
        }
        if !text.trim().is_empty() && !text.starts_with("{{resolve:") {
            finding(&value, format!("the value of {} stands in the template", secret.label()));
        }
    }
}
