//! Descriptions and names of security groups.
//!
//! Source: EC2 API reference, `CreateSecurityGroup` and `IpRange`; the set is that of VPC security groups.

use super::charset::{Charset, nothing, strip};
use super::holes::Units;
use super::{Problem, Verdict, language};
use crate::model::text::Text;
use crate::model::tri::Tri;

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c)
}

const DESCRIPTION: Charset = Charset {
    what: "The description of a security group or rule",
    characters: "a-z A-Z 0-9, blanks and ._-:/()#,@[]+=&;{}!$*",
    allowed,
    least: 0,
    greatest: 255,
    aws_error: "InvalidParameterValue: Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
    replace: strip,
};

const NAME: Charset = Charset {
    what: "The name of a security group",
    characters: DESCRIPTION.characters,
    allowed,
    least: 1,
    greatest: 255,
    aws_error: "InvalidParameterValue: Invalid group name",
    replace: nothing,
};

/// The description of a group, or of a rule (which may be absent, but not have other characters).
pub fn description(text: &Text) -> Verdict<()> {
    DESCRIPTION.check(text).map(|_| ())
}

/// `GroupName`
pub fn group_name(text: &Text) -> Verdict<()> {
    let verdict = NAME.check(text).map(|_| ());
    if verdict.is_invalid() {
        return verdict;
    }
    let units = Units::of(text);
    let starts = language::begins_with(&units, "sg-", false);
    if starts.is_yes() {
        return Verdict::Invalid(Problem::new(
            0,
            3,
            "A group name does not start with sg-",
            "InvalidParameterValue: Group names may not be in the format sg-*",
        ));
    }
    if text.as_literal() == Some("default") {
        return Verdict::Invalid(Problem::new(
            0,
            7,
            "The name default belongs to the VPC's own group",
            "InvalidParameterValue: Cannot use reserved security group name: default",
        ));
    }
    if starts == Tri::Unknown || (units.has_holes() && language::possible(&language::word("default"), &units).is_ok()) {
        return Verdict::Undetermined("the name may be one that is reserved".into());
    }
    verdict
}
