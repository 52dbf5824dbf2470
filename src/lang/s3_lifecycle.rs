//! What S3 demands of a lifecycle rule.
//!
//! Source: AWS, *Transitioning objects using Amazon S3 Lifecycle* (lifecycle-transition-general-considerations.html),
//! *Lifecycle configuration elements* (intro-lifecycle-rules.html), and the errors of `PutBucketLifecycleConfiguration`.

use crate::model::tri::Tri;

pub const MAX_RULES: usize = 1000;
pub const MAX_ID_LENGTH: usize = 255;

/// In the order of the waterfall: objects move down only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StorageClass {
    StandardIa,
    IntelligentTiering,
    OneZoneIa,
    GlacierIr,
    Glacier,
    DeepArchive,
}

impl StorageClass {
    /// The name of the API.
    pub fn parse(name: &str) -> Option<StorageClass> {
        Some(match name {
            "STANDARD_IA" => StorageClass::StandardIa,
            "INTELLIGENT_TIERING" => StorageClass::IntelligentTiering,
            "ONEZONE_IA" => StorageClass::OneZoneIa,
            "GLACIER_IR" => StorageClass::GlacierIr,
            "GLACIER" | "Glacier" => StorageClass::Glacier,
            "DEEP_ARCHIVE" => StorageClass::DeepArchive,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            StorageClass::StandardIa => "STANDARD_IA",
            StorageClass::IntelligentTiering => "INTELLIGENT_TIERING",
            StorageClass::OneZoneIa => "ONEZONE_IA",
            StorageClass::GlacierIr => "GLACIER_IR",
            StorageClass::Glacier => "GLACIER",
            StorageClass::DeepArchive => "DEEP_ARCHIVE",
        }
    }

    fn is_infrequent_access(self) -> bool {
        matches!(self, StorageClass::StandardIa | StorageClass::OneZoneIa)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    Days(i64),
    /// Midnight, unless it is certainly another time of the day.
    Date {
        midnight: bool,
    },
    /// Days and a date.
    Both,
    /// Known only at deployment, or whether days or a date is.
    Unknown,
}

impl Timing {
    fn days(self) -> Option<i64> {
        match self {
            Timing::Days(days) => Some(days),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// `None` where the class is not known.
    pub class: Option<StorageClass>,
    pub timing: Timing,
}

/// A lifecycle rule, as far as it is known.
#[derive(Clone, Debug)]
pub struct Rule {
    pub transitions: Vec<Transition>,
    pub noncurrent_transitions: Vec<Transition>,
    /// `None` where there is none.
    pub expiration: Option<Timing>,
    pub noncurrent_expiration: Option<Timing>,
    pub abort_incomplete_upload: Tri,
    pub expired_delete_marker: Tri,
    pub tag_filter: Tri,
    pub size_filter: Tri,
    /// `ObjectSizeGreaterThan`, in bytes.
    pub larger_than: Option<u64>,
    /// `ObjectSizeLessThan`, in bytes.
    pub smaller_than: Option<u64>,
}

/// A rule that keeps, moves and deletes nothing, of which nothing is unknown.
impl Default for Rule {
    fn default() -> Self {
        Rule {
            transitions: Vec::new(),
            noncurrent_transitions: Vec::new(),
            expiration: None,
            noncurrent_expiration: None,
            abort_incomplete_upload: Tri::No,
            expired_delete_marker: Tri::No,
            tag_filter: Tri::No,
            size_filter: Tri::No,
            larger_than: None,
            smaller_than: None,
        }
    }
}

/// Where in the rule something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Transition(usize),
    NoncurrentTransition(usize),
    Expiration,
    NoncurrentExpiration,
    AbortIncompleteUpload,
    ExpiredDeleteMarker,
    Filter,
    Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub place: Place,
    pub message: String,
    pub aws_error: String,
    /// The least number of days that S3 takes here.
    pub least_days: Option<i64>,
}

/// All that S3 refuses in a rule. What is not known is not reported.
pub fn check(rule: &Rule) -> Vec<Violation> {
    let mut found = Vec::new();
    moves(&rule.transitions, rule.expiration, false, &mut found);
    moves(&rule.noncurrent_transitions, rule.noncurrent_expiration, true, &mut found);

    let timings: Vec<Timing> = places(rule).map(|(_, timing)| timing).collect();
    for (place, timing) in places(rule) {
        match timing {
            Timing::Date { midnight: false } => found.push(violation(
                place,
                "A date is at midnight UTC",
                "InvalidArgument: 'Date' must be at midnight GMT",
            )),
            Timing::Both => found.push(violation(
                place,
                "An action counts in days or names a date, not both",
                "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema",
            )),
            _ => {}
        }
    }
    let is_date = |timing: &Timing| matches!(timing, Timing::Date { .. });
    if timings.iter().any(is_date) && timings.iter().any(|timing| matches!(timing, Timing::Days(_))) {
        found.push(violation(
            Place::Rule,
            "A rule counts in days or names dates, not both",
            "InvalidRequest: Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule",
        ));
    }
    for (place, on) in [
        (Place::AbortIncompleteUpload, rule.abort_incomplete_upload),
        (Place::ExpiredDeleteMarker, rule.expired_delete_marker),
    ] {
        let (what, name) = match place {
            Place::AbortIncompleteUpload => ("Incomplete uploads have", "AbortIncompleteMultipartUpload"),
            _ => ("Delete markers have", "ExpiredObjectDeleteMarker"),
        };
        if on.and(rule.tag_filter).is_yes() {
            found.push(violation(
                place,
                &format!("{what} no tags: {name} cannot stand in a rule with a tag filter"),
                &format!("InvalidRequest: {name} cannot be specified with Tags."),
            ));
        }
        if place == Place::AbortIncompleteUpload && on.and(rule.size_filter).is_yes() {
            found.push(violation(
                place,
                &format!("{what} no size: {name} cannot stand in a rule with a size filter"),
                &format!("InvalidRequest: {name} cannot be specified with Object Size."),
            ));
        }
    }
    if let (Some(larger), Some(smaller)) = (rule.larger_than, rule.smaller_than)
        && larger >= smaller
    {
        found.push(violation(
            Place::Filter,
            "ObjectSizeGreaterThan must be below ObjectSizeLessThan",
            "InvalidRequest: 'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'",
        ));
    }
    let idle = rule.transitions.is_empty()
        && rule.noncurrent_transitions.is_empty()
        && rule.expiration.is_none()
        && rule.noncurrent_expiration.is_none()
        && rule.abort_incomplete_upload.is_no()
        && rule.expired_delete_marker.is_no();
    if idle {
        found.push(violation(
            Place::Rule,
            "A rule needs an action",
            "InvalidRequest: At least one action needs to be specified in a rule",
        ));
    }
    found
}

/// What happens to current versions, each with its place.
fn places(rule: &Rule) -> impl Iterator<Item = (Place, Timing)> {
    let moves =
        rule.transitions.iter().enumerate().map(|(index, transition)| (Place::Transition(index), transition.timing));
    moves.chain(rule.expiration.map(|timing| (Place::Expiration, timing)))
}

fn violation(place: Place, message: &str, aws_error: &str) -> Violation {
    Violation { place, message: message.into(), aws_error: aws_error.into(), least_days: None }
}

/// The transitions of current or noncurrent versions, and the expiration after them.
fn moves(transitions: &[Transition], expiration: Option<Timing>, noncurrent: bool, found: &mut Vec<Violation>) {
    let place = |index| if noncurrent { Place::NoncurrentTransition(index) } else { Place::Transition(index) };
    let days_name = if noncurrent { "NoncurrentDays" } else { "Days" };
    let action = if noncurrent { "NoncurrentVersionTransition" } else { "Transition" };
    let least = |place, days: i64, message: String, aws_error: String| Violation {
        place,
        message,
        aws_error,
        least_days: Some(days),
    };
    for (index, transition) in transitions.iter().enumerate() {
        let Some(class) = transition.class else { continue };
        if transitions[..index].iter().any(|earlier| earlier.class == Some(class)) {
            found.push(violation(
                place(index),
                &format!("Two transitions go to {}", class.name()),
                &format!("InvalidRequest: '{days_name}' in the '{action}' action: StorageClass must be different for '{action}' actions in same 'Rule'"),
            ));
            continue;
        }
        let Some(days) = transition.timing.days() else { continue };
        if days < 0 {
            found.push(least(
                place(index),
                0,
                "Days are not negative".into(),
                format!("InvalidArgument: '{days_name}' in {action} action must be nonnegative"),
            ));
            continue;
        }
        if class.is_infrequent_access() && days < 30 {
            found.push(least(
                place(index),
                30,
                format!("Objects move to {} after 30 days at the earliest, not after {days}", class.name()),
                format!(
                    "InvalidArgument: '{days_name}' in {action} action must be greater than or equal to 30 for storageClass '{}'",
                    class.name()
                ),
            ));
            continue;
        }
        for other in transitions {
            let (Some(before), Some(from)) = (other.class, other.timing.days()) else { continue };
            if before >= class {
                continue;
            }
            let gap = match (before, class) {
                (
                    StorageClass::StandardIa | StorageClass::OneZoneIa,
                    StorageClass::Glacier | StorageClass::DeepArchive,
                ) => 30,
                (StorageClass::Glacier, StorageClass::DeepArchive) => 90,
                _ => 0,
            };
            if days < from.saturating_add(gap) {
                found.push(least(
                    place(index),
                    from.saturating_add(gap.max(1)),
                    format!(
                        "{} comes after {} and needs {}: {days} is not enough after {from}",
                        class.name(),
                        before.name(),
                        if gap == 0 { "more days".into() } else { format!("{gap} days more") }
                    ),
                    format!(
                        "InvalidArgument: '{days_name}' in the '{action}' action for StorageClass '{}' for filter '()' must be {gap} days more than 'filter '()'' in the '{action}' action for StorageClass '{}'",
                        class.name(),
                        before.name()
                    ),
                ));
                break;
            }
            if (before, class) == (StorageClass::OneZoneIa, StorageClass::GlacierIr) {
                found.push(violation(
                    place(index),
                    "Objects do not move from ONEZONE_IA to GLACIER_IR",
                    "InvalidArgument: transition from ONEZONE_IA to GLACIER_IR is not supported",
                ));
                break;
            }
        }
    }
    if let Some(Timing::Days(expires)) = expiration {
        let target = if noncurrent { Place::NoncurrentExpiration } else { Place::Expiration };
        if expires < 1 {
            found.push(least(
                target,
                1,
                "Objects expire after at least one day".into(),
                format!("InvalidArgument: '{days_name}' for Expiration action must be a positive integer"),
            ));
        } else if let Some(last) = transitions.iter().filter_map(|transition| transition.timing.days()).max()
            && expires <= last
        {
            found.push(least(
                target,
                last.saturating_add(1),
                format!("Objects expire after {expires} days, but move after {last}"),
                format!("InvalidArgument: '{days_name}' in the Expiration action for filter '()' must be greater than '{days_name}' in the {action} action"),
            ));
        }
    }
}
