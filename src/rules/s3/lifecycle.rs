//! Lifecycle rules of a bucket, read into the small language's form.

use crate::lang::s3_lifecycle::{Rule, StorageClass, Timing, Transition};
use crate::model::{Kind, Read, Tri, Value};

/// A lifecycle rule and the values that its parts came from.
pub(super) struct Reading<'s> {
    pub rule: Rule,
    pub transitions: Vec<Value<'s>>,
    pub noncurrent_transitions: Vec<Value<'s>>,
    pub expiration: Value<'s>,
    pub noncurrent_expiration: Value<'s>,
    /// A part that decides was not known.
    pub unknown: Option<Value<'s>>,
}

/// Reads an element of `LifecycleConfiguration.Rules`.
pub(super) fn read<'s>(rule: &Value<'s>) -> Reading<'s> {
    let mut unknown = None;
    let transitions = moves(rule, "Transitions", "Transition", &mut unknown);
    let noncurrent_transitions =
        moves(rule, "NoncurrentVersionTransitions", "NoncurrentVersionTransition", &mut unknown);
    let (days, date) = (rule.get("ExpirationInDays"), rule.get("ExpirationDate"));
    let expiration = timing(&days, &date, &mut unknown);
    let noncurrent = rule.get("NoncurrentVersionExpiration");
    let noncurrent_days = match rule.get("NoncurrentVersionExpirationInDays") {
        old if old.is_absent() => noncurrent.get("NoncurrentDays"),
        old => old,
    };
    let mut noncurrent_expiration = timing(&noncurrent_days, &noncurrent.get("NoncurrentDate"), &mut unknown);
    if noncurrent_expiration.is_none() && noncurrent.is_present() {
        // Only a number of versions: S3 judges it, but it has no days.
        noncurrent_expiration = Some(Timing::Unknown);
    }
    let tags = rule.get("TagFilters");
    let sizes = [rule.get("ObjectSizeGreaterThan"), rule.get("ObjectSizeLessThan")];
    let size = |value: &Value<'_>| value.number().known().filter(|size| *size >= 0.0).map(|size| size as u64);
    let marker = rule.get("ExpiredObjectDeleteMarker");
    let marker = match marker.boolean() {
        Read::Known(true) => Tri::Yes,
        Read::Unknown(_) => Tri::Unknown,
        _ => Tri::No,
    };
    Reading {
        rule: Rule {
            transitions: transitions.iter().map(|(transition, _)| *transition).collect(),
            noncurrent_transitions: noncurrent_transitions.iter().map(|(transition, _)| *transition).collect(),
            expiration,
            noncurrent_expiration,
            abort_incomplete_upload: presence(&rule.get("AbortIncompleteMultipartUpload")),
            expired_delete_marker: marker,
            tag_filter: match tags.items() {
                Read::Known(tags) if tags.is_empty() => Tri::No,
                _ => presence(&tags),
            },
            size_filter: presence(&sizes[0]).or(presence(&sizes[1])),
            larger_than: size(&sizes[0]),
            smaller_than: size(&sizes[1]),
        },
        transitions: transitions.into_iter().map(|(_, value)| value).collect(),
        noncurrent_transitions: noncurrent_transitions.into_iter().map(|(_, value)| value).collect(),
        expiration: if days.is_absent() { date } else { days },
        noncurrent_expiration: noncurrent_days,
        unknown,
    }
}

fn presence(value: &Value<'_>) -> Tri {
    match value.kind() {
        Kind::Absent | Kind::Null => Tri::No,
        Kind::Unknown(_) if !value.is_present() => Tri::Unknown,
        _ => Tri::Yes,
    }
}

fn timing<'s>(days: &Value<'s>, date: &Value<'s>, unknown: &mut Option<Value<'s>>) -> Option<Timing> {
    // Pulumi's provider reads 0 days as none.
    match days.number() {
        Read::Known(number) => {
            if number != 0.0 && date.is_unknown() {
                unknown.get_or_insert_with(|| date.clone());
            }
            // The provider gives an empty date where there is none.
            let both = number != 0.0 && date.text().known().is_some_and(|date| date.as_literal() != Some(""));
            return Some(if both { Timing::Both } else { Timing::Days(number as i64) });
        }
        Read::Unknown(_) => {
            unknown.get_or_insert_with(|| days.clone());
            return Some(Timing::Unknown);
        }
        Read::Absent | Read::Other => {}
    }
    if date.literal().is_unknown() {
        unknown.get_or_insert_with(|| date.clone());
    }
    if date.is_unknown() {
        return Some(Timing::Unknown);
    }
    (!date.is_absent()).then(|| Timing::Date { midnight: date.literal().known().is_none_or(|date| is_midnight(&date)) })
}

/// `2030-01-01`, `2030-01-01T00:00:00Z`; what is in another form is taken for midnight.
fn is_midnight(date: &str) -> bool {
    let Some((_, time)) = date.split_once('T') else { return true };
    let Some(time) = time.strip_suffix('Z') else { return true };
    time.bytes().all(|byte| !byte.is_ascii_digit() || byte == b'0')
}

fn moves<'s>(
    rule: &Value<'s>,
    list: &'static str,
    single: &'static str,
    unknown: &mut Option<Value<'s>>,
) -> Vec<(Transition, Value<'s>)> {
    let mut found = Vec::new();
    let mut items = Vec::new();
    let all = rule.get(list);
    match all.items_or_one() {
        Read::Known(values) => items.extend(values),
        Read::Unknown(_) => {
            unknown.get_or_insert(all);
        }
        _ => {}
    }
    let one = rule.get(single);
    if one.is_present() {
        items.push(one);
    }
    for item in items {
        if item.is_absent() {
            continue;
        }
        let class = item.get("StorageClass");
        let class_name = class.literal();
        if let Read::Unknown(_) = class_name {
            unknown.get_or_insert_with(|| class.clone());
        }
        let date = item.get("TransitionDate");
        let timing = timing(&item.get("TransitionInDays"), &date, unknown).unwrap_or(Timing::Days(0));
        let class = class_name.known().and_then(|name| StorageClass::parse(&name));
        found.push((Transition { class, timing }, item));
    }
    found
}
