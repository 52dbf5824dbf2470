//! How long AWS counts a policy document to be. Source: IAM User Guide, "IAM and AWS STS quotas": white space does not count.

use crate::model::text::Piece;
use crate::model::{Kind, Pseudo, Symbol, Text, Value};

/// The least number of characters, without white space, that a value takes as compact JSON.
pub fn size(value: &Value<'_>) -> usize {
    let document = value.document();
    match document.kind() {
        Kind::Absent | Kind::Unknown(_) => 0,
        Kind::Null => 4,
        Kind::Bool(true) => 4,
        Kind::Bool(false) => 5,
        Kind::Number(number) => number.len(),
        Kind::Text(text) => 2 + text_size(text),
        Kind::List(_) => {
            let (mut count, mut all) = (0, 0);
            document.each_item(|item| {
                count += 1;
                all += size(&item);
            });
            2 + commas(count) + all
        }
        Kind::Object(_) => {
            let (mut count, mut all) = (0, 0);
            document.each_entry(|name, value| {
                count += 1;
                all += 3 + name.chars().count() + size(&value);
            });
            2 + commas(count) + all
        }
    }
}

fn commas(members: usize) -> usize {
    members.saturating_sub(1)
}

fn text_size(text: &Text<'_>) -> usize {
    text.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => {
                text.chars().filter(|c| !c.is_whitespace()).map(|c| if matches!(c, '"' | '\\') { 2 } else { 1 }).sum()
            }
            Piece::Symbol(Symbol::Pseudo(Pseudo::AccountId, _)) => 12,
            Piece::Symbol(Symbol::Pseudo(Pseudo::Partition, _)) => 3,
            Piece::Symbol(Symbol::Pseudo(Pseudo::Region, _)) => 9,
            Piece::Symbol(Symbol::Pseudo(..) | Symbol::Name(_) | Symbol::Id(_)) => 1,
            Piece::Symbol(Symbol::Opaque(_)) => 0,
        })
        .sum()
}
