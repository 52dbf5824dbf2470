//! Wildcard patterns over symbolic strings: match, subset, overlap, witness.
//!
//! A pattern is literal text, `?` (one character), `*` (any run of characters), symbols and, where they are active, policy
//! variables (`${aws:username}`) and the escapes `${*}`, `${?}`, `${$}`.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
//!
//! A match against a string that is not known in full is decided twice. *Always*: one alignment works whatever the symbols
//! turn out to be. *Never*: none works even when each symbol may be any string of its alphabet. Between the two the answer is
//! unknown. Both are tables of pattern length × string length, without recursion.

use std::borrow::Cow;

use super::text::{OpaqueId, Piece, Pseudo, Symbol, Text, TextBuilder, slice};
use super::tri::Tri;

/// Larger tables are not filled: the answer is then unknown. Real policies stay far below.
const TABLE_LIMIT: usize = 1 << 22;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern<'s> {
    form: Form<'s>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form<'s> {
    /// `*`
    Any,
    /// Literal text without wildcards.
    Exact(Cow<'s, str>),
    /// Literal text, then one `*`.
    Prefix(Cow<'s, str>),
    /// Everything else.
    Atoms { atoms: Box<[Atom<'s>]>, symbolic: bool, variables: bool },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom<'s> {
    Chars(Cow<'s, str>),
    One,
    Many,
    /// `glob`: the symbol stands where wildcards count, so an unknown string may itself be a pattern.
    Symbol {
        symbol: Symbol,
        glob: bool,
    },
    Variable {
        key: Box<str>,
        default: Option<Box<str>>,
    },
}

/// How the text of a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// `*` and `?` are wildcards.
    pub wildcards: bool,
    /// `${…}` is a policy variable or an escape.
    pub variables: bool,
    /// ASCII letters are folded to lower case; the subject must be folded too.
    pub fold: bool,
}

impl Syntax {
    pub const GLOB: Syntax = Syntax { wildcards: true, variables: false, fold: false };
    pub const EXACT: Syntax = Syntax { wildcards: false, variables: false, fold: false };
}

/// What a policy variable stands for in one request.
pub enum Variable<'a, 's> {
    Value(&'a Text<'s>),
    Absent,
    /// It may be there, with any value.
    Unknown,
}

/// Whether every string of one pattern is matched by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    Yes,
    /// A string of the first that the second does not match.
    No(String),
    Unknown,
}

/// Whether some string is matched by both of two patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meets {
    Yes(String),
    No,
    Unknown,
}

impl<'s> Pattern<'s> {
    pub fn any() -> Self {
        Pattern { form: Form::Any }
    }

    /// A wildcard pattern without variables.
    pub fn glob(text: &Text<'s>) -> Self {
        Pattern::compile(text, Syntax::GLOB)
    }

    /// A pattern that matches only this text.
    pub fn exact(text: &Text<'s>) -> Self {
        Pattern::compile(text, Syntax::EXACT)
    }

    pub fn compile(text: &Text<'s>, syntax: Syntax) -> Self {
        if let Text::Literal(literal) = text
            && let Some(form) = simple(literal, syntax)
        {
            return Pattern { form };
        }
        let mut atoms = Vec::with_capacity(text.pieces().len() + 2);
        match text {
            Text::Literal(literal) => push_literal(&mut atoms, literal.clone(), syntax),
            Text::Symbolic(pieces) => {
                for piece in pieces.iter() {
                    match piece {
                        Piece::Literal(literal) => push_literal(&mut atoms, literal.clone(), syntax),
                        Piece::Symbol(symbol) => atoms.push(Atom::Symbol { symbol: *symbol, glob: syntax.wildcards }),
                    }
                }
            }
        }
        Pattern::from_atoms(atoms)
    }

    fn from_atoms(atoms: Vec<Atom<'s>>) -> Self {
        let atoms = normalise(atoms);
        let form = match &atoms[..] {
            [] => Form::Exact(Cow::Borrowed("")),
            [Atom::Many] => Form::Any,
            [Atom::Chars(text)] => Form::Exact(text.clone()),
            [Atom::Chars(text), Atom::Many] => Form::Prefix(text.clone()),
            _ => {
                let symbolic = atoms.iter().any(|atom| matches!(atom, Atom::Symbol { .. }));
                let variables = atoms.iter().any(|atom| matches!(atom, Atom::Variable { .. }));
                Form::Atoms { atoms: atoms.into(), symbolic, variables }
            }
        };
        Pattern { form }
    }

    /// Whether it is the pattern `*`.
    pub fn is_any(&self) -> bool {
        self.form == Form::Any
    }

    pub fn has_variables(&self) -> bool {
        matches!(self.form, Form::Atoms { variables: true, .. })
    }

    pub fn has_wildcards(&self) -> bool {
        match &self.form {
            Form::Any | Form::Prefix(_) => true,
            Form::Exact(_) => false,
            Form::Atoms { atoms, .. } => atoms.iter().any(|atom| matches!(atom, Atom::One | Atom::Many)),
        }
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        !matches!(self.form, Form::Atoms { symbolic: true, .. } | Form::Atoms { variables: true, .. })
    }

    /// The literal text before the first wildcard, symbol or variable.
    pub fn literal_prefix(&self) -> &str {
        match &self.form {
            Form::Any => "",
            Form::Exact(text) | Form::Prefix(text) => text,
            Form::Atoms { atoms, .. } => match atoms.first() {
                Some(Atom::Chars(text)) => text,
                _ => "",
            },
        }
    }

    /// Puts values for the policy variables; `None` where one is absent and has no default, so nothing can match. The text
    /// of a value is literal: a `*` in it is no wildcard.
    pub fn expand(&self, fold: bool, mut value: impl FnMut(&str) -> Option<Text<'s>>) -> Option<Pattern<'s>> {
        let Form::Atoms { atoms, variables: true, .. } = &self.form else { return Some(self.clone()) };
        let mut expanded = Vec::with_capacity(atoms.len());
        for atom in atoms.iter() {
            let Atom::Variable { key, default } = atom else {
                expanded.push(atom.clone());
                continue;
            };
            let text = match value(key) {
                Some(text) => text,
                None => Text::Literal(Cow::Owned(default.as_ref()?.to_string())),
            };
            match text {
                Text::Literal(text) => {
                    expanded.push(Atom::Chars(if fold { Cow::Owned(text.to_ascii_lowercase()) } else { text }))
                }
                Text::Symbolic(pieces) => expanded.extend(pieces.iter().map(|piece| match piece {
                    Piece::Literal(text) if fold => Atom::Chars(Cow::Owned(text.to_ascii_lowercase())),
                    Piece::Literal(text) => Atom::Chars(text.clone()),
                    Piece::Symbol(symbol) => Atom::Symbol { symbol: *symbol, glob: false },
                })),
            }
        }
        Some(Pattern::from_atoms(expanded))
    }

    /// The keys of the policy variables in it.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let atoms: &[Atom<'s>] = match &self.form {
            Form::Atoms { atoms, .. } => atoms,
            _ => &[],
        };
        atoms.iter().filter_map(|atom| match atom {
            Atom::Variable { key, .. } => Some(&**key),
            _ => None,
        })
    }

    /// Whether the pattern matches the string. Variables that were not expanded may be anything.
    pub fn matches(&self, subject: &Text<'_>) -> Tri {
        match subject {
            Text::Literal(subject) => self.matches_literal(subject),
            Text::Symbolic(_) => self.matches_symbolic(subject),
        }
    }

    /// [`Pattern::matches`] for a string that is known in full. Allocates nothing unless the pattern holds symbols.
    pub fn matches_literal(&self, subject: &str) -> Tri {
        match &self.form {
            Form::Any => Tri::Yes,
            Form::Exact(text) => (**text == *subject).into(),
            Form::Prefix(text) => subject.starts_with(&**text).into(),
            Form::Atoms { atoms, symbolic: false, variables: false } => literal_match(atoms, subject).into(),
            Form::Atoms { .. } => self.matches_symbolic(&Text::Literal(Cow::Borrowed(subject))),
        }
    }

    fn matches_symbolic(&self, subject: &Text<'_>) -> Tri {
        if self.is_any() {
            return Tri::Yes;
        }
        let atoms = self.atoms();
        if let Some(answer) = in_step(&atoms, &subject.pieces()) {
            return answer;
        }
        let items = items_of(subject);
        let steps = steps_of(&atoms);
        if steps.len().saturating_mul(items.len()) > TABLE_LIMIT {
            return Tri::Unknown;
        }
        if always(&steps, &items) {
            return Tri::Yes;
        }
        if !possible(&atoms, &items) {
            return Tri::No;
        }
        Tri::Unknown
    }

    fn atoms(&self) -> Cow<'_, [Atom<'s>]> {
        match &self.form {
            Form::Any => Cow::Owned(vec![Atom::Many]),
            Form::Exact(text) if text.is_empty() => Cow::Owned(Vec::new()),
            Form::Exact(text) => Cow::Owned(vec![Atom::Chars(text.clone())]),
            Form::Prefix(text) => Cow::Owned(vec![Atom::Chars(text.clone()), Atom::Many]),
            Form::Atoms { atoms, .. } => Cow::Borrowed(atoms),
        }
    }

    /// Whether every string that this pattern matches is matched by `wider`.
    pub fn within(&self, wider: &Pattern<'_>) -> Within {
        if wider.is_any() {
            return Within::Yes;
        }
        let atoms = self.atoms();
        let items = items_of_pattern(&atoms);
        let wider_atoms = wider.atoms();
        let steps = steps_of(&wider_atoms);
        if steps.len().saturating_mul(items.len()) > TABLE_LIMIT {
            return Within::Unknown;
        }
        if always(&steps, &items) {
            return Within::Yes;
        }
        if self.is_known() {
            for candidate in self.samples() {
                if wider.matches_literal(&candidate) == Tri::No {
                    return Within::No(candidate);
                }
            }
        }
        Within::Unknown
    }

    /// Whether one string is matched by both patterns.
    pub fn meets(&self, other: &Pattern<'_>) -> Meets {
        let (left, right) = (self.atoms(), other.atoms());
        let (left_cells, right_cells) = (cells_of(&left), cells_of(&right));
        if left_cells.len().saturating_mul(right_cells.len()) > TABLE_LIMIT {
            return Meets::Unknown;
        }
        match common(&left_cells, &right_cells, true) {
            None => Meets::No,
            Some(witness) if self.is_known() && other.is_known() => Meets::Yes(witness),
            Some(_) => Meets::Unknown,
        }
    }

    /// A string that the pattern matches.
    pub fn witness(&self) -> Option<String> {
        self.is_known().then(|| self.fill("", "x"))
    }

    /// Strings of the pattern that lie far apart: wildcards empty, one letter, long, and with separators in them.
    pub fn samples(&self) -> Vec<String> {
        if !self.is_known() {
            return Vec::new();
        }
        let mut samples = Vec::new();
        for (many, one) in
            [("q", "q"), ("", "q"), ("qqqqqqqqqqqqqqqq", "q"), ("", "0"), ("0", "0"), ("a/b:c", "z"), ("Z-9", "Z")]
        {
            let sample = self.fill(many, one);
            if !samples.contains(&sample) {
                samples.push(sample);
            }
        }
        samples
    }

    fn fill(&self, many: &str, one: &str) -> String {
        let mut text = String::new();
        for atom in self.atoms().iter() {
            match atom {
                Atom::Chars(chars) => text.push_str(chars),
                Atom::One => text.push_str(one),
                Atom::Many => text.push_str(many),
                Atom::Symbol { .. } | Atom::Variable { .. } => {}
            }
        }
        text
    }

    /// The pattern as policy text, with escapes where a wildcard character is literal.
    pub fn to_text(&self) -> Text<'s> {
        let mut builder = TextBuilder::default();
        for atom in self.atoms().iter() {
            match atom {
                Atom::Chars(text) => builder.push_literal(text.clone()),
                Atom::One => builder.push_literal(Cow::Borrowed("?")),
                Atom::Many => builder.push_literal(Cow::Borrowed("*")),
                Atom::Symbol { symbol, .. } => builder.push_symbol(*symbol),
                Atom::Variable { key, .. } => builder.push_literal(Cow::Owned(format!("${{{key}}}"))),
            }
        }
        builder.finish()
    }
}

