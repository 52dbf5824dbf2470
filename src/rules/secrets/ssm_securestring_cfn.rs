//! See the documentation of the rule below.

use crate::model::stack::Deployer;
use crate::rules::prelude::*;

rule! {
    /// CloudFormation makes no SecureString parameters.
    ///
    /// `AWS::SSM::Parameter` has the types String and StringList. A SecureString is refused, since its value would stand in
    /// the template. Pulumi's own provider can make one.
    ///
    /// Mend it with a Secrets Manager secret and `GenerateSecretString`, or create the parameter outside the template and
    /// read it with `{{resolve:ssm-secure:…}}`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key:
    ///     Type: AWS::SSM::Parameter
    ///     Properties: {Name: /app/key, Type: SecureString, Value: x}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key:
    ///     Type: AWS::SSM::Parameter
    ///     Properties: {Name: /app/key, Type: String, Value: x}
    /// ```
    ///
    /// Source: CloudFormation Template Reference, "AWS::SSM::Parameter".
    {
        id: "ssm-securestring-cfn", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::SSM::Parameter"],
        aws_error: "#/Type: #: SecureString is not a valid enum value (Parameters of type SecureString are not supported by AWS CloudFormation)",
    }
    |check, parameter| {
        if parameter.deployer() == Deployer::TerraformBridge {
            return;
        }
        let kind = parameter.get("Type");
        match kind.literal() {
            Read::Known(text) if text == "SecureString" => {
                check
                    .fail(&kind, "CloudFormation cannot make parameters of the type SecureString")
                    .fix(Fix::suggested("use an AWS::SecretsManager::Secret, or create the parameter outside the template"));
            }
            Read::Unknown(unknown) => {
                check.undetermined(&kind, unknown);
            }
            _ => {}
        }
    }
}
