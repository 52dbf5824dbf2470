//! YAML as CloudFormation reads it: YAML 1.1 scalars, short tags as functions, anchors with a bound on expansion.

use std::borrow::Cow;

use libyaml_safer::{EventData, Mark, Parser, ScalarStyle};
use rustc_hash::FxHashMap;

use super::arena::{Doc, DocBuilder, NodeId, PendingMember, Span};
use super::{MAX_DEPTH, MAX_EXPANSION, ParseError};

/// Parses one YAML document. `tag` maps a local tag (`Sub` of `!Sub`) to the name of the object that it stands for
/// (`Fn::Sub`); an unknown one is an error.
pub fn parse_yaml(text: &str, tag: fn(&str) -> Option<Cow<'static, str>>) -> Result<Doc, ParseError> {
    let mut input = text.as_bytes();
    let mut events = Parser::new();
    events.set_input_string(&mut input);
    let mut reader =
        Reader { events, text, builder: DocBuilder::new(text), anchors: FxHashMap::default(), recorded: 0, tag };
    let root = reader.document()?;
    Ok(reader.builder.finish(root))
}

/// What an anchor names, kept as events' results so that an alias can be built again with spans of its own.
#[derive(Clone)]
enum Tree {
    Scalar { value: String, style: ScalarStyle, tag: Option<Cow<'static, str>>, text_tag: bool, span: Span },
    List { items: Vec<Tree>, tag: Option<Cow<'static, str>>, span: Span },
    Map { entries: Vec<(String, Span, Tree)>, tag: Option<Cow<'static, str>>, span: Span },
}

struct Reader<'t> {
    events: Parser<&'t mut &'t [u8]>,
    text: &'t str,
    builder: DocBuilder,
    anchors: FxHashMap<String, Tree>,
    /// Nodes that came from aliases.
    recorded: usize,
    tag: fn(&str) -> Option<Cow<'static, str>>,
}

impl Reader<'_> {
    /// The parser counts bytes.
    fn offset(&self, mark: Mark) -> u32 {
        (mark.index as usize).min(self.text.len()) as u32
    }

    fn next(&mut self) -> Result<(EventData, Span), ParseError> {
        match self.events.parse() {
            Ok(event) => {
                let span = Span { start: self.offset(event.start_mark), end: self.offset(event.end_mark) };
                Ok((event.data, span))
            }
            Err(error) => {
                let offset = error.problem_mark().or(error.context_mark()).map_or(0, |mark| self.offset(mark) as usize);
                let context = error.context().map(|context| format!("{context}, ")).unwrap_or_default();
                Err(ParseError { offset, message: format!("this is no valid YAML: {context}{}", error.problem()) })
            }
        }
    }

    fn document(&mut self) -> Result<Option<NodeId>, ParseError> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                EventData::StreamStart { .. } | EventData::DocumentEnd { .. } => {}
                EventData::DocumentStart { .. } => {
                    if root.is_some() {
                        let message = "expected one YAML document, found a second one".into();
                        return Err(ParseError { offset: span.start as usize, message });
                    }
                }
                EventData::StreamEnd => return Ok(root),
                event => {
                    let tree = self.tree(event, span, 0)?;
                    root = Some(self.build(&tree)?);
                }
            }
        }
    }

    /// Reads one value. An alias yields a copy of what its anchor names.
    fn tree(&mut self, event: EventData, span: Span, depth: usize) -> Result<Tree, ParseError> {
        let fail = |message: String| ParseError { offset: span.start as usize, message };
        if depth > MAX_DEPTH {
            return Err(fail(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let (tree, anchor) = match event {
            EventData::Scalar { value, style, anchor, tag, .. } => {
                let (tag, text_tag) = self.tag(tag, span)?;
                (Tree::Scalar { value, style, tag, text_tag, span }, anchor)
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                let (tag, _) = self.tag(tag, span)?;
                let mut items = Vec::new();
                let end = loop {
                    let (event, inner) = self.next()?;
                    if matches!(event, EventData::SequenceEnd) {
                        break inner.end;
                    }
                    items.push(self.tree(event, inner, depth + 1)?);
                };
                (Tree::List { items, tag, span: Span { start: span.start, end } }, anchor)
            }
            EventData::MappingStart { anchor, tag, .. } => {
                let (tag, _) = self.tag(tag, span)?;
                let mut entries: Vec<(String, Span, Tree)> = Vec::new();
                let mut merged = Vec::new();
                let end = loop {
                    let (event, name_span) = self.next()?;
                    if matches!(event, EventData::MappingEnd) {
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
                merge(&mut entries, merged);
                (Tree::Map { entries, tag, span: Span { start: span.start, end } }, anchor)
            }
            EventData::Alias { anchor } => {
                let Some(tree) = self.anchors.get(&anchor) else {
                    return Err(fail("this alias names no anchor above it".into()));
                };
                let tree = tree.clone();
                self.recorded += size(&tree);
                if self.recorded > MAX_EXPANSION {
                    return Err(fail(format!("the aliases of this file expand to more than {MAX_EXPANSION} values")));
                }
                (tree, None)
            }
            _ => return Err(fail("expected a value".into())),
        };
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, tree.clone());
        }
        Ok(tree)
    }

    /// The function that a local tag stands for, and whether the tag is `!!str`.
    fn tag(&self, tag: Option<String>, span: Span) -> Result<(Option<Cow<'static, str>>, bool), ParseError> {
        let Some(tag) = tag else { return Ok((None, false)) };
        let Some(local) = tag.strip_prefix('!') else { return Ok((None, tag.ends_with(":str"))) };
        if local.is_empty() {
            // `! x`: not resolved, a string.
            return Ok((None, true));
        }
        match (self.tag)(local) {
            Some(name) => Ok((Some(name), false)),
            None => Err(ParseError {
                offset: span.start as usize,
                message: format!("unknown tag !{local}: expected a CloudFormation function such as !Ref or !Sub"),
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
    fn strings_point_into_the_text_where_they_can() {
        let text = "é: 'plain'\nb: \"x\\ny\"";
        let doc = parse_yaml(text, tag).unwrap();
        let root = doc.root().unwrap();
        let first = doc.get(root, "é").unwrap();
        assert_eq!(&text[doc.span(first).range()], "'plain'");
        assert!(doc.is_verbatim(first));
        assert!(!doc.is_verbatim(doc.get(root, "b").unwrap()));
    }
}
