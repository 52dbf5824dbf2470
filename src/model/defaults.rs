//! What AWS does where a property is not set. One table for all front ends, keyed by type, path and deployer, since the
//! deployers differ: an absent egress is "allow all" in CloudFormation and "none" in Pulumi's classic provider.
//!
//! Source: the property's page in the AWS CloudFormation Template Reference ("Default") unless a row says otherwise.

use std::borrow::Cow;

use super::stack::Deployer;
use super::text::Text;
use super::value::Kind;

enum Default {
    Bool(bool),
    Number(&'static str),
    Text(&'static str),
}

use Default::{Bool, Number, Text as Str};

const ROWS: &[(&str, &str, Option<Deployer>, Default)] = &[
    ("AWS::CloudTrail::Trail", "EnableLogFileValidation", None, Bool(false)),
    ("AWS::CloudTrail::Trail", "IncludeGlobalServiceEvents", Some(Deployer::TerraformBridge), Bool(true)),
    ("AWS::CloudTrail::Trail", "IncludeGlobalServiceEvents", None, Bool(false)),
    ("AWS::CloudTrail::Trail", "IsMultiRegionTrail", None, Bool(false)),
    ("AWS::CloudTrail::Trail", "IsLogging", Some(Deployer::TerraformBridge), Bool(true)),
    ("AWS::CloudWatch::Alarm", "TreatMissingData", None, Str("missing")),
    ("AWS::EC2::VPC", "EnableDnsHostnames", None, Bool(false)),
    ("AWS::EC2::VPC", "EnableDnsSupport", None, Bool(true)),
    ("AWS::Events::Rule", "State", None, Str("ENABLED")),
    ("AWS::IAM::Role", "MaxSessionDuration", None, Number("3600")),
    ("AWS::KMS::Key", "EnableKeyRotation", None, Bool(false)),
    ("AWS::KMS::Key", "Enabled", None, Bool(true)),
    ("AWS::KMS::Key", "KeySpec", None, Str("SYMMETRIC_DEFAULT")),
    ("AWS::KMS::Key", "KeyUsage", None, Str("ENCRYPT_DECRYPT")),
    ("AWS::KMS::Key", "MultiRegion", None, Bool(false)),
    ("AWS::KMS::Key", "Origin", None, Str("AWS_KMS")),
    ("AWS::KMS::Key", "PendingWindowInDays", None, Number("30")),
    ("AWS::Lambda::Function", "MemorySize", None, Number("128")),
    ("AWS::Lambda::Function", "PackageType", None, Str("Zip")),
    ("AWS::Lambda::Function", "Timeout", None, Number("3")),
    ("AWS::Logs::LogGroup", "LogGroupClass", None, Str("STANDARD")),
    // S3 User Guide, "Blocking public access": all four settings are on for new buckets since April 2023.
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", None, Bool(true)),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicAcls", None, Bool(true)),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration.IgnorePublicAcls", None, Bool(true)),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration.RestrictPublicBuckets", None, Bool(true)),
    // SQS Developer Guide, "Encryption at rest": SSE-SQS is on for new queues.
    ("AWS::SQS::Queue", "SqsManagedSseEnabled", None, Bool(true)),
    ("AWS::SQS::Queue", "MessageRetentionPeriod", None, Number("345600")),
    ("AWS::SQS::Queue", "VisibilityTimeout", None, Number("30")),
    ("AWS::SSM::Parameter", "Tier", None, Str("Standard")),
];

pub(super) fn default<'s>(kind: &str, path: &str, deployer: Deployer) -> Option<Kind<'s>> {
    let found = ROWS.iter().find(|(row_kind, row_path, only, _)| {
        *row_kind == kind && *row_path == path && only.is_none_or(|only| only == deployer)
    });
    found.map(|(.., default)| match default {
        Bool(value) => Kind::Bool(*value),
        Number(text) => Kind::Number(Cow::Borrowed(text)),
        Str(text) => Kind::Text(Text::from(*text)),
    })
}
