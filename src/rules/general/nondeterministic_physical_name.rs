//! See the documentation of the rule below.

use crate::model::pattern::glob_matches;
use crate::model::text::Piece;
use crate::rules::names::physical_name;
use crate::rules::prelude::*;
use crate::rules::strings::{CLOCK, Strings, has_random_uuid, marks};

rule! {
    /// A physical name is the same at every run.
    ///
    /// A name with `Date.now()` or a random part is another name each time the program runs, so that every deployment
    /// replaces the resource: what was in it is gone, or stays behind under the old name.
    ///
    /// Mend it by leaving the name out (CloudFormation and Pulumi make one up and keep it), or by a part that stays: account,
    /// region, a random value that is kept in the state (`@pulumi/random`).
    ///
    /// ```yaml fails
    /// Resources:
    ///   Bucket:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {BucketName: audit-dev-1793000000123}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Bucket:
    ///     Type: AWS::S3::Bucket
    ///     Properties: {BucketName: !Sub 'audit-dev-${AWS::AccountId}'}
    /// ```
    ///
    /// Source: CloudFormation User Guide, "Name type" and "Update behaviors of stack resources".
    {
        id: "nondeterministic-physical-name", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
        params: { ignore: List = "[]", "Logical ids or URNs that are meant to be so; * stands for anything."; },
    }
    |check, resource| {
        let strings = Strings::of(check.world().model);
        if !strings.may_have(resource.id(), resource.stack().id(), CLOCK) {
            return;
        }
        let Some(value) = physical_name(resource) else { return };
        let Some(text) = value.symbolic() else { return };
        let ignored = check.list("ignore").iter().any(|pattern| glob_matches(pattern, resource.logical_id()));
        if ignored {
            return;
        }
        let now = check.now().and_then(seconds_of);
        for piece in text.pieces().iter() {
            let Piece::Literal(literal) = piece else { continue };
            if marks(literal) & CLOCK == 0 {
                continue;
            }
            let what = if literal.split(|c: char| !c.is_ascii_digit()).any(|digits| is_time(digits, now) && is_token(literal, digits)) {
                "the time at which the program ran"
            } else if has_random_uuid(literal) {
                "a random UUID"
            } else {
                continue;
            };
            check
                .fail(&value, format!("the name of {} holds {what}, so that each deployment replaces it", resource.label()))
                .fix(Fix::suggested("leave the name out, or use a part that stays the same, such as account and region"));
            return;
        }
    }
}

/// Seconds since 1970 of a day, `YYYY-MM-DD`; good to a few days.
fn seconds_of(day: &str) -> Option<f64> {
    let mut fields = day.get(..10)?.split('-').map(|field| field.parse::<f64>().ok());
    let (year, month, day) = (fields.next()??, fields.next()??, fields.next()??);
    Some(((year - 1970.0) * 365.2425 + (month - 1.0) * 30.44 + day) * 86400.0)
}

/// Seconds (10 digits) or milliseconds (13) within three years of today; without a clock, of these years.
fn is_time(digits: &str, now: Option<f64>) -> bool {
    const YEAR: f64 = 365.2425 * 86400.0;
    let Ok(number) = digits.parse::<f64>() else { return false };
    let seconds = match digits.len() {
        10 => number,
        13 => number / 1000.0,
        _ => return false,
    };
    match now {
        Some(now) => (seconds - now).abs() <= 3.0 * YEAR,
        None => (50.0 * YEAR..60.0 * YEAR).contains(&seconds),
    }
}

/// Whether the digits stand between delimiters.
fn is_token(text: &str, digits: &str) -> bool {
    text.split(['-', '_', '.', '/']).any(|token| token == digits)
}
