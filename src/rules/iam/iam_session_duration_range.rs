//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// The longest session of a role is between one and twelve hours.
    ///
    /// IAM takes 3600 to 43200 seconds for `MaxSessionDuration`.
    ///
    /// Give a number of seconds in that range.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       MaxSessionDuration: 1800
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       MaxSessionDuration: 7200
    ///       AssumeRolePolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]
    /// ```
    ///
    /// Source: IAM API Reference, "CreateRole".
    {
        id: "iam-session-duration-range", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: SingleResource,
        on: ["AWS::IAM::Role"],
        aws_error: "Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200",
        cdk_builtin: true,
    }
    |check, role| {
        let duration = role.get("MaxSessionDuration");
        match duration.number() {
            Read::Known(seconds) if (3600.0..=43200.0).contains(&seconds) && seconds.fract() == 0.0 => {}
            Read::Known(seconds) => {
                check.fail(&duration, format!("{seconds} is no whole number of seconds between 3600 and 43200"));
            }
            Read::Unknown(unknown) if duration.is_present() || !unknown.maybe_absent() => {
                check.undetermined(&duration, unknown);
            }
            Read::Other => {
                check.fail(&duration, "this is no number of seconds");
            }
            _ => {}
        }
    }
}
