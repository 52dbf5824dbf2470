//! All rules, service by service. The list in each service's `mod.rs` is generated from its folder by `xtask gen`.

use super::rule::Rule;

/// Every rule, in the order of the catalogue's services.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    super::SERVICES.iter().flat_map(|rules| rules.iter().copied())
}
