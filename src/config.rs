//! The configuration: one form for the command line, the CDK plugin and the Pulumi pack.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json};

use crate::doc::{Doc, NodeId, Shape};
use crate::frontend::{InputError, Settings};
use crate::model::pattern::glob_matches;
use crate::rules::{ParameterKind, Preset, Rule, RuleSettings, Severity, all};

/// A configuration that has been read and checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub preset: Option<Preset>,
    pub environment: Option<String>,
    pub account: Option<String>,
    pub region: Option<String>,
    pub fail_on: Option<Severity>,
    pub strict: Option<bool>,
    pub parameters: FxHashMap<String, String>,
    /// By glob over the stack's name.
    pub stacks: Vec<(String, StackConfig)>,
    pub rules: FxHashMap<String, RuleConfig>,
    pub ignore: Vec<Ignore>,
}

#[derive(Clone, Debug, Default)]
pub struct StackConfig {
    pub environment: Option<String>,
    pub account: Option<String>,
    pub region: Option<String>,
    pub parameters: FxHashMap<String, String>,
}

#[derive(Clone, Debug, Default)]
pub struct RuleConfig {
    pub off: bool,
    pub level: Option<Severity>,
    pub parameters: Map<String, Json>,
}

#[derive(Clone, Debug)]
pub struct Ignore {
    pub rule: String,
    pub resource: String,
    pub reason: String,
    /// Last day on which it holds, `YYYY-MM-DD`.
    pub expires: Option<String>,
}

/// The names at the top of a configuration file.
pub const KEYS: &[&str] = &[
    "$schema",
    "preset",
    "environment",
    "account",
    "region",
    "failOn",
    "strict",
    "parameters",
    "stacks",
    "rules",
    "ignore",
];

impl Config {
    /// Reads a configuration file, JSON or YAML.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Config, InputError> {
        let (doc, duplicates) = crate::frontend::read_document(path, bytes)?;
        if let Some(error) = duplicates.into_iter().next() {
            return Err(error);
        }
        let reader = Reader { doc: &doc, path };
        match doc.root() {
            Some(root) => reader.config(root),
            None => Ok(Config::default()),
        }
    }

    /// Reads a configuration that a host has as an object.
    pub fn from_json(json: &Json) -> Result<Config, String> {
        let text = json.to_string();
        Config::read("configuration", text.as_bytes()).map_err(|error| error.message)
    }

    /// Lays another configuration over this one: what `over` says wins, rule by rule and parameter by parameter.
    pub fn overlaid(mut self, over: &Config) -> Config {
        self.preset = over.preset.or(self.preset);
        self.environment = over.environment.clone().or(self.environment);
        self.account = over.account.clone().or(self.account);
        self.region = over.region.clone().or(self.region);
        self.fail_on = over.fail_on.or(self.fail_on);
        self.strict = over.strict.or(self.strict);
        self.parameters.extend(over.parameters.clone());
        self.stacks.extend(over.stacks.iter().cloned());
        for (id, rule) in &over.rules {
            let mine = self.rules.entry(id.clone()).or_default();
            mine.off = rule.off;
            mine.level = rule.level.or(mine.level);
            mine.parameters.extend(rule.parameters.clone());
        }
        self.ignore.extend(over.ignore.iter().cloned());
        self
    }

    /// What the configuration says about a stack.
    pub fn settings(&self, stack: Option<&str>) -> Settings {
        let mut settings = Settings {
            account: self.account.clone(),
            region: self.region.clone(),
            environment: self.environment.clone(),
            parameters: self.parameters.clone(),
        };
        for (glob, config) in &self.stacks {
            if stack.is_some_and(|name| glob_matches(glob, name)) {
                settings.account = config.account.clone().or(settings.account);
                settings.region = config.region.clone().or(settings.region);
                settings.environment = config.environment.clone().or(settings.environment);
                settings.parameters.extend(config.parameters.clone());
            }
        }
        settings
    }

    /// The settings of a rule; `None` where it is off.
    pub fn rule(&self, rule: &'static Rule, preset: Preset) -> Option<RuleSettings> {
        let config = self.rules.get(rule.id);
        if config.is_some_and(|config| config.off) || (config.is_none() && rule.preset > preset) {
            return None;
        }
        let parameters = rule
            .parameters
            .iter()
            .map(|parameter| {
                let given = config.and_then(|config| config.parameters.get(parameter.name)).cloned();
                given.unwrap_or_else(|| serde_json::from_str(parameter.default).unwrap_or(Json::Null))
            })
            .collect();
        Some(RuleSettings { severity: config.and_then(|config| config.level), parameters })
    }
}

