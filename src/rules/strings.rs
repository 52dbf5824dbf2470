//! One look at every string of an input, shared by the rules that search all of them.
//!
//! Strings are seen as they are written, once per input; each byte is looked at once, and only what some rule may want is
//! kept. A rule whose marks occur nowhere costs nothing.

use rustc_hash::FxHashMap;

use crate::doc::{NodeId, Shape};
use crate::lang::account_id;
use crate::model::intrinsic::is_function;
use crate::model::source::NodeRef;
use crate::model::stack::Model;
use crate::model::{Read, Resource, ResourceId, StackId, Text, Value};

use super::words::names_secret;

/// What a string may hold, as bits.
pub type Marks = u16;

/// Text that a Pulumi output, a promise or a CDK token leaves where it is used as a string.
pub const LEAK: Marks = 1;
/// `${…}`
pub const SUBSTITUTION: Marks = 1 << 1;
/// `undefined`, `null`, `NaN` or `None` between delimiters.
pub const WORD: Marks = 1 << 2;
/// An account id that belongs to nobody, or words in its place.
pub const ACCOUNT: Marks = 1 << 3;
/// An address of a range that is reserved for documentation.
pub const ADDRESS: Marks = 1 << 4;
/// `arn:aws:`, too frequent to be kept: see [`look`].
pub const PARTITION: Marks = 1 << 5;
/// What credentials begin with.
pub const CREDENTIAL: Marks = 1 << 6;
/// Seconds or milliseconds since 1970, or a random UUID.
pub const CLOCK: Marks = 1 << 7;
/// The value of a name that says that it is secret.
pub const SECRET: Marks = 1 << 8;

/// What is looked for once and kept.
const SHARED: Marks = !PARTITION;

/// A string with marks.
pub struct Hit {
    pub at: NodeRef,
    pub marks: Marks,
    /// Names from the properties (or the template's sections) down, functions left out: `Environment/Variables/TABLE`.
    pub path: String,
    /// The template of a `Fn::Sub`, whose `${…}` is no mark.
    pub substituted: bool,
    /// Only a part of the value: below a function.
    pub part: bool,
    /// The argument of a macro, which may make anything of it.
    pub transformed: bool,
}

impl Hit {
    /// The name nearest to the string.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub fn is_below(&self, name: &str) -> bool {
        self.path.split('/').any(|step| step == name)
    }
}

/// The marked strings of an input.
#[derive(Default)]
pub struct Strings {
    resources: FxHashMap<ResourceId, (Marks, Vec<Hit>)>,
    templates: FxHashMap<StackId, (Marks, Vec<Hit>)>,
}

impl Strings {
    pub fn of(model: &Model) -> &Strings {
        model.extension(|| Strings::collect(model))
    }

    /// The strings of a resource's properties that have one of the marks.
    pub fn hits(&self, resource: ResourceId, marks: Marks) -> impl Iterator<Item = &Hit> {
        let found = self.resources.get(&resource).map_or(&[][..], |(_, hits)| hits.as_slice());
        found.iter().filter(move |hit| hit.marks & marks != 0)
    }

    /// Whether a string of the resource has a mark, or one that it may get from a parameter or mapping.
    pub fn may_have(&self, resource: ResourceId, stack: StackId, marks: Marks) -> bool {
        let of = |entry: Option<&(Marks, Vec<Hit>)>| entry.map_or(0, |(marks, _)| *marks);
        (of(self.resources.get(&resource)) | of(self.templates.get(&stack))) & marks != 0
    }

    /// The marked strings of the parameters and mappings of a stack's template.
    pub fn template_hits(&self, stack: StackId, marks: Marks) -> impl Iterator<Item = &Hit> {
        let found = self.templates.get(&stack).map_or(&[][..], |(_, hits)| hits.as_slice());
        found.iter().filter(move |hit| hit.marks & marks != 0)
    }

