//! What may stand in a hole: a text as a row of characters and holes, and the alphabet of each symbol.

use crate::model::text::{Piece, Pseudo, Symbol, Text};

/// What a parser reads: one character, or one hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Char(char),
    Hole(Symbol),
}

impl Unit {
    pub fn is(self, c: char) -> bool {
        self == Unit::Char(c)
    }

    pub fn char(self) -> Option<char> {
        match self {
            Unit::Char(c) => Some(c),
            Unit::Hole(_) => None,
        }
    }
}

/// A text as units, each with the byte offset at which it is displayed. The last entry of `offsets` is the text's end.
#[derive(Clone, Debug)]
pub struct Units {
    pub units: Vec<Unit>,
    pub offsets: Vec<usize>,
}

impl Units {
    pub fn of(text: &Text) -> Units {
        let mut units = Vec::new();
        let mut offsets = Vec::new();
        let mut at = 0;
        for piece in text.pieces().iter() {
            match piece {
                Piece::Literal(literal) => {
                    for c in literal.chars() {
                        units.push(Unit::Char(c));
                        offsets.push(at);
                        at += c.len_utf8();
                    }
                }
                Piece::Symbol(symbol) => {
                    units.push(Unit::Hole(*symbol));
                    offsets.push(at);
                    at += Text::symbol(*symbol).to_string().len();
                }
            }
        }
        offsets.push(at);
        Units { units, offsets }
    }

    pub fn len(&self) -> usize {
        self.units.len()
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<Unit> {
        self.units.get(index).copied()
    }

    /// Byte offset of the unit; of the end, for an index beyond it.
    pub fn offset(&self, index: usize) -> usize {
        self.offsets.get(index).or(self.offsets.last()).copied().unwrap_or(0)
    }

    pub fn has_holes(&self) -> bool {
        self.units.iter().any(|unit| matches!(unit, Unit::Hole(_)))
    }

    /// The units of a range as a text again.
    pub fn text(&self, range: std::ops::Range<usize>) -> Text<'static> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        for unit in self.units.get(range).unwrap_or(&[]) {
            match unit {
                Unit::Char(c) => literal.push(*c),
                Unit::Hole(symbol) => {
                    parts.push(Text::literal(std::mem::take(&mut literal)));
                    parts.push(Text::symbol(*symbol));
                }
            }
        }
        parts.push(Text::literal(literal));
        Text::concat(parts)
    }

    /// The least and the greatest number of characters that the text can have.
    pub fn length_bounds(&self) -> (usize, Option<usize>) {
        let mut least = 0usize;
        let mut greatest = Some(0usize);
        for unit in &self.units {
            match unit {
                Unit::Char(_) => {
                    least = least.saturating_add(1);
                    greatest = greatest.and_then(|n| n.checked_add(1));
                }
                Unit::Hole(symbol) => {
                    let filling = Filling::of(*symbol);
                    least = least.saturating_add(filling.least);
                    greatest = greatest.zip(filling.greatest).and_then(|(a, b)| a.checked_add(b));
                }
            }
        }
        (least, greatest)
    }
}

/// What AWS can put into a hole: every character satisfies `alphabet`.
#[derive(Clone, Copy)]
pub struct Filling {
    pub alphabet: fn(char) -> bool,
    /// In characters.
    pub least: usize,
    /// In characters; `None` where there is no bound worth knowing.
    pub greatest: Option<usize>,
}

impl Filling {
    /// The bounds are wider than what AWS uses today, so that a new region or partition breaks nothing.
    pub fn of(symbol: Symbol) -> Filling {
        fn lower(c: char) -> bool {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
        }
        fn digit(c: char) -> bool {
            c.is_ascii_digit()
        }
        fn word(c: char) -> bool {
            c.is_ascii_alphanumeric() || c == '-'
        }
        fn domain(c: char) -> bool {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-'
        }
        fn arn(c: char) -> bool {
            c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '/')
        }
        fn name(c: char) -> bool {
            !matches!(c, ':' | '*' | '?')
        }
        fn any(_: char) -> bool {
            true
        }
        let (alphabet, least, greatest): (fn(char) -> bool, usize, Option<usize>) = match symbol {
            Symbol::Pseudo(Pseudo::Partition, _) => (lower, 3, Some(16)),
            Symbol::Pseudo(Pseudo::Region, _) => (lower, 8, Some(24)),
            Symbol::Pseudo(Pseudo::AccountId, _) => (digit, 12, Some(12)),
            Symbol::Pseudo(Pseudo::StackName, _) => (word, 1, Some(128)),
            Symbol::Pseudo(Pseudo::StackId, _) => (arn, 40, Some(300)),
            Symbol::Pseudo(Pseudo::UrlSuffix, _) => (domain, 8, Some(32)),
            Symbol::Name(_) => (name, 1, None),
            Symbol::Id(_) => (word, 1, Some(128)),
            Symbol::Opaque(_) => (any, 0, None),
        };
        Filling { alphabet, least, greatest }
    }

    /// Whether every filling consists of such characters.
    pub fn only(self, class: impl Fn(char) -> bool) -> bool {
        sample().all(|c| !(self.alphabet)(c) || class(c))
    }
}

/// Characters that stand for all: ASCII one by one, and one of each kind that some language tells apart.
pub fn sample() -> impl Iterator<Item = char> {
    (0u8..128).map(char::from).chain([
        '\u{85}', '\u{a0}', 'é', 'É', '²', '¿', '\u{2028}', '‘', '“', '…', 'Ω', '日', '\u{301}', '🙂', '\u{ffff}',
    ])
}
