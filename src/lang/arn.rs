//! Amazon Resource Names with holes: `arn:partition:service:region:account:resource`.
//!
//! Source: AWS, *Identify AWS resources with Amazon Resource Names (ARNs)* (IAM/latest/UserGuide/reference-arns.html).

use super::holes::{Filling, Unit, Units};
use super::{Problem, Verdict};
use crate::model::text::Text;

/// The partitions that exist.
pub const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// The fields of an ARN as written; empty, with wildcards or with holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Arn {
    pub partition: Text<'static>,
    pub service: Text<'static>,
    pub region: Text<'static>,
    pub account: Text<'static>,
    /// All that follows, colons included.
    pub resource: Text<'static>,
}

/// Splits a text. `Invalid` if no filling makes it six fields that begin with `arn`; no field's content is judged.
/// `Undetermined` if a hole could hold a colon before the resource begins.
pub fn parse(text: &Text) -> Verdict<Arn> {
    let units = Units::of(text);
    let mut fields: Vec<Text<'static>> = Vec::new();
    let mut start = 0;
    for (index, unit) in units.units.iter().enumerate() {
        if fields.len() == 5 {
            break;
        }
        match unit {
            Unit::Char(':') => {
                if fields.is_empty() && units.text(0..index).as_literal() != Some("arn") {
                    return not_an_arn(&units, "An ARN begins with arn:");
                }
                fields.push(units.text(start..index));
                start = index + 1;
            }
            Unit::Char(c) => {
                if fields.is_empty() && "arn".chars().nth(index) != Some(*c) {
                    return not_an_arn(&units, "An ARN begins with arn:");
                }
            }
            Unit::Hole(symbol) => {
                if fields.is_empty() || !Filling::of(*symbol).only(|c| c != ':') {
                    return Verdict::Undetermined("the fields of the ARN are known only at deployment".into());
                }
            }
        }
    }
    fields.push(units.text(start..units.len()));
    let Ok([_, partition, service, region, account, resource]) = <[Text; 6]>::try_from(fields) else {
        return not_an_arn(&units, "An ARN has six fields: arn:partition:service:region:account:resource");
    };
    Verdict::Valid(Arn { partition, service, region, account, resource })
}

fn not_an_arn<T>(units: &Units, message: &str) -> Verdict<T> {
    Verdict::Invalid(Problem::new(0, units.offset(units.len()), message, "Invalid ARN"))
}

impl Arn {
    /// Type and id of the resource, split at the first `/` or `:` (`role/admin`, `log-group:/aws/x:*`). `None` where there is
    /// neither (an S3 bucket, an SNS topic) or a hole could hold it.
    pub fn resource_parts(&self) -> Option<(Text<'static>, Text<'static>)> {
        let units = Units::of(&self.resource);
        for (index, unit) in units.units.iter().enumerate() {
            match unit {
                Unit::Char('/' | ':') => return Some((units.text(0..index), units.text(index + 1..units.len()))),
                Unit::Char(_) => {}
                Unit::Hole(symbol) if Filling::of(*symbol).only(|c| c != '/' && c != ':') => {}
                Unit::Hole(_) => return None,
            }
        }
        None
    }

    /// For an S3 ARN: the bucket, and the key where there is one.
    pub fn bucket_and_key(&self) -> Option<(Text<'static>, Option<Text<'static>>)> {
        if self.service.as_literal() != Some("s3") {
            return None;
        }
        let units = Units::of(&self.resource);
        let slash = units.units.iter().position(|unit| unit.is('/'));
        let bucket = units.text(0..slash.unwrap_or(units.len()));
        Some((bucket, slash.map(|slash| units.text(slash + 1..units.len()))))
    }
}
