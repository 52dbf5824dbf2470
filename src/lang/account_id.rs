//! AWS account ids, and those that stand for none.

/// Ids that AWS's documentation and examples use, and that people type for want of one.
pub const PLACEHOLDERS: [&str; 17] = [
    "000000000000",
    "111111111111",
    "222222222222",
    "333333333333",
    "444444444444",
    "555555555555",
    "666666666666",
    "777777777777",
    "888888888888",
    "999999999999",
    "123456789012",
    "210987654321",
    "012345678901",
    "111122223333",
    "444455556666",
    "777788889999",
    "123412341234",
];

/// Words that stand where an account id belongs.
pub const PLACEHOLDER_WORDS: [&str; 6] =
    ["<ACCOUNT_ID>", "<ACCOUNT-ID>", "ACCOUNT_ID", "YOUR_ACCOUNT", "YOUR_ACCOUNT_ID", "${ACCOUNT_ID}"];

/// 12 digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the id or word in an id's place belongs to no account.
pub fn is_placeholder(text: &str) -> bool {
    PLACEHOLDERS.contains(&text) || PLACEHOLDER_WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}
