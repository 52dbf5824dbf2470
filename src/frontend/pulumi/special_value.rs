//! What Pulumi writes into documents for values that are not plain: unknown outputs, secrets, assets.
//!
//! Source: pulumi/pulumi, `sdk/go/common/resource/plugin/rpc.go` (sentinels) and `sdk/go/common/resource/sig/sig.go`
//! (signatures).

use crate::doc::{Doc, NodeId, Shape};

/// What stands for an output that is not known yet, by the kind of value that it will be.
pub(super) const SENTINELS: [&str; 7] = [
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
    "030794c1-ac77-496b-92df-f27374a8bd58", // asset
    "e48ece36-62e2-4504-bad9-02848725956a", // archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
];

const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT: &str = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/// The sentinel that a string is.
pub(super) fn sentinel(text: &str) -> Option<&'static str> {
    if text.len() != 36 {
        return None;
    }
    SENTINELS.iter().copied().find(|sentinel| *sentinel == text)
}

/// An object with a signature, which stands for another value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wrapped<'d> {
    Encrypted,
    /// A JSON text.
    Plaintext(&'d str),
    Value(NodeId),
    /// An output without a value.
    Unknown,
}

pub(super) fn wrapped(doc: &Doc, node: NodeId) -> Option<Wrapped<'_>> {
    let signature = doc.get(node, SIGNATURE)?;
    match doc.string(signature)? {
        SECRET => Some(match (doc.get(node, "plaintext"), doc.get(node, "value")) {
            (Some(plaintext), _) => match doc.shape(plaintext) {
                Shape::String(text) => Wrapped::Plaintext(text),
                _ => Wrapped::Encrypted,
            },
            (None, Some(value)) => Wrapped::Value(value),
            (None, None) => Wrapped::Encrypted,
        }),
        OUTPUT => Some(doc.get(node, "value").map_or(Wrapped::Unknown, Wrapped::Value)),
        _ => None,
    }
}

pub(super) fn is_secret(doc: &Doc, node: NodeId) -> bool {
    wrapped(doc, node).is_some()
}

/// A string that is known: no sentinel, wrapped or not.
pub(super) fn known_text(doc: &Doc, node: NodeId) -> Option<&str> {
    let node = match wrapped(doc, node) {
        Some(Wrapped::Value(value)) => value,
        Some(_) => return None,
        None => node,
    };
    doc.string(node).filter(|text| !text.is_empty() && !SENTINELS.iter().any(|sentinel| text.contains(sentinel)))
}
