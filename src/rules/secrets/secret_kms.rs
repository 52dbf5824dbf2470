//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Secrets are encrypted with a key of your own.
    ///
    /// The key `aws/secretsmanager` cannot be shared with another account, and its policy cannot be changed.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Secret: {Type: AWS::SecretsManager::Secret}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Secret: {Type: AWS::SecretsManager::Secret, Properties: {KmsKeyId: alias/acme/secrets}}
    /// ```
    ///
    /// Source: Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
    {
        id: "secret-kms", since: "0.1.0", category: Compliance, severity: Low, preset: All,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::SecretsManager::Secret"],
    }
    |check, secret| {
        let key = secret.get("KmsKeyId");
        let managed = match key.text() {
            Read::Absent => true,
            Read::Known(text) => {
                let shown = text.to_string();
                shown == "alias/aws/secretsmanager" || shown.ends_with(":alias/aws/secretsmanager")
            }
            Read::Unknown(unknown) if unknown.maybe_absent() => {
                check.undetermined(&key, unknown);
                return;
            }
            _ => false,
        };
        if managed {
            check
                .fail(&key, format!("{} is encrypted with the key aws/secretsmanager, which cannot be shared", secret.label()))
                .fix(Fix::suggested("set KmsKeyId to a key of your own"));
        }
    }
}
