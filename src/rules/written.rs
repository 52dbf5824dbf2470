//! Texts of the model as a fix writes them: into a template with references, into a program as what they are.

use serde_json::{Value as Json, json};

use crate::model::text::Piece;
use crate::model::{Pseudo, Resource, Symbol, Text};

/// The text as JSON: a string, or an `Fn::Sub` of references to what the stack of `holder` has. `None` where a part of it has
/// no name there.
pub fn written(text: &Text<'_>, holder: Resource<'_>) -> Option<Json> {
    if let Some(literal) = text.as_literal() {
        return Some(Json::from(literal));
    }
    let mut sub = String::new();
    for piece in text.pieces().iter() {
        match piece {
            Piece::Literal(literal) => sub.push_str(&literal.replace("${", "${!")),
            Piece::Symbol(Symbol::Pseudo(pseudo, stack)) if *stack == holder.stack().id() => match pseudo {
                Pseudo::Partition | Pseudo::Region | Pseudo::AccountId => sub.push_str(&format!("${{{pseudo}}}")),
                _ => return None,
            },
            Piece::Symbol(Symbol::Name(id)) => {
                let named = Resource::new(holder.world(), *id);
                if named.stack().id() != holder.stack().id() || named.is_pulumi() {
                    return None;
                }
                sub.push_str(&format!("${{{}}}", named.logical_id()));
            }
            Piece::Symbol(_) => return None,
        }
    }
    Some(json!({ "Fn::Sub": sub }))
}
