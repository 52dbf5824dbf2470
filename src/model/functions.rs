//! Functions of CloudFormation that compute with plain values.
//!
//! Source: AWS CloudFormation Template Reference, "Intrinsic function reference": `Fn::Base64`, `Fn::Cidr`,
//! `Fn::ToJsonString`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::text::{Piece, Symbol, Text, TextBuilder};
use super::unknown::Unknown;
use super::value::{Kind, Read, Value};

/// RFC 4648, with padding, as `Fn::Base64` writes user data.
pub(super) fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let shown = digit <= chunk.len();
            encoded.push(if shown { ALPHABET[(bits >> (18 - 6 * digit) & 63) as usize] as char } else { '=' });
        }
    }
    encoded
}

/// Most blocks that one `Fn::Cidr` makes ("Valid range is between 1 and 256").
pub(super) const MAX_BLOCKS: usize = 256;

/// The first `count` blocks of `subnet_bits` host bits within a block (`10.0.0.0/16`, `2001:db8::/56`); `None` where AWS
/// refuses: no block, one with bits beyond its mask, or too small for so many.
pub(super) fn cidr(block: &str, count: usize, subnet_bits: u32) -> Option<Vec<String>> {
    let (address, mask) = block.split_once('/')?;
    let mask: u32 = mask.parse().ok()?;
    let (width, start) = match address.parse().ok()? {
        IpAddr::V4(address) => (32, u128::from(u32::from(address))),
        IpAddr::V6(address) => (128, u128::from(address)),
    };
    let host_bits = u32::checked_sub(width, mask)?;
    let beyond = 1u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
    if start & beyond != 0 || subnet_bits > host_bits || !(1..=MAX_BLOCKS).contains(&count) {
        return None;
    }
    let blocks = 1u128.checked_shl(host_bits - subnet_bits).unwrap_or(u128::MAX);
    if count as u128 > blocks {
        return None;
    }
    let step = 1u128.checked_shl(subnet_bits).unwrap_or(0);
    let starts = (0..count as u128).map(|index| start + index * step);
    Some(
        starts
            .map(|start| {
                let address = match u32::try_from(start) {
                    Ok(start) if width == 32 => IpAddr::V4(Ipv4Addr::from(start)),
                    _ => IpAddr::V6(Ipv6Addr::from(start)),
                };
                format!("{address}/{}", width - subnet_bits)
            })
            .collect(),
    )
}

/// Whether a block has no bits beyond its mask.
pub(super) fn is_canonical_block(block: &str) -> bool {
    cidr(block, 1, 0).is_some()
}

/// The text that `Fn::ToJsonString` makes of a value: compact, in the order of the file. Names, ids and pseudo parameters
/// stay symbols; any other unknown may hold characters that are escaped, so that nothing is known of the text.
pub(super) fn json_text<'s>(value: &Value<'s>) -> Read<Text<'s>> {
    let mut out = TextBuilder::default();
    match write(value, &mut out) {
        Ok(()) => Read::Known(out.finish()),
        Err(unknown) => Read::Unknown(unknown),
    }
}

fn write<'s>(value: &Value<'s>, out: &mut TextBuilder<'s>) -> Result<(), Unknown> {
    match value.kind() {
        Kind::Absent | Kind::Null => out.push_literal("null".into()),
        Kind::Bool(_) | Kind::Number(_) => {
            if let Read::Known(text) = value.text() {
                out.push(text);
            }
        }
        Kind::Unknown(unknown) => return Err(unknown.clone()),
        Kind::Text(text) => {
            out.push_literal("\"".into());
            for piece in text.pieces().iter() {
                match piece {
                    Piece::Literal(literal) => out.push_literal(escaped(literal).into()),
                    Piece::Symbol(Symbol::Opaque(_)) => return Err(value.world().why_symbolic(text)),
                    Piece::Symbol(symbol) => out.push_symbol(*symbol),
                }
            }
            out.push_literal("\"".into());
        }
        Kind::List(_) => {
            let items = match value.items() {
                Read::Known(items) => items,
                Read::Unknown(unknown) => return Err(unknown),
                Read::Absent | Read::Other => Vec::new(),
            };
            for (index, item) in items.iter().enumerate() {
                out.push_literal(if index == 0 { "[" } else { "," }.into());
                write(item, out)?;
            }
            out.push_literal(if items.is_empty() { "[]" } else { "]" }.into());
        }
        Kind::Object(_) => {
            let entries = value.entries().known().unwrap_or_default();
            for (index, (name, member)) in entries.iter().enumerate() {
                let comma = if index == 0 { "{" } else { "," };
                out.push_literal(format!("{comma}\"{}\":", escaped(name)).into());
                write(member, out)?;
            }
            out.push_literal(if entries.is_empty() { "{}" } else { "}" }.into());
        }
    }
    Ok(())
}

/// The inside of a JSON string (RFC 8259, section 7).
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{base64, cidr};

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648, section 10.
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("é\n", "w6kK"),
        ] {
            assert_eq!(base64(text), encoded, "{text}");
        }
    }

    #[test]
    fn blocks_are_counted_from_the_start() {
        for (block, count, bits, expected) in [
            // The example of the reference.
            (
                "192.168.0.0/24",
                6,
                5,
                "192.168.0.0/27 192.168.0.32/27 192.168.0.64/27 192.168.0.96/27 192.168.0.128/27 192.168.0.160/27",
            ),
            ("10.0.0.0/16", 2, 8, "10.0.0.0/24 10.0.1.0/24"),
            ("10.0.0.0/24", 1, 8, "10.0.0.0/24"),
            ("10.0.0.7/32", 1, 0, "10.0.0.7/32"),
            ("0.0.0.0/0", 2, 31, "0.0.0.0/1 128.0.0.0/1"),
            ("2001:db8::/56", 2, 64, "2001:db8::/64 2001:db8:0:1::/64"),
            ("::/0", 1, 128, "::/0"),
            ("::/0", 2, 127, "::/1 8000::/1"),
        ] {
            assert_eq!(cidr(block, count, bits).map(|blocks| blocks.join(" ")).as_deref(), Some(expected), "{block}");
        }
        assert_eq!(cidr("10.0.0.0/16", 256, 8).map(|blocks| blocks.len()), Some(256));
        assert_eq!(cidr("::/0", 256, 0).map(|blocks| blocks[255].clone()).as_deref(), Some("::ff/128"));
    }

    #[test]
    fn what_aws_refuses_is_no_list() {
        for (block, count, bits) in [
            ("10.0.0.0", 1, 8),
            ("10.0.0.0/33", 1, 8),
            ("10.0.0.0/x", 1, 8),
            ("10.0.0/16", 1, 8),
            ("10.0.0.1/16", 1, 8),
            ("10.0.0.0/24", 2, 8),
            ("10.0.0.0/24", 1, 9),
            ("10.0.0.0/16", 0, 8),
            ("10.0.0.0/8", 257, 8),
            ("2001:db8::1/56", 1, 64),
            ("2001:db8::/56", 1, 129),
            ("", 1, 8),
            ("/", 1, 8),
        ] {
            assert_eq!(cidr(block, count, bits), None, "{block} {count} {bits}");
        }
    }
}
