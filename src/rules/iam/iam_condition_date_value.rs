//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{as_is, report};

rule! {
    /// Date conditions compare with a date.
    ///
    /// The value is a date of ISO 8601 or seconds since 1970. A time of day such as `08:00Z` is neither: IAM takes it
    /// for a number and refuses the document. There is no daily window in IAM.
    ///
    /// Write an absolute instant, `2026-11-21T08:00:00Z`; for office hours switch a role or policy on a schedule.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {DateGreaterThan: {'aws:CurrentTime': '08:00Z'}}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {DateGreaterThan: {'aws:CurrentTime': '2026-11-21T08:00:00Z'}}}
    /// ```
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Condition operators", date condition operators.
    {
        id: "iam-condition-date-value", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: SingleResource,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: The policy failed legacy parsing",
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::DateValue], (Category::Reliability, Severity::Low), as_is);
    }
}
