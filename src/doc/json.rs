//! JSON (RFC 8259), strict, one pass over the bytes.

use super::arena::{Doc, DocBuilder, NodeId, PendingMember, Span};
use super::{MAX_DEPTH, ParseError};

/// Parses a JSON text. Exactly the grammar of RFC 8259; an error names the byte and what was expected there.
pub fn parse_json(text: &str) -> Result<Doc, ParseError> {
    let mut parser = Parser {
        bytes: text.as_bytes(),
        text,
        at: 0,
        builder: DocBuilder::new(text),
        elements: Vec::new(),
        members: Vec::new(),
    };
    parser.blank();
    if parser.at == text.len() {
        return Err(parser.error("the file is empty"));
    }
    let root = parser.value(0)?;
    parser.blank();
    if parser.at < text.len() {
        return Err(parser.error("expected the end of the file after the JSON value"));
    }
    Ok(parser.builder.finish(Some(root)))
}

struct Parser<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    builder: DocBuilder,
    /// Children of the containers that are open, outermost first.
    elements: Vec<NodeId>,
    members: Vec<PendingMember>,
}

impl Parser<'_> {
    fn error(&self, message: &str) -> ParseError {
        ParseError { offset: self.at, message: message.to_owned() }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn span(&self, start: usize) -> Span {
        Span { start: start as u32, end: self.at as u32 }
    }

    fn value(&mut self, depth: usize) -> Result<NodeId, ParseError> {
        if depth > MAX_DEPTH {
            return Err(self.error(&format!("nested deeper than {MAX_DEPTH} levels")));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => {
                let start = self.at;
                Ok(match self.string()? {
                    Content::Verbatim(content) => {
                        let span = self.span(start);
                        self.builder.string(span, content)
                    }
                    Content::Decoded(value) => {
                        let span = self.span(start);
                        self.builder.string_decoded(span, &value)
                    }
                })
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", |builder, span| builder.bool(span, true)),
            Some(b'f') => self.word("false", |builder, span| builder.bool(span, false)),
            Some(b'n') => self.word("null", |builder, span| builder.null(span)),
            Some(_) => Err(self.error("expected a JSON value")),
            None => Err(self.error("the file ends where a JSON value was expected")),
        }
    }

    fn word(&mut self, word: &str, make: fn(&mut DocBuilder, Span) -> NodeId) -> Result<NodeId, ParseError> {
        let start = self.at;
        if !self.bytes[start..].starts_with(word.as_bytes()) {
            return Err(self.error("expected a JSON value (true, false and null are lower case, strings have quotes)"));
        }
        self.at += word.len();
        let span = self.span(start);
        Ok(make(&mut self.builder, span))
    }

    fn array(&mut self, depth: usize) -> Result<NodeId, ParseError> {
        let start = self.at;
        let base = self.elements.len();
        self.at += 1;
        self.blank();
        if self.peek() != Some(b']') {
            loop {
                let element = self.value(depth + 1)?;
                self.elements.push(element);
                self.blank();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.blank();
                        if self.peek() == Some(b']') {
                            return Err(self.error("a comma before ']' is not allowed in JSON"));
                        }
                    }
                    Some(b']') => break,
                    _ => return Err(self.error("expected ',' or ']'")),
                }
            }
        }
        self.at += 1;
        let span = self.span(start);
        let id = self.builder.array(span, &self.elements[base..]);
        self.elements.truncate(base);
        Ok(id)
    }

    fn object(&mut self, depth: usize) -> Result<NodeId, ParseError> {
        let start = self.at;
        let base = self.members.len();
        self.at += 1;
        self.blank();
        if self.peek() != Some(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.error("expected a name in double quotes"));
                }
                let name_start = self.at;
                let name = self.string()?;
                let name_span = self.span(name_start);
                self.blank();
                if self.peek() != Some(b':') {
                    return Err(self.error("expected ':'"));
                }
                self.at += 1;
                self.blank();
                let value = self.value(depth + 1)?;
                let member = match name {
                    Content::Verbatim(content) => self.builder.name(name_span, content, value),
                    Content::Decoded(name) => self.builder.name_decoded(name_span, &name, value),
                };
                self.members.push(member);
                self.blank();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.blank();
                        if self.peek() == Some(b'}') {
                            return Err(self.error("a comma before '}' is not allowed in JSON"));
                        }
                    }
                    Some(b'}') => break,
                    _ => return Err(self.error("expected ',' or '}'")),
                }
            }
        }
        self.at += 1;
        let span = self.span(start);
        let id = self.builder.object(span, &self.members[base..]);
        self.members.truncate(base);
        Ok(id)
    }

    fn number(&mut self) -> Result<NodeId, ParseError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.peek(), Some(b'0'..=b'9')) {
                    return Err(self.error("a JSON number has no leading zero (an account id is a string)"));
                }
            }
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.error("expected a digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.error("expected a digit after the decimal point"));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.error("expected a digit in the exponent"));
            }
            self.digits();
        }
        let span = self.span(start);
        Ok(self.builder.number(span))
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    /// Reads a string; `at` stands on its first quote before and after its last one afterwards.
    fn string(&mut self) -> Result<Content, ParseError> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let content = self.span(start);
                    self.at += 1;
                    return Ok(Content::Verbatim(content));
                }
                Some(b'\\') => return self.escaped_string(start),
                Some(0..=0x1F) => return Err(self.error("a control character in a string must be escaped")),
                Some(_) => self.at += 1,
                None => return Err(self.unterminated(start)),
            }
        }
    }

    fn unterminated(&self, start: usize) -> ParseError {
        ParseError { offset: start - 1, message: "this string has no closing quote".into() }
    }

    fn escaped_string(&mut self, start: usize) -> Result<Content, ParseError> {
        let mut value = String::from(&self.text[start..self.at]);
        loop {
            let run = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1F)) {
                self.at += 1;
            }
            value.push_str(&self.text[run..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Content::Decoded(value));
                }
                Some(b'\\') => value.push(self.escape()?),
                Some(_) => return Err(self.error("a control character in a string must be escaped")),
                None => return Err(self.unterminated(start)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.at;
        self.at += 1;
        let escape = self.peek();
        self.at += 1;
        Ok(match escape {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => return Err(ParseError { offset: start, message: "unknown escape in a string".into() }),
        })
    }

    fn unicode(&mut self, start: usize) -> Result<char, ParseError> {
        let lone = || ParseError { offset: start, message: "a lone surrogate is no character".into() };
        let high = self.hex()?;
        let code = match high {
            0xD800..=0xDBFF => {
                if !self.bytes[self.at..].starts_with(b"\\u") {
                    return Err(lone());
                }
                self.at += 2;
                let low = self.hex()?;
                if !(0xDC00..=0xDFFF).contains(&low) {
                    return Err(lone());
                }
                0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            }
            _ => high,
        };
        char::from_u32(code).ok_or_else(lone)
    }

    fn hex(&mut self) -> Result<u32, ParseError> {
        let digits = self.bytes.get(self.at..self.at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let Some(digits) = digits else { return Err(self.error("expected four hexadecimal digits")) };
        self.at += 4;
        Ok(digits.iter().fold(0, |code, &digit| code * 16 + (digit as char).to_digit(16).unwrap_or(0)))
    }
}

enum Content {
    Verbatim(Span),
    Decoded(String),
}
