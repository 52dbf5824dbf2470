//! See the documentation of the rule below.

use crate::iam::lint::ProblemKind;
use crate::rules::policies::POLICY_TYPES;
use crate::rules::prelude::*;

use super::syntax::{mended, report};

rule! {
    /// Statement ids have letters and digits only, and are unique.
    ///
    /// IAM refuses a `Sid` with blanks, dashes or other characters in identity and trust policies, and the same `Sid`
    /// twice in one document. S3, SNS, SQS and KMS take other characters.
    ///
    /// Leave the other characters out; number ids that repeat.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Sid: 'read-data', Effect: Allow, Action: 's3:GetObject', Resource: '*'}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - {Sid: ReadData, Effect: Allow, Action: 's3:GetObject', Resource: '*'}
    /// ```
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Sid".
    {
        id: "iam-sid-format", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: POLICY_TYPES,
        aws_error: "MalformedPolicyDocument: Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    }
    |check, resource| {
        report(check, resource, &[ProblemKind::Sid], (Category::Hygiene, Severity::Low), mended);
    }
}
