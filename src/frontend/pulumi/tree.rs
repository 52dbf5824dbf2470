//! The canonical properties of one resource while they are put together: a tree whose leaves point into the raw document.

use std::borrow::Cow;

use crate::doc::{NodeId, Span};

/// A canonical value in the making.
#[derive(Clone, Debug)]
pub(super) enum Out<'d> {
    /// A value of the raw document, copied with all below it.
    Raw(Raw<'d>),
    /// A text that does not stand in the document as it is.
    Text(Span, Cow<'d, str>),
    /// What another resource of this input refers to: `{"Ref": URN}`.
    Reference(Span, &'d str),
    Unknown(Span, Hole<'d>),
    Object(Span, Vec<Member<'d>>),
    List(Span, Vec<Out<'d>>),
}

#[derive(Clone, Debug)]
pub(super) struct Member<'d> {
    pub name: Cow<'d, str>,
    pub name_span: Span,
    pub value: Out<'d>,
}

/// A raw value and whose it is: the row decides what unknown outputs in it depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'d> {
    pub node: NodeId,
    pub row: u32,
    /// The input property that holds it.
    pub property: &'d str,
    pub names: Names,
}

/// What becomes of the names inside of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Own,
    /// `kmsKeyId` → `KmsKeyId`.
    Pascal,
}

/// An unknown value that is no sentinel of its own: what a split resource may set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole<'d> {
    pub row: u32,
    pub property: &'d str,
    /// The canonical property that it stands for.
    pub target: &'static str,
}

impl<'d> Out<'d> {
    pub fn object(span: Span) -> Self {
        Out::Object(span, Vec::new())
    }

    pub fn get(&self, name: &str) -> Option<&Out<'d>> {
        match self {
            Out::Object(_, members) => members.iter().find(|member| member.name == name).map(|member| &member.value),
            _ => None,
        }
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Out<'d>> {
        match self {
            Out::Object(_, members) => {
                members.iter_mut().find(|member| member.name == name).map(|member| &mut member.value)
            }
            _ => None,
        }
    }

    pub fn take(&mut self, name: &str) -> Option<Member<'d>> {
        match self {
            Out::Object(_, members) => {
                let index = members.iter().position(|member| member.name == name)?;
                Some(members.remove(index))
            }
            _ => None,
        }
    }

    pub fn set(&mut self, name: impl Into<Cow<'d, str>>, name_span: Span, value: Out<'d>) {
        let name = name.into();
        if let Out::Object(_, members) = self {
            match members.iter_mut().find(|member| member.name == name) {
                Some(member) => *member = Member { name, name_span, value },
                None => members.push(Member { name, name_span, value }),
            }
        }
    }
}

/// Where a leaf goes: a path with its indices, and the spans of the raw containers around the leaf, outermost first.
pub(super) struct Spot<'a> {
    pub path: &'a str,
    pub indices: &'a [usize],
    pub spans: &'a [Span],
    pub name_span: Span,
}

/// Puts a value at a path, making the objects and lists on the way. What is there already is replaced.
pub(super) fn insert<'d>(root: &mut Out<'d>, spot: &Spot<'_>, value: Out<'d>, leaf: Span) {
    let lists = spot.path.matches("[]").count();
    let names = spot.path.split('.').count();
    // Raw and canonical paths are aligned at their ends: what is wrapped more deeply there is wrapped at its start.
    let mut unused = spot.indices.len().saturating_sub(lists);
    let mut forced = lists.saturating_sub(spot.indices.len());
    let mut at = root;
    for (depth, segment) in spot.path.split('.').enumerate() {
        let last = depth + 1 == names;
        let below = names - depth - 1;
        let span = spot.spans.len().checked_sub(below).and_then(|index| spot.spans.get(index)).copied().unwrap_or(leaf);
        let (name, index) = match segment.split_once('[') {
            Some((name, rest)) if rest.starts_with('0') => (name, Some(0)),
            Some((name, _)) => {
                let index = if forced > 0 {
                    forced -= 1;
                    0
                } else {
                    let index = spot.indices.get(unused).copied().unwrap_or(0);
                    unused += 1;
                    index
                };
                (name, Some(index))
            }
            None => (segment, None),
        };
        let Out::Object(_, members) = at else { return };
        let position = match members.iter().position(|member| member.name == name) {
            Some(position) => position,
            None => {
                let value = if index.is_some() { Out::List(span, Vec::new()) } else { Out::object(span) };
                members.push(Member { name: Cow::Owned(name.to_owned()), name_span: spot.name_span, value });
                members.len() - 1
            }
        };
        at = &mut members[position].value;
        if let Some(index) = index {
            if !matches!(at, Out::List(..)) {
                *at = Out::List(span, Vec::new());
            }
            let Out::List(_, items) = at else { return };
            // Elements are visited in order, so a gap is an element without anything known: an empty object.
            while items.len() <= index {
                items.push(Out::object(span));
            }
            at = &mut items[index];
        }
        if last {
            *at = value;
            return;
        }
        if !matches!(at, Out::Object(..)) {
            *at = Out::object(span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_aligned_at_their_ends() {
        let mut root = Out::object(Span::default());
        let spot = Spot { path: "A[].B.C[]", indices: &[1], spans: &[], name_span: Span::default() };
        insert(&mut root, &spot, Out::Text(Span::default(), "x".into()), Span::default());
        let Some(Out::List(_, outer)) = root.get("A") else { panic!("a list") };
        assert_eq!(outer.len(), 1);
        let Some(Out::List(_, inner)) = outer[0].get("B").and_then(|b| b.get("C")) else { panic!("a list") };
        assert_eq!(inner.len(), 2);
        assert!(matches!(inner[1], Out::Text(..)));
    }
}