/// The candidate nearest to a misspelt word, where one is near enough.
pub fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(word.len()) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, &b) in other.iter().enumerate() {
            let next = (before + usize::from(a != b)).min(row[j] + 1).min(row[j + 1] + 1);
            before = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[other.len()]
}

struct Reader<'d> {
    doc: &'d Doc,
    path: &'d str,
}

impl<'d> Reader<'d> {
    fn error(&self, node: NodeId, message: impl Into<String>) -> InputError {
        self.error_span(self.doc.span(node).start, message)
    }

    fn error_span(&self, offset: u32, message: impl Into<String>) -> InputError {
        let text = self.doc.text();
        let position = crate::doc::LineIndex::new(text).position(text, offset as usize);
        InputError {
            file: self.path.to_owned(),
            line: Some(position.line),
            column: Some(position.column),
            message: message.into(),
        }
    }

    fn object(&self, node: NodeId, what: &str, keys: &[&str]) -> Result<(), InputError> {
        if !matches!(self.doc.shape(node), Shape::Object) {
            return Err(self.error(node, format!("{what} must be an object")));
        }
        for entry in self.doc.entries(node) {
            if !keys.is_empty() && !keys.contains(&entry.name) {
                let hint = match did_you_mean(entry.name, keys.iter().copied()) {
                    Some(near) => format!(" (did you mean {near}?)"),
                    None => format!(" (expected one of {})", keys.join(", ")),
                };
                return Err(
                    self.error_span(entry.name_span.start, format!("unknown key {} in {what}{hint}", entry.name))
                );
            }
        }
        Ok(())
    }

    fn text(&self, node: NodeId, what: &str) -> Result<String, InputError> {
        match self.doc.shape(node) {
            Shape::String(text) | Shape::Number(text) => Ok(text.to_owned()),
            Shape::Bool(value) => Ok(value.to_string()),
            _ => Err(self.error(node, format!("{what} must be a string"))),
        }
    }

    fn optional(&self, node: NodeId, name: &str) -> Result<Option<String>, InputError> {
        self.doc.get(node, name).map(|value| self.text(value, name)).transpose()
    }

    fn day(&self, node: NodeId) -> Result<String, InputError> {
        let day = self.doc.string(node).filter(|text| is_day(text));
        day.map(str::to_owned).ok_or_else(|| self.error(node, "expires must be a day, YYYY-MM-DD"))
    }

    fn severity(&self, node: NodeId, what: &str) -> Result<Severity, InputError> {
        let text = self.text(node, what)?;
        parse_severity(&text).ok_or_else(|| {
            self.error(node, format!("{what} is {text:?}: expected critical, high, medium, low or info"))
        })
    }

    fn texts(&self, node: NodeId, what: &str) -> Result<FxHashMap<String, String>, InputError> {
        self.object(node, what, &[])?;
        self.doc.entries(node).map(|entry| Ok((entry.name.to_owned(), self.text(entry.value, entry.name)?))).collect()
    }

