//! Names of general purpose S3 buckets.
//!
//! Source: AWS, *General purpose bucket naming rules* (AmazonS3/latest/userguide/bucketnamingrules.html).

use std::net::Ipv4Addr;

use super::charset::Charset;
use super::holes::{Unit, Units};
use super::language::{self, any, class, either, sequence, word};
use super::{Problem, Verdict};
use crate::model::text::{Pseudo, Symbol, Text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    Global,
    /// `BucketNamespace: account-regional`: the name ends with `-<account>-<region>-an`.
    AccountRegional,
}

pub const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
pub const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

fn allowed(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.'
}

fn edge(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Lower case, and a hyphen for an underscore.
fn replace(c: char) -> Option<&'static str> {
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    match c {
        '_' => Some("-"),
        'A'..='Z' => {
            let index = usize::from(c as u8 - b'A');
            LOWER.get(index..index + 1)
        }
        _ => None,
    }
}

const CHARSET: Charset = Charset {
    what: "A bucket name",
    characters: "lower-case letters, digits, '.' and '-'",
    allowed,
    least: 3,
    greatest: 63,
    aws_error: "InvalidBucketName: The specified bucket is not valid.",
    replace,
};

/// Checks a name.
pub fn check(text: &Text, namespace: Namespace) -> Verdict<()> {
    let (units, open) = match CHARSET.check(text) {
        Verdict::Invalid(problem) => {
            let named = match problem.fix.is_some() {
                true => "InvalidBucketName: Bucket name should not contain uppercase characters",
                false => CHARSET.aws_error,
            };
            return Verdict::Invalid(Problem { aws_error: named.into(), ..problem });
        }
        Verdict::Valid(units) => (units, None),
        Verdict::Undetermined(why) => (Units::of(text), Some(why)),
    };
    let end = units.len();
    let refuse = |from: usize, to: usize, message: String| {
        let offset = units.offset(from);
        Verdict::Invalid(CHARSET.problem(offset, units.offset(to) - offset, message))
    };
    for (index, pair) in units.units.windows(2).enumerate() {
        if let [Unit::Char(a @ ('.' | '-')), Unit::Char(b @ ('.' | '-'))] = pair
            && (*a == '.' || *b == '.')
        {
            return refuse(index, index + 2, format!("A bucket name has no '{a}{b}'"));
        }
    }
    for index in [0, end.saturating_sub(1)] {
        if let Some(Unit::Char(c)) = units.get(index)
            && !edge(c)
        {
            return refuse(index, index + 1, "A bucket name begins and ends with a letter or digit".into());
        }
    }
    let starts = |prefix: &str| prefix.chars().enumerate().all(|(i, c)| units.get(i) == Some(Unit::Char(c)));
    let ends = |suffix: &str| {
        let length = suffix.chars().count();
        end >= length && suffix.chars().enumerate().all(|(i, c)| units.get(end - length + i) == Some(Unit::Char(c)))
    };
    if let Some(prefix) = RESERVED_PREFIXES.into_iter().find(|prefix| starts(prefix)) {
        return refuse(0, prefix.len(), format!("The prefix {prefix} is reserved"));
    }
    if let Some(suffix) = RESERVED_SUFFIXES.into_iter().find(|suffix| ends(suffix)) {
        return refuse(end - suffix.len(), end, format!("The suffix {suffix} is reserved"));
    }
    // What AWS itself fills in has a shape that decides the rest.
    let sample = open.is_none().then(|| fill(&units)).flatten();
    if let Some(name) = &sample {
        if name.parse::<Ipv4Addr>().is_ok() {
            return refuse(0, end, "A bucket name is not shaped like an IP address".into());
        }
        if is_account_regional(name) != (namespace == Namespace::AccountRegional) {
            let message = match namespace {
                Namespace::Global => {
                    "Names that end with -<account>-<region>-an belong to the account-regional namespace"
                }
                Namespace::AccountRegional => {
                    "In the account-regional namespace a name ends with -<account>-<region>-an"
                }
            };
            return refuse(0, end, message.into());
        }
        return Verdict::Valid(());
    }
    if namespace == Namespace::AccountRegional {
        let shape = sequence([
            class(edge),
            any(class(allowed)),
            word("-"),
            language::times(class(|c| c.is_ascii_digit()), 12),
            word("-"),
            any(class(|c| edge(c) || c == '-')),
            word("-an"),
        ]);
        if let Err(index) = language::possible(&either([shape]), &units) {
            let message = "In the account-regional namespace a name ends with -<account>-<region>-an";
            return refuse(index.min(end.saturating_sub(1)), (index + 1).min(end), message.into());
        }
    }
    Verdict::Undetermined(open.unwrap_or("parts of the name are known only at deployment".into()))
}

/// The name with AWS's own parts filled in; `None` where other parts are unknown.
fn fill(units: &Units) -> Option<String> {
    units
        .units
        .iter()
        .map(|unit| match unit {
            Unit::Char(c) => Some(c.to_string()),
            Unit::Hole(Symbol::Pseudo(Pseudo::AccountId, _)) => Some("123456789012".into()),
            Unit::Hole(Symbol::Pseudo(Pseudo::Region, _)) => Some("us-east-1".into()),
            Unit::Hole(_) => None,
        })
        .collect()
}

/// `<prefix>-<12 digits>-<region>-an`
fn is_account_regional(name: &str) -> bool {
    let Some(rest) = name.strip_suffix("-an") else { return false };
    let parts: Vec<&str> = rest.split('-').collect();
    // A region has three or four parts: eu-west-1, us-gov-west-1.
    [3, 4].into_iter().any(|length| {
        let Some(account) = parts.len().checked_sub(length + 1) else { return false };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let letters = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
        account > 0
            && parts[account].len() == 12
            && digits(parts[account])
            && parts[account + 1..parts.len() - 1].iter().all(letters)
            && digits(parts[parts.len() - 1])
    })
}
