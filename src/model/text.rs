//! Symbolic strings: literal pieces and symbols for what AWS hands out at deployment.
//!
//! `{"Fn::Sub": "${Bucket.Arn}/AWSLogs/*"}` is `arn:` · partition · `:s3:::` · name of Bucket · `/AWSLogs/*`, so an ARN that
//! does not exist yet can still be compared and matched, exactly, with a three-valued answer.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use smallvec::SmallVec;

use super::tri::Tri;

/// A string of a template or program. Adjacent literals are always joined and never empty, so equal texts compare equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Text<'s> {
    Literal(Cow<'s, str>),
    Symbolic(Rc<[Piece<'s>]>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece<'s> {
    Literal(Cow<'s, str>),
    Symbol(Symbol),
}

/// The pieces of a text, as a slice.
pub enum Pieces<'a, 's> {
    One([Piece<'a>; 1]),
    Many(&'a [Piece<'s>]),
}

impl<'a, 's: 'a> std::ops::Deref for Pieces<'a, 's> {
    type Target = [Piece<'a>];

    fn deref(&self) -> &[Piece<'a>] {
        match self {
            Pieces::One(piece) => piece,
            Pieces::Many(pieces) => pieces,
        }
    }
}

/// A part of a string that is decided at deployment. Equal symbols stand for equal strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// A pseudo parameter of one stack. The same pseudo parameter of two stacks may differ.
    Pseudo(Pseudo, StackId),
    /// The physical name of a resource that AWS makes up: no two are alike. Never contains `:`, `/`, `*` or `?`.
    Name(ResourceId),
    /// The id that AWS generates (`vpc-0ab…`, a KMS key id). Letters, digits and `-`.
    Id(ResourceId),
    /// Any other string that is not known, possibly empty: a parameter without a value, an import, a Pulumi unknown. The
    /// number identifies its source (see `Stack::opaque`); two opaque strings with different numbers may still be equal.
    Opaque(OpaqueId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pseudo {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    Partition,
    /// `eu-west-1`
    Region,
    /// 12 digits
    AccountId,
    StackName,
    StackId,
    /// `amazonaws.com` or `amazonaws.com.cn`
    UrlSuffix,
}

/// A stack within one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StackId(pub u32);

/// A resource within one input (stacks of an assembly share the numbering).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(pub u32);

/// An unknown string within one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpaqueId(pub u32);

impl<'s> Text<'s> {
    pub fn literal(text: impl Into<Cow<'s, str>>) -> Self {
        Text::Literal(text.into())
    }

    pub fn symbol(symbol: Symbol) -> Self {
        Text::Symbolic(Rc::from([Piece::Symbol(symbol)]))
    }

    /// Joins the parts, merging adjacent literals.
    pub fn concat(parts: impl IntoIterator<Item = Text<'s>>) -> Self {
        let mut builder = TextBuilder::default();
        for part in parts {
            builder.push(part);
        }
        builder.finish()
    }

    /// The six fields of an ARN or ARN pattern, borrowed from it.
    pub fn arn_fields<'t>(&'t self) -> Option<[Text<'t>; 6]> {
        let mut fields: [Text<'t>; 6] = std::array::from_fn(|_| Text::from(""));
        let mut at = 0;
        let mut field = TextBuilder::default();
        let mut literal = |text: &'t str, field: &mut TextBuilder<'t>, at: &mut usize| {
            let mut rest = text;
            while *at < 5
                && let Some((before, after)) = rest.split_once(':')
            {
                field.push_literal(Cow::Borrowed(before));
                fields[*at] = std::mem::take(field).finish();
                *at += 1;
                rest = after;
            }
            field.push_literal(Cow::Borrowed(rest));
        };
        match self {
            Text::Literal(text) => literal(text, &mut field, &mut at),
            Text::Symbolic(pieces) => {
                for piece in pieces.iter() {
                    match piece {
                        Piece::Literal(text) => literal(text, &mut field, &mut at),
                        // These may hold colons.
                        Piece::Symbol(Symbol::Opaque(_) | Symbol::Pseudo(Pseudo::StackId, _)) if at < 5 => return None,
                        Piece::Symbol(symbol) => field.push_symbol(*symbol),
                    }
                }
            }
        }
        fields[at] = field.finish();
        (at == 5).then_some(fields)
    }

    /// What comes after a literal that the string begins with.
    pub fn without_prefix<'t>(&'t self, prefix: &str) -> Option<Text<'t>> {
        let pieces = self.pieces();
        let (first, rest) = pieces.split_first()?;
        let Piece::Literal(start) = first else { return None };
        let mut builder = TextBuilder::default();
        builder.push_literal(Cow::Owned(start.strip_prefix(prefix)?.to_owned()));
        for piece in rest {
            match piece {
                Piece::Literal(text) => builder.push_literal(Cow::Owned(text.clone().into_owned())),
                Piece::Symbol(symbol) => builder.push_symbol(*symbol),
            }
        }
        Some(builder.finish())
    }

    /// The whole string, where all of it is known.
    pub fn as_literal(&self) -> Option<&str> {
        match self {
            Text::Literal(text) => Some(text),
            Text::Symbolic(_) => None,
        }
    }

    /// The symbol, where the whole string is one symbol.
    pub fn as_symbol(&self) -> Option<Symbol> {
        match self {
            Text::Symbolic(pieces) => match &pieces[..] {
                [Piece::Symbol(symbol)] => Some(*symbol),
                _ => None,
            },
            Text::Literal(_) => None,
        }
    }

    /// The pieces in order; a literal is one piece, the empty string none.
    pub fn pieces(&self) -> Pieces<'_, 's> {
        match self {
            Text::Literal(text) if text.is_empty() => Pieces::Many(&[]),
            Text::Literal(text) => Pieces::One([Piece::Literal(Cow::Borrowed(text))]),
            Text::Symbolic(pieces) => Pieces::Many(pieces),
        }
    }

    /// Whether it begins as a JSON object or array does; unknown where a symbol comes before the first character.
    pub fn begins_like_json(&self) -> Tri {
        let start = match self.pieces().first() {
            Some(Piece::Literal(start)) => start.trim_start().chars().next(),
            Some(Piece::Symbol(_)) => None,
            None => return Tri::No,
        };
        start.map_or(Tri::Unknown, |first| matches!(first, '{' | '[').into())
    }

    /// Whether a part of it is not known at all.
    pub fn has_opaque(&self) -> bool {
        self.symbols().any(|symbol| matches!(symbol, Symbol::Opaque(_)))
    }

    pub fn symbols(&self) -> impl Iterator<Item = Symbol> + '_ {
        let pieces: &[Piece<'s>] = match self {
            Text::Literal(_) => &[],
            Text::Symbolic(pieces) => pieces,
        };
        pieces.iter().filter_map(|piece| match piece {
            Piece::Symbol(symbol) => Some(*symbol),
            Piece::Literal(_) => None,
        })
    }

    pub fn into_owned(self) -> Text<'static> {
        match self {
            Text::Literal(text) => Text::Literal(Cow::Owned(text.into_owned())),
            Text::Symbolic(pieces) => Text::Symbolic(
                pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Literal(text) => Piece::Literal(Cow::Owned(text.clone().into_owned())),
                        Piece::Symbol(symbol) => Piece::Symbol(*symbol),
                    })
                    .collect(),
            ),
        }
    }
}