    fn config(&self, root: NodeId) -> Result<Config, InputError> {
        self.object(root, "the configuration", KEYS)?;
        let mut config = Config {
            environment: self.optional(root, "environment")?,
            account: self.optional(root, "account")?,
            region: self.optional(root, "region")?,
            ..Config::default()
        };
        if let Some(node) = self.doc.get(root, "preset") {
            let text = self.text(node, "preset")?;
            let preset = parse_preset(&text).ok_or_else(|| {
                self.error(node, format!("preset is {text:?}: expected dev, recommended, enhanced, production or all"))
            })?;
            config.preset = Some(preset);
        }
        if let Some(node) = self.doc.get(root, "failOn") {
            config.fail_on = Some(self.severity(node, "failOn")?);
        }
        if let Some(node) = self.doc.get(root, "strict") {
            let Shape::Bool(strict) = self.doc.shape(node) else {
                return Err(self.error(node, "strict must be true or false"));
            };
            config.strict = Some(strict);
        }
        if let Some(node) = self.doc.get(root, "parameters") {
            config.parameters = self.texts(node, "parameters")?;
        }
        if let Some(node) = self.doc.get(root, "stacks") {
            self.object(node, "stacks", &[])?;
            for entry in self.doc.entries(node) {
                self.object(entry.value, "a stack", &["account", "region", "environment", "parameters"])?;
                let parameters = match self.doc.get(entry.value, "parameters") {
                    Some(node) => self.texts(node, "parameters")?,
                    None => FxHashMap::default(),
                };
                let stack = StackConfig {
                    environment: self.optional(entry.value, "environment")?,
                    account: self.optional(entry.value, "account")?,
                    region: self.optional(entry.value, "region")?,
                    parameters,
                };
                config.stacks.push((entry.name.to_owned(), stack));
            }
        }
        if let Some(node) = self.doc.get(root, "rules") {
            self.object(node, "rules", &[])?;
            for entry in self.doc.entries(node) {
                let Some(rule) = all().find(|rule| rule.id == entry.name) else {
                    let hint = did_you_mean(entry.name, all().map(|rule| rule.id));
                    let hint = hint.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
                    return Err(
                        self.error_span(entry.name_span.start, format!("there is no rule {}{hint}", entry.name))
                    );
                };
                config.rules.insert(rule.id.to_owned(), self.rule(rule, entry.value)?);
            }
        }
        if let Some(node) = self.doc.get(root, "ignore") {
            let Shape::Array(items) = self.doc.shape(node) else {
                return Err(self.error(node, "ignore must be a list"));
            };
            for &item in items {
                self.object(item, "an ignore entry", &["rule", "resource", "reason", "expires"])?;
                let reason = self.optional(item, "reason")?.filter(|reason| !reason.trim().is_empty());
                let Some(reason) = reason else {
                    return Err(self.error(item, "an ignore entry needs a reason"));
                };
                let expires = self.doc.get(item, "expires").map(|node| self.day(node)).transpose()?;
                config.ignore.push(Ignore {
                    rule: self.optional(item, "rule")?.unwrap_or_else(|| "*".into()),
                    resource: self.optional(item, "resource")?.unwrap_or_else(|| "*".into()),
                    reason,
                    expires,
                });
            }
        }
        Ok(config)
    }

    fn rule(&self, rule: &'static Rule, node: NodeId) -> Result<RuleConfig, InputError> {
        let mut config = RuleConfig::default();
        match self.doc.shape(node) {
            Shape::Bool(false) => config.off = true,
            Shape::Bool(true) => {}
            Shape::String("off") => config.off = true,
            Shape::String("on") => {}
            Shape::String(_) => config.level = Some(self.severity(node, rule.id)?),
            Shape::Object => {
                let mut keys: Vec<&str> = vec!["level"];
                keys.extend(rule.parameters.iter().map(|parameter| parameter.name));
                self.object(node, rule.id, &keys)?;
                for entry in self.doc.entries(node) {
                    if entry.name == "level" {
                        if self.doc.string(entry.value) == Some("off") {
                            config.off = true;
                        } else {
                            config.level = Some(self.severity(entry.value, "level")?);
                        }
                        continue;
                    }
                    let Some(parameter) = rule.parameters.iter().find(|parameter| parameter.name == entry.name) else {
                        continue;
                    };
                    let value = self.json(entry.value);
                    if !fits(parameter.kind, &value) {
                        let message = format!("{} of {} must be {}", parameter.name, rule.id, expected(parameter.kind));
                        return Err(self.error(entry.value, message));
                    }
                    config.parameters.insert(parameter.name.to_owned(), value);
                }
            }
            _ => return Err(self.error(node, format!("{} must be \"off\", a severity or an object", rule.id))),
        }
        Ok(config)
    }