    fn collect(model: &Model) -> Strings {
        let mut strings = Strings::default();
        for (index, resource) in model.resources.iter().enumerate() {
            let Some(properties) = resource.properties else { continue };
            let hits = walk(model, properties, SHARED);
            if !hits.is_empty() {
                strings.resources.insert(ResourceId(index as u32), (union(&hits), hits));
            }
        }
        for (index, stack) in model.stacks.iter().enumerate() {
            let root = model.source(stack.root.source);
            let mut hits = Vec::new();
            for section in ["Parameters", "Mappings"] {
                if let Some(node) = root.doc.get(stack.root.node, section) {
                    hits.extend(walk(model, NodeRef { source: stack.root.source, node }, SHARED).into_iter().map(
                        |mut hit| {
                            hit.path = format!("{section}/{}", hit.path);
                            hit
                        },
                    ));
                }
            }
            if !hits.is_empty() {
                strings.templates.insert(StackId(index as u32), (union(&hits), hits));
            }
        }
        strings
    }
}

/// The strings of a resource with one of the marks, looked for anew.
pub fn look(resource: Resource<'_>, wanted: Marks) -> Vec<Hit> {
    resource.data().properties.map_or_else(Vec::new, |from| walk(resource.world().model, from, wanted))
}

fn union(hits: &[Hit]) -> Marks {
    hits.iter().fold(0, |marks, hit| marks | hit.marks)
}

/// A step on the way to a value.
#[derive(Clone, Copy)]
struct Step<'m> {
    parent: usize,
    name: &'m str,
    part: bool,
    transformed: bool,
    /// The name says that the value is secret.
    secret: bool,
}

fn walk(model: &Model, from: NodeRef, wanted: Marks) -> Vec<Hit> {
    let source = model.source(from.source);
    let mut hits = Vec::new();
    let mut steps = vec![Step { parent: usize::MAX, name: "", part: false, transformed: false, secret: false }];
    let mut open: Vec<(NodeId, usize, bool)> = vec![(from.node, 0, false)];
    while let Some((node, step, substituted)) = open.pop() {
        match source.shape(node) {
            Shape::String(text) => {
                let Step { part, transformed, secret, .. } = steps[step];
                let mut marks = (marks(text) | if secret && !text.is_empty() { SECRET } else { 0 }) & wanted;
                if substituted {
                    marks &= !SUBSTITUTION;
                }
                if marks != 0 {
                    let at = NodeRef { source: from.source, node };
                    hits.push(Hit { at, marks, path: path(&steps, step), substituted, part, transformed });
                }
            }
            Shape::Array(elements) => open.extend(elements.iter().rev().map(|&element| (element, step, false))),
            Shape::Object => {
                let function =
                    source.doc.single_entry(node).filter(|entry| source.functions && is_function(entry.name));
                if let Some(entry) = function {
                    // Names, not text.
                    if matches!(entry.name, "Ref" | "Fn::GetAtt" | "Fn::GetAZs") {
                        continue;
                    }
                    let of = steps[step];
                    // An `Fn::If` has whole values, though one of them only.
                    let part = of.part || entry.name != "Fn::If";
                    let transformed = of.transformed || entry.name == "Fn::Transform";
                    steps.push(Step { parent: step, name: "", part, transformed, secret: of.secret });
                    let below = steps.len() - 1;
                    match (entry.name, source.shape(entry.value)) {
                        ("Fn::Sub", Shape::Array(elements)) => {
                            let numbered = elements.iter().enumerate().rev();
                            open.extend(numbered.map(|(index, &element)| (element, below, index == 0)));
                        }
                        (name, _) => open.push((entry.value, below, name == "Fn::Sub")),
                    }
                    continue;
                }
                for entry in source.doc.entries(node).rev() {
                    // No step for a name with nothing below it that counts.
                    if matches!(source.shape(entry.value), Shape::Null | Shape::Bool(_) | Shape::Number(_)) {
                        continue;
                    }
                    let Step { part, transformed, .. } = steps[step];
                    let secret = may_name_secret(entry.name) && names_secret(entry.name);
                    steps.push(Step { parent: step, name: entry.name, part, transformed, secret });
                    open.push((entry.value, steps.len() - 1, false));
                }
            }
            _ => {}
        }
    }
    hits
}