impl<'s> From<&'s str> for Text<'s> {
    fn from(text: &'s str) -> Self {
        Text::Literal(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text::Literal(Cow::Owned(text))
    }
}

/// A part of a text, borrowed where the text is.
pub fn slice<'s>(text: &Cow<'s, str>, from: usize, to: usize) -> Cow<'s, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..to]),
        Cow::Owned(text) => Cow::Owned(text[from..to].to_owned()),
    }
}

/// Collects pieces and keeps the form of [`Text`] canonical.
#[derive(Default)]
pub struct TextBuilder<'s> {
    pieces: SmallVec<[Piece<'s>; 6]>,
}

impl<'s> TextBuilder<'s> {
    pub fn push_literal(&mut self, text: Cow<'s, str>) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Literal(last)) = self.pieces.last_mut() {
            match last {
                Cow::Owned(last) => last.push_str(&text),
                Cow::Borrowed(start) => {
                    // Names and ARNs are put together from many small parts.
                    let mut joined = String::with_capacity((start.len() + text.len()).max(64));
                    joined.push_str(start);
                    joined.push_str(&text);
                    *last = Cow::Owned(joined);
                }
            }
        } else {
            self.pieces.push(Piece::Literal(text));
        }
    }

    pub fn push_symbol(&mut self, symbol: Symbol) {
        self.pieces.push(Piece::Symbol(symbol));
    }

    pub fn push(&mut self, text: Text<'s>) {
        match text {
            Text::Literal(text) => self.push_literal(text),
            Text::Symbolic(pieces) => {
                for piece in pieces.iter() {
                    match piece {
                        Piece::Literal(text) => self.push_literal(text.clone()),
                        Piece::Symbol(symbol) => self.push_symbol(*symbol),
                    }
                }
            }
        }
    }

    pub fn finish(mut self) -> Text<'s> {
        if self.pieces.is_empty() {
            return Text::Literal(Cow::Borrowed(""));
        }
        if self.pieces.len() == 1
            && let Some(Piece::Literal(_)) = self.pieces.first()
            && let Some(Piece::Literal(text)) = self.pieces.pop()
        {
            return Text::Literal(text);
        }
        // A range has a known length, so that this allocates once.
        let places = 0..self.pieces.len();
        let take = |at: usize| std::mem::replace(&mut self.pieces[at], Piece::Literal(Cow::Borrowed("")));
        Text::Symbolic(places.map(take).collect())
    }
}

