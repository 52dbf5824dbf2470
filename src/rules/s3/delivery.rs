//! Services that write logs into a bucket, and the calls that they make.

use crate::graph::{Rel, Target};
use crate::iam::evaluate::Request;
use crate::lang::arn;
use crate::lang::holes::{Unit, Units};
use crate::model::{Read, Resource, Text, Unknown, Value};
use crate::rules::calls::{cloudtrail_to_bucket, config_to_bucket, flow_log_to_bucket};

/// A delivery of logs into a bucket of the same stack.
pub(super) struct Delivery<'s> {
    /// The value that names the bucket.
    pub value: Value<'s>,
    pub bucket: Resource<'s>,
    /// How the service is called in a message.
    pub service: &'static str,
    /// In the order in which the service makes them; the last one writes an object.
    pub calls: [Request<'s>; 2],
}

/// The delivery of a trail, a Config delivery channel or a flow log. `Ok(None)` where it does not go to a bucket; the value
/// and the reason where the bucket or the place in it is not known.
pub(super) fn of<'s>(source: Resource<'s>) -> Result<Option<Delivery<'s>>, (Value<'s>, Unknown)> {
    let Some(edge) = source.follow(Rel::DeliversTo).into_iter().next() else { return Ok(None) };
    if source.is("AWS::EC2::FlowLog") {
        let kind = source.get("LogDestinationType");
        match kind.literal() {
            Read::Known(kind) if kind == "s3" => {}
            Read::Unknown(unknown) => return Err((kind, unknown)),
            _ => return Ok(None),
        }
    }
    let bucket = match edge.target {
        Target::Resource(bucket) if bucket.is("AWS::S3::Bucket") => bucket,
        Target::Resource(_) => return Ok(None),
        Target::Outside(text) => {
            let unknown = Unknown::new(crate::model::Why::Outside(text.to_string()));
            return Err((edge.value, unknown));
        }
        Target::Unknown(unknown) => return Err((edge.value, unknown)),
    };
    let prefix = |path| {
        let value = source.get(path);
        match value.text() {
            Read::Known(text) if text.as_literal() == Some("") => Ok(None),
            Read::Known(text) => Ok(Some(trim(&text))),
            Read::Unknown(unknown) => Err((value, unknown)),
            _ => Ok(None),
        }
    };
    let (service, calls) = match source.kind() {
        "AWS::CloudTrail::Trail" => ("CloudTrail", cloudtrail_to_bucket(source, bucket, prefix("S3KeyPrefix")?)),
        "AWS::Config::DeliveryChannel" => ("AWS Config", config_to_bucket(source, bucket, prefix("S3KeyPrefix")?)),
        "AWS::EC2::FlowLog" => {
            let folder = edge.value.text().known().as_ref().and_then(folder);
            ("log delivery", flow_log_to_bucket(source, bucket, folder))
        }
        _ => return Ok(None),
    };
    Ok(Some(Delivery { value: edge.value, bucket, service, calls }))
}

/// The folder of a flow log's destination `arn:aws:s3:::bucket/folder/`.
fn folder<'s>(text: &Text<'s>) -> Option<Text<'s>> {
    let (_, key) = arn::parse(text).valid()?.bucket_and_key()?;
    let key = trim(&key?);
    (key.as_literal() != Some("")).then_some(key)
}

/// Without slashes at its ends.
fn trim(text: &Text<'_>) -> Text<'static> {
    let units = Units::of(text);
    let slash = |index: usize| units.get(index) == Some(Unit::Char('/'));
    let (mut from, mut to) = (0, units.len());
    while from < to && slash(from) {
        from += 1;
    }
    while to > from && slash(to - 1) {
        to -= 1;
    }
    units.text(from..to)
}
