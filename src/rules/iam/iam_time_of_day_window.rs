//! See the documentation of the rule below.

use crate::iam::condition::{Base, Condition, Order, instant};
use crate::iam::policy::{Effect, Statement};
use crate::rules::Check;
use crate::rules::policies::Document;
use crate::rules::prelude::*;

const DAY: i128 = 24 * 60 * 60 * 1000;
const MEND: &str = "let a schedule rewrite the policy, or limit the age of sessions with aws:TokenIssueTime";

rule! {
    /// Conditions on the time do not try to express hours of the day.
    ///
    /// `aws:CurrentTime` and `aws:EpochTime` are moments, not hours: a pair of bounds is one window that opens once and
    /// never again. `08:00Z` is no date and never matches.
    ///
    /// Let a schedule rewrite the policy, issue sessions elsewhere, or limit their age with `aws:TokenIssueTime`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {DateGreaterThan: {'aws:CurrentTime': '08:00Z'}, DateLessThan: {'aws:CurrentTime': '18:00Z'}}}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*', Condition: {DateGreaterThan: {'aws:CurrentTime': '2026-01-01T00:00:00Z'}, DateLessThan: {'aws:CurrentTime': '2099-01-01T00:00:00Z'}}}]
    /// ```
    ///
    /// Source: IAM User Guide, "AWS: Allows access based on date and time" and "Date condition operators".
    {
        id: "iam-time-of-day-window", since: "0.1.0", category: Security, severity: High, preset: Recommended,
        scope: SingleResource,
        on: [
            "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
            "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy", "AWS::SSO::PermissionSet",
            "Stackproof::IAM::PolicyDocument", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::KMS::ReplicaKey",
            "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy", "AWS::SQS::QueuePolicy",
            "AWS::SQS::QueueInlinePolicy", "AWS::SecretsManager::ResourcePolicy", "AWS::Logs::ResourcePolicy",
            "AWS::ECR::Repository", "AWS::EC2::VPCEndpoint", "AWS::Backup::BackupVault", "AWS::EFS::FileSystem",
            "AWS::ApiGateway::RestApi", "AWS::S3::AccessPoint",
        ],
    }
    |check, resource| {
        for document in check.documents(resource) {
            for statement in &document.policy().statements {
                statement_of(check, &document, statement);
            }
        }
    }
}

fn statement_of<'s>(check: &Check<'s>, document: &Document<'s>, statement: &Statement<'s>) {
    let times: Vec<&Condition<'_>> = statement
        .conditions
        .iter()
        .filter(|condition| {
            ["aws:CurrentTime", "aws:EpochTime"].iter().any(|key| key.eq_ignore_ascii_case(&condition.key))
        })
        .collect();
    let values = || times.iter().flat_map(|condition| &condition.values);
    let mut open = values().map(|value| value.at).chain(times.iter().filter_map(|condition| condition.unknown));
    check.leave_open(open.find_map(|at| document.doubt(at)));
    for value in values() {
        if value.text.as_literal().is_some_and(is_time_only) {
            check
                .fail(document.place(value.at), "IAM knows no hours of the day: this is no date and never matches")
                .fix(Fix::suggested(MEND));
            return;
        }
    }
    // The latest lower and the earliest upper bound, each with its place.
    let bound = |orders: [Order; 2]| {
        times
            .iter()
            .filter(move |condition| {
                condition.operator.is_some_and(|operator| match operator.base {
                    Base::Date(order) | Base::Numeric(order) => orders.contains(&order),
                    _ => false,
                })
            })
            .flat_map(|condition| &condition.values)
            .filter_map(|value| Some((value.at, instant(value.text.as_literal()?)?)))
    };
    let lower = bound([Order::Greater, Order::GreaterOrEqual]).max_by_key(|(_, time)| *time);
    let upper = bound([Order::Less, Order::LessOrEqual]).min_by_key(|(_, time)| *time);
    let Some((at, end)) = upper else { return };
    let place = document.place(at);
    let allows = document.has_effect(statement, Effect::Allow);
    if let Some((_, start)) = lower {
        if start >= end {
            check.fail(place, "the window closes before it opens: the condition never holds").fix(Fix::suggested(MEND));
            return;
        }
        if end - start < DAY {
            check.fail(place, "this window opens once, for less than a day, and never again").fix(Fix::suggested(MEND));
            return;
        }
        let name =
            statement.sid.as_ref().and_then(|sid| sid.text.as_literal()).unwrap_or_default().to_ascii_lowercase();
        let daily = ["businesshours", "workinghours", "officehours", "workhours", "daily", "everyday", "weekday"];
        if allows != Ok(false) && daily.iter().any(|word| name.contains(word)) {
            check.in_doubt(allows.err(), || {
                check
                    .fail(
                        place,
                        "a window between two dates is open day and night, whatever the name of the statement says",
                    )
                    .fix(Fix::suggested(MEND));
            });
            return;
        }
    }
    if allows != Ok(false) && check.now().and_then(instant).is_some_and(|now| end < now) {
        check.in_doubt(allows.err(), || {
            check
                .fail(place, "this moment is past: the statement never applies again")
                .fix(Fix::suggested("drop the statement, or move the date"));
        });
    }
}

/// `8:00`, `08:00Z`, `08:00:00`
fn is_time_only(text: &str) -> bool {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let parts: Vec<&str> = text.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().enumerate().all(|(index, part)| {
            part.bytes().all(|byte| byte.is_ascii_digit()) && (part.len() == 2 || index == 0 && part.len() == 1)
        })
}