impl Pseudo {
    pub const ALL: [Pseudo; 6] =
        [Pseudo::Partition, Pseudo::Region, Pseudo::AccountId, Pseudo::StackName, Pseudo::StackId, Pseudo::UrlSuffix];

    /// As a template refers to it.
    pub fn name(self) -> &'static str {
        match self {
            Pseudo::Partition => "AWS::Partition",
            Pseudo::Region => "AWS::Region",
            Pseudo::AccountId => "AWS::AccountId",
            Pseudo::StackName => "AWS::StackName",
            Pseudo::StackId => "AWS::StackId",
            Pseudo::UrlSuffix => "AWS::URLSuffix",
        }
    }

    /// How [`Text`] marks it when it is displayed.
    pub fn mark(self) -> &'static str {
        match self {
            Pseudo::Partition => "Partition",
            Pseudo::Region => "Region",
            Pseudo::AccountId => "AccountId",
            Pseudo::StackName => "StackName",
            Pseudo::StackId => "StackId",
            Pseudo::UrlSuffix => "UrlSuffix",
        }
    }
}

impl fmt::Display for Pseudo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Symbols are shown in braces, by number; `Model::name_symbols` puts the names of an input for the numbers.
impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Text::Literal(text) => f.write_str(text),
            Text::Symbolic(pieces) => {
                for piece in pieces.iter() {
                    match piece {
                        Piece::Literal(text) => f.write_str(text)?,
                        // Without the colons of `AWS::`, which would look like those of an ARN.
                        Piece::Symbol(Symbol::Pseudo(pseudo, _)) => write!(f, "${{{}}}", pseudo.mark())?,
                        Piece::Symbol(Symbol::Name(id)) => write!(f, "${{name of #{}}}", id.0)?,
                        Piece::Symbol(Symbol::Id(id)) => write!(f, "${{id of #{}}}", id.0)?,
                        Piece::Symbol(Symbol::Opaque(id)) => write!(f, "${{unknown #{}}}", id.0)?,
                    }
                }
                Ok(())
            }
        }
    }
}
