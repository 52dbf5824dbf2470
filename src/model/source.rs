//! Where values come from: files, documents derived from them, and JSON texts inside strings.

use crate::doc::{Doc, NodeId, Shape, Span};

use super::text::Symbol;

/// A document of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A value in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeRef {
    pub source: SourceId,
    pub node: NodeId,
}

/// A document with its place in the world.
#[derive(Debug)]
pub struct Source {
    pub doc: Doc,
    pub origin: Origin,
    /// Whether `{"Ref": …}`, `{"Fn::…": …}` are functions here. A JSON text inside a string has none.
    pub functions: bool,
    /// Symbols that stand for the private-use character pairs of this text; see [`hole`].
    pub holes: Vec<Symbol>,
}

#[derive(Debug)]
pub enum Origin {
    /// A file as the user gave it.
    File { path: String },
    /// The same text as another document, in canonical shape: spans are those of that document.
    Derived { from: SourceId },
    /// The content of a string value.
    Embedded { parent: NodeRef },
}

impl Source {
    pub fn shape(&self, node: NodeId) -> Shape<'_> {
        self.doc.shape(node)
    }

    pub fn span(&self, node: NodeId) -> Span {
        self.doc.span(node)
    }
}

/// First and last character of a hole in an embedded text; the decimal index into [`Source::holes`] stands between. Private
/// use characters are not allowed in the documents that AWS accepts, so no real text has them.
pub const HOLE_START: char = '\u{F8F0}';
pub const HOLE_END: char = '\u{F8F1}';
