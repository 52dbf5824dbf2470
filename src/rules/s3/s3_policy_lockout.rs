//! See the documentation of the rule below.

use crate::iam::condition::{Base, Condition};
use crate::iam::policy::Effect;
use crate::rules::prelude::*;
use crate::rules::statements::{covers_action, names_everyone};

rule! {
    /// A bucket's policy does not lock out those who deploy it.
    ///
    /// A denial of everything to everyone outside one network, address or principal hits the deployment role too: the next
    /// change of the policy, or the deletion of the stack, fails. Only the account's root user can still mend the policy.
    ///
    /// Mend it by denying object actions only, or by sparing the deployment role and the account's administrators with
    /// `ArnNotLike` on `aws:PrincipalArn`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data: {Type: AWS::S3::Bucket}
    ///   Policy:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Data
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Deny
    ///             Principal: '*'
    ///             Action: s3:*
    ///             Resource: [!GetAtt Data.Arn, !Sub '${Data.Arn}/*']
    ///             Condition: {StringNotEquals: {'aws:SourceVpce': vpce-0a1b2c3d4e5f60718}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Data: {Type: AWS::S3::Bucket}
    ///   Policy:
    ///     Type: AWS::S3::BucketPolicy
    ///     Properties:
    ///       Bucket: !Ref Data
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Deny
    ///             Principal: '*'
    ///             Action: s3:GetObject
    ///             Resource: !Sub '${Data.Arn}/*'
    ///             Condition: {StringNotEquals: {'aws:SourceVpce': vpce-0a1b2c3d4e5f60718}}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Bucket policies for Amazon S3" and "PutBucketPolicy" (the root user's exception).
    {
        id: "s3-policy-lockout", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: SingleResource,
        on: ["AWS::S3::BucketPolicy"],
        aws_error: "AccessDenied: User is not authorized to perform: s3:PutBucketPolicy on resource with an explicit deny in a resource-based policy",
    }
    |check, policy| {
        let bucket = policy.follow(Rel::PolicyOf).into_iter().find_map(|edge| edge.target.resource());
        for document in check.documents(policy) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for (index, statement, doubt) in document.statements(Effect::Deny) {
                let Some(actions) = &statement.actions else { continue };
                let Some(principals) = &statement.principals else { continue };
                // NotPrincipal: everyone but those who are named.
                let named = principals.entries.iter().map(|entry| &entry.text);
                let everyone = match principals.negated {
                    true if spares_somebody(named) => Tri::No,
                    true => Tri::Yes,
                    false => names_everyone(principals),
                };
                let covers = |action: &&str| covers_action(actions, action);
                let administers = ADMINISTER.iter().fold(Tri::No, |any, action| any.or(covers(action)));
                let action = ADMINISTER.iter().find(|action| covers(action).is_yes()).unwrap_or(&ADMINISTER[0]);
                let on_bucket = statement.resources.as_ref().map_or(Tri::No, |scope| {
                    let subject = bucket.and_then(Resource::arn);
                    let rest = if scope.unknown.is_some() { Tri::Unknown } else { Tri::No };
                    let hit = scope.entries.iter().fold(rest, |any, entry| {
                        any.or(match &subject {
                            Some(arn) => entry.pattern.matches(arn),
                            // The bucket is not in the input: an ARN without a key is the bucket's.
                            None if entry.text.to_string().contains('/') => Tri::No,
                            None => Tri::Yes,
                        })
                    });
                    if scope.negated { !hit } else { hit }
                });
                let hit = statement.conditions.iter().fold(Tri::Yes, |all, condition| all.and(hits_deployer(condition)));
                let said = administers.and(everyone).and(on_bucket).and(hit);
                if said.is_no() {
                    continue;
                }
                check.in_doubt(doubt.or_else(|| document.doubt_about(statement, said)), || {
                    check.fail(
                        document.place(statement.at),
                        format!("{} denies {action} to everyone, the deployment role included", document.policy().statement_name(index)),
                    );
                });
            }
        }
    }
}

/// What mends or shows the policy of a bucket.
const ADMINISTER: [&str; 3] = ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:GetBucketPolicy"];

/// Whether a condition holds for a role that deploys over the internet, by CloudFormation or with its own credentials.
fn hits_deployer(condition: &Condition<'_>) -> Tri {
    let key = condition.key.to_ascii_lowercase();
    let Some(operator) = condition.operator else { return Tri::Unknown };
    let values = || condition.values.iter().map(|value| &value.text);
    let first = condition.values.first().and_then(|value| value.text.as_literal());
    match key.as_str() {
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:sourceip" | "aws:vpcsourceip" | "aws:vpceaccount"
        | "aws:vpceorgid" => {
            if operator.base == Base::Null {
                // Null true: the request does not come through an endpoint.
                return if first == Some("true") && key.starts_with("aws:sourcevpc") { Tri::Yes } else { Tri::No };
            }
            if operator.negated { Tri::Yes } else { Tri::No }
        }
        "aws:multifactorauthpresent" => match (operator.base, first) {
            // A role that a pipeline assumes has no second factor; Bool needs the key, which such sessions lack.
            (Base::Bool, Some("false")) if operator.if_exists => Tri::Yes,
            (Base::Null, Some("true")) => Tri::Yes,
            (Base::Bool, None) if operator.if_exists => Tri::Unknown,
            (Base::Null, None) => Tri::Unknown,
            _ => Tri::No,
        },
        "aws:multifactorauthage" => {
            if operator.base == Base::Null && first == Some("true") {
                Tri::Yes
            } else {
                Tri::No
            }
        }
        "aws:principalarn" | "aws:userid" | "aws:username" if operator.negated => {
            if condition.unknown.is_some() || values().any(|text| text.has_opaque()) {
                return Tri::Unknown;
            }
            if spares_somebody(values()) { Tri::No } else { Tri::Yes }
        }
        // Transport, TLS version, headers, organisation, account, tags: the deployer is on the right side of them.
        _ => Tri::No,
    }
}

/// Whether the names of those who are spared include one who can mend the policy: the account, or a role that by its name
/// deploys or administers.
fn spares_somebody<'a, 's: 'a>(mut names: impl Iterator<Item = &'a Text<'s>>) -> bool {
    const WORDS: [&str; 18] = [
        ":root",
        "deploy",
        "admin",
        "cdk",
        "terraform",
        "pulumi",
        "cloudformation",
        "cfn",
        "pipeline",
        "github",
        "gitlab",
        "jenkins",
        "break",
        "awsreservedsso",
        "organizationaccountaccess",
        "ops",
        "infra",
        "exec",
    ];
    names.any(|name| {
        let name = name.to_string().to_ascii_lowercase();
        name.ends_with(":*") || name.ends_with("role/*") || WORDS.iter().any(|word| name.contains(word))
    })
}
