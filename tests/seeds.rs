//! The code samples of the post-mortems, broken and mended: `tests/seeds/<sample>.{broken,mended}.{cfn.yaml,pulumi.json}`.
//!
//! A sample is a part of a program: of the rules that its row names and of all deployment failures, its broken form gets
//! exactly the findings of the row, and its mended form gets none. What else the rest of a program would owe is left out. `rule!` is a deployment failure, `rule:medium` has that severity.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use stackproof::Checker;
use stackproof::rules::all;

struct Sample {
    name: &'static str,
    /// What the broken form must be told.
    fires: &'static [&'static str],
    /// What neither form may be told, though it looks like it.
    quiet: &'static [&'static str],
    /// The configuration of the broken form, JSON.
    config: &'static str,
    /// The configuration of the mended form.
    mended: &'static str,
}

const fn sample(name: &'static str, fires: &'static [&'static str], quiet: &'static [&'static str]) -> Sample {
    configured(name, "{}", fires, quiet)
}

const fn configured(
    name: &'static str,
    config: &'static str,
    fires: &'static [&'static str],
    quiet: &'static [&'static str],
) -> Sample {
    Sample { name, fires, quiet, config, mended: config }
}

#[rustfmt::skip]
const SAMPLES: &[Sample] = &[
    // 000: a Pulumi program
    sample("000-stringify", &["unresolved-output-in-string!"], &[]),
    sample("000-encryption-fallback", &["s3-encryption-required"], &["s3-encryption-config"]),
    sample("000-bucket-name", &["nondeterministic-physical-name", "literal-undefined-in-value"], &["s3-bucket-name"]),
    sample("000-bucket-name-long", &["nondeterministic-physical-name", "s3-bucket-name!"], &[]),
    sample("000-environment", &["lambda-env-limits!", "lambda-env-secret"], &["lambda-timeout-max"]),
    // 001: a CDK app
    sample("001-filter-pattern", &["logs-metric-filter-pattern!"], &[]),
    sample("001-account-ids", &["placeholder-account-id!"], &[]),
    sample("001-own-account", &["iam-cross-account-role-own-account"], &["placeholder-account-id"]),
    sample("001-protection-policy", &["iam-policy-unattached:medium", "iam-scp-as-iam-policy", "iam-guard-policy-incomplete"], &[]),
    sample("001-parameter", &["placeholder-value", "ssm-plaintext-secret"], &[]),
    sample("001-secure-string", &["ssm-securestring-cfn!"], &[]),
    sample("001-external-id", &["iam-external-id-nondeterministic"], &[]),
    sample("001-loopback", &["sg-loopback-rule"], &["sg-open-ingress", "sg-unrestricted-egress", "sg-description-charset"]),
    configured("001-pending-window", r#"{"environment": "prod"}"#, &["kms-pending-window"], &[]),
    sample("001-session", &["iam-session-duration-max"], &["iam-session-duration-range"]),
    // 003: a Pulumi program
    sample("003-bucket-policy-before", &["cloudtrail-bucket-policy!"], &["s3-ssl-only"]),
    sample("003-bucket-policy-after", &["cloudtrail-bucket-policy-scope", "iam-confused-deputy-service-principal"], &["cloudtrail-bucket-policy", "s3-public-policy"]),
    sample("003-selectors-before", &["cloudtrail-advanced-selector-fields!"], &[]),
    sample("003-selectors-after", &["cloudtrail-data-event-loop"], &["cloudtrail-advanced-selector-fields", "cloudtrail-advanced-selector-operators", "cloudtrail-management-events"]),
    sample("003-encryption-before", &["s3-deny-sse-vs-service!"], &[]),
    sample("003-encryption-after", &["iam-mfa-deny-ifexists", "s3-policy-lockout"], &["s3-deny-sse-vs-service"]),
    sample("003-security-policies", &["iam-mfa-deny-ifexists", "iam-guard-policy-incomplete", "iam-tag-guard-bypass", "iam-policy-unattached", "pulumi-component-parent"], &["iam-policy-syntax"]),
    sample("003-secure-bucket", &["s3-object-lock-config!", "s3-audit-object-lock", "s3-notification-permission!", "s3-notification-prefix-mismatch", "s3-lifecycle-required", "pulumi-legacy-resource-type"], &["s3-lifecycle-transitions"]),
    sample("003-enhanced-trail", &["logs-metric-filter-json-source", "alarm-actions", "alarm-policy-change-threshold", "pulumi-unknown-input", "alarm-missing-data", "cloudtrail-data-event-loop", "kms-policy-cloudwatch-logs!", "cloudtrail-cloudwatch-required"], &["logs-retention-valid", "logs-metric-filter-pattern", "alarm-metric-source", "cloudtrail-insight-dependency"]),
    sample("003-security-stack", &["stack-required-resources", "literal-undefined-in-value"], &[]),
    sample("003-time-policy", &["iam-condition-date-value!", "iam-time-of-day-window"], &[]),
    sample("003-audit-policy", &["documentation-ip-range"], &["iam-condition-value-type", "iam-source-ip-private"]),
    // 004: a CDK app
    sample("004-1a-rotation", &["kms-rotation"], &[]),
    sample("004-1b-key-policy", &["kms-key-policy-wildcard-principal", "kms-key-policy-service-scope"], &[]),
    sample("004-2-timeout", &["lambda-timeout-max"], &[]),
    sample("004-3-explicit-deny", &["iam-explicit-deny-required"], &["iam-wildcard-resource"]),
    sample("004-4-log-encryption", &["logs-kms-required"], &[]),
    sample("004-5-log-retention", &["logs-retention-required"], &["logs-retention-valid"]),
    sample("004-6-dead-letters", &["events-target-dlq", "events-target-retry"], &[]),
    sample("004-7-alarm", &["alarm-policy-change-threshold"], &[]),
    sample("004-8-event-pattern", &["events-iam-change-coverage", "events-cloudtrail-pattern-shape"], &[]),
    Sample { mended: "{}", ..configured("004-8-region", r#"{"region": "eu-west-1"}"#, &["events-global-service-region"], &[]) },
    sample("004-9-external-id", &["iam-cross-account-external-id", "placeholder-account-id!"], &[]),
    sample("004-10-runtime", &["lambda-runtime-deprecated", "lambda-runtime-minimum"], &[]),
    sample("004-11-tags", &["required-tags"], &[]),
    sample("004-13-session", &["iam-session-duration-max"], &[]),
    sample("004-14-schedule", &["events-schedule-fixed-time"], &["events-schedule-syntax"]),
    configured("004-16-environment", r#"{"environment": "dev"}"#, &["name-missing-environment"], &[]),
    configured("004-17-region", r#"{"rules": {"name-missing-region": {"multiRegion": true}}}"#, &["name-missing-region"], &[]),
    sample("004-18-variables", &["lambda-env-required"], &[]),
    sample("004-19-alarm-actions", &["alarm-actions"], &[]),
    sample("004-20-outputs", &["critical-output-export"], &[]),
];

/// Rules that a row names and that do not exist yet, and why.
const NOT_YET: &[(&str, &str)] = &[
    ("alarm-policy-change-threshold", "priority P2: comes after the rules of priority P1"),
    ("cloudtrail-bucket-policy-scope", "priority P2: comes after the rules of priority P1"),
    ("cloudtrail-cloudwatch-required", "priority P2: comes after the rules of priority P1"),
    ("cloudtrail-data-event-loop", "priority P2: comes after the rules of priority P1"),
    ("critical-output-export", "priority P3: comes last"),
    ("events-schedule-fixed-time", "priority P3: comes last"),
    ("iam-confused-deputy-service-principal", "priority P2: comes after the rules of priority P1"),
    ("iam-cross-account-role-own-account", "priority P3: comes last"),
    ("iam-guard-policy-incomplete", "priority P2: comes after the rules of priority P1"),
    ("iam-session-duration-max", "priority P2: comes after the rules of priority P1"),
    ("iam-tag-guard-bypass", "priority P2: comes after the rules of priority P1"),
    ("iam-wildcard-resource", "priority P2: comes after the rules of priority P1"),
    ("lambda-env-required", "priority P3: comes last"),
    ("lambda-runtime-minimum", "priority P2: comes after the rules of priority P1"),
    ("placeholder-value", "priority P2: comes after the rules of priority P1"),
    ("pulumi-component-parent", "priority P3: comes last"),
    ("s3-audit-object-lock", "priority P2: comes after the rules of priority P1"),
    ("s3-lifecycle-required", "priority P3: comes last"),
    ("stack-required-resources", "priority P2: comes after the rules of priority P1"),
];

/// Where a broken form rightly gets something else than its row says: rule and reason.
const ARGUED: &[(&str, &str, &str)] = &[
    ("000-stringify", "iam-resource-arn-format", "the text that stands in the ARN's place is no ARN, as AWS says too"),
    (
        "003-encryption-before",
        "cloudtrail-bucket-policy",
        "CloudTrail is denied its uploads, so its trail is refused too",
    ),
    (
        "003-encryption-after",
        "s3-policy-lockout",
        "a denial of deletions with Bool (not BoolIfExists) locks nobody out of the policy itself",
    ),
];

fn check(path: &Path, config: &str) -> Vec<Value> {
    let mut config: Value = serde_json::from_str(config).expect("a sample's configuration is JSON");
    for (name, value) in [("region", "us-east-1"), ("account", "935871204466")] {
        if config[name].is_null() {
            config[name] = value.into();
        }
    }
    let options = json!({ "preset": "all", "now": "2026-11-26", "config": config });
    let mut checker = Checker::new(&options.to_string()).expect("the options are fine");
    let name = path.to_string_lossy();
    let mut text = fs::read_to_string(path).expect("a sample is a text file");
    let pulumi = name.ends_with(".pulumi.json");
    if pulumi {
        let mut program: Value = serde_json::from_str(&text).expect("a program is JSON");
        for resource in program["resources"].as_array_mut().into_iter().flatten() {
            let part = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
            resource["urn"] = format!("urn:pulumi:dev::test::{}::{}", part("type"), part("name")).into();
        }
        text = program.to_string();
    }
    checker.begin_input(&name, if pulumi { "pulumi-resources" } else { "cloudformation" });
    checker.add_file(&name, text.into_bytes());
    let report: Value = serde_json::from_str(&checker.run()).expect("a report is JSON");
    assert_eq!(report["errors"], json!([]), "{name}");
    report["findings"].as_array().cloned().unwrap_or_default()
}

/// `rule!` or `rule:severity`, taken apart.
fn parts(expected: &str) -> (&str, Option<(&str, &str)>) {
    match (expected.strip_suffix('!'), expected.split_once(':')) {
        (Some(rule), _) => (rule, Some(("category", "deploy-failure"))),
        (_, Some((rule, severity))) => (rule, Some(("severity", severity))),
        _ => (expected, None),
    }
}

fn forms() -> BTreeMap<(String, String), std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut parts = name.splitn(3, '.');
        Some(((parts.next()?.to_owned(), parts.next()?.to_owned()), entry.path()))
    });
    named.collect()
}

#[test]
fn each_sample_gets_the_findings_that_it_should() {
    let exists = |id: &str| all().any(|rule| rule.id == id);
    let forms = forms();
    let mut wrong = Vec::new();
    for sample in SAMPLES {
        for form in ["broken", "mended"] {
            let Some(path) = forms.get(&(sample.name.to_owned(), form.to_owned())) else {
                wrong.push(format!("{}: has no {form} form", sample.name));
                continue;
            };
            let findings = check(path, if form == "broken" { sample.config } else { sample.mended });
            let mut expected: BTreeSet<&str> = BTreeSet::new();
            for one in sample.fires.iter().filter(|_| form == "broken") {
                let (rule, holds) = parts(one);
                if !exists(rule) {
                    continue;
                }
                expected.insert(rule);
                let of_it = |finding: &&Value| finding["rule"] == rule && finding["outcome"] == "fail";
                if let Some((field, value)) = holds
                    && !findings.iter().filter(of_it).any(|finding| finding[field] == value)
                {
                    wrong.push(format!("{} {form}: {rule} says nothing with {field} {value}", sample.name));
                }
            }
            for (_, rule, why) in ARGUED.iter().filter(|(name, ..)| *name == sample.name && form == "broken") {
                println!("{}: {rule}: {why}", sample.name);
                if !expected.remove(rule) {
                    expected.insert(rule);
                }
            }
            let row = || sample.fires.iter().chain(sample.quiet).map(|one| parts(one).0);
            let counts = |finding: &&Value| {
                finding["outcome"] == "fail"
                    && finding["severity"] != "info"
                    && (finding["category"] == "deploy-failure" || row().any(|rule| finding["rule"] == rule))
            };
            let found: BTreeSet<&str> =
                findings.iter().filter(counts).filter_map(|finding| finding["rule"].as_str()).collect();
            let text = |finding: &Value| {
                format!(
                    "\n      {} {} {}: {}",
                    finding["outcome"], finding["severity"], finding["rule"], finding["message"]
                )
            };
            if found != expected {
                let heard = findings.iter().filter(|finding| {
                    let rule = finding["rule"].as_str().unwrap_or_default();
                    found.contains(rule) != expected.contains(rule) || expected.contains(rule)
                });
                wrong.push(format!(
                    "{} {form}: expected {expected:?}, found {found:?}{}",
                    sample.name,
                    heard.map(text).collect::<String>()
                ));
            }
            // A form that leaves its own question open shows nothing.
            for finding in findings.iter().filter(|finding| finding["outcome"] == "undetermined") {
                if row().any(|rule| finding["rule"] == rule) {
                    wrong.push(format!("{} {form}:{}", sample.name, text(finding)));
                }
            }
        }
    }
    for (name, form) in forms.keys() {
        if !SAMPLES.iter().any(|sample| sample.name == name) {
            wrong.push(format!("{name}.{form}: belongs to no row"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}

#[test]
fn rules_that_are_not_there_are_listed_and_the_listed_are_not_there() {
    let mut wrong = Vec::new();
    for (id, why) in NOT_YET {
        println!("not yet: {id}: {why}");
        if all().any(|rule| rule.id == *id) {
            wrong.push(format!("{id} exists: strike it from NOT_YET"));
        }
    }
    for sample in SAMPLES {
        for id in sample.fires.iter().chain(sample.quiet).map(|one| parts(one).0) {
            if !all().any(|rule| rule.id == id) && !NOT_YET.iter().any(|(listed, _)| *listed == id) {
                wrong.push(format!("{}: names {id}, which neither exists nor is listed as not yet there", sample.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}
