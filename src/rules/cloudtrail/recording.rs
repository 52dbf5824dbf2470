//! Which events a trail records, by its selectors of either kind.

use super::selectors::{Written, advanced};
use crate::lang::cloudtrail_selector::Operator;
use crate::model::pattern::same;
use crate::model::{Read, Resource, Text, Tri, Unknown, Value};

/// What a trail records.
pub struct Recording {
    /// Read management events.
    pub reads: Tri,
    /// Write management events.
    pub writes: Tri,
    pub data: Tri,
    /// Management events of KMS, where others are recorded.
    pub kms: Tri,
    /// Why one of them is not known.
    pub unknown: Option<Unknown>,
}

impl Recording {
    /// What a trail without selectors records: all management events.
    /// Source: CloudTrail User Guide, "Logging management events".
    fn default() -> Self {
        Recording { reads: Tri::Yes, writes: Tri::Yes, data: Tri::No, kms: Tri::Yes, unknown: None }
    }

    fn nothing() -> Self {
        Recording { reads: Tri::No, writes: Tri::No, data: Tri::No, kms: Tri::No, unknown: None }
    }

    fn anything(unknown: Unknown) -> Self {
        Recording {
            reads: Tri::Unknown,
            writes: Tri::Unknown,
            data: Tri::Unknown,
            kms: Tri::Unknown,
            unknown: Some(unknown),
        }
    }

    fn add(&mut self, other: Recording) {
        self.reads = self.reads.or(other.reads);
        self.writes = self.writes.or(other.writes);
        self.data = self.data.or(other.data);
        self.kms = self.kms.or(other.kms);
        self.unknown = self.unknown.take().or(other.unknown);
    }

    /// Why something is not known.
    pub fn why(&self) -> Unknown {
        self.unknown.clone().unwrap_or_else(|| Unknown::other("the selectors are not known in full"))
    }
}

/// What a trail records.
pub fn recording(trail: Resource<'_>) -> Recording {
    let mut found = Recording::nothing();
    let mut any = false;
    match trail.get("EventSelectors").items_or_one() {
        Read::Known(selectors) => {
            for selector in &selectors {
                any = true;
                found.add(basic(selector));
            }
        }
        Read::Unknown(unknown) => return Recording::anything(unknown),
        Read::Absent | Read::Other => {}
    }
    match advanced(trail) {
        Read::Known(selectors) => {
            for written in &selectors {
                any = true;
                found.add(one(written));
            }
        }
        Read::Unknown(unknown) => return Recording::anything(unknown),
        Read::Absent | Read::Other => {}
    }
    if any { found } else { Recording::default() }
}

fn basic(selector: &Value<'_>) -> Recording {
    if let Some(unknown) = selector.unknown() {
        return Recording::anything(unknown.clone());
    }
    let mut found = Recording::nothing();
    found.data = match selector.get("DataResources").items_or_one() {
        Read::Known(items) => (!items.is_empty()).into(),
        Read::Unknown(unknown) => {
            found.unknown = Some(unknown);
            Tri::Unknown
        }
        Read::Absent | Read::Other => Tri::No,
    };
    let management = match selector.get("IncludeManagementEvents").boolean() {
        Read::Known(value) => value.into(),
        Read::Unknown(unknown) => {
            found.unknown = Some(unknown);
            Tri::Unknown
        }
        Read::Absent | Read::Other => Tri::Yes,
    };
    let (reads, writes) = match selector.get("ReadWriteType").literal() {
        Read::Known(kind) if kind == "ReadOnly" => (Tri::Yes, Tri::No),
        Read::Known(kind) if kind == "WriteOnly" => (Tri::No, Tri::Yes),
        Read::Unknown(unknown) => {
            found.unknown = Some(unknown);
            (Tri::Unknown, Tri::Unknown)
        }
        _ => (Tri::Yes, Tri::Yes),
    };
    found.reads = management.and(reads);
    found.writes = management.and(writes);
    found.kms = management.and(!names(&selector.get("ExcludeManagementEventSources"), "kms.amazonaws.com"));
    found
}

fn names(list: &Value<'_>, wanted: &str) -> Tri {
    match list.items_or_one() {
        Read::Known(items) => items.iter().fold(Tri::No, |found, item| {
            found.or(match item.literal() {
                Read::Known(text) => (text == wanted).into(),
                _ => Tri::Unknown,
            })
        }),
        Read::Unknown(_) => Tri::Unknown,
        Read::Absent | Read::Other => Tri::No,
    }
}

fn one(written: &Written<'_>) -> Recording {
    if let Some(unknown) = &written.unknown {
        return Recording::anything(unknown.clone());
    }
    let mut found = Recording::nothing();
    match written.equals("eventCategory").first().map(String::as_str) {
        Some("Management") => {
            let read_only = written.equals("readOnly");
            let (reads, writes) = match written.has("readOnly") {
                false => (true, true),
                true => (read_only.iter().any(|value| value == "true"), read_only.iter().any(|value| value == "false")),
            };
            found.reads = reads.into();
            found.writes = writes.into();
            found.kms = !excludes_kms(written);
        }
        Some("Data") => found.data = Tri::Yes,
        _ => {}
    }
    found
}

fn excludes_kms(written: &Written<'_>) -> Tri {
    let is = |text: &Text<'_>, wanted: &str| same(text, &Text::from(wanted));
    let mut excluded = Tri::No;
    for field in &written.selector.fields {
        let source = field.field.as_ref().map_or(Tri::No, |name| is(name, "eventSource"));
        for (_, values) in field.operators.iter().filter(|(operator, _)| *operator == Operator::NotEquals) {
            let named = |any: Tri, value| any.or(is(value, "kms.amazonaws.com"));
            excluded = excluded.or(source.and(values.iter().flatten().fold(Tri::No, named)));
        }
    }
    excluded
}