    fn json(&self, node: NodeId) -> Json {
        match self.doc.shape(node) {
            Shape::Null => Json::Null,
            Shape::Bool(value) => Json::Bool(value),
            Shape::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned())),
            Shape::String(text) => Json::String(text.to_owned()),
            Shape::Array(items) => Json::Array(items.iter().map(|&item| self.json(item)).collect()),
            Shape::Object => Json::Object(
                self.doc.entries(node).map(|entry| (entry.name.to_owned(), self.json(entry.value))).collect(),
            ),
        }
    }
}

fn fits(kind: ParameterKind, value: &Json) -> bool {
    match kind {
        ParameterKind::Number => value.is_number(),
        ParameterKind::Boolean => value.is_boolean(),
        ParameterKind::Text => value.is_string(),
        ParameterKind::List => value.as_array().is_some_and(|items| items.iter().all(Json::is_string)),
        ParameterKind::Numbers => value.as_array().is_some_and(|items| items.iter().all(Json::is_number)),
        ParameterKind::Object => value.is_object(),
    }
}

fn expected(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Number => "a number",
        ParameterKind::Boolean => "true or false",
        ParameterKind::Text => "a string",
        ParameterKind::List => "a list of strings",
        ParameterKind::Numbers => "a list of numbers",
        ParameterKind::Object => "an object",
    }
}

/// `YYYY-MM-DD`, which sorts as text does.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| {
        let whole = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        whole.then(|| part.parse::<u32>().ok()).flatten()
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

pub fn parse_severity(text: &str) -> Option<Severity> {
    Some(match text {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "medium" => Severity::Medium,
        "low" => Severity::Low,
        "info" => Severity::Info,
        _ => return None,
    })
}

pub fn parse_preset(text: &str) -> Option<Preset> {
    Some(match text {
        "dev" => Preset::Dev,
        "recommended" => Preset::Recommended,
        "enhanced" => Preset::Enhanced,
        "production" | "prod" => Preset::Production,
        "all" => Preset::All,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*Key", "MyKey", true),
            ("x", "xy", false),
        ] {
            assert_eq!(glob_matches(glob, text), expected, "{glob} on {text}");
        }
    }

    #[test]
    fn the_configuration_on_top_wins_rule_by_rule() {
        let below = Config::read("c", br#"{"failOn": "low", "rules": {"kms-rotation": "off"}}"#).unwrap();
        let over = Config::read("c", br#"{"preset": "all", "rules": {"kms-rotation": {"level": "high"}}}"#).unwrap();
        let both = below.overlaid(&over);
        assert_eq!((both.preset, both.fail_on), (Some(Preset::All), Some(Severity::Low)));
        let rule = &both.rules["kms-rotation"];
        assert!(!rule.off && rule.level == Some(Severity::High));
    }

    #[test]
    fn unknown_keys_are_named_with_a_suggestion() {
        let error = Config::read("c.yaml", b"preset: all\nfailon: high\n").unwrap_err();
        assert_eq!((error.line, error.column), (Some(2), Some(1)));
        assert!(error.message.contains("did you mean failOn?"), "{}", error.message);
        let error = Config::read("c.json", br#"{"ignore": [{"rule": "x"}]}"#).unwrap_err();
        assert!(error.message.contains("needs a reason"));
        for expires in ["2027-1-31", "\"next year\"", "2027-13-01", "20270131"] {
            let text = format!("ignore: [{{reason: x, expires: {expires}}}]");
            let error = Config::read("c.yaml", text.as_bytes()).unwrap_err();
            assert!(error.message.contains("must be a day"), "{expires}: {}", error.message);
        }
        assert!(Config::read("c.yaml", b"ignore: [{reason: x, expires: 2027-01-31}]").is_ok());
    }
}