/// Whether two strings are the same.
pub fn same(left: &Text<'_>, right: &Text<'_>) -> Tri {
    match (left, right) {
        (Text::Literal(left), Text::Literal(right)) => (left == right).into(),
        _ if left == right => Tri::Yes,
        _ => Pattern::exact(left).matches(right),
    }
}

/// ASCII letters of the literal parts in lower case.
pub fn fold<'s>(text: &Text<'s>) -> Text<'s> {
    match text {
        Text::Literal(text) => Text::Literal(fold_str(text)),
        Text::Symbolic(pieces) => Text::Symbolic(
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => Piece::Literal(fold_str(text)),
                    Piece::Symbol(symbol) => Piece::Symbol(*symbol),
                })
                .collect(),
        ),
    }
}

fn fold_str<'s>(text: &Cow<'s, str>) -> Cow<'s, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        text.clone()
    }
}

/// Whether a text matches a glob: `*` is any run of characters, `?` one.
pub fn glob_matches(glob: &str, text: &str) -> bool {
    Pattern::glob(&Text::from(glob)).matches_literal(text).is_yes()
}

/// A string that is not known and is equal only to itself, for a value that has no number of its own.
pub fn anything() -> Text<'static> {
    Text::symbol(Symbol::Opaque(OpaqueId(u32::MAX)))
}

