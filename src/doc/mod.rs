//! Bytes → a flat arena of nodes with spans. Knows neither AWS nor Pulumi.

mod arena;
mod json;
mod position;
mod yaml;

pub use arena::{Doc, DocBuilder, Entry, NodeId, PendingMember, Shape, Span};
pub use json::parse_json;
pub use position::{LineIndex, Position};
pub use yaml::parse_yaml;

/// Deepest nesting that a document may have: far beyond real templates, and safe for the small stack of WebAssembly.
pub const MAX_DEPTH: usize = 500;

/// Most nodes that YAML aliases may add to a document, so that a "billion laughs" file is refused early.
pub const MAX_EXPANSION: usize = 1_000_000;

/// Why a document could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Byte offset into the text.
    pub offset: usize,
    pub message: String,
}

/// The text of a file: UTF-8, with or without a byte order mark.
pub fn text_of(bytes: &[u8]) -> Result<&str, ParseError> {
    // UTF-16 by its mark, or by the zeros beside the ASCII that every one of our files begins with.
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 9..127, 0, 9..127, ..] | [9..127, 0, 9..127, 0, ..] = bytes {
        let message = "the file is UTF-16: expected UTF-8 (in PowerShell, write it with `| Out-File -Encoding utf8`)";
        return Err(ParseError { offset: 0, message: message.into() });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => Err(ParseError {
            offset: error.valid_up_to(),
            message: "not a text file: expected UTF-8 (JSON or YAML)".into(),
        }),
    }
}
