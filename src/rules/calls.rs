//! The calls that AWS services make on a user's resources, as requests for the evaluator.
//!
//! Source: IAM User Guide, "Cross-service confused deputy prevention" and "AWS global condition context keys": a service
//! that acts for a resource sends its ARN and account.

use crate::iam::evaluate::Request;
use crate::iam::principal::Principal;
use crate::model::{Resource, Text};

/// A call of a service (`events.amazonaws.com`) on behalf of `source`, whose ARN is `source_arn` where it is known.
pub fn service_call<'s>(
    service: &'static str,
    action: &'static str,
    resource: Text<'s>,
    target: Resource<'s>,
    source: Resource<'s>,
    source_arn: Option<Text<'s>>,
) -> Request<'s> {
    let request = Request::new(Principal::service(service), action, resource)
        .in_account(target.account())
        .with("aws:SourceAccount", source.account())
        .with("aws:PrincipalServiceName", service)
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:ViaAWSService", "false")
        .with("aws:SecureTransport", "true");
    match source_arn {
        Some(arn) => request.with("aws:SourceArn", arn),
        None => request,
    }
}
