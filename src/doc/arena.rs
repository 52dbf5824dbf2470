//! The flat arena: every value of a document is a node with a span; names and strings point into the text where they can.

use std::ops::Range;
use std::rc::Rc;

/// A node of one [`Doc`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// Byte range in the text of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

/// A piece of text: in the document as it stands, or decoded (escapes, folded lines), told apart by the top bit.
#[derive(Clone, Copy, Debug)]
struct Str {
    start: u32,
    length: u32,
}

const DECODED: u32 = 1 << 31;

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    span: Span,
    /// String, Number: its text. Bool: 0 | 1. Array: first element. Object: first entry.
    a: u32,
    b: u32,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    name: Str,
    name_span: Span,
    value: NodeId,
}

/// What a node is, with what it holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'d> {
    Null,
    Bool(bool),
    /// The number as written; numbers of JSON and YAML have more digits than a double.
    Number(&'d str),
    String(&'d str),
    Array(&'d [NodeId]),
    Object,
}

/// A name with its value, in the order of the file.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    pub name: &'d str,
    pub name_span: Span,
    pub value: NodeId,
}

/// A document. Spans are byte ranges of its text.
#[derive(Debug)]
pub struct Doc {
    text: Rc<str>,
    decoded: String,
    nodes: Vec<Node>,
    elements: Vec<NodeId>,
    members: Vec<Member>,
    root: Option<NodeId>,
    duplicates: Vec<Duplicate>,
}

/// A name that an object holds more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    pub first: Span,
    pub again: Span,
}

impl Default for Doc {
    fn default() -> Self {
        Doc {
            text: Rc::from(""),
            decoded: String::new(),
            nodes: Vec::new(),
            elements: Vec::new(),
            members: Vec::new(),
            root: None,
            duplicates: Vec::new(),
        }
    }
}

impl Doc {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, to be shared with a document that is derived from this one.
    pub fn shared_text(&self) -> Rc<str> {
        self.text.clone()
    }

    /// `None` for an empty document.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn span(&self, id: NodeId) -> Span {
        self.nodes[id.0 as usize].span
    }

    fn str(&self, text: Str) -> &str {
        let start = (text.start & !DECODED) as usize;
        let range = start..start + text.length as usize;
        if text.start & DECODED == 0 { &self.text[range] } else { &self.decoded[range] }
    }

    #[inline]
    pub fn shape(&self, id: NodeId) -> Shape<'_> {
        let node = &self.nodes[id.0 as usize];
        match node.kind {
            Kind::Null => Shape::Null,
            Kind::Bool => Shape::Bool(node.a == 1),
            Kind::Number => Shape::Number(self.str(Str { start: node.a, length: node.b })),
            Kind::String => Shape::String(self.str(Str { start: node.a, length: node.b })),
            Kind::Array => Shape::Array(&self.elements[node.a as usize..(node.a + node.b) as usize]),
            Kind::Object => Shape::Object,
        }
    }

    /// Whether a string stands in the text exactly as it is, so that offsets into it are offsets into the text.
    pub fn is_verbatim(&self, id: NodeId) -> bool {
        let node = &self.nodes[id.0 as usize];
        node.kind == Kind::String && node.a & DECODED == 0
    }

    /// Byte offset in the text at which the content of a verbatim string begins.
    pub fn content_start(&self, id: NodeId) -> Option<usize> {
        self.is_verbatim(id).then(|| self.nodes[id.0 as usize].a as usize)
    }

    /// Number of entries of an object; 0 for anything else.
    #[inline]
    pub fn entry_count(&self, id: NodeId) -> usize {
        let node = &self.nodes[id.0 as usize];
        if node.kind == Kind::Object { node.b as usize } else { 0 }
    }

    /// The entries of an object in the order of the file; none for anything else.
    pub fn entries(&self, id: NodeId) -> impl DoubleEndedIterator<Item = Entry<'_>> + ExactSizeIterator {
        let node = &self.nodes[id.0 as usize];
        let range = if node.kind == Kind::Object { node.a as usize..(node.a + node.b) as usize } else { 0..0 };
        self.members[range].iter().map(|member| Entry {
            name: self.str(member.name),
            name_span: member.name_span,
            value: member.value,
        })
    }

    /// The only entry of an object that has exactly one: the form of an intrinsic function.
    #[inline]
    pub fn single_entry(&self, id: NodeId) -> Option<Entry<'_>> {
        let node = &self.nodes[id.0 as usize];
        if node.kind != Kind::Object || node.b != 1 {
            return None;
        }
        let member = &self.members[node.a as usize];
        Some(Entry { name: self.str(member.name), name_span: member.name_span, value: member.value })
    }

    /// The value under a name; the last one counts where a name comes twice.
    #[inline]
    pub fn get(&self, id: NodeId, name: &str) -> Option<NodeId> {
        let node = &self.nodes[id.0 as usize];
        if node.kind != Kind::Object {
            return None;
        }
        let members = &self.members[node.a as usize..(node.a + node.b) as usize];
        members
            .iter()
            .rev()
            .find(|member| member.name.length as usize == name.len() && self.str(member.name) == name)
            .map(|member| member.value)
    }

    pub fn entry(&self, id: NodeId, name: &str) -> Option<Entry<'_>> {
        self.entries(id).rfind(|entry| entry.name == name)
    }

    pub fn string(&self, id: NodeId) -> Option<&str> {
        match self.shape(id) {
            Shape::String(text) => Some(text),
            _ => None,
        }
    }

    /// The names and indices from the root of a document to a node, found by span containment.
    pub fn pointer(&self, from: NodeId, to: NodeId) -> String {
        let mut pointer = String::new();
        let mut at = from;
        while at != to {
            match self.step(at, to) {
                Some((name, next)) => {
                    pointer.push('/');
                    pointer.push_str(&escape_pointer(&name));
                    at = next;
                }
                None => break,
            }
        }
        pointer
    }

    /// Children are made before their parents, so a child holds `to` exactly when it is the first with an id not below it.
    fn step(&self, at: NodeId, to: NodeId) -> Option<(String, NodeId)> {
        match self.shape(at) {
            Shape::Array(elements) => {
                elements.iter().position(|&element| element >= to).map(|index| (index.to_string(), elements[index]))
            }
            Shape::Object => {
                self.entries(at).find(|entry| entry.value >= to).map(|entry| (entry.name.to_owned(), entry.value))
            }
            _ => None,
        }
    }
}

