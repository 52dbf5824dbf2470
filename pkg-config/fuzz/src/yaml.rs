//! The YAML parser: no input makes it panic or run away, and every span lies in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stackproof::doc::{NodeId, parse_yaml};
use stackproof::frontend::cloudformation::tag;

fuzz_target!(|text: &str| {
    if let Ok(doc) = parse_yaml(text, tag) {
        for id in 0..doc.len() as u32 {
            let span = doc.span(NodeId(id));
            assert!(text.get(span.range()).is_some(), "{span:?}");
        }
    }
});