/// The form of a literal without wildcards, or with one `*` at its end: most are so.
fn simple<'s>(literal: &Cow<'s, str>, syntax: Syntax) -> Option<Form<'s>> {
    let bytes = literal.as_bytes();
    if syntax.variables && bytes.contains(&b'$') {
        return None;
    }
    let text = |to: usize| {
        let text = slice(literal, 0, to);
        if syntax.fold { fold_str(&text) } else { text }
    };
    let wildcard = match syntax.wildcards {
        true => bytes.iter().position(|byte| matches!(byte, b'*' | b'?')),
        false => None,
    };
    match wildcard {
        None => Some(Form::Exact(text(bytes.len()))),
        Some(0) if bytes == b"*" => Some(Form::Any),
        Some(at) if at + 1 == bytes.len() && bytes[at] == b'*' => Some(Form::Prefix(text(at))),
        Some(_) => None,
    }
}

fn push_literal<'s>(atoms: &mut Vec<Atom<'s>>, text: Cow<'s, str>, syntax: Syntax) {
    let text = &if syntax.fold { fold_str(&text) } else { text };
    let bytes = text.as_bytes();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let (atom, next) = match bytes[at] {
            b'*' if syntax.wildcards => (Atom::Many, at + 1),
            b'?' if syntax.wildcards => (Atom::One, at + 1),
            b'$' if syntax.variables && bytes.get(at + 1) == Some(&b'{') => match text[at + 2..].find('}') {
                Some(length) => (variable(&text[at + 2..at + 2 + length]), at + 3 + length),
                None => {
                    at += 1;
                    continue;
                }
            },
            _ => {
                at += 1;
                continue;
            }
        };
        if start < at {
            atoms.push(Atom::Chars(slice(text, start, at)));
        }
        atoms.push(atom);
        start = next;
        at = next;
    }
    if start < bytes.len() {
        atoms.push(Atom::Chars(slice(text, start, bytes.len())));
    }
}

