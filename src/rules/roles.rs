//! Whether a service can assume a role, and what it may do with it.

use crate::iam::evaluate::{PolicyKind, Request};
use crate::iam::principal::Principal;
use crate::model::{Resource, Text};

use super::check::Check;
use super::policies::{Answer, Documents, Guard};

impl<'s> Check<'s> {
    /// Whether the trust policy of a role lets a service assume it.
    pub fn trusts(&self, role: Resource<'s>, service: &'static str, source: Resource<'s>) -> Answer {
        let documents: Documents<'s> =
            self.documents(role).into_iter().filter(|document| document.kind == PolicyKind::Trust).collect();
        let mut request = Request::new(Principal::service(service), "sts:AssumeRole", arn_of(role))
            .in_account(role.account())
            .with("aws:SourceAccount", source.account())
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:PrincipalServiceName", service)
            .with("aws:SecureTransport", "true");
        if let Some(arn) = source.arn() {
            request = request.with("aws:SourceArn", arn);
        }
        let unknown = match documents.is_empty() {
            true => {
                let document = role.get("AssumeRolePolicyDocument");
                document.unknown().cloned().or_else(|| role.configured_elsewhere())
            }
            false => None,
        };
        Guard { resource: role, documents, unknown }.ask(&request)
    }

    /// Whether the policies of a role allow an action on a resource, as far as this input holds them.
    pub fn role_may(&self, role: Resource<'s>, action: &'static str, on: Text<'s>) -> Answer {
        let principal = Principal::of(arn_of(role), Some(role.account()));
        // Which keys a session carries depends on the service: conditions on them are not decided here.
        let request = Request::new(principal, action, on)
            .in_account(role.account())
            .with("aws:SecureTransport", "true")
            .open_context();
        self.identity(role).ask(&request)
    }
}

fn arn_of<'s>(role: Resource<'s>) -> Text<'s> {
    role.arn().unwrap_or_else(|| role.reference())
}
