//! See the documentation of the rule below.

use crate::model::Place;
use crate::rules::prelude::*;
use crate::rules::strings::{CREDENTIAL, Hit, SECRET, Strings};

rule! {
    /// No credential stands in the template or program.
    ///
    /// A key, token or password that is written out is in the repository, in the state, and for everybody who may read the
    /// stack. Known forms are found wherever they stand: access keys of AWS, private keys, tokens of GitHub, Slack and Stripe,
    /// JSON web tokens, passwords in URLs. Else a value counts when its name says so and it looks random.
    ///
    /// Mend it with Secrets Manager and a dynamic reference, and change the credential: it is known.
    ///
    /// ```yaml fails
    /// Parameters:
    ///   Database: {Type: String, Default: 'postgres://app:S3v3nDwarfs77@db.internal:5432/app'}
    /// Resources:
    ///   Topic: {Type: AWS::SNS::Topic}
    /// ```
    /// ```yaml passes
    /// Parameters:
    ///   Database: {Type: String, Default: 'postgres://db.internal:5432/app'}
    /// Resources:
    ///   Topic: {Type: AWS::SNS::Topic}
    /// ```
    ///
    /// Source: IAM User Guide, "Secure access keys"; CloudFormation User Guide, "Get values stored in other services using
    /// dynamic references".
    {
        id: "hardcoded-credential", since: "0.1.0", category: Security, severity: Critical, preset: Dev,
        scope: SingleResource,
        fix: Suggested,
        params: {
            extraNames: List = "[]", "More names of values that are secret.";
            minEntropy: Number = "3.5", "Bits per character from which on a value looks random.";
        },
    }
    stack |check, stack| {
        let strings = Strings::of(check.world().model);
        let least = check.number("minEntropy").unwrap_or(3.5);
        let doc = |hit: &Hit| check.world().model.source(hit.at.source).doc.string(hit.at.node);
        let judge = |hit: &Hit| -> Option<(&'static str, Severity)> {
            let text = doc(hit)?;
            if hit.name().ends_with("Description") && hit.marks & CREDENTIAL == 0 {
                return None;
            }
            credential(text).or_else(|| named(hit, text, least))
        };
        const FIX: &str = "keep it in Secrets Manager and refer to it; change the credential, since it is known";
        for hit in strings.template_hits(stack.id(), CREDENTIAL | SECRET) {
            if let Some((what, severity)) = judge(hit) {
                let at = Place { node: hit.at, missing: None };
                check.fail(at, format!("{} holds {what}", hit.path)).severity(severity).fix(Fix::suggested(FIX));
            }
        }
        for resource in stack.resources() {
            for hit in strings.hits(resource.id(), CREDENTIAL | SECRET) {
                if let Some((what, severity)) = judge(hit) {
                    let at = Place { node: hit.at, missing: None };
                    check
                        .fail_on(resource, at, format!("{} holds {what}", hit.path))
                        .severity(severity)
                        .fix(Fix::suggested(FIX));
                }
            }
        }
    }
}

/// What a text holds, by its form.
fn credential(text: &str) -> Option<(&'static str, Severity)> {
    for start in ["AKIA", "ASIA", "ABIA", "ACCA"] {
        for (at, _) in text.match_indices(start) {
            let before = text[..at].chars().next_back();
            let key: String = text[at..].chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            let is_key = key.len() == 20
                && key[4..].bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte));
            if is_key && !before.is_some_and(|c| c.is_ascii_alphanumeric()) {
                let example = key.ends_with("EXAMPLE");
                return Some(if example {
                    ("the access key id of AWS's examples", Severity::Medium)
                } else {
                    ("an access key id of AWS", Severity::Critical)
                });
            }
        }
    }
    for kind in ["", "RSA ", "EC ", "DSA ", "OPENSSH "] {
        if text.contains(&format!("-----BEGIN {kind}PRIVATE KEY-----")) {
            return Some(("a private key", Severity::Critical));
        }
    }
    let run = |start: &str, least: usize, allowed: fn(char) -> bool| {
        text.match_indices(start)
            .any(|(at, _)| text[at + start.len()..].chars().take_while(|&c| allowed(c)).count() >= least)
    };
    let word = |c: char| c.is_ascii_alphanumeric();
    if ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].iter().any(|start| run(start, 36, word))
        || run("github_pat_", 22, |c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Some(("a token of GitHub", Severity::Critical));
    }
    if ["xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-"]
        .iter()
        .any(|start| run(start, 10, |c| c.is_ascii_alphanumeric() || c == '-'))
    {
        return Some(("a token of Slack", Severity::Critical));
    }
    if run("sk_live_", 16, word) {
        return Some(("a live key of Stripe", Severity::Critical));
    }
    for (at, _) in text.match_indices("eyJ") {
        let token = text[at..].split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')).next();
        let mut parts = token.unwrap_or_default().split('.');
        if let (Some(head), Some(body), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
            && head.len() > 15
            && body.starts_with("eyJ")
            && signature.len() > 20
        {
            return Some(("a JSON web token", Severity::Critical));
        }
    }
    in_url(text).then_some(("a password in a URL", Severity::Critical))
}

/// `scheme://user:password@host`, with a password that is written out.
fn in_url(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let scheme = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let authority = text[at + 3..].split(['/', ' ', '\n', '"', '\'', '`', '?']).next().unwrap_or_default();
        let Some((user, host)) = authority.rsplit_once('@') else { return false };
        let Some((_, password)) = user.split_once(':') else { return false };
        let placeholder = password.is_empty()
            || password.contains(['$', '{', '<', '*', '%', '['])
            || ["password", "pass", "pwd", "secret", "token", "xxx", "xxxx"]
                .iter()
                .any(|word| password.eq_ignore_ascii_case(word));
        scheme && !placeholder && !host.is_empty()
    })
}

/// A value whose name says that it is secret, and that looks like it.
fn named(hit: &Hit, text: &str, least: f64) -> Option<(&'static str, Severity)> {
    let points =
        ["arn:", "alias/", "http", "/", "s3:", "$", "AWS::", "Ref:"].iter().any(|start| text.starts_with(start));
    let made = text.contains("${")
        || text.contains("{{")
        || text.contains(char::is_whitespace)
        || text.starts_with(['{', '[', '<']);
    let of_policy = hit.path.contains(':') || hit.is_below("Statement") || hit.is_below("Condition");
    if hit.marks & SECRET == 0 || hit.part || points || made || of_policy || text.len() < 8 {
        return None;
    }
    // Names of other things: `db-credentials-prod`, `my.secret.name`.
    let digits = text.chars().any(|c| c.is_ascii_digit());
    (entropy(text) >= least && digits)
        .then_some(("a value that looks like a credential, by its name", Severity::Critical))
}

/// Shannon entropy in bits per character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0usize; 256];
    for byte in text.bytes() {
        counts[byte as usize] += 1;
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = *count as f64 / length;
            -share * share.log2()
        })
        .sum()
}