/// What stands between `${` and `}`.
fn variable<'s>(inner: &str) -> Atom<'s> {
    match inner {
        "*" | "?" | "$" => Atom::Chars(Cow::Owned(inner.to_owned())),
        _ => {
            let (key, default) = match inner.split_once(',') {
                Some((key, rest)) => {
                    let rest = rest.trim();
                    let quoted = rest.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                    (key.trim(), Some(quoted.unwrap_or(rest).into()))
                }
                None => (inner.trim(), None),
            };
            Atom::Variable { key: key.into(), default }
        }
    }
}

/// Joins literals; in a run of wildcards puts the `?` first and keeps one `*`.
fn normalise(atoms: Vec<Atom<'_>>) -> Vec<Atom<'_>> {
    let mut out: Vec<Atom<'_>> = Vec::with_capacity(atoms.len());
    let mut open = false;
    for atom in atoms {
        match atom {
            Atom::Many => open = true,
            Atom::One => out.push(Atom::One),
            Atom::Chars(text) if text.is_empty() => {}
            atom => {
                if std::mem::take(&mut open) {
                    out.push(Atom::Many);
                }
                match (out.last_mut(), atom) {
                    (Some(Atom::Chars(last)), Atom::Chars(text)) => last.to_mut().push_str(&text),
                    (_, atom) => out.push(atom),
                }
            }
        }
    }
    if open {
        out.push(Atom::Many);
    }
    out
}

/// A pattern of text and wildcards against a known string: the part before the first `*` and the one after the last are
/// anchored, each part between is sought from the left.
fn literal_match(atoms: &[Atom<'_>], subject: &str) -> bool {
    let Some(first) = atoms.iter().position(|atom| matches!(atom, Atom::Many)) else {
        return part_at(atoms, subject) == Some(subject.len());
    };
    let last = atoms.iter().rposition(|atom| matches!(atom, Atom::Many)).unwrap_or(first);
    let Some(mut from) = part_at(&atoms[..first], subject) else { return false };
    let Some(end) = part_at_end(&atoms[last + 1..], subject) else { return false };
    if end < from {
        return false;
    }
    for part in atoms[first..=last].split(|atom| matches!(atom, Atom::Many)) {
        if part.is_empty() {
            continue;
        }
        match find_part(part, &subject[..end], from) {
            Some(next) => from = next,
            None => return false,
        }
    }
    true
}

/// Where a part without `*` ends when it starts at the beginning of the text.
fn part_at(part: &[Atom<'_>], text: &str) -> Option<usize> {
    let mut at = 0;
    for atom in part {
        at += match atom {
            Atom::Chars(chars) if text[at..].starts_with(&**chars) => chars.len(),
            Atom::One => text[at..].chars().next()?.len_utf8(),
            _ => return None,
        };
    }
    Some(at)
}

/// Where a part without `*` starts when it ends at the end of the text.
fn part_at_end(part: &[Atom<'_>], text: &str) -> Option<usize> {
    let mut at = text.len();
    for atom in part.iter().rev() {
        at -= match atom {
            Atom::Chars(chars) if text[..at].ends_with(&**chars) => chars.len(),
            Atom::One => text[..at].chars().next_back()?.len_utf8(),
            _ => return None,
        };
    }
    Some(at)
}

/// Where the leftmost occurrence of a part at or after `from` ends.
fn find_part(part: &[Atom<'_>], text: &str, from: usize) -> Option<usize> {
    let mut start = from;
    loop {
        if let Some(Atom::Chars(chars)) = part.first() {
            start += memchr::memmem::find(&text.as_bytes()[start..], chars.as_bytes())?;
        }
        if let Some(length) = part_at(part, &text[start..]) {
            return Some(start + length);
        }
        start += text[start..].chars().next()?.len_utf8();
    }
}

/// One step of a string whose symbols may become anything that their kind allows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Item {
    Char(char),
    Symbol(Symbol),
    /// A wildcard of a narrower pattern: at least `least` characters, and no more where it is `?`.
    Hole {
        least: usize,
        exact: bool,
    },
}

/// One step of a pattern. `One` knows how many `?` follow in its run and whether the run ends in a `*`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Char(char),
    One { left: usize, open: bool },
    Many,
    Symbol(Symbol),
    Never,
}

fn items_of(text: &Text<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for piece in text.pieces().iter() {
        match piece {
            Piece::Literal(text) => items.extend(text.chars().map(Item::Char)),
            Piece::Symbol(symbol) => items.push(Item::Symbol(*symbol)),
        }
    }
    items
}

fn items_of_pattern(atoms: &[Atom<'_>]) -> Vec<Item> {
    let mut items = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Chars(text) => items.extend(text.chars().map(Item::Char)),
            Atom::One => items.push(Item::Hole { least: 1, exact: true }),
            Atom::Many | Atom::Variable { .. } => items.push(Item::Hole { least: 0, exact: false }),
            Atom::Symbol { symbol, .. } => items.push(Item::Symbol(*symbol)),
        }
    }
    items
}

fn steps_of(atoms: &[Atom<'_>]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, atom) in atoms.iter().enumerate() {
        match atom {
            Atom::Chars(text) => steps.extend(text.chars().map(Step::Char)),
            Atom::One => {
                let left = atoms[index..].iter().take_while(|atom| matches!(atom, Atom::One)).count();
                steps.push(Step::One { left, open: matches!(atoms.get(index + left), Some(Atom::Many)) });
            }
            Atom::Many => steps.push(Step::Many),
            Atom::Symbol { symbol, .. } => steps.push(Step::Symbol(*symbol)),
            Atom::Variable { .. } => steps.push(Step::Never),
        }
    }
    steps
}

/// The answer where pattern and string can be read side by side up to where they part: most are the same or differ in a
/// literal. `None` where it takes a table.
fn in_step(atoms: &[Atom<'_>], pieces: &[Piece<'_>]) -> Option<Tri> {
    if let (Some(Atom::Chars(pattern)), Some(Piece::Literal(subject))) = (atoms.last(), pieces.last()) {
        let length = pattern.len().min(subject.len());
        if pattern.as_bytes()[pattern.len() - length..] != subject.as_bytes()[subject.len() - length..] {
            return Some(Tri::No);
        }
    }
    let (mut atoms, mut pieces) = (atoms, pieces);
    let (mut pattern, mut subject) = ("", "");
    loop {
        if pattern.is_empty()
            && let [Atom::Chars(text), rest @ ..] = atoms
        {
            (pattern, atoms) = (text, rest);
        }
        if subject.is_empty()
            && let [Piece::Literal(text), rest @ ..] = pieces
        {
            (subject, pieces) = (text, rest);
        }
        if !pattern.is_empty() && !subject.is_empty() {
            let length = pattern.len().min(subject.len());
            if pattern.as_bytes()[..length] != subject.as_bytes()[..length] {
                return Some(Tri::No);
            }
            (pattern, subject) = (pattern.get(length..)?, subject.get(length..)?);
            continue;
        }
        return match (pattern.is_empty(), atoms, subject.is_empty(), pieces) {
            (true, [], true, []) | (true, [Atom::Many], ..) => Some(Tri::Yes),
            (true, [], false, _) => Some(Tri::No),
            (false, _, true, []) => Some(Tri::No),
            (
                true,
                [Atom::Symbol { symbol, glob }, rest_of_atoms @ ..],
                true,
                [Piece::Symbol(other), rest_of_pieces @ ..],
            ) if symbol == other && !(*glob && matches!(symbol, Symbol::Opaque(_))) => {
                (atoms, pieces) = (rest_of_atoms, rest_of_pieces);
                continue;
            }
            // AWS makes no two names alike. The name must end there in both, or the rest could make up for the difference.
            (
                true,
                [Atom::Symbol { symbol, .. }, rest_of_atoms @ ..],
                true,
                [Piece::Symbol(other), rest_of_pieces @ ..],
            ) if is_made_up_for_another(*symbol, *other)
                && match rest_of_atoms.first() {
                    None => true,
                    Some(Atom::Chars(text)) => text.starts_with(['/', ':']),
                    Some(_) => false,
                }
                && match rest_of_pieces.first() {
                    None => true,
                    Some(Piece::Literal(text)) => text.starts_with(['/', ':']),
                    Some(Piece::Symbol(_)) => false,
                } =>
            {
                Some(Tri::No)
            }
            _ => None,
        };
    }
}

fn is_made_up_for_another(one: Symbol, other: Symbol) -> bool {
    match (one, other) {
        (Symbol::Name(one), Symbol::Name(other)) | (Symbol::Id(one), Symbol::Id(other)) => one != other,
        _ => false,
    }
}

/// How long a symbol is at least, and whether it is always that long.
fn extent(symbol: Symbol) -> (usize, bool) {
    match symbol {
        Symbol::Pseudo(Pseudo::AccountId, _) => (12, true),
        Symbol::Pseudo(Pseudo::Partition, _) => (3, false),
        Symbol::Pseudo(..) | Symbol::Name(_) | Symbol::Id(_) => (1, false),
        Symbol::Opaque(_) => (0, false),
    }
}

/// Whether one alignment of the pattern fits whatever the symbols are.
fn always(steps: &[Step], items: &[Item]) -> bool {
    let mut now = vec![false; steps.len() + 1];
    let mut next = vec![false; steps.len() + 1];
    now[0] = true;
    skip_stars(steps, &mut now);
    for item in items {
        next.fill(false);
        for at in (0..steps.len()).filter(|&at| now[at]) {
            match (steps[at], *item) {
                (Step::Many, _) => next[at] = true,
                (Step::Char(a), Item::Char(b)) if a == b => next[at + 1] = true,
                (Step::Char('a'), Item::Symbol(Symbol::Pseudo(Pseudo::Partition, _)))
                    // Every partition starts with these letters: `aws*` covers them all.
                    if steps[at..].starts_with(&[Step::Char('a'), Step::Char('w'), Step::Char('s'), Step::Many]) =>
                {
                    next[at + 3] = true;
                }
                (Step::Symbol(a), Item::Symbol(b)) if a == b => next[at + 1] = true,
                (Step::One { .. }, Item::Char(_)) => next[at + 1] = true,
                (Step::One { left, open }, Item::Symbol(_) | Item::Hole { .. }) => {
                    let (least, exact) = match *item {
                        Item::Symbol(symbol) => extent(symbol),
                        Item::Hole { least, exact } => (least, exact),
                        Item::Char(_) => continue,
                    };
                    if open {
                        next[at + least.min(left)] = true;
                    } else if exact && least <= left {
                        next[at + least] = true;
                    }
                }
                _ => {}
            }
        }
        skip_stars(steps, &mut next);
        std::mem::swap(&mut now, &mut next);
    }
    now[steps.len()]
}

fn skip_stars(steps: &[Step], reached: &mut [bool]) {
    for at in 0..steps.len() {
        if reached[at] && steps[at] == Step::Many {
            reached[at + 1] = true;
        }
    }
}

/// The characters at one place of a string: one of a set, or any number of them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    set: Set,
    many: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Set {
    Char(char),
    Any,
    /// What AWS makes up for a name: anything but `:`, `/`, `*`, `?`.
    Name,
    /// Letters, digits, `-`.
    Id,
    /// Lower-case letters, digits, `-`.
    Region,
    Digit,
    /// Lower-case letters, digits, `.`.
    Domain,
    /// What may follow `aws` in a partition: lower-case letters, `-`.
    PartitionTail,
}

impl Set {
    fn holds(self, c: char) -> bool {
        match self {
            Set::Char(own) => own == c,
            Set::Any => true,
            Set::Name => !matches!(c, ':' | '/' | '*' | '?'),
            Set::Id => c.is_ascii_alphanumeric() || c == '-',
            Set::Region => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Set::Digit => c.is_ascii_digit(),
            Set::Domain => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.',
            Set::PartitionTail => c.is_ascii_lowercase() || c == '-',
        }
    }

    /// A character of both sets.
    fn shared(self, other: Set) -> Option<char> {
        match (self, other) {
            (Set::Char(c), set) | (set, Set::Char(c)) => set.holds(c).then_some(c),
            _ => ['q', '0'].into_iter().find(|&c| self.holds(c) && other.holds(c)),
        }
    }
}

fn push_symbol(cells: &mut Vec<Cell>, symbol: Symbol) {
    let one = |set| Cell { set, many: false };
    let many = |set| Cell { set, many: true };
    match symbol {
        Symbol::Pseudo(Pseudo::AccountId, _) => cells.extend([one(Set::Digit); 12]),
        Symbol::Pseudo(Pseudo::Partition, _) => {
            cells.extend("aws".chars().map(|c| one(Set::Char(c))));
            cells.push(many(Set::PartitionTail));
        }
        Symbol::Pseudo(Pseudo::Region, _) => cells.extend([one(Set::Region), many(Set::Region)]),
        Symbol::Pseudo(Pseudo::StackName, _) | Symbol::Id(_) => cells.extend([one(Set::Id), many(Set::Id)]),
        Symbol::Pseudo(Pseudo::StackId, _) => {
            cells.extend("arn:aws".chars().map(|c| one(Set::Char(c))));
            cells.push(many(Set::Any));
        }
        Symbol::Pseudo(Pseudo::UrlSuffix, _) => cells.extend([one(Set::Domain), many(Set::Domain)]),
        Symbol::Name(_) => cells.extend([one(Set::Name), many(Set::Name)]),
        Symbol::Opaque(_) => cells.push(many(Set::Any)),
    }
}

fn cells_of(atoms: &[Atom<'_>]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Chars(text) => cells.extend(text.chars().map(|c| Cell { set: Set::Char(c), many: false })),
            Atom::One => cells.push(Cell { set: Set::Any, many: false }),
            Atom::Many | Atom::Variable { .. } => cells.push(Cell { set: Set::Any, many: true }),
            Atom::Symbol { symbol, .. } => push_symbol(&mut cells, *symbol),
        }
    }
    cells
}

/// Whether the pattern can match at all, when each symbol may be any string of its kind.
fn possible(atoms: &[Atom<'_>], items: &[Item]) -> bool {
    // What is the same on both sides at either end cannot make the difference, unless an unknown string is a pattern.
    let mut left = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Chars(text) => left.extend(text.chars().map(|c| Part::Same(Item::Char(c)))),
            Atom::One => left.push(Part::Cell(Cell { set: Set::Any, many: false })),
            Atom::Many | Atom::Variable { .. } => left.push(Part::Cell(Cell { set: Set::Any, many: true })),
            Atom::Symbol { symbol: symbol @ Symbol::Opaque(_), glob: true } => left.push(Part::Glob(*symbol)),
            Atom::Symbol { symbol, .. } => left.push(Part::Same(Item::Symbol(*symbol))),
        }
    }
    let (mut left, mut right) = (&left[..], items);
    while let ([Part::Same(a), rest @ ..], [b, others @ ..]) = (left, right)
        && a == b
    {
        (left, right) = (rest, others);
    }
    while let ([rest @ .., Part::Same(a)], [others @ .., b]) = (left, right)
        && a == b
    {
        (left, right) = (rest, others);
    }
    let mut left_cells = Vec::new();
    for part in left {
        match part {
            Part::Same(Item::Char(c)) => left_cells.push(Cell { set: Set::Char(*c), many: false }),
            Part::Same(Item::Symbol(symbol)) | Part::Glob(symbol) => push_symbol(&mut left_cells, *symbol),
            Part::Same(Item::Hole { .. }) => {}
            Part::Cell(cell) => left_cells.push(*cell),
        }
    }
    let mut right_cells = Vec::new();
    for item in right {
        match item {
            Item::Char(c) => right_cells.push(Cell { set: Set::Char(*c), many: false }),
            Item::Symbol(symbol) => push_symbol(&mut right_cells, *symbol),
            Item::Hole { .. } => {}
        }
    }
    if left_cells.len().saturating_mul(right_cells.len()) > TABLE_LIMIT {
        return true;
    }
    common(&left_cells, &right_cells, false).is_some()
}