/// `~` and `/` as JSON Pointer (RFC 6901) writes them.
fn escape_pointer(name: &str) -> String {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1") } else { name.to_owned() }
}

/// Builds a [`Doc`] from the leaves up: a container is closed with the nodes that were pushed since it was opened, so
/// children always have lower ids than their parent, in the order of the file.
#[derive(Default)]
pub struct DocBuilder {
    doc: Doc,
}

impl DocBuilder {
    pub fn new(text: impl Into<Rc<str>>) -> Self {
        let text = text.into();
        let nodes = Vec::with_capacity(text.len() / 16);
        DocBuilder { doc: Doc { text, nodes, ..Doc::default() } }
    }

    pub fn len(&self) -> usize {
        self.doc.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.doc.nodes.is_empty()
    }

    fn push(&mut self, kind: Kind, span: Span, a: u32, b: u32) -> NodeId {
        let id = NodeId(self.doc.nodes.len() as u32);
        self.doc.nodes.push(Node { kind, span, a, b });
        id
    }

    fn decode(&mut self, text: &str) -> Str {
        let start = self.doc.decoded.len() as u32 | DECODED;
        self.doc.decoded.push_str(text);
        Str { start, length: text.len() as u32 }
    }

    pub fn null(&mut self, span: Span) -> NodeId {
        self.push(Kind::Null, span, 0, 0)
    }

    pub fn bool(&mut self, span: Span, value: bool) -> NodeId {
        self.push(Kind::Bool, span, value as u32, 0)
    }

    /// A number that stands in the text as it is.
    pub fn number(&mut self, span: Span) -> NodeId {
        self.push(Kind::Number, span, span.start, span.end - span.start)
    }

    /// A number in another notation than decimal, given in decimal.
    pub fn number_decoded(&mut self, span: Span, value: &str) -> NodeId {
        let text = self.decode(value);
        self.push(Kind::Number, span, text.start, text.length)
    }

    /// A string that stands in the text as `content`, within `span` (which has the quotes too).
    pub fn string(&mut self, span: Span, content: Span) -> NodeId {
        self.push(Kind::String, span, content.start, content.end - content.start)
    }

    pub fn string_decoded(&mut self, span: Span, value: &str) -> NodeId {
        let text = self.decode(value);
        self.push(Kind::String, span, text.start, text.length)
    }

    pub fn array(&mut self, span: Span, elements: &[NodeId]) -> NodeId {
        let first = self.doc.elements.len() as u32;
        self.doc.elements.extend_from_slice(elements);
        self.push(Kind::Array, span, first, elements.len() as u32)
    }

    pub fn object(&mut self, span: Span, members: &[PendingMember]) -> NodeId {
        let first = self.doc.members.len() as u32;
        self.doc.members.extend(members.iter().map(|member| member.0));
        self.find_duplicates(first as usize);
        self.push(Kind::Object, span, first, members.len() as u32)
    }

    /// A name as it stands in the text.
    pub fn name(&self, name_span: Span, content: Span, value: NodeId) -> PendingMember {
        let name = Str { start: content.start, length: content.end - content.start };
        PendingMember(Member { name, name_span, value })
    }

    pub fn name_decoded(&mut self, name_span: Span, name: &str, value: NodeId) -> PendingMember {
        let name = self.decode(name);
        PendingMember(Member { name, name_span, value })
    }

    fn find_duplicates(&mut self, first: usize) {
        let doc = &self.doc;
        let members = &doc.members[first..];
        let mut found = Vec::new();
        if members.len() <= 12 {
            for (index, member) in members.iter().enumerate().skip(1) {
                let name = member.name;
                if let Some(earlier) = members[..index]
                    .iter()
                    .find(|other| other.name.length == name.length && doc.str(other.name) == doc.str(name))
                {
                    found.push(Duplicate { first: earlier.name_span, again: member.name_span });
                }
            }
        } else {
            let mut seen = rustc_hash::FxHashMap::default();
            for member in members {
                if let Some(earlier) = seen.insert(doc.str(member.name), member.name_span) {
                    found.push(Duplicate { first: earlier, again: member.name_span });
                }
            }
        }
        self.doc.duplicates.append(&mut found);
    }

    pub fn finish(mut self, root: Option<NodeId>) -> Doc {
        self.doc.root = root;
        self.doc
    }
}

/// A name and its value, not yet in an object.
#[derive(Clone, Copy)]
pub struct PendingMember(Member);
