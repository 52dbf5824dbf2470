//! One check: options, configuration and inputs go in, a report comes out. What every host drives.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};

use crate::catalogue::unknown_rule;
use crate::config::{Config, parse_preset, parse_severity};
use crate::engine::{self, Active};
use crate::frontend::{InputError, InputFile, InputKind, load};
use crate::model::ResourceId;
use crate::model::pattern::glob_matches;
use crate::model::stack::Model;
use crate::report::{
    self, EffectiveSettings, Finding, InputReport, Report, Summary, Suppressed, SuppressedBy, TextOptions, Tool,
    render_text,
};
use crate::rules::{Options, Outcome, Preset, Rule, Severity, all};

/// Options of a host. Unknown names are errors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct HostOptions {
    preset: Option<String>,
    config: Option<Json>,
    fail_on: Option<String>,
    strict: Option<bool>,
    now: Option<String>,
    rules: Vec<String>,
    skip: Vec<String>,
    /// Least severity that the report shows.
    severity: Option<String>,
    show_undetermined: bool,
    color: bool,
    /// Leaves out the rules that the CDK's built-in validation reports in the same words.
    cdk_builtin: bool,
}

struct Input {
    name: String,
    kind: String,
    files: Vec<InputFile>,
}

/// Collects inputs, runs the rules, keeps the last report.
pub struct Checker {
    options: HostOptions,
    config: Config,
    inputs: Vec<Input>,
    errors: Vec<InputError>,
    report: Option<Report>,
    sources: FxHashMap<String, String>,
    actions: Option<String>,
}

/// A refusal as hosts get it: JSON text.
pub(crate) fn refuse(message: impl Into<String>) -> String {
    json!({ "message": message.into() }).to_string()
}

fn refuse_input(error: &InputError) -> String {
    let mut refusal = json!({ "message": error.message });
    if !error.file.is_empty() {
        refusal["file"] = json!(error.file);
    }
    for (name, value) in [("line", error.line), ("column", error.column)] {
        if let Some(value) = value {
            refusal[name] = json!(value);
        }
    }
    refusal.to_string()
}

impl Checker {
    /// `options` is JSON: `{preset, config, failOn, strict, now, rules, skip, severity, showUndetermined, color}`, all optional.
    /// An error is JSON text `{message, file?, line?, column?}`.
    pub fn new(options: &str) -> Result<Self, String> {
        let options: HostOptions = serde_json::from_str(options)
            .map_err(|error| refuse(format!("the options are not understood: {error}")))?;
        for id in options.rules.iter().chain(&options.skip) {
            if !all().any(|rule| glob_matches(id, rule.id)) {
                return Err(refuse(unknown_rule(id)));
            }
        }
        for (what, value) in [("severity", &options.severity), ("failOn", &options.fail_on)] {
            if let Some(value) = value
                && parse_severity(value).is_none()
            {
                return Err(refuse(format!("{what} is {value:?}: expected critical, high, medium, low or info")));
            }
        }
        if let Some(preset) = &options.preset
            && parse_preset(preset).is_none()
        {
            return Err(refuse(format!(
                "preset is {preset:?}: expected dev, recommended, enhanced, production or all"
            )));
        }
        let config = match &options.config {
            Some(config) => Config::from_json(config).map_err(refuse)?,
            None => Config::default(),
        };
        Ok(Checker {
            options,
            config,
            inputs: Vec::new(),
            errors: Vec::new(),
            report: None,
            sources: FxHashMap::default(),
            actions: None,
        })
    }

    /// Reads a configuration file, JSON or YAML; it replaces the one before. The options' own configuration wins over it.
    pub fn config(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        let file = Config::read(path, bytes).map_err(|error| {
            json!({ "message": error.message, "file": error.file, "line": error.line, "column": error.column })
                .to_string()
        })?;
        self.config = match &self.options.config {
            Some(over) => file.overlaid(&Config::from_json(over).map_err(refuse)?),
            None => file,
        };
        Ok(())
    }