enum Part {
    Same(Item),
    Glob(Symbol),
    Cell(Cell),
}

/// A string that both sequences of cells describe. Without `trace` the string is empty.
fn common(left: &[Cell], right: &[Cell], trace: bool) -> Option<String> {
    let (height, width) = (left.len() + 1, right.len() + 1);
    // How each state was reached: 0 not, 1 start, 2 left skipped, 3 right skipped, 4 both, 5 left read, 6 right read.
    let mut came = vec![0u8; height * width];
    came[0] = 1;
    for i in 0..height {
        for j in 0..width {
            if came[i * width + j] == 0 {
                continue;
            }
            let mut reach = |i: usize, j: usize, how: u8| {
                let cell = &mut came[i * width + j];
                if *cell == 0 {
                    *cell = how;
                }
            };
            let (a, b) = (left.get(i), right.get(j));
            if a.is_some_and(|a| a.many) {
                reach(i + 1, j, 2);
            }
            if b.is_some_and(|b| b.many) {
                reach(i, j + 1, 3);
            }
            if let (Some(a), Some(b)) = (a, b)
                && a.set.shared(b.set).is_some()
            {
                match (a.many, b.many) {
                    (false, false) => reach(i + 1, j + 1, 4),
                    (false, true) => reach(i + 1, j, 5),
                    (true, false) => reach(i, j + 1, 6),
                    (true, true) => {}
                }
            }
        }
    }
    if came[height * width - 1] == 0 {
        return None;
    }
    let mut witness = Vec::new();
    let (mut i, mut j) = (height - 1, width - 1);
    while trace && (i, j) != (0, 0) {
        match came[i * width + j] {
            2 => i -= 1,
            3 => j -= 1,
            how => {
                let (from_i, from_j) = (i - usize::from(how != 6), j - usize::from(how != 5));
                witness.extend(left[from_i].set.shared(right[from_j].set));
                (i, j) = (from_i, from_j);
            }
        }
    }
    Some(witness.into_iter().rev().collect())
}
