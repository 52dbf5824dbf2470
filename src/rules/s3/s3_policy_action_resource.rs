//! See the documentation of the rule below.

use super::actions::{About, about, near_miss};
use crate::iam::policy::Scope;
use crate::lang::arn;
use crate::lang::holes::Units;
use crate::model::pattern::Pattern;
use crate::rules::policies::Document;
use crate::rules::prelude::*;
use crate::rules::written::written;

rule! {
    /// The actions of a bucket policy fit its resources.
    ///
    /// Actions on objects (`s3:GetObject`) need a resource with a key, `arn:aws:s3:::bucket/*`; actions on the bucket
    /// (`s3:ListBucket`) the bucket's own ARN. S3 refuses a policy with an action that fits none of the statement's resources,
    /// with a resource of another bucket, or with an action of another service.
    ///
    /// Mend it by naming both forms of the resource.
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
    ///         Statement: [{Effect: Allow, Principal: {AWS: '111122223333'}, Action: 's3:GetObject', Resource: !GetAtt Data.Arn}]
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
    ///         Statement: [{Effect: Allow, Principal: {AWS: '111122223333'}, Action: 's3:GetObject', Resource: !Sub '${Data.Arn}/*'}]
    /// ```
    ///
    /// Source: Amazon S3 User Guide, "Policy resources for Amazon S3"; Service Authorization Reference, "Amazon S3".
    {
        id: "s3-policy-action-resource", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::S3::BucketPolicy"],
        aws_error: "MalformedPolicy: Action does not apply to any resource(s) in statement",
    }
    |check, policy| {
        let edge = policy.follow(Rel::PolicyOf).into_iter().next();
        let name = edge.as_ref().and_then(|edge| match &edge.target {
            Target::Resource(bucket) => Some(bucket.name()),
            Target::Outside(text) => Some(text.clone()),
            Target::Unknown(_) => edge.value.symbolic(),
        });
        for document in check.documents(policy) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for statement in 0..document.policy().statements.len() {
                judge(check, &document, statement, name.as_ref());
            }
        }
    }
}

fn judge<'s>(check: &crate::rules::Check<'s>, document: &Document<'s>, index: usize, bucket: Option<&Text<'s>>) {
    let statement = &document.policy().statements[index];
    let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { return };
    // What NotAction and NotResource leave over fits something.
    if resources.negated {
        return;
    }
    if resources.unknown.is_some() || statement.unknown.is_some() {
        check.leave_open(document.doubt_about(statement, Tri::Unknown));
        return;
    }
    let mut forms: Vec<Option<About>> = Vec::new();
    for entry in &resources.entries {
        let parsed = arn::parse(&entry.text).valid().and_then(|arn| arn.bucket_and_key());
        let Some((name, key)) = parsed else {
            if entry.text.has_opaque() {
                check.undetermined(document.place(entry.at), Unknown::other("the resource is not known"));
            }
            forms.push(if entry.text.as_literal() == Some("*") { Some(About::Both) } else { None });
            continue;
        };
        match bucket
            .filter(|_| !name.to_string().contains("${"))
            .map(|bucket| (bucket, Pattern::glob(&name).matches(bucket)))
        {
            Some((bucket, Tri::No)) => {
                check
                    .fail(document.place(entry.at), format!("{} is not a resource of the bucket {bucket}", entry.text))
                    .aws_error("MalformedPolicy: Policy has invalid resource");
            }
            Some((_, Tri::Unknown)) => {
                let why = "whether this is the policy's own bucket is not known";
                check.undetermined(document.place(entry.at), Unknown::other(why));
            }
            _ => {}
        }
        // A star in the bucket's name takes in keys too.
        forms.push(Some(match key {
            Some(_) => About::Objects,
            None if name.to_string().contains('*') => About::Both,
            None if name.has_opaque() => About::Both,
            None => About::Bucket,
        }));
    }
    if actions.negated || forms.is_empty() || forms.contains(&None) || forms.contains(&Some(About::Both)) {
        return;
    }
    let has = |form| forms.contains(&Some(form));
    for entry in &actions.entries {
        let Some(written) = entry.text.as_literal() else {
            check.leave_open(document.doubt(entry.at));
            continue;
        };
        let lower = written.to_ascii_lowercase();
        if let Some((service, _)) = lower.split_once(':')
            && !service.contains(['*', '?'])
            && !["s3", "s3-object-lambda", "s3express"].contains(&service)
        {
            check
                .fail(document.place(entry.at), format!("a bucket policy cannot grant {written}"))
                .aws_error("MalformedPolicy: Policy has invalid action");
            continue;
        }
        let wanted = about(|name| entry.pattern.matches_literal(name).is_yes());
        let (fits, what, form) = match wanted {
            About::Objects => (has(About::Objects), "objects", "bucket ARN with /*"),
            About::Bucket => (has(About::Bucket), "the bucket", "bare bucket ARN"),
            About::Neither => {
                if let Some(near) = near_miss(&lower) {
                    check
                        .fail(document.place(entry.at), format!("S3 has no action {written}"))
                        .aws_error("MalformedPolicy: Policy has invalid action")
                        .fix(Fix::suggested(format!("write s3:{near}, in any case")));
                }
                continue;
            }
            About::Both => continue,
        };
        if !fits {
            check
                .fail(
                    document.place(entry.at),
                    format!("{written} is about {what}, but no resource of the statement is"),
                )
                .fix(mend(document, resources, &wanted, format!("add the {form} to the statement's resources")));
        }
    }
}

/// The bucket's own ARN follows from that of its objects; which objects are meant does not follow from the bucket's.
fn mend(document: &Document<'_>, resources: &Scope<'_>, wanted: &About, text: String) -> Fix {
    let bucket = resources.entries.iter().find_map(|entry| {
        let units = Units::of(&entry.text);
        let slash = units.units.iter().position(|unit| unit.is('/'))?;
        written(&units.text(0..slash), document.holder)
    });
    match bucket.filter(|_| matches!(wanted, About::Bucket)) {
        Some(bucket) => Fix::safe(text, vec![Edit::append(document.holder, document.place(resources.at), bucket)]),
        None => Fix::suggested(text),
    }
}
