//! One masking function for excerpts, messages and edits: values that look like secrets are never printed in full.

/// Hides what looks like a secret: AWS access key ids and private key blocks, and the value after a name such as `password`.
pub fn mask(text: &str) -> String {
    if !may_hold_secret(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, length)) = next_secret(rest) {
        out.push_str(&rest[..at]);
        out.push_str("****");
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    out
}

const NAMES: &[&str] = &[
    "password",
    "passwd",
    "secretstring",
    "secretaccesskey",
    "secret_access_key",
    "privatekey",
    "private_key",
    "apikey",
    "api_key",
    "authtoken",
    "auth_token",
];

/// Whether any of what is looked for begins somewhere in a text: one pass, since nearly all texts hold none of it.
fn may_hold_secret(text: &str) -> bool {
    const BEGINNINGS: [&[u8; 4]; 8] = [b"akia", b"asia", b"priv", b"pass", b"secr", b"apik", b"api_", b"auth"];
    text.as_bytes().windows(4).any(|window| {
        matches!(window[0] | 0x20, b'a' | b'p' | b's') && BEGINNINGS.iter().any(|one| window.eq_ignore_ascii_case(*one))
    })
}

fn next_secret(text: &str) -> Option<(usize, usize)> {
    let candidates = [access_key(text), private_key(text), named_value(text)];
    candidates.into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// Long-term and temporary access key ids (IAM User Guide, "Understanding unique ID prefixes"): AKIA or ASIA and 16 more.
fn access_key(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    ["AKIA", "ASIA"]
        .iter()
        .filter_map(|prefix| {
            text.match_indices(prefix).map(|(at, _)| at).find_map(|at| {
                let length =
                    bytes[at..].iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count();
                (length == 20).then_some((at + 4, 16))
            })
        })
        .min()
}

fn private_key(text: &str) -> Option<(usize, usize)> {
    let at = text.find("PRIVATE KEY-----")?;
    let from = at + "PRIVATE KEY-----".len();
    let end = text[from..].find("-----END").map_or(text.len(), |end| from + end);
    (end > from).then_some((from, end - from))
}

/// `Password: value`, `"password": "value"`: the value, unless it is a function or a reference.
fn named_value(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut best: Option<(usize, usize)> = None;
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            let after = at + name.len();
            let rest = &text[after..];
            let skipped = rest.len() - rest.trim_start_matches(['"', '\'', '\\']).len();
            let Some(rest) = rest[skipped..].strip_prefix([':', '=']) else { continue };
            let value = rest.trim_start_matches([' ', '"', '\'', '\\']);
            let from = text.len() - value.len();
            let length = value.find(['"', '\'', '\n', ',', '}', ' ', '\\']).unwrap_or(value.len());
            let written = &value[..length];
            let reference = written.starts_with(['{', '!', '$', '[', '*']) || written.is_empty();
            if length >= 4 && !reference && best.is_none_or(|(known, _)| from < known) {
                best = Some((from, length));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{NAMES, mask, may_hold_secret};

    #[test]
    fn every_name_is_seen_by_the_first_pass() {
        for name in NAMES.iter().chain(&["AKIA", "ASIA", "PRIVATE KEY-----"]) {
            assert!(may_hold_secret(name) && may_hold_secret(&name.to_uppercase()), "{name}");
        }
        assert!(!may_hold_secret("the bucket has no policy"));
    }

    #[test]
    fn secrets_do_not_show() {
        for (text, expected) in [
            ("key AKIAIOSFODNN7EXAMPLE here", "key AKIA**** here"),
            ("MasterUserPassword: hunter22", "MasterUserPassword: ****"),
            ("{\"password\": \"hunter22\", \"a\": 1}", "{\"password\": \"****\", \"a\": 1}"),
            ("Password: !Ref DbPassword", "Password: !Ref DbPassword"),
            ("nothing to hide", "nothing to hide"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }
}
