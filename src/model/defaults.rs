//! What AWS does where a property is not set: one table for all front ends, keyed by type and path.
//!
//! Source: the property's page in the AWS CloudFormation Template Reference ("Default") unless a row says otherwise.

use std::borrow::Cow;

use super::text::Text;
use super::value::Kind;

enum Default {
    Bool(bool),
    Number(&'static str),
    Text(&'static str),
}

use Default::{Bool, Number, Text as Str};

const ROWS: &[(&str, &str, Default)] = &[
    ("AWS::CloudWatch::Alarm", "TreatMissingData", Str("missing")),
    ("AWS::EC2::VPC", "EnableDnsHostnames", Bool(false)),
    ("AWS::EC2::VPC", "EnableDnsSupport", Bool(true)),
    ("AWS::KMS::Key", "KeySpec", Str("SYMMETRIC_DEFAULT")),
    ("AWS::KMS::Key", "Origin", Str("AWS_KMS")),
    ("AWS::Lambda::Function", "PackageType", Str("Zip")),
    ("AWS::Lambda::Function", "Timeout", Number("3")),
    // S3 User Guide, "Blocking public access": all settings are on for new buckets since April 2023.
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", Bool(true)),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicAcls", Bool(true)),
    ("AWS::SQS::Queue", "MessageRetentionPeriod", Number("345600")),
];

pub(super) fn default<'s>(kind: &str, path: &str) -> Option<Kind<'s>> {
    let found = ROWS.iter().find(|(row_kind, row_path, _)| *row_kind == kind && *row_path == path);
    found.map(|(.., default)| match default {
        Bool(value) => Kind::Bool(*value),
        Number(text) => Kind::Number(Cow::Borrowed(text)),
        Str(text) => Kind::Text(Text::from(*text)),
    })
}
