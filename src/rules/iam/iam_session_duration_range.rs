//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// The longest session of a role is between one and twelve hours.
    ///
    /// IAM takes 3,600 to 43,200 seconds for `MaxSessionDuration`.
    ///
    /// Write a number of seconds in that range.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       MaxSessionDuration: 1800
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       MaxSessionDuration: 3600
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    /// ```
    ///
    /// Source: IAM API Reference, CreateRole.
    {
        id: "iam-session-duration-range", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: ["AWS::IAM::Role"],
        aws_error: "ValidationError: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200",
        cdk_builtin: true,
    }
    |check, role| {
        let duration = role.get("MaxSessionDuration");
        match duration.number() {
            Read::Known(seconds) if !(3600.0..=43200.0).contains(&seconds) => {
                check.fail(&duration, format!("the longest session is {seconds} s: IAM takes 3600 to 43200"));
            }
            Read::Known(seconds) if seconds.fract() != 0.0 => {
                check.fail(&duration, format!("the longest session is {seconds} s: IAM takes whole seconds"));
            }
            Read::Unknown(unknown) => {
                check.undetermined(&duration, unknown);
            }
            Read::Known(_) | Read::Absent | Read::Other => {}
        }
    }
}
