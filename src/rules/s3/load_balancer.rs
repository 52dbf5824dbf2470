//! Access logs of Application Load Balancers: how they are delivered into a bucket.
//!
//! Source: Elastic Load Balancing, User Guide for Application Load Balancers, "Enable access logs for your Application Load
//! Balancer" (bucket policy; regional accounts).

use crate::graph::target_of;
use crate::iam::evaluate::{Outcome, Request};
use crate::iam::principal::Principal;
use crate::model::{Read, Resource, Text, Unknown, Value};
use crate::rules::calls::service_call;
use crate::rules::policies::{Answer, Guard};

/// The accounts that deliver in regions opened before August 2022.
const ACCOUNTS: [(&str, &str); 26] = [
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
    ("af-south-1", "098369216593"),
    ("ap-east-1", "754344448648"),
    ("ap-southeast-3", "589379963580"),
    ("ap-south-1", "718504428378"),
    ("ap-northeast-3", "383597477331"),
    ("ap-northeast-2", "600734575887"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ap-northeast-1", "582318560864"),
    ("ca-central-1", "985666609251"),
    ("eu-central-1", "054676820928"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-south-1", "635631232127"),
    ("eu-west-3", "009996457667"),
    ("eu-north-1", "897822967062"),
    ("me-south-1", "076674570225"),
    ("sa-east-1", "507241528517"),
    ("us-gov-west-1", "048591011584"),
    ("us-gov-east-1", "190560391635"),
    ("cn-north-1", "638102146993"),
    ("cn-northwest-1", "037604701340"),
];

/// Where a load balancer's access logs go.
pub(super) struct Logs<'s> {
    pub value: Value<'s>,
    pub bucket: Resource<'s>,
    pub prefix: Option<Text<'s>>,
}

/// Reads the attributes. `Ok(None)` where the balancer is no Application Load Balancer, or keeps no access logs.
pub(super) fn logs<'s>(balancer: Resource<'s>) -> Result<Option<Logs<'s>>, (Value<'s>, Unknown)> {
    let kind = balancer.get("Type");
    match kind.literal() {
        Read::Known(kind) if kind != "application" => return Ok(None),
        Read::Unknown(_) => return Ok(None),
        _ => {}
    }
    let (mut enabled, mut bucket, mut prefix) = (None, None, None);
    for attribute in balancer.get("LoadBalancerAttributes").items_or_one().known().unwrap_or_default() {
        let (key, value) = (attribute.get("Key"), attribute.get("Value"));
        if let Read::Unknown(unknown) = key.literal() {
            return Err((key, unknown));
        }
        match key.literal().known().as_deref() {
            Some("access_logs.s3.enabled") => enabled = Some(value),
            Some("access_logs.s3.bucket") => bucket = Some(value),
            Some("access_logs.s3.prefix") => prefix = Some(value),
            _ => {}
        }
    }
    let (Some(enabled), Some(bucket)) = (enabled, bucket) else { return Ok(None) };
    match enabled.boolean() {
        Read::Known(true) => {}
        Read::Unknown(unknown) => return Err((enabled, unknown)),
        _ => return Ok(None),
    }
    let prefix = match prefix.as_ref().map(|value| (value, value.text())) {
        Some((value, Read::Unknown(unknown))) => return Err((value.clone(), unknown)),
        Some((_, Read::Known(text))) if text.as_literal() != Some("") => Some(text),
        _ => None,
    };
    match target_of(balancer, &bucket, &["AWS::S3::Bucket"]) {
        Some(target) => match target.found() {
            Ok(target) => Ok(Some(Logs { value: bucket, bucket: target, prefix })),
            Err(unknown) => Err((bucket, unknown)),
        },
        None => Ok(None),
    }
}

/// What the bucket's policies answer to the delivery: by the service, or by the account of the region.
pub(super) fn ask<'s>(guard: &Guard<'s>, balancer: Resource<'s>, logs: &Logs<'s>) -> Answer {
    let arn = logs.bucket.arn().unwrap_or_else(|| Text::from("*"));
    let mut key = vec![arn, Text::from("/")];
    if let Some(prefix) = &logs.prefix {
        key.extend([prefix.clone(), Text::from("/")]);
    }
    key.extend([Text::from("AWSLogs/"), balancer.account(), Text::from("/ELBAccessLogTestFile")]);
    let key = Text::concat(key);
    let call = |service| {
        // Which load balancer it is for is not said before there is one.
        service_call(service, "s3:PutObject", key.clone(), logs.bucket, balancer, None)
            .with("s3:x-amz-acl", "bucket-owner-full-control")
            .with_state("aws:SourceArn", crate::iam::condition::KeyState::Unknown)
    };
    let answer = guard.ask(&call("logdelivery.elasticloadbalancing.amazonaws.com"));
    if !matches!(answer, Answer::Refused { .. } | Answer::Unknown(_)) {
        return answer;
    }
    let region = balancer.region();
    let mut unknown = None;
    for (name, account) in ACCOUNTS {
        // Where the region is not known, the account of any will do.
        if region.as_literal().is_some_and(|region| region != name) {
            continue;
        }
        let root = Text::concat([
            Text::from("arn:"),
            balancer.partition(),
            Text::from(":iam::"),
            Text::from(account),
            Text::from(":root"),
        ]);
        let request: Request<'s> =
            Request::new(Principal::of(root, Some(Text::from(account))), "s3:PutObject", key.clone())
                .in_account(logs.bucket.account())
                .with("aws:SecureTransport", "true")
                .with("aws:PrincipalAccount", account)
                .with("s3:x-amz-acl", "bucket-owner-full-control");
        // The account is AWS's own: what its side allows is not in question.
        for document in &guard.documents {
            match document.policy().allows(document.kind, &request).outcome {
                Outcome::Allow => return Answer::Allowed,
                Outcome::Unknown => {
                    unknown = unknown.or_else(|| {
                        Some(
                            document
                                .unknown()
                                .unwrap_or_else(|| Unknown::other("a part of the bucket's policy is not known")),
                        )
                    });
                }
                Outcome::ImplicitDeny | Outcome::ExplicitDeny => {}
            }
        }
    }
    match unknown {
        Some(unknown) => Answer::Unknown(unknown),
        None => answer,
    }
}
