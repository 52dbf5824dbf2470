//! Ranges of IP addresses.
//!
//! Sources: RFC 1918, 6598, 3927, 4193, 4291 (addresses that no one on the internet has) and RFC 5737, 3849, 9637
//! (addresses for documentation).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address with the length of its prefix. The bits beyond the prefix may be set (`10.0.0.1/8`), as AWS often allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    pub address: IpAddr,
    /// 0-32 or 0-128
    pub prefix: u8,
}

/// What a range is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// `0.0.0.0/0` or `::/0`
    Everything,
    /// For examples only (RFC 5737, 3849, 9637): never on the internet.
    Documentation,
    /// Wholly within private, link-local, loopback or carrier-grade NAT space: never a caller's public address.
    Private,
    Public,
}

impl Cidr {
    /// `10.0.0.0/8`, `2001:db8::/32`. An address alone is no range: see [`Cidr::parse_or_address`].
    pub fn parse(text: &str) -> Option<Cidr> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let digits = !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix: u8 = if digits { prefix.parse().ok()? } else { return None };
        (prefix <= width(address)).then_some(Cidr { address, prefix })
    }

    /// Also `10.0.0.1`, as one address.
    pub fn parse_or_address(text: &str) -> Option<Cidr> {
        match text.parse::<IpAddr>() {
            Ok(address) => Some(Cidr { address, prefix: width(address) }),
            Err(_) => Cidr::parse(text),
        }
    }

    const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Cidr {
        Cidr { address: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), prefix }
    }

    const fn v6(a: u16, b: u16, prefix: u8) -> Cidr {
        Cidr { address: IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), prefix }
    }

    pub fn contains_address(self, address: IpAddr) -> bool {
        self.contains(Cidr { address, prefix: width(address) })
    }

    /// Whether the other range lies wholly within this one.
    pub fn contains(self, other: Cidr) -> bool {
        if other.prefix < self.prefix {
            return false;
        }
        match (self.address, other.address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.prefix);
                let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.prefix);
                let mask = u128::MAX.checked_shl(shift).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }

    /// Whether no bit beyond the prefix is set.
    pub fn is_network(self) -> bool {
        match self.address {
            IpAddr::V4(own) => own.to_bits() & !u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0) == 0,
            IpAddr::V6(own) => own.to_bits() & !u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0) == 0,
        }
    }

    pub fn kind(self) -> Use {
        if self.prefix == 0 {
            Use::Everything
        } else if DOCUMENTATION.iter().any(|range| range.contains(self)) {
            Use::Documentation
        } else if PRIVATE.iter().any(|range| range.contains(self)) {
            Use::Private
        } else {
            Use::Public
        }
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The ranges for documentation.
pub const DOCUMENTATION: [Cidr; 5] = [
    Cidr::v4(192, 0, 2, 24),
    Cidr::v4(198, 51, 100, 24),
    Cidr::v4(203, 0, 113, 24),
    Cidr::v6(0x2001, 0xdb8, 32),
    Cidr::v6(0x3fff, 0, 20),
];

/// Private, shared, link-local and loopback ranges.
pub const PRIVATE: [Cidr; 9] = [
    Cidr::v4(10, 0, 0, 8),
    Cidr::v4(172, 16, 0, 12),
    Cidr::v4(192, 168, 0, 16),
    Cidr::v4(100, 64, 0, 10),
    Cidr::v4(169, 254, 0, 16),
    Cidr::v4(127, 0, 0, 8),
    Cidr::v6(0xfc00, 0, 7),
    Cidr::v6(0xfe80, 0, 10),
    Cidr { address: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 },
];
