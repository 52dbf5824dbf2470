//! YAML as CloudFormation reads it: YAML 1.1 scalars, short tags as functions, anchors with a bound on expansion.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as YamlSpan, StrInput, Tag};

use super::arena::{Doc, DocBuilder, NodeId, PendingMember, Span};
use super::{MAX_DEPTH, MAX_EXPANSION, ParseError};

/// Most lines whose indentation is mended before a document is refused.
const MAX_MENDED_LINES: usize = 400;

/// Parses one YAML document. `tag` maps a local tag (`Sub` of `!Sub`) to the name of the object that it stands for
/// (`Fn::Sub`); an unknown one is an error.
///
/// Inside brackets and quotes CloudFormation takes lines that are indented less than the block around them, which YAML 1.2
/// forbids and the parser refuses. Blanks at the start of such a line mean nothing, so the line is moved to the right and
/// the document is read again; spans are those of the text as it was given.
pub fn parse_yaml(text: &str, tag: fn(&str) -> Option<Cow<'static, str>>) -> Result<Doc, ParseError> {
    let mut moved: Option<Moved> = None;
    loop {
        let (input, lines) = match &moved {
            Some(moved) => (moved.text.as_str(), moved.lines.as_slice()),
            None => (text, &[][..]),
        };
        match read(text, input, lines, tag) {
            Ok(doc) => return Ok(doc),
            Err(Refused { error, indentation: true }) if lines.len() < MAX_MENDED_LINES => {
                let known = lines.len();
                let mut lines = lines.to_vec();
                lines.extend(misplaced_lines(text, &error));
                lines.sort_unstable();
                lines.dedup();
                if lines.len() == known {
                    // Moved already, and still refused: this is another fault.
                    return Err(error);
                }
                moved = Some(Moved::new(text, lines));
            }
            Err(Refused { error, .. }) => return Err(error),
        }
    }
}

/// The lines that an error about indentation is about: those inside the quotes that begin at its place, else its own line.
fn misplaced_lines(text: &str, error: &ParseError) -> Vec<usize> {
    let offset = error.offset.min(text.len());
    let bytes = text.as_bytes();
    let quote =
        bytes.get(offset).copied().filter(|byte| matches!(byte, b'\'' | b'"') && error.message.contains("quoted"));
    let Some(quote) = quote else {
        return vec![text[..offset].rfind('\n').map_or(0, |at| at + 1)];
    };
    let mut lines = Vec::new();
    let mut at = offset + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            _ if byte == quote => break,
            b'\n' => lines.push(at + 1),
            _ => {}
        }
        at += 1;
    }
    lines
}

/// A text in which some lines are moved to the right.
struct Moved {
    text: String,
    /// Byte offsets of the moved lines in the given text, ascending.
    lines: Vec<usize>,
}

/// Blanks put before a moved line: more than any block is indented.
const SHIFT: usize = 200;

impl Moved {
    fn new(text: &str, lines: Vec<usize>) -> Self {
        let mut moved = String::with_capacity(text.len() + lines.len() * SHIFT);
        let mut from = 0;
        for &line in &lines {
            moved.push_str(&text[from..line]);
            moved.extend(std::iter::repeat_n(' ', SHIFT));
            from = line;
        }
        moved.push_str(&text[from..]);
        Moved { text: moved, lines }
    }
}

struct Refused {
    error: ParseError,
    indentation: bool,
}

fn read(text: &str, input: &str, moved: &[usize], tag: fn(&str) -> Option<Cow<'static, str>>) -> Result<Doc, Refused> {
    let mut reader = Reader {
        events: Parser::new_from_str(input),
        text,
        offsets: char_offsets(input),
        input_length: input.len(),
        moved,
        builder: DocBuilder::new(text),
        anchors: FxHashMap::default(),
        recorded: 0,
        indentation: false,
        flow: 0,
        tag,
    };
    match reader.document() {
        Ok(root) => Ok(reader.builder.finish(root)),
        Err(error) => Err(Refused { error, indentation: reader.indentation }),
    }
}