    /// What options and configuration come to: JSON `{failOn, strict, rules: [{id, level, parameters}]}`, where `level` is
    /// `off` or the severity of the rule's findings.
    pub fn settings(&self) -> String {
        let active = self.active(self.preset());
        let rules: Vec<Json> = all()
            .map(|rule| match active.iter().find(|active| active.rule.id == rule.id) {
                None => json!({ "id": rule.id, "level": "off" }),
                Some(Active { settings, .. }) => {
                    let names = rule.parameters.iter().map(|parameter| parameter.name.to_owned());
                    let parameters: serde_json::Map<String, Json> =
                        names.zip(settings.parameters.iter().cloned()).collect();
                    json!({
                        "id": rule.id, "level": settings.severity.unwrap_or(rule.severity), "parameters": parameters,
                    })
                }
            })
            .collect();
        let EffectiveSettings { fail_on, strict, .. } = self.effective(self.preset());
        json!({ "failOn": fail_on, "strict": strict, "rules": rules }).to_string()
    }

    /// Starts the next input; the files that follow belong to it. `kind` is `auto` or what the host knows it to be.
    pub fn begin_input(&mut self, name: &str, kind: &str) {
        self.inputs.push(Input { name: name.to_owned(), kind: kind.to_owned(), files: Vec::new() });
    }

    pub fn add_file(&mut self, path: &str, bytes: Vec<u8>) {
        if let Some(input) = self.inputs.last_mut() {
            input.files.push(InputFile { path: path.to_owned(), bytes });
        }
    }

    /// What the host could not read.
    pub fn input_error(&mut self, name: &str, message: &str) {
        self.errors.push(InputError { file: name.to_owned(), line: None, column: None, message: message.to_owned() });
    }

    /// Checks all inputs that were added since the last run; the report as JSON text.
    pub fn run(&mut self) -> String {
        let report = self.check();
        let text = serde_json::to_string(&report)
            .unwrap_or_else(|error| refuse(format!("the report could not be written: {error}")));
        self.report = Some(report);
        text
    }

