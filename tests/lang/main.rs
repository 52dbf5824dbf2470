//! Tables of what AWS accepts and refuses, language by language.

mod cloudtrail_selector;
mod event_pattern;
mod filter_pattern;
mod names;
mod s3_lifecycle;
mod schedule;
mod support;
