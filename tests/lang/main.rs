//! Tables of what AWS accepts and refuses, language by language.

mod filter_pattern;
mod schedule;
mod support;
