//! See the documentation of the rule below.

use crate::rules::prelude::*;
use crate::rules::strings::{self, Hit, LEAK, SUBSTITUTION, Strings};

rule! {
    /// Text of an unresolved output or token in a value.
    ///
    /// An output that is used as a string before its value exists leaves a text in its place: Pulumi's
    /// `Calling [toString] on an [Output<T>] is not supported…`, JavaScript's `[object Object]`, the CDK's `${Token[…]}`.
    /// In an ARN of a policy IAM splits this text at its colons and complains of the partition "1". The same happens in a
    /// template where `${AWS::Region}` stands in a string without `Fn::Sub`: it is not replaced.
    ///
    /// Mend it in Pulumi with `pulumi.jsonStringify({…})` or `pulumi.all([…]).apply(v => JSON.stringify(…))`, in a template
    /// with `Fn::Sub`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties:
    ///       TopicName: audit-${AWS::Region}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties:
    ///       TopicName: !Sub audit-${AWS::Region}
    /// ```
    ///
    /// Source: CloudFormation User Guide, "Fn::Sub"; Pulumi docs, "Inputs & outputs".
    {
        id: "unresolved-output-in-string", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
        aws_error: "MalformedPolicyDocument: Partition \"1\" is not valid for resource",
    }
    |check, resource| {
        for hit in Strings::of(check.world().model).hits(resource.id(), LEAK | SUBSTITUTION) {
            let value = strings::value(resource, hit.at);
            let Some(text) = check.world().model.source(hit.at.source).doc.string(hit.at.node) else { continue };
            if hit.marks & LEAK != 0
                && let Some((at, what)) = leak(text, is_code(hit))
            {
                let finding = check
                    .fail(&value, format!("{} holds {what} in place of a value", hit.path))
                    .within(at, text[at..].find([' ', '"', '\n']).unwrap_or(text.len() - at))
                    .fix(Fix::suggested(
                        "build the text where the output is resolved: pulumi.interpolate, pulumi.jsonStringify({…}) or apply",
                    ));
                if !is_policy(hit) {
                    // Wrong for sure, but not everything refuses it.
                    finding.category(Category::Reliability).severity(Severity::High).no_aws_error();
                }
                continue;
            }
            if hit.marks & SUBSTITUTION == 0 || hit.substituted || resource.is_pulumi() || is_own_syntax(resource, hit, text) {
                continue;
            }
            let Some((at, name)) = placeholder(resource, hit, text) else { continue };
            if hit.transformed {
                continue;
            }
            if let Some(unknown) = macros(resource) {
                check.undetermined(&value, unknown);
                continue;
            }
            check
                .fail(&value, format!("{} holds ${{{name}}} outside of Fn::Sub, so it stays as it is", hit.path))
                .category(Category::Reliability)
                .severity(if hit.name().ends_with("Description") { Severity::Low } else { Severity::High })
                .no_aws_error()
                .within(at, name.len() + 3)
                .fix(Fix::suggested("wrap the string in Fn::Sub"));
        }
    }
}

/// Where the leaked text begins, and what it is.
fn leak(text: &str, code: bool) -> Option<(usize, &'static str)> {
    const OUTPUT: &str = "the text of an unresolved output";
    const TOKEN: &str = "an unresolved CDK token";
    let everywhere = [("Calling [to", OUTPUT), ("Calling [ToString", OUTPUT), ("Calling __str__ on an Output", OUTPUT)];
    let not_in_code = [
        ("${Token[", TOKEN),
        ("#{Token[", TOKEN),
        ("[object Object]", "the text of an object"),
        ("[object Promise]", "the text of a promise"),
        ("OutputImpl", OUTPUT),
        ("__pulumiOutput", OUTPUT),
    ];
    let wanted = everywhere.iter().chain(not_in_code.iter().filter(|_| !code));
    wanted.filter_map(|&(word, what)| text.find(word).map(|at| (at, what))).min_by_key(|(at, _)| *at)
}