    /// Checks all inputs that were added since the last run.
    pub fn check(&mut self) -> Report {
        let preset = self.preset();
        let active = self.active(preset);
        let mut inputs = Vec::new();
        let mut errors = std::mem::take(&mut self.errors);
        let mut warnings = Vec::new();
        let mut findings = Vec::new();
        self.sources.clear();
        for input in std::mem::take(&mut self.inputs) {
            let config = &self.config;
            match load(&input.name, &input.kind, input.files, &|stack| config.settings(stack)) {
                Ok(loaded) => {
                    errors.extend(loaded.errors);
                    warnings.extend(loaded.warnings);
                    let environment = loaded
                        .model
                        .stacks
                        .first()
                        .and_then(|stack| stack.environment.clone())
                        .or(config.environment.clone());
                    let options = Options { now: self.options.now.clone(), environment };
                    let merged = engine::run(&loaded.model, &active, &options);
                    let ids: Vec<Option<ResourceId>> = merged.iter().map(|merged| merged.draft.resource).collect();
                    let mut found = report::build(&loaded.model, merged);
                    for (finding, id) in found.iter_mut().zip(ids) {
                        self.level(finding, &active);
                        finding.suppressed = self.suppression(finding, &loaded.model, id);
                    }
                    if !found.is_empty() {
                        self.keep_sources(&loaded.model, &found);
                    }
                    findings.extend(found);
                    inputs.push(InputReport {
                        file: input.name,
                        kind: loaded.kind,
                        resources: count_resources(&loaded.model, loaded.kind),
                    });
                }
                Err(more) => errors.extend(more),
            }
        }
        if let Some(least) = self.options.severity.as_deref().and_then(parse_severity) {
            findings.retain(|finding| finding.severity >= least);
        }
        report::sort(&mut findings);
        errors.sort_by(|one, other| (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column)));
        let summary = summarize(&findings);
        Report {
            version: 1,
            tool: Tool { name: "stackproof", version: version(), rules: active.len() },
            settings: self.effective(preset),
            inputs,
            errors,
            warnings,
            summary,
            findings,
        }
    }

    fn preset(&self) -> Preset {
        let given = self.options.preset.as_deref().and_then(parse_preset);
        given.or(self.config.preset).unwrap_or(Preset::Recommended)
    }

    fn effective(&self, preset: Preset) -> EffectiveSettings {
        let fail_on = self.options.fail_on.as_deref().and_then(parse_severity).or(self.config.fail_on);
        let strict = self.options.strict.or(self.config.strict);
        EffectiveSettings { preset, fail_on: fail_on.unwrap_or(Severity::High), strict: strict.unwrap_or(false) }
    }

    fn active(&self, preset: Preset) -> Vec<Active> {
        let matches = |globs: &[String], rule: &Rule| globs.iter().any(|glob| glob_matches(glob, rule.id));
        all()
            .filter(|rule| !matches(&self.options.skip, rule))
            .filter(|rule| !(self.options.cdk_builtin && rule.cdk_builtin))
            .filter_map(|rule| {
                let asked = !self.options.rules.is_empty();
                if asked && !matches(&self.options.rules, rule) {
                    return None;
                }
                let preset = if asked { Preset::All } else { preset };
                self.config.rule(rule, preset).map(|settings| Active { rule, settings })
            })
            .collect()
    }

    /// A configured level replaces the severity of the rule's findings, but not of a sub-case graded lower by the rule.
    fn level(&self, finding: &mut Finding, active: &[Active]) {
        let Some(one) = active.iter().find(|active| active.rule.id == finding.rule) else { return };
        if let Some(level) = one.settings.severity
            && (finding.severity >= one.rule.severity || level < finding.severity)
        {
            finding.severity = level;
        }
    }

    fn suppression(&self, finding: &Finding, model: &Model, id: Option<ResourceId>) -> Option<Suppressed> {
        let resource = finding.resource.as_ref();
        let names: Vec<&str> = resource
            .into_iter()
            .flat_map(|resource| {
                [Some(resource.id.as_str()), resource.construct_path.as_deref(), resource.id.rsplit("::").next()]
            })
            .flatten()
            .collect();
        for ignore in &self.config.ignore {
            let named = names.iter().any(|name| glob_matches(&ignore.resource, name)) || ignore.resource == "*";
            if !self.expired(ignore.expires.as_deref()) && glob_matches(&ignore.rule, finding.rule) && named {
                return Some(Suppressed {
                    by: SuppressedBy::Config,
                    reason: ignore.reason.clone(),
                    expires: ignore.expires.clone(),
                });
            }
        }
        metadata_suppression(model, id?, finding.rule).filter(|found| !self.expired(found.expires.as_deref()))
    }

    /// Whether the last day of a suppression is over. Without a clock none is.
    fn expired(&self, expires: Option<&str>) -> bool {
        let today = self.options.now.as_deref().map(|now| now.get(..10).unwrap_or(now));
        today.zip(expires).is_some_and(|(today, expires)| today > expires)
    }

    fn keep_sources(&mut self, model: &Model, findings: &[Finding]) {
        use crate::model::source::{Origin, SourceId};
        for id in (0..model.source_count() as u32).map(SourceId) {
            let source = model.source(id);
            if let Origin::File { path } = &source.origin
                && findings.iter().any(|finding| finding.location.as_ref().is_some_and(|at| at.file == *path))
            {
                self.sources.insert(path.clone(), source.doc.text().to_owned());
            }
        }
    }

    /// The last report in another format. `options` is JSON: `{color, showUndetermined}`.
    pub fn render(&self, format: &str, options: &str) -> Result<String, String> {
        let options: Json = serde_json::from_str(options).unwrap_or(Json::Null);
        let Some(report) = &self.report else { return Err(refuse("nothing was checked yet")) };
        let flag = |name: &str, default: bool| options.get(name).and_then(Json::as_bool).unwrap_or(default);
        match format {
            "text" => {
                let options = TextOptions {
                    color: flag("color", self.options.color),
                    show_undetermined: flag("showUndetermined", self.options.show_undetermined),
                };
                Ok(render_text(report, &self.sources, options))
            }
            "json" => serde_json::to_string_pretty(report).map_err(|error| refuse(error.to_string())),
            other => Err(refuse(format!("unknown format {other:?}: expected text or json"))),
        }
    }

    /// What a command line exits with after the last run: 0 nothing at or above the fail level, 1 findings, 2 unreadable input.
    pub fn exit_code(&self) -> u8 {
        let Some(report) = &self.report else { return 0 };
        if !report.errors.is_empty() {
            return 2;
        }
        let EffectiveSettings { fail_on, strict, .. } = report.settings;
        let counts = |finding: &&Finding| {
            finding.suppressed.is_none() && finding.severity >= fail_on && (finding.outcome == Outcome::Fail || strict)
        };
        u8::from(report.findings.iter().any(|finding| counts(&finding)))
    }

    /// The catalogue of actions (see [`crate::iam::actions`]), for the notes of [`Checker::access`].
    pub fn actions(&mut self, catalogue: String) {
        self.actions = Some(catalogue);
    }

    /// Asks the IAM evaluator; see [`crate::access`] for the forms. Requests that carry their policies, `{kind, old, new}`,
    /// and about the inputs that were added: `{principal, action, resource, context, account}`, or `{compare: true}` for what
    /// the second allows that the first does not.
    pub fn access(&mut self, requests: &str) -> Result<String, String> {
        /// The names that tell the forms apart.
        #[derive(Default, Deserialize)]
        struct Form {
            compare: Option<IgnoredAny>,
            principal: Option<IgnoredAny>,
            old: Option<IgnoredAny>,
        }
        // What is no object is left to the answer; serde would take a list for one.
        let object = Some(requests).filter(|text| text.trim_start().starts_with('{'));
        let form: Form = object.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        if form.compare.is_none() && form.principal.is_none() {
            let has_old = form.old.is_some();
            let answer = if has_old { crate::access::access_compare } else { crate::access::access_requests };
            return answer(requests).map_err(refuse);
        }
        if let Some(error) = std::mem::take(&mut self.errors).into_iter().next() {
            return Err(refuse_input(&error));
        }
        let inputs = std::mem::take(&mut self.inputs)
            .into_iter()
            .map(|Input { name, kind, files }| crate::access::Input { name, kind, files })
            .collect();
        let settings = |stack: Option<&str>| self.config.settings(stack);
        let answer = match form.compare {
            Some(_) => crate::access::access_compare_inputs(inputs, &settings),
            None => crate::access::access_inputs(requests, inputs, &settings, self.actions.as_deref()),
        };
        answer.map_err(|error| refuse_input(&error))
    }
}

