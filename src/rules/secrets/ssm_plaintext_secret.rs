//! See the documentation of the rule below.

use crate::model::stack::Deployer;
use crate::model::text::Piece;
use crate::rules::prelude::*;
use crate::rules::words::names_secret;

rule! {
    /// Parameters that are secret by name are encrypted.
    ///
    /// A String parameter is readable for everybody with ssm:GetParameter, and stands in the template. A placeholder that is
    /// to be overwritten later by a SecureString does not work: the type of a parameter cannot be changed, and the next
    /// update of the stack would put the placeholder back.
    ///
    /// Mend it with a Secrets Manager secret; in Pulumi with `type: "SecureString"` and a secret value.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Password:
    ///     Type: AWS::SSM::Parameter
    ///     Properties: {Name: /app/prod/db-password, Type: String, Value: changeme}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Length:
    ///     Type: AWS::SSM::Parameter
    ///     Properties: {Name: /app/prod/password-length, Type: String, Value: '24'}
    /// ```
    ///
    /// Source: Systems Manager User Guide, "What is a parameter?" (parameter types); PutParameter, HierarchyTypeMismatchException.
    {
        id: "ssm-plaintext-secret", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::SSM::Parameter"],
    }
    |check, parameter| {
        let name = parameter.get("Name");
        let Some(text) = name.symbolic() else { return };
        // The last part of the path, as far as it is written.
        let pieces = text.pieces();
        let Some(Piece::Literal(end)) = pieces.last() else { return };
        let last = end.rsplit('/').next().unwrap_or_default();
        if !names_secret(last) {
            return;
        }
        let kind = parameter.get("Type");
        match kind.literal() {
            Read::Known(text) if text == "String" || text == "StringList" => {}
            Read::Unknown(unknown) => {
                check.undetermined(&kind, unknown);
                return;
            }
            _ => return,
        }
        // Where the secret is, not what it is.
        let value = parameter.get("Value");
        if let Some(text) = value.symbolic() {
            let points = match text.pieces().first() {
                Some(Piece::Literal(start)) => start.starts_with("arn:") || start.starts_with("alias/") || start.starts_with("https://"),
                Some(Piece::Symbol(symbol)) => matches!(symbol, Symbol::Name(_) | Symbol::Id(_)),
                None => false,
            };
            if points {
                return;
            }
        }
        let fix = if parameter.deployer() == Deployer::TerraformBridge {
            "set the type to SecureString and mark the value as secret"
        } else {
            "use an AWS::SecretsManager::Secret with GenerateSecretString"
        };
        check
            .fail(&kind, format!("the parameter {} is secret by its name, but kept as plain text", parameter.label()))
            .fix(Fix::suggested(fix));
    }
}
