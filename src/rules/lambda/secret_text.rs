//! What credentials look like. Precise shapes first; names only where the value may be a secret.

/// What secret a text holds, if it has the shape of one.
pub(super) fn secret(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')) {
        // Documentation's own example key opens nothing.
        if is_access_key(word) && !word.ends_with("EXAMPLE") {
            return Some("an AWS access key id");
        }
        let long = |prefix: &str, least: usize| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= least);
        if ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].iter().any(|prefix| long(prefix, 36)) || long("github_pat_", 40) {
            return Some("a GitHub token");
        }
        if ["xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-"].iter().any(|prefix| long(prefix, 10)) {
            return Some("a Slack token");
        }
        if long("sk_live_", 16) || long("rk_live_", 16) {
            return Some("a Stripe key");
        }
    }
    if text.starts_with("eyJ") && text.split('.').count() == 3 && text.len() > 40 {
        return Some("a JSON Web Token");
    }
    if has_password_in_url(text) {
        return Some("a connection string with a password");
    }
    None
}

/// `AKIA` and its kin, and 16 characters of base 32.
fn is_access_key(word: &str) -> bool {
    word.len() == 20
        && ["AKIA", "ASIA", "ABIA", "ACCA"].iter().any(|prefix| word.starts_with(prefix))
        && word.bytes().skip(4).all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte))
}

/// `scheme://user:password@host` with a literal password.
fn has_password_in_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    let Some((_, password)) = user.split_once(':') else { return false };
    let is_hole = |c: char| matches!(c, '\u{fffc}' | '$' | '{' | '<' | '%');
    !scheme.is_empty() && !password.is_empty() && !password.starts_with(is_hole)
}

/// Whether a name says that its value is a secret: `DB_PASSWORD`, `apiKey`; not `SECRET_ARN`, `KMS_KEY_ID`, `TOKEN_TTL`.
pub(super) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let is = |word: &str, of: &[&str]| of.contains(&word);
    const BARE: &[&str] = &[
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "pass",
        "pwd",
        "secret",
        "secrets",
        "token",
        "tokens",
        "apikey",
        "privatekey",
        "credential",
        "credentials",
    ];
    // What the last word names is the value; the words before it say whose.
    match words.as_slice() {
        [.., first, second] if is(second, &["key", "keys"]) => {
            is(first, &["api", "private", "secret", "signing", "encryption", "access"])
                && !words.iter().any(|word| word == "public")
        }
        [.., last] => is(last, BARE),
        [] => false,
    }
}

/// `DB_PASSWORD`, `dbPassword`, `db-password` → `db`, `password`
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric() {
            words.last_mut().unwrap_or(&mut String::new()).push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a literal may be a secret by itself: no ARN, path, address, reference, placeholder, switch or number.
pub(super) fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    value.len() >= 6
        && !value.starts_with("arn:")
        && !value.starts_with('/')
        && !value.contains("://")
        && !value.contains("{{resolve:")
        && !value.contains("${")
        && !value.contains(' ')
        && !value.contains('\u{fffc}')
        && !value.bytes().all(|byte| byte.is_ascii_digit())
        && !["true", "false", "none", "null", "disabled", "enabled", "required", "optional"].contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_about_secrets() {
        for name in ["DB_PASSWORD", "dbPassword", "API_KEY", "GITHUB_TOKEN", "client-secret"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["SECRET_ARN", "KMS_KEY_ARN", "PARTITION_KEY", "TOKEN_TTL", "PASSWORD_LENGTH", "PUBLIC_KEY"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn credentials_have_shapes() {
        assert_eq!(secret("postgres://app:hunter22@db/app"), Some("a connection string with a password"));
        assert_eq!(secret("postgres://app:${PASS}@db/app"), None);
        assert_eq!(secret("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(secret("https://example.com/a:b"), None);
    }
}