/// `Metadata: {stackproof: {ignore: [{rule, reason}]}}` on the resource.
fn metadata_suppression(model: &Model, id: ResourceId, rule: &str) -> Option<Suppressed> {
    use crate::doc::Shape;
    let metadata = model.resource(id).metadata?;
    let doc = &model.source(metadata.source).doc;
    let list = doc.get(metadata.node, "stackproof").and_then(|node| doc.get(node, "ignore"))?;
    let Shape::Array(items) = doc.shape(list) else { return None };
    items.iter().find_map(|&item| {
        let text = |name: &str| doc.get(item, name).and_then(|node| doc.string(node));
        let reason = text("reason").filter(|reason| !reason.trim().is_empty())?;
        glob_matches(text("rule")?, rule).then(|| Suppressed {
            by: SuppressedBy::Metadata,
            reason: reason.to_owned(),
            expires: text("expires").map(str::to_owned),
        })
    })
}

fn count_resources(model: &Model, kind: InputKind) -> usize {
    match kind {
        InputKind::IamPolicy => 0,
        InputKind::PulumiState | InputKind::PulumiPreview | InputKind::PulumiResources | InputKind::PulumiProject => {
            model.resources.iter().filter(|resource| !resource.kind.starts_with("pulumi:")).count()
        }
        _ => model.resources.len(),
    }
}

fn summarize(findings: &[Finding]) -> Summary {
    let mut summary = Summary::default();
    for finding in findings {
        if finding.suppressed.is_some() {
            summary.suppressed += 1;
        } else if finding.outcome == Outcome::Undetermined {
            summary.undetermined += 1;
        } else {
            match finding.severity {
                Severity::Critical => summary.critical += 1,
                Severity::High => summary.high += 1,
                Severity::Medium => summary.medium += 1,
                Severity::Low => summary.low += 1,
                Severity::Info => summary.info += 1,
            }
        }
    }
    summary
}

pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