/// Code and scripts, which may speak of such texts themselves.
fn is_code(hit: &Hit) -> bool {
    const CODE: &[&str] = &[
        "ZipFile",
        "InlineCode",
        "FunctionCode",
        "UserData",
        "BuildSpec",
        "Code",
        "Script",
        "ScriptLocation",
        "Content",
        "Commands",
        "Command",
        "DefinitionString",
        "Definition",
        "DefinitionBody",
        "Body",
        "TemplateBody",
        "Text",
        "RequestTemplates",
        "ResponseTemplates",
        "RequestMappingTemplate",
        "ResponseMappingTemplate",
        "Query",
        "QueryString",
        "Sql",
        "DashboardBody",
        "Configuration",
        "UserDefinedFunction",
        "runCommand",
    ];
    hit.path.split('/').any(|name| CODE.contains(&name))
}

fn is_policy(hit: &Hit) -> bool {
    let last = hit.name();
    hit.is_below("Statement")
        || last.ends_with("Policy")
        || last.ends_with("PolicyDocument")
        || last.ends_with("Policies")
}

/// Whether `${…}` may mean something to whoever reads the value: a service, a custom resource, a template in the template.
fn is_own_syntax(resource: Resource<'_>, hit: &Hit, text: &str) -> bool {
    let kind = resource.kind();
    kind.starts_with("Custom::")
        || kind == "AWS::CloudFormation::CustomResource"
        || hit.is_below("TemplateBody")
        || text.contains("Fn::Sub")
        || text.contains("!Sub")
        || (kind.ends_with("::StateMachine") && !resource.get("DefinitionSubstitutions").is_absent())
}

/// The first `${…}` that `Fn::Sub` would replace: a pseudo parameter; outside of code and of services with placeholders of
/// their own also a parameter or resource of the template.
fn placeholder<'t>(resource: Resource<'_>, hit: &Hit, text: &'t str) -> Option<(usize, &'t str)> {
    const PSEUDO: &[&str] = &[
        "AWS::AccountId",
        "AWS::NotificationARNs",
        "AWS::Partition",
        "AWS::Region",
        "AWS::StackId",
        "AWS::StackName",
        "AWS::URLSuffix",
    ];
    const SERVICES: &[&str] = &[
        "AWS::StepFunctions::",
        "AWS::ApiGateway",
        "AWS::AppSync::",
        "AWS::IoT",
        "AWS::SSM::Document",
        "AWS::Serverless::",
        "AWS::CodePipeline::",
        "AWS::Glue::",
        "AWS::ImageBuilder::",
        "AWS::CloudFormation::",
        "AWS::ServiceCatalog::",
        "AWS::FIS::",
        "AWS::Events::",
        "AWS::CodeBuild::",
        "AWS::AppConfig::",
        "AWS::ECS::",
    ];
    let plain =
        !is_code(hit) && !text.contains('\n') && !SERVICES.iter().any(|start| resource.kind().starts_with(start));
    let stack = resource.stack();
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| from + at) {
        let name = text[at + 2..].split('}').next().filter(|name| name.len() + at + 2 < text.len())?;
        let head = name.split('.').next().unwrap_or(name);
        let known = || stack.data().parameters.contains_key(name) || stack.data().by_logical_id.contains_key(head);
        // `$${…}` escapes in several languages.
        let escaped = text[..at].ends_with('$');
        if !escaped && (PSEUDO.contains(&name) || (plain && known())) {
            return Some((at, name));
        }
        from = at + 2;
    }
    None
}

/// Macros of the account may replace placeholders of their own.
fn macros(resource: Resource<'_>) -> Option<Unknown> {
    let own = resource.stack().data().transforms.iter().find(|name| !name.starts_with("AWS::"))?;
    Some(Unknown::new(Why::Transform(own.clone())))
}