/// Whether a look at the words of a name is worth while, by its last two letters.
fn may_name_secret(name: &str) -> bool {
    let bytes = name.as_bytes();
    let [.., a, b] = bytes else { return false };
    // pass-word, p-wd, phra-se, pa-ss, secr-et, tok-en, credenti-al, k-ey, and their plurals; val-ue, plaint-ext.
    bytes.len() > 3
        && matches!(
            &[a | 0x20, b | 0x20],
            b"rd"
                | b"wd"
                | b"se"
                | b"ss"
                | b"et"
                | b"en"
                | b"al"
                | b"ey"
                | b"ys"
                | b"ns"
                | b"ts"
                | b"ls"
                | b"ds"
                | b"ue"
                | b"xt"
        )
}

fn path(steps: &[Step<'_>], mut step: usize) -> String {
    let mut names = Vec::new();
    while let Some(Step { parent, name, .. }) = steps.get(step) {
        if !name.is_empty() {
            names.push(*name);
        }
        step = *parent;
    }
    names.reverse();
    names.join("/")
}

/// Whether a mark may begin at this byte, or a word after it. Frequent letters are left out: what begins with one is found
/// by a rarer byte within it.
const STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let bytes = b"C[O_$#A<-xJ:./}\"0123456789";
    let mut index = 0;
    while index < bytes.len() {
        starts[bytes[index] as usize] = true;
        index += 1;
    }
    starts
};

/// The marks of one text.
pub fn marks(text: &str) -> Marks {
    let bytes = text.as_bytes();
    let mut marks = after_boundary(None, bytes);
    let mut index = 0;
    while index < bytes.len() {
        let byte = bytes[index];
        if !STARTS[byte as usize] {
            index += 1;
            continue;
        }
        let rest = &bytes[index..];
        let starts = |word: &[u8]| rest.starts_with(word);
        let ended = |word: &[u8]| bytes[..index].ends_with(word);
        match byte {
            b'C' if starts(b"Calling [") || starts(b"Calling __str__ on an Output") => marks |= LEAK,
            b'[' if starts(b"[object Object]") || starts(b"[object Promise]") => marks |= LEAK,
            b'O' if starts(b"OutputImpl") => marks |= LEAK,
            b'_' if starts(b"__pulumiOutput") => marks |= LEAK,
            b'_' if ended(b"github") || ended(b"sk") || (index > 2 && bytes[..index - 1].ends_with(b"gh")) => {
                marks |= CREDENTIAL
            }
            b'#' if starts(b"#{Token[") => marks |= LEAK,
            b'$' if starts(b"${Token[") => marks |= LEAK,
            b'$' if starts(b"${") => marks |= SUBSTITUTION | if starts(b"${ACCOUNT") { ACCOUNT } else { 0 },
            b'A' if [&b"AKIA"[..], b"ASIA", b"ABIA", b"ACCA"].iter().any(|word| starts(word)) => marks |= CREDENTIAL,
            b'<' if begins_caseless(rest, b"<account") => marks |= ACCOUNT,
            b'-' if starts(b"-----BEGIN ") => marks |= CREDENTIAL,
            b'-' if is_random_uuid(bytes, index) => marks |= CLOCK,
            b'x' if starts(b"xox") => marks |= CREDENTIAL,
            b'J' if ended(b"ey") => marks |= CREDENTIAL,
            b':' if starts(b"://") => {
                let authority = &rest[3..];
                let end = authority.iter().position(|byte| b"/ \n\"'".contains(byte)).unwrap_or(authority.len());
                if authority[..end].contains(&b'@') {
                    marks |= CREDENTIAL;
                }
            }
            b':' if starts(b":aws:") && ended(b"arn") => marks |= PARTITION,
            b'0'..=b'9' => {
                let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                marks |= match length {
                    12 if text.get(index..index + 12).is_some_and(account_id::is_placeholder) => ACCOUNT,
                    10 | 13 if is_clock(rest) => CLOCK,
                    _ => 0,
                };
                if matches!(byte, b'1' | b'2' | b'3')
                    && [
                        &b"192.0.2."[..],
                        b"198.51.100.",
                        b"203.0.113.",
                        b"2001:db8",
                        b"2001:DB8",
                        b"2001:0db8",
                        b"3fff:",
                    ]
                    .iter()
                    .any(|word| starts(word))
                {
                    marks |= ADDRESS;
                }
                index += length;
                continue;
            }
            _ => {}
        }
        if matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b'}' | b'"') {
            marks |= after_boundary(Some(byte), &rest[1..]);
        }
        index += 1;
    }
    marks
}

