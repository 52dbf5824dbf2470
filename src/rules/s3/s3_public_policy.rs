//! See the documentation of the rule below.

use super::public::{is_public, takes_back};
use crate::rules::prelude::*;

rule! {
    /// A bucket's policy does not open it to everyone.
    ///
    /// S3 calls a policy public if a statement allows everyone something without a condition on fixed values of the caller's
    /// organisation, account, ARN, network or address. A bucket that blocks public policies, as every new bucket does unless it
    /// says otherwise, refuses such a policy; any other bucket is then open.
    ///
    /// Mend it by naming the principals, or by a condition such as `aws:PrincipalOrgID`. Wildcards in the value do not count.
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
    ///           - {Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: !Sub '${Data.Arn}/*'}
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
    ///           - Effect: Allow
    ///             Principal: '*'
    ///             Action: s3:GetObject
    ///             Resource: !Sub '${Data.Arn}/*'
    ///             Condition: {StringEquals: {'aws:PrincipalOrgID': o-a1b2c3d4e5}}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
    {
        id: "s3-public-policy", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        on: ["AWS::S3::BucketPolicy"],
        params: { trustedAccounts: List = "[]", "Accounts that may be named in bucket policies; where it is empty, all may." },
        aws_error: "AccessDenied: User is not authorized to perform: s3:PutBucketPolicy on resource because public policies are blocked by the BlockPublicPolicy block public access setting.",
    }
    |check, policy| {
        let block = policy.follow(Rel::PolicyOf).into_iter().find_map(|edge| edge.target.resource()).map(|bucket| {
            bucket.effective("PublicAccessBlockConfiguration.BlockPublicPolicy").boolean()
        });
        for document in check.documents(policy) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            let statements = &document.policy().statements;
            if let Some(at) = document.policy().unknown {
                check.undetermined(document.place(at), Unknown::other("a part of the policy is not known"));
            }
            let taken_back = statements.iter().any(takes_back);
            for (index, statement) in statements.iter().enumerate() {
                let place = document.place(statement.at);
                let name = document.policy().statement_name(index);
                match is_public(statement) {
                    Tri::No => {}
                    Tri::Unknown => {
                        check.undetermined(place, Unknown::other(format!("whether {name} is open to everyone is not known")));
                    }
                    Tri::Yes if taken_back => {
                        check.undetermined(place, Unknown::other(format!("{name} is open to everyone, but another statement denies outsiders")));
                    }
                    Tri::Yes => match &block {
                        Some(Read::Known(true)) => {
                            check.fail(place, format!("{name} opens the bucket to everyone, and the bucket blocks public policies"));
                        }
                        _ => {
                            check
                                .fail(place, format!("{name} opens the bucket to everyone"))
                                .category(Category::Security)
                                .no_aws_error();
                        }
                    },
                }
                foreign(check, &document, index);
            }
        }
    }
}

/// Accounts outside of the list.
fn foreign<'s>(check: &crate::rules::Check<'s>, document: &crate::rules::policies::Document<'s>, index: usize) {
    let trusted = check.list("trustedAccounts");
    let statement = &document.policy().statements[index];
    if trusted.is_empty() || statement.effect != crate::iam::policy::Effect::Allow {
        return;
    }
    for entry in statement.principals.iter().flat_map(|principals| &principals.entries) {
        use crate::iam::principal::{Arn, PrincipalForm};
        let account = match &entry.form {
            PrincipalForm::Account(account) => Some(account.clone()),
            PrincipalForm::Arn => Arn::of(&entry.text).map(|arn| arn.account),
            _ => None,
        };
        let Some(account) = account else { continue };
        // The stack's own account is a pseudo parameter or the account of the host.
        if let Some(literal) = account.as_literal()
            && !trusted.contains(&literal)
            && document.holder.account().as_literal() != Some(literal)
        {
            check
                .fail(
                    document.place(entry.at),
                    format!("the bucket is open to account {literal}, which is not trusted"),
                )
                .category(Category::Security)
                .severity(Severity::Medium)
                .no_aws_error();
        }
    }
}