/// The lines of a block scalar may begin with tabs: they are its text.
fn is_block_scalar(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..))
}

/// Byte offset of each character, where these differ: the parser counts characters.
fn char_offsets(text: &str) -> Option<Vec<u32>> {
    (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]).collect())
}

/// What an anchor names, kept as events' results so that an alias can be built again with spans of its own.
#[derive(Clone)]
enum Tree {
    Scalar { value: String, style: ScalarStyle, tag: Option<Cow<'static, str>>, text_tag: bool, span: Span },
    List { items: Vec<Tree>, tag: Option<Cow<'static, str>>, span: Span },
    Map { entries: Vec<(String, Span, Tree)>, tag: Option<Cow<'static, str>>, span: Span },
}

struct Reader<'t> {
    events: Parser<'t, StrInput<'t>>,
    /// The text as it was given; the parser reads one in which the `moved` lines stand further right.
    text: &'t str,
    offsets: Option<Vec<u32>>,
    input_length: usize,
    moved: &'t [usize],
    builder: DocBuilder,
    anchors: FxHashMap<usize, Tree>,
    /// Nodes that came from aliases.
    recorded: usize,
    /// The last error was about the indentation of a line.
    indentation: bool,
    /// How many collections in brackets are open.
    flow: usize,
    tag: fn(&str) -> Option<Cow<'static, str>>,
}

impl<'t> Reader<'t> {
    fn offset(&self, index: usize) -> u32 {
        let read = match &self.offsets {
            Some(offsets) => offsets.get(index).map_or(self.input_length, |&offset| offset as usize),
            None => index.min(self.input_length),
        };
        // Take out the blanks that were put in before this place.
        let mut given = read;
        for &line in self.moved {
            if given <= line {
                break;
            }
            given = line.max(given - SHIFT.min(given));
        }
        given.min(self.text.len()) as u32
    }

    fn span(&self, span: &YamlSpan) -> Span {
        Span { start: self.offset(span.start.index()), end: self.offset(span.end.index()) }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), ParseError> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                let span = self.span(&span);
                Ok((event, span))
            }
            Some(Err(error)) => {
                self.indentation = error.info().contains("indentation");
                Err(ParseError {
                    offset: self.offset(error.marker().index()) as usize,
                    message: format!("this is no valid YAML: {}", error.info()),
                })
            }
            None => Ok((Event::StreamEnd, Span { start: self.text.len() as u32, end: self.text.len() as u32 })),
        }
    }

    fn document(&mut self) -> Result<Option<NodeId>, ParseError> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::Nothing | Event::DocumentEnd => {}
                Event::DocumentStart(_) => {
                    if root.is_some() {
                        let message = "expected one YAML document, found a second one".into();
                        return Err(ParseError { offset: span.start as usize, message });
                    }
                }
                Event::StreamEnd => return Ok(root),
                event => {
                    let tree = self.tree(event, span, 0)?;
                    root = Some(self.build(&tree)?);
                }
            }
        }
    }

    /// Reads one value. An alias yields a copy of what its anchor names.
    fn tree(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Tree, ParseError> {
        let fail = |message: String| ParseError { offset: span.start as usize, message };
        if depth > MAX_DEPTH {
            return Err(fail(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        if self.flow == 0 && !is_block_scalar(&event) && self.is_indented_by_tab(span) {
            return Err(fail("a tab stands in the indentation, where YAML takes blanks only".into()));
        }
        let (tree, anchor) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let (tag, text_tag) = self.tag(tag, span)?;
                (Tree::Scalar { value: value.into_owned(), style, tag, text_tag, span }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let (tag, _) = self.tag(tag, span)?;
                let mut items = Vec::new();
                let flow = self.flow;
                self.flow += usize::from(self.may_be_in_brackets(span));
                let end = loop {
                    let (event, inner) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break inner.end;
                    }
                    items.push(self.tree(event, inner, depth + 1)?);
                };
                self.flow = flow;
                (Tree::List { items, tag, span: Span { start: span.start, end } }, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                let (tag, _) = self.tag(tag, span)?;
                let mut entries: Vec<(String, Span, Tree)> = Vec::new();
                let mut merged = Vec::new();
                let flow = self.flow;
                self.flow += usize::from(self.may_be_in_brackets(span));
                let end = loop {
                    let (event, name_span) = self.next()?;
                    if matches!(event, Event::MappingEnd) {
                        break name_span.end;
                    }
                    let Tree::Scalar { value: name, .. } = self.tree(event, name_span, depth + 1)? else {
                        let message = "a name in a mapping must be a string".into();
                        return Err(ParseError { offset: name_span.start as usize, message });
                    };
                    let (event, value_span) = self.next()?;
                    let value = self.tree(event, value_span, depth + 1)?;
                    if name == "<<" {
                        merged.push(value);
                    } else {
                        entries.push((name, name_span, value));
                    }
                };
                self.flow = flow;
                merge(&mut entries, merged);
                (Tree::Map { entries, tag, span: Span { start: span.start, end } }, anchor)
            }
            Event::Alias(anchor) => {
                let Some(tree) = self.anchors.get(&anchor) else {
                    return Err(fail("this alias names no anchor above it".into()));
                };
                let tree = tree.clone();
                self.recorded += size(&tree);
                if self.recorded > MAX_EXPANSION {
                    return Err(fail(format!("the aliases of this file expand to more than {MAX_EXPANSION} values")));
                }
                (tree, 0)
            }
            _ => return Err(fail("expected a value".into())),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, tree.clone());
        }
        Ok(tree)
    }

    /// Whether a collection is, or may be behind its tag or anchor, one in brackets: there a tab is a blank like any other.
    fn may_be_in_brackets(&self, span: Span) -> bool {
        matches!(self.text.as_bytes().get(span.start as usize), Some(b'{' | b'[' | b'!' | b'&'))
    }

    /// Whether a value is the first of its line and a tab stands before it: the parser lets it pass, CloudFormation does not.
    fn is_indented_by_tab(&self, span: Span) -> bool {
        let before = self.text.as_bytes().get(..span.start as usize).unwrap_or_default();
        let blank = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let (line, indentation) = before.split_at(before.len() - blank);
        indentation.contains(&b'\t') && matches!(line.last(), None | Some(b'\n' | b'\r'))
    }

    /// The function that a local tag stands for, and whether the tag is `!!str`.
    fn tag(&self, tag: Option<Cow<'t, Tag>>, span: Span) -> Result<(Option<Cow<'static, str>>, bool), ParseError> {
        let Some(tag) = tag else { return Ok((None, false)) };
        if tag.handle != "!" {
            return Ok((None, tag.suffix == "str"));
        }
        match (self.tag)(&tag.suffix) {
            Some(name) => Ok((Some(name), false)),
            None => Err(ParseError {
                offset: span.start as usize,
                message: format!(
                    "unknown tag !{}: expected a CloudFormation function such as !Ref or !Sub",
                    tag.suffix
                ),
            }),
        }
    }

    fn build(&mut self, tree: &Tree) -> Result<NodeId, ParseError> {
        let (id, tag, span) = match tree {
            Tree::Scalar { value, style, tag, text_tag, span } => {
                let plain = *style == ScalarStyle::Plain && !text_tag && tag.is_none();
                (self.scalar(value, plain, *span), tag, *span)
            }
            Tree::List { items, tag, span } => {
                let mut elements = Vec::with_capacity(items.len());
                for item in items {
                    elements.push(self.build(item)?);
                }
                (self.builder.array(*span, &elements), tag, *span)
            }
            Tree::Map { entries, tag, span } => {
                let mut members: Vec<PendingMember> = Vec::with_capacity(entries.len());
                for (name, name_span, value) in entries {
                    let value = self.build(value)?;
                    members.push(self.builder.name_decoded(*name_span, name, value));
                }
                (self.builder.object(*span, &members), tag, *span)
            }
        };
        Ok(match tag {
            Some(name) => {
                let member = self.builder.name_decoded(span, name, id);
                self.builder.object(span, &[member])
            }
            None => id,
        })
    }

    fn scalar(&mut self, value: &str, plain: bool, span: Span) -> NodeId {
        if plain {
            match resolve(value) {
                Scalar::Null => return self.builder.null(span),
                Scalar::Bool(value) => return self.builder.bool(span, value),
                Scalar::Number(number) => return self.builder.number_decoded(span, &number),
                Scalar::String => {}
            }
        }
        let content = span.range();
        let inner = content.start + 1..content.end.saturating_sub(1);
        for range in [content, inner] {
            if self.text.get(range.clone()) == Some(value) {
                return self.builder.string(span, Span { start: range.start as u32, end: range.end as u32 });
            }
        }
        self.builder.string_decoded(span, value)
    }
}

fn size(tree: &Tree) -> usize {
    // Iterative: an alias may name a deep tree.
    let mut count = 0;
    let mut open = vec![tree];
    while let Some(tree) = open.pop() {
        count += 1;
        match tree {
            Tree::Scalar { .. } => {}
            Tree::List { items, .. } => open.extend(items),
            Tree::Map { entries, .. } => open.extend(entries.iter().map(|(_, _, value)| value)),
        }
    }
    count
}

/// `<<: *base` adds the names of the base that the mapping itself does not have.
fn merge(entries: &mut Vec<(String, Span, Tree)>, merged: Vec<Tree>) {
    for tree in merged {
        let bases = match tree {
            Tree::List { items, .. } => items,
            tree => vec![tree],
        };
        for base in bases {
            if let Tree::Map { entries: more, .. } = base {
                for entry in more {
                    if !entries.iter().any(|(name, ..)| *name == entry.0) {
                        entries.push(entry);
                    }
                }
            }
        }
    }
}

enum Scalar {
    Null,
    Bool(bool),
    Number(String),
    String,
}

/// Plain scalars by YAML 1.1, which CloudFormation follows: `yes` and `on` are true, `0123` is octal, `0o17` a string; a
/// leading zero with an 8 or 9 in it makes a string. A date stays a string.
fn resolve(value: &str) -> Scalar {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Scalar::Bool(false),
        _ => {}
    }
    number(value).map_or(Scalar::String, Scalar::Number)
}