/// Words that count only after a delimiter or at the beginning.
fn after_boundary(before: Option<u8>, rest: &[u8]) -> Marks {
    let starts = |word: &[u8]| rest.starts_with(word);
    match rest.first() {
        Some(b'u') if starts(b"undefined") => word(before, rest, 9),
        Some(b'n') if starts(b"null") => word(before, rest, 4),
        Some(b'N') if starts(b"None") => word(before, rest, 4),
        Some(b'N') if starts(b"NaN") => word(before, rest, 3),
        Some(b'a' | b'A' | b'y' | b'Y') if begins_caseless(rest, b"account") || begins_caseless(rest, b"your") => {
            ACCOUNT
        }
        _ => 0,
    }
}

fn begins_caseless(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn word(before: Option<u8>, rest: &[u8], length: usize) -> Marks {
    let left = before.is_none_or(|byte| b"-_./:}\"/".contains(&byte));
    let right = rest.get(length).is_none_or(|byte| b"-_./:$\"\\".contains(byte));
    if left && right { WORD } else { 0 }
}

/// 10 or 13 digits of a time between 2017 and 2033.
fn is_clock(digits: &[u8]) -> bool {
    digits[0] == b'1' && (b'5'..=b'9').contains(&digits[1])
}

/// Whether the hyphen at `index` is the second of a random (version 4) UUID.
fn is_random_uuid(bytes: &[u8], index: usize) -> bool {
    let Some(uuid) = index.checked_sub(13).and_then(|start| bytes.get(start..start + 36)) else { return false };
    uuid[14] == b'4'
        && matches!(uuid[19], b'8' | b'9' | b'a' | b'b' | b'A' | b'B')
        && uuid.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a random (version 4) UUID stands in the text.
pub fn has_random_uuid(text: &str) -> bool {
    text.bytes().enumerate().any(|(index, byte)| byte == b'-' && is_random_uuid(text.as_bytes(), index))
}

/// The value of a string as it is written.
pub fn value<'s>(resource: Resource<'s>, at: NodeRef) -> Value<'s> {
    resource.stack().value(at)
}

/// Deepest nesting that [`each_text`] follows.
const MAX_DEPTH: usize = 64;

/// Every text below a value, functions evaluated and JSON texts opened, with the names that lead to it.
pub fn each_text<'s>(value: &Value<'s>, visit: &mut dyn FnMut(&[&'s str], &Value<'s>, Text<'s>)) {
    descend(value, &mut Vec::new(), visit);
}

fn descend<'s>(value: &Value<'s>, path: &mut Vec<&'s str>, visit: &mut dyn FnMut(&[&'s str], &Value<'s>, Text<'s>)) {
    if path.len() > MAX_DEPTH {
        return;
    }
    if let Read::Known(entries) = value.entries() {
        for (name, value) in entries {
            path.push(name);
            descend(&value, path, visit);
            path.pop();
        }
    } else if let Read::Known(items) = value.items() {
        for item in items {
            path.push("");
            descend(&item, path, visit);
            path.pop();
        }
    } else if let Some(text) = value.symbolic() {
        visit(path, value, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_marks() {
        for (text, expected) in [
            ("Calling [toString] on an [Output<T>] is not supported.", LEAK),
            ("bucket-${Token[TOKEN.12]}", LEAK),
            ("arn:aws:s3:::x", PARTITION),
            ("${AWS::Region}", SUBSTITUTION),
            ("audit-undefined-x", WORD),
            ("undefined", WORD),
            ("annulled null values", 0),
            ("NaNomaterials", 0),
            ("111111111111", ACCOUNT),
            ("1111111111111", 0),
            ("935871204466", 0),
            ("203.0.113.7/32", ADDRESS),
            ("jobs-1763632800123", CLOCK),
            ("jobs-1317632800123", 0),
            ("x-0f8fad5b-d9cb-469f-a165-70867728950e", CLOCK),
            ("x-0f8fad5b-d9cb-169f-a165-70867728950e", 0),
            ("postgres://user:pw@host/db", CREDENTIAL),
            ("https://host/@scope/pkg", 0),
        ] {
            assert_eq!(marks(text), expected, "{text}");
        }
    }
}
