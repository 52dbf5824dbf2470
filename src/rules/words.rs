//! Names that say that what they name is secret.

/// Whether the last word or words of a name say so: `db-password`, `apiKey`, `GITHUB_TOKEN`; but not `password-length`,
/// `token-url`, `monkey`.
pub fn names_secret(name: &str) -> bool {
    // Most names have nothing of the kind in them, and are not taken apart.
    let hints = ["pass", "pwd", "secret", "token", "credential", "key"];
    if !hints.iter().any(|hint| contains_folded(name, hint)) {
        return false;
    }
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    match last {
        "password" | "passwords" | "passwd" | "passphrase" | "pwd" | "secret" | "secrets" | "token" | "tokens"
        | "credential" | "credentials" | "apikey" | "apikeys" | "privatekey" | "secretkey" | "accesskey" => true,
        "pass" => before.last().is_some_and(|word| matches!(word.as_str(), "db" | "user" | "admin" | "smtp" | "root")),
        "key" | "keys" => before.last().is_some_and(|word| {
            matches!(word.as_str(), "api" | "private" | "secret" | "access" | "signing" | "encryption" | "license")
        }),
        // A word that says which one: `password-value`, `token-prod`.
        "value" | "plaintext" | "prod" | "production" | "dev" | "staging" | "test" | "current" => {
            !before.is_empty() && names_secret(&before.join("-"))
        }
        _ => false,
    }
}

fn contains_folded(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// The words of a name in lower case, split at other characters than letters and digits, and where the case changes.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            after_lower = false;
            continue;
        }
        if c.is_ascii_uppercase() && after_lower && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        word.push(c.to_ascii_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::names_secret;

    #[test]
    fn names_of_secrets() {
        for name in
            ["db-password", "apiKey", "api-key", "GITHUB_TOKEN", "dbPassword2", "stripe_secret", "password-prod"]
        {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "monkey",
            "passage-keyboard",
            "password-length",
            "token-url",
            "KMS_KEY_ARN",
            "partition-key",
            "",
            "tokenizer",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }
}
