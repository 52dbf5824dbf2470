//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Services are there, and open to new customers.
    ///
    /// AWS ends services and closes them to new customers. A resource of a service that has ended is refused, one of a closed
    /// service unless the account used it before.
    ///
    /// Which types there are in which region is looked up by AWS's own validation, and not repeated here.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Ledger: {Type: AWS::QLDB::Ledger, Properties: {PermissionsMode: STANDARD}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Table: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}], AttributeDefinitions: [{AttributeName: id, AttributeType: S}], BillingMode: PAY_PER_REQUEST}}
    /// ```
    ///
    /// Source: the notices on top of the services' guides (Amazon QLDB Developer Guide, AWS OpsWorks User Guide, AWS RoboMaker
    /// Developer Guide, CloudWatch User Guide on Evidently), and the CloudTrail User Guide, "Document history", March 2026.
    {
        id: "service-not-in-region", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: SingleResource,
        on: ["*"],
        aws_error: "Template format error: Unrecognized resource types",
    }
    |check, resource| {
        let kind = resource.kind();
        let Some((service, rest)) = service(kind) else { return };
        let Some(row) = SERVICES.iter().find(|row| row.service == service && (row.of.is_empty() || row.of.contains(&rest))) else {
            return;
        };
        // Without a clock: as of the day of this table.
        if check.now().is_some_and(|now| now < row.since) {
            return;
        }
        let finding = match row.state {
            State::Ended => check.fail(resource, format!("{} ended on {}", row.what, row.since)),
            State::Closed => check
                .fail(resource, format!("{} is closed to new customers since {}", row.what, row.since))
                .category(Category::Reliability)
                .severity(Severity::Low)
                .no_aws_error(),
        };
        if !row.instead.is_empty() {
            finding.explain(format!("AWS points to {}.", row.instead));
        }
    }
}

/// Service and type, in lower case and CloudFormation's words: of `AWS::QLDB::Ledger` and of `aws:qldb/ledger:Ledger`.
fn service(kind: &str) -> Option<(&str, &str)> {
    if let Some(rest) = kind.strip_prefix("AWS::") {
        return rest.split_once("::");
    }
    let rest = kind.strip_prefix("aws:")?;
    let (module, rest) = rest.split_once('/')?;
    let (_, name) = rest.split_once(':')?;
    let service = match module {
        "qldb" => "QLDB",
        "opsworks" => "OpsWorks",
        "evidently" => "Evidently",
        "cloudtrail" => "CloudTrail",
        _ => return None,
    };
    Some((service, name))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ended,
    Closed,
}

struct Row {
    service: &'static str,
    /// Types of the service; all where empty.
    of: &'static [&'static str],
    what: &'static str,
    state: State,
    since: &'static str,
    instead: &'static str,
}

const fn ended(service: &'static str, what: &'static str, since: &'static str, instead: &'static str) -> Row {
    Row { service, of: &[], what, state: State::Ended, since, instead }
}

const SERVICES: &[Row] = &[
    ended("QLDB", "Amazon QLDB", "2025-07-31", "Amazon Aurora PostgreSQL"),
    ended("OpsWorks", "AWS OpsWorks Stacks", "2024-05-26", "AWS Systems Manager"),
    ended("RoboMaker", "AWS RoboMaker", "2025-09-10", "AWS Batch"),
    ended("Evidently", "Amazon CloudWatch Evidently", "2025-10-16", "AWS AppConfig"),
    Row {
        service: "CloudTrail",
        of: &["EventDataStore"],
        what: "CloudTrail Lake",
        state: State::Closed,
        since: "2026-05-31",
        instead: "Amazon CloudWatch",
    },
];
