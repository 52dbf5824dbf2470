//! Whether *some* filling of a text's holes lies in a language.
//!
//! Each parser describes a regular language that contains everything AWS may accept. A text with holes is run through it, a
//! hole leading wherever its filling could; if no state is left, no filling can make the text valid. This proves `Invalid`;
//! the parsers proper, which know the positions and the messages, read texts that are known.

use super::holes::{Filling, Unit, Units, sample};
use crate::model::text::{Pseudo, Symbol};
use crate::model::tri::Tri;

/// A regular language. Built where it is needed: only texts with holes are run through one.
#[derive(Clone)]
pub enum Language {
    Char(char),
    Class(fn(char) -> bool),
    Sequence(Vec<Language>),
    Either(Vec<Language>),
    Any(Box<Language>),
}

use Language::{Any, Char, Class, Either, Sequence};

pub fn class(class: fn(char) -> bool) -> Language {
    Class(class)
}

pub fn word(text: &str) -> Language {
    Sequence(text.chars().map(Char).collect())
}

/// The word in any case.
pub fn caseless(text: &str) -> Language {
    Sequence(text.chars().map(|c| Either(vec![Char(c.to_ascii_lowercase()), Char(c.to_ascii_uppercase())])).collect())
}

pub fn sequence(parts: impl IntoIterator<Item = Language>) -> Language {
    Sequence(parts.into_iter().collect())
}

pub fn either(parts: impl IntoIterator<Item = Language>) -> Language {
    Either(parts.into_iter().collect())
}

/// Any number of times, none included.
pub fn any(language: Language) -> Language {
    Any(Box::new(language))
}

pub fn some(language: Language) -> Language {
    sequence([language.clone(), any(language)])
}

pub fn maybe(language: Language) -> Language {
    either([language, sequence([])])
}

pub fn times(language: Language, count: usize) -> Language {
    Sequence(vec![language; count])
}

/// One or more, with a separator between them.
pub fn list(item: Language, separator: Language) -> Language {
    sequence([item.clone(), any(sequence([separator, item]))])
}

pub fn blanks() -> Language {
    any(class(char::is_whitespace))
}

#[derive(Clone, Copy)]
enum Edge {
    Char(char),
    Class(fn(char) -> bool),
}

impl Edge {
    fn takes(self, c: char) -> bool {
        match self {
            Edge::Char(own) => own == c,
            Edge::Class(class) => class(c),
        }
    }

    fn meets(self, alphabet: fn(char) -> bool) -> bool {
        match self {
            Edge::Char(own) => alphabet(own),
            Edge::Class(class) => sample().any(|c| class(c) && alphabet(c)),
        }
    }
}

#[derive(Default)]
struct Node {
    free: Vec<usize>,
    edges: Vec<(Edge, usize)>,
}

/// A nondeterministic automaton: node 0 is the start, node 1 the end.
struct Automaton {
    nodes: Vec<Node>,
}

impl Automaton {
    fn new(language: &Language) -> Automaton {
        let mut automaton = Automaton { nodes: vec![Node::default(), Node::default()] };
        automaton.add(language, 0, 1);
        automaton
    }

    fn node(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    fn add(&mut self, language: &Language, from: usize, to: usize) {
        match language {
            Char(c) => self.nodes[from].edges.push((Edge::Char(*c), to)),
            Class(class) => self.nodes[from].edges.push((Edge::Class(*class), to)),
            Sequence(parts) => {
                let mut at = from;
                for part in parts {
                    let next = self.node();
                    self.add(part, at, next);
                    at = next;
                }
                self.nodes[at].free.push(to);
            }
            Either(parts) => {
                for part in parts {
                    self.add(part, from, to);
                }
            }
            Any(inner) => {
                let hub = self.node();
                self.nodes[from].free.push(hub);
                self.nodes[hub].free.push(to);
                let (start, end) = (self.node(), self.node());
                self.nodes[hub].free.push(start);
                self.add(inner, start, end);
                self.nodes[end].free.push(hub);
            }
        }
    }

    fn close(&self, set: &mut [bool]) {
        let mut open: Vec<usize> = (0..set.len()).filter(|&node| set[node]).collect();
        while let Some(node) = open.pop() {
            for &next in &self.nodes[node].free {
                if !set[next] {
                    set[next] = true;
                    open.push(next);
                }
            }
        }
    }

    fn step(&self, set: &[bool], takes: impl Fn(Edge) -> bool) -> Vec<bool> {
        let mut after = vec![false; set.len()];
        for (node, _) in set.iter().enumerate().filter(|(_, here)| **here) {
            for &(edge, next) in &self.nodes[node].edges {
                if !after[next] && takes(edge) {
                    after[next] = true;
                }
            }
        }
        self.close(&mut after);
        after
    }

    fn fill(&self, mut set: Vec<bool>, filling: Filling) -> Vec<bool> {
        for _ in 0..filling.least {
            set = self.step(&set, |edge| edge.meets(filling.alphabet));
        }
        // Beyond the least length, everything that is reached stays reached; so it ends after at most as many steps as there are nodes.
        let more = filling.greatest.map_or(usize::MAX, |greatest| greatest.saturating_sub(filling.least));
        let mut front = set.clone();
        for _ in 0..more {
            let mut grew = false;
            front = self.step(&front, |edge| edge.meets(filling.alphabet));
            for (all, new) in set.iter_mut().zip(&front) {
                grew |= *new && !*all;
                *all |= *new;
            }
            if !grew {
                break;
            }
            front.clone_from(&set);
        }
        set
    }
}

/// Whether some filling of the holes lies in the language; if none does, the index of the unit at which that becomes certain
/// (the number of units, where only the end is wrong).
pub fn possible(language: &Language, units: &Units) -> Result<(), usize> {
    let automaton = Automaton::new(language);
    let mut set = vec![false; automaton.nodes.len()];
    set[0] = true;
    automaton.close(&mut set);
    for (index, unit) in units.units.iter().enumerate() {
        set = match unit {
            Unit::Char(c) => automaton.step(&set, |edge| edge.takes(*c)),
            Unit::Hole(symbol) => automaton.fill(set, Filling::of(*symbol)),
        };
        if !set.contains(&true) {
            return Err(index);
        }
    }
    if set[1] { Ok(()) } else { Err(units.len()) }
}

/// Whether the text begins with the word, in any case if so asked.
pub fn begins_with(units: &Units, start: &str, any_case: bool) -> Tri {
    let same = |unit: Option<Unit>, c: char| match unit {
        Some(Unit::Char(own)) if any_case => own.eq_ignore_ascii_case(&c),
        unit => unit == Some(Unit::Char(c)),
    };
    if start.chars().enumerate().all(|(index, c)| same(units.get(index), c)) {
        return Tri::Yes;
    }
    // What regions begin with is known better than their alphabet says.
    let mut plain = Units { units: Vec::new(), offsets: vec![0] };
    for unit in &units.units {
        match unit {
            Unit::Hole(Symbol::Pseudo(Pseudo::Region, _)) => plain.units.extend("us-east-1".chars().map(Unit::Char)),
            unit => plain.units.push(*unit),
        }
    }
    let start = if any_case { caseless(start) } else { word(start) };
    match possible(&sequence([start, any(class(|_| true))]), &plain) {
        Ok(()) => Tri::Unknown,
        Err(_) => Tri::No,
    }
}
