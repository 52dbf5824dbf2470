//! See the documentation of the rule below.

use crate::iam::evaluate::Request;
use crate::iam::policy::Effect;
use crate::iam::principal::Principal;
use crate::rules::prelude::*;

rule! {
    /// A bucket refuses plain HTTP.
    ///
    /// S3 answers over HTTP too unless the policy denies requests with `aws:SecureTransport` false. The denial must cover
    /// everyone, the bucket itself and its objects.
    ///
    /// Mend it by a statement that denies `s3:*` on both ARNs under `Bool: {aws:SecureTransport: false}`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Data: {Type: AWS::S3::Bucket}
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
    ///             Action: s3:*
    ///             Resource: [!GetAtt Data.Arn, !Sub '${Data.Arn}/*']
    ///             Condition: {Bool: {'aws:SecureTransport': 'false'}}
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Security best practices for Amazon S3" (enforce encryption of data in transit).
    {
        id: "s3-ssl-only", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::S3::Bucket"],
    }
    |check, bucket| {
        let guard = check.guard(bucket);
        let arn = bucket.arn().unwrap_or_else(|| Text::from("*"));
        let key = Text::concat([arn.clone(), Text::from("/any/key")]);
        let calls = [
            ("s3:GetObject", &key, "reading objects"),
            ("s3:PutObject", &key, "writing objects"),
            ("s3:ListBucket", &arn, "listing the bucket"),
        ];
        for (action, on, what) in calls {
            let caller = bucket.principal_beside("user/somebody");
            let request = Request::new(Principal::of(caller, Some(bucket.account())), action, on.clone())
                .in_account(bucket.account())
                .with("aws:SecureTransport", "false")
                .with("aws:PrincipalIsAWSService", "false")
                .with("aws:ViaAWSService", "false")
                .open_context();
            let mut denied = Tri::No;
            for document in &guard.documents {
                if document.unknown().is_some() || document.policy().unknown.is_some() {
                    denied = denied.or(Tri::Unknown);
                }
                for (index, statement) in document.policy().statements.iter().enumerate() {
                    let about_transport =
                        statement.conditions.iter().any(|condition| condition.key.eq_ignore_ascii_case("aws:SecureTransport"));
                    // A denial that holds only together with something else leaves the rest open.
                    if statement.effect != Effect::Allow && about_transport {
                        let effect = if statement.effect == Effect::Deny { Tri::Yes } else { Tri::Unknown };
                        denied = denied.or(match document.policy().applies(index, document.kind, &request) {
                            Tri::Unknown if is_known(statement) => Tri::No,
                            answer => answer.and(effect),
                        });
                    }
                }
            }
            match (denied, &guard.unknown) {
                (Tri::Yes, _) => {}
                (Tri::Unknown, _) => {
                    let why = guard.documents.iter().find_map(|document| document.unknown());
                    check.undetermined(bucket, why.unwrap_or_else(|| Unknown::other("a part of the bucket's policy is not known")));
                    return;
                }
                (Tri::No, Some(unknown)) => {
                    check.undetermined(bucket, unknown);
                    return;
                }
                (Tri::No, None) => {
                    let finding = check
                        .fail(bucket, format!("the bucket's policy does not deny plain HTTP ({what})"))
                        .fix(Fix::suggested("deny s3:* to everyone on the bucket and its objects where aws:SecureTransport is false"));
                    if let Some(document) = guard.documents.first() {
                        finding.related(document.holder, &document.value, "is the bucket's policy");
                    }
                    return;
                }
            }
        }
    }
}

/// Whether all that a statement says is known, so that only the request leaves its answer open.
fn is_known(statement: &crate::iam::policy::Statement<'_>) -> bool {
    statement.unknown.is_none()
        && !statement.conditions.iter().any(|condition| {
            condition.unknown.is_some() || condition.values.iter().any(|value| value.text.has_opaque())
        })
        && !statement
            .resources
            .iter()
            .chain(&statement.actions)
            .any(|scope| scope.unknown.is_some() || scope.entries.iter().any(|entry| entry.text.has_opaque()))
        && !statement.principals.iter().any(|principals| {
            principals.unknown.is_some() || principals.entries.iter().any(|entry| entry.text.has_opaque())
        })
}
