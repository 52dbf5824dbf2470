//! See the documentation of the rule below.

use crate::lang::ssm_name;
use crate::rules::prelude::*;

rule! {
    /// Names and values of parameters are within the limits of Parameter Store.
    ///
    /// A name has letters, digits and `_.-/`, up to 15 levels, begins with `/` where it has levels, and not with `aws` or
    /// `ssm`. A value has 1 to 4,096 characters, in the advanced tier 8,192; policies need the advanced tier.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Url:
    ///     Type: AWS::SSM::Parameter
    ///     Properties: {Name: /aws/app/url, Type: String, Value: 'https://example.com'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Url:
    ///     Type: AWS::SSM::Parameter
    ///     Properties: {Name: /app/url, Type: String, Value: 'https://example.com'}
    /// ```
    ///
    /// Source: Systems Manager API reference, PutParameter; User Guide, "Managing parameter tiers".
    {
        id: "ssm-parameter-limits", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::SSM::Parameter"],
        aws_error: "ValidationException: Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
    }
    |check, parameter| {
        let name = parameter.get("Name");
        if let Some(text) = name.symbolic()
            && let Some(problem) = ssm_name::check(&text).problem()
        {
            check
                .fail(&name, format!("the name of {}: {}", parameter.label(), problem.message))
                .aws_error(problem.aws_error.clone())
                .fix(Fix::suggested("rename the parameter"));
        }
        let tier = parameter.get("Tier");
        let written = match tier.literal() {
            Read::Known(text) => Some(text),
            Read::Absent => None,
            Read::Unknown(unknown) => {
                let value = parameter.get("Value").literal().known();
                if value.is_some_and(|text| text.chars().count() > 4096) || parameter.get("Policies").is_present() {
                    check.undetermined(&tier, unknown);
                }
                return;
            }
            Read::Other => return,
        };
        // Without a tier the account's default decides, which is Standard unless somebody has changed it.
        let standard = written.as_deref().is_none_or(|tier| tier == "Standard");
        let sure = written.is_some();
        let value = parameter.get("Value");
        if let Some(text) = value.symbolic() {
            let literal: usize = text
                .pieces()
                .iter()
                .map(|piece| match piece {
                    crate::model::text::Piece::Literal(text) => text.chars().count(),
                    crate::model::text::Piece::Symbol(_) => 0,
                })
                .sum();
            if literal > 8192 {
                check
                    .fail(&value, format!("the value of {} has {literal} characters; 8192 are the most in any tier", parameter.label()))
                    .aws_error("ValidationException: the parameter value is longer than 8192 characters")
                    .fix(Fix::suggested("keep it in S3 or AppConfig"));
            } else if literal > 4096 && standard {
                let finding = check
                    .fail(&value, format!("the value of {} has {literal} characters; 4096 are the most in the standard tier", parameter.label()))
                    .aws_error("ValidationException: Standard tier parameters support a maximum parameter value of 4096 characters.")
                    .fix(Fix::safe(
                        "set Tier to Intelligent-Tiering",
                        vec![Edit::set(parameter, "Tier", "Intelligent-Tiering")],
                    ));
                if !sure {
                    finding.category(Category::Reliability).no_aws_error();
                }
            }
            match text.as_literal() {
                Some("") => {
                    check
                        .fail(&value, format!("the value of {} is empty", parameter.label()))
                        .aws_error("ValidationException: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
                        .fix(Fix::suggested("give it a value"));
                }
                Some(text) if nests(text) => {
                    check
                        .fail(&value, format!("the value of {} refers to another parameter", parameter.label()))
                        .aws_error("ValidationException: Parameter value can't nest another parameter.")
                        .fix(Fix::suggested("read the other parameter where the value is used"));
                }
                Some(text) if text.contains(", ") && parameter.get("Type").literal() == Read::Known("StringList".into()) => {
                    check
                        .fail(&value, format!("blanks after the commas become part of the elements of {}", parameter.label()))
                        .category(Category::Reliability)
                        .severity(Severity::Info)
                        .no_aws_error();
                }
                _ => {}
            }
        }
        let policies = parameter.get("Policies");
        if policies.is_present() && standard && policies.literal() != Read::Known("".into()) {
            let finding = check
                .fail(&policies, format!("the policies of {} need the advanced tier", parameter.label()))
                .aws_error("ValidationException: Parameter policies are only supported in the advanced tier")
                .fix(Fix::suggested("set Tier to Advanced (it is charged for)"));
            if !sure {
                finding.category(Category::Reliability).no_aws_error();
            }
        }
    }
}

/// Double braces are a reference to another parameter; `{{resolve:…}}` is CloudFormation's own and is replaced before.
fn nests(text: &str) -> bool {
    let mut opened = text.split("{{").skip(1);
    opened.any(|rest| rest.contains("}}") && !rest.starts_with("resolve:"))
}
