//! See the documentation of the rule below.

use crate::lang::account_id::{is_account_id, is_placeholder};
use crate::rules::prelude::*;
use crate::rules::strings::{self, ACCOUNT, Strings, each_text};

rule! {
    /// Account ids belong to an account.
    ///
    /// Ids such as 123456789012 or 111111111111 stand in examples and belong to nobody. As a principal of a policy they are
    /// refused, since AWS looks the principal up; elsewhere they point at nothing.
    ///
    /// Mend it by reading the id from the configuration, without a default.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::SQS::QueuePolicy
    ///     Properties:
    ///       Queues: [!Sub 'https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/inbox']
    ///       PolicyDocument:
    ///         Statement: {Effect: Allow, Principal: {AWS: '111111111111'}, Action: 'sqs:SendMessage', Resource: '*'}
    /// ```
    /// ```yaml passes
    /// Parameters: {Partner: {Type: String}}
    /// Resources:
    ///   Policy:
    ///     Type: AWS::SQS::QueuePolicy
    ///     Properties:
    ///       Queues: [!Sub 'https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/inbox']
    ///       PolicyDocument:
    ///         Statement: {Effect: Allow, Principal: {AWS: !Ref Partner}, Action: 'sqs:SendMessage', Resource: '*'}
    /// ```
    ///
    /// Source: IAM User Guide, "AWS JSON policy elements: Principal" and "Troubleshoot IAM policies".
    {
        id: "placeholder-account-id", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
        params: {
            extra: List = "[]", "More ids that stand for none.";
            allow: List = "[]", "Real ids that look like placeholders.";
        },
        aws_error: "MalformedPolicyDocument: Invalid principal in policy",
    }
    |check, resource| {
        let strings = Strings::of(check.world().model);
        let (extra, allow) = (check.list("extra"), check.list("allow"));
        if extra.is_empty() && !strings.may_have(resource.id(), resource.stack().id(), ACCOUNT) {
            return;
        }
        let placeholder = |text: &str| (is_placeholder(text) || extra.contains(&text)) && !allow.contains(&text);
        const FIX: &str = "read the account id from the configuration, and require it";
        let mut failed = false;
        let mut principal = |value: &Value<'_>, text: Text<'_>| {
            let shown = text.to_string();
            if let Some(id) = shown.split(':').find(|part| placeholder(part)) {
                failed = true;
                check
                    .fail(value, format!("the principal {shown} is in the account {id}, which is a placeholder"))
                    .fix(Fix::suggested(FIX));
            }
        };
        for document in check.documents(resource) {
            for statement in document.value.get("Statement").items_or_one().known().unwrap_or_default() {
                for element in ["Principal", "NotPrincipal"] {
                    each_text(&statement.get(element), &mut |_, value, text| principal(value, text));
                }
            }
        }
        if resource.is("AWS::Lambda::Permission") {
            each_text(&resource.get("Principal"), &mut |_, value, text| principal(value, text));
        }
        if failed {
            return;
        }
        for hit in strings.hits(resource.id(), ACCOUNT) {
            let name = hit.name();
            if name.ends_with("Description") || matches!(name, "ZipFile" | "UserData" | "Value" | "BuildSpec" | "DefinitionString") {
                continue;
            }
            let value = strings::value(resource, hit.at);
            let Some(text) = check.world().model.source(hit.at.source).doc.string(hit.at.node) else { continue };
            if let Some((at, id)) = account_in(text, &placeholder) {
                check
                    .fail(&value, format!("{name} names the account {id}, which is a placeholder"))
                    .category(Category::Reliability)
                    .severity(Severity::Low)
                    .no_aws_error()
                    .within(at, id.len())
                    .fix(Fix::suggested(FIX));
                return;
            }
        }
    }
}

/// A placeholder as the whole text or as the account of an ARN in it.
fn account_in<'t>(text: &'t str, placeholder: &dyn Fn(&str) -> bool) -> Option<(usize, &'t str)> {
    if placeholder(text) {
        return Some((0, text));
    }
    let mut from = 0;
    while let Some(at) = text[from..].find("arn:").map(|at| from + at) {
        let arn = text[at..].split(['"', ' ', '\n', ',']).next().unwrap_or_default();
        let field = arn.split(':').nth(4).unwrap_or_default();
        if placeholder(field) {
            return Some((at + arn.find(field).unwrap_or(0), field));
        }
        from = at + 4;
    }
    // Pieces of an ARN that is put together: `:role/x` after an id, `arn:aws:iam::` before one.
    let mut from = 0;
    for part in text.split(':') {
        if is_account_id(part) && placeholder(part) && text.contains(':') && !text.contains("://") {
            return Some((from, part));
        }
        from += part.len() + 1;
    }
    None
}