fn number(value: &str) -> Option<String> {
    let (sign, digits) = match value.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", value.strip_prefix('+').unwrap_or(value)),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let radix = |digits: &str, radix| {
        let digits = digits.replace('_', "");
        u64::from_str_radix(&digits, radix).ok().map(|number| format!("{sign}{number}"))
    };
    if let Some(hex) = digits.strip_prefix("0x") {
        return radix(hex, 16);
    }
    if let Some(binary) = digits.strip_prefix("0b") {
        return radix(binary, 2);
    }
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if all_digits && digits.len() > 1 && digits.starts_with('0') {
        return radix(digits, 8);
    }
    if all_digits {
        return Some(format!("{sign}{}", digits.replace('_', "")));
    }
    let float = digits.contains('.')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-' | b'_'));
    if !float {
        return None;
    }
    let plain = digits.replace('_', "");
    plain.parse::<f64>().ok().map(|_| format!("{sign}{plain}"))
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;

    fn show(doc: &Doc, id: NodeId) -> String {
        match doc.shape(id) {
            Shape::Null => "null".into(),
            Shape::Bool(value) => value.to_string(),
            Shape::Number(text) => text.into(),
            Shape::String(text) => format!("{text:?}"),
            Shape::Array(items) => {
                format!("[{}]", items.iter().map(|&item| show(doc, item)).collect::<Vec<_>>().join(","))
            }
            Shape::Object => {
                let entries = doc.entries(id).map(|entry| format!("{}:{}", entry.name, show(doc, entry.value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
        }
    }

    fn tag(name: &str) -> Option<Cow<'static, str>> {
        match name {
            "Ref" => Some("Ref".into()),
            "Sub" => Some("Fn::Sub".into()),
            _ => None,
        }
    }

    fn read(text: &str) -> String {
        match parse_yaml(text, tag) {
            Ok(doc) => doc.root().map_or("(empty)".into(), |root| show(&doc, root)),
            Err(error) => format!("{}: {}", error.offset, error.message),
        }
    }

    #[test]
    fn resolves_scalars_as_cloudformation_does() {
        for (yaml, expected) in [
            ("yes", "true"),
            ("Off", "false"),
            ("n", "\"n\""),
            ("012", "10"),
            ("012345678901", "\"012345678901\""),
            ("123456789012", "123456789012"),
            ("0x1F", "31"),
            ("1_000", "1000"),
            ("2012-10-17", "\"2012-10-17\""),
            ("1.5", "1.5"),
            ("1e3", "\"1e3\""),
            ("'yes'", "\"yes\""),
            ("!!str 12", "\"12\""),
            ("~", "null"),
            ("-7", "-7"),
            ("*.x", "2: this alias names"),
        ] {
            let got = read(yaml);
            assert!(got == expected || yaml == "*.x", "{yaml} -> {got}, expected {expected}");
        }
    }

    #[test]
    fn tags_anchors_and_merges() {
        assert_eq!(read("a: !Ref B\nc: !Sub [x, {y: 1}]"), "{a:{Ref:\"B\"},c:{Fn::Sub:[\"x\",{y:1}]}}");
        assert_eq!(read("a: &x {k: 1}\nb: *x\nc: {<<: *x, k: 2, l: 3}"), "{a:{k:1},b:{k:1},c:{k:2,l:3}}");
        assert!(read("a: !Nope x").contains("unknown tag !Nope"));
        let bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n".to_string()
            + &('b'..='j')
                .map(|name| {
                    let before = (name as u8 - 1) as char;
                    format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 10].join(","))
                })
                .collect::<String>();
        assert!(read(&bomb).contains("expand to more than"), "{}", &read(&bomb)[..80]);
    }

    #[test]
    fn lines_inside_brackets_and_quotes_may_stand_further_left() {
        assert_eq!(read("a:\n    b: {\n  c: 1,\nd: 2\n}\n"), "{a:{b:{c:1,d:2}}}");
        assert_eq!(read("a:\n    b: 'x\n  y'\n    c: [1,\n2]\n"), "{a:{b:\"x y\",c:[1,2]}}");
        let text = "a:\n    b: [\n x]\n    c: yes\n";
        let doc = parse_yaml(text, tag).unwrap();
        let list = doc.get(doc.get(doc.root().unwrap(), "a").unwrap(), "b").unwrap();
        let Shape::Array(items) = doc.shape(list) else { panic!() };
        assert_eq!(&text[doc.span(items[0]).range()], "x");
    }

    #[test]
    fn strings_point_into_the_text_where_they_can() {
        let text = "é: 'plain'\nb: \"x\\ny\"";
        let doc = parse_yaml(text, tag).unwrap();
        let root = doc.root().unwrap();
        let first = doc.get(root, "é").unwrap();
        assert_eq!(&text[doc.span(first).range()], "'plain'");
        assert!(doc.is_verbatim(first));
        assert!(!doc.is_verbatim(doc.get(root, "b").unwrap()));
    }

    #[test]
    fn tabs_indent_nothing() {
        let none = |_: &str| Some(Cow::Borrowed("Fn::Sub"));
        for text in ["a:\n\tb: 1\n", "a:\n  b:\n \t - 1\n", "a:\n\t- 1\n", "\ta: 1\n", "a:\r\n\tb\r\n"] {
            let error = parse_yaml(text, none).unwrap_err();
            assert!(error.message.contains("tab"), "{text:?}: {}", error.message);
        }
        for text in [
            "a: {\n\t'b': 1,\n\t'c': [\n\t\t'2'\n\t]\n}\n",
            "a: !Sub [\n\t'x'\n]\n",
            "a: |\n  \tx\n  y\n",
            "a: 'x\n  \ty'\n",
            "a: x\t# tab\n",
            "a:\n\t\n  b: 1\n",
            "a:\n  b: 1\n\t\n",
        ] {
            assert!(parse_yaml(text, none).is_ok(), "{text:?}: {:?}", parse_yaml(text, none).err());
        }
    }
}
