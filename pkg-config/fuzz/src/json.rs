//! The JSON parser: accepts exactly what serde_json accepts, and every span lies in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stackproof::doc::{NodeId, parse_json};

fuzz_target!(|text: &str| {
    let ours = parse_json(text);
    // serde_json refuses numbers beyond its range and deeper nesting than 128, which we take.
    if let Ok(theirs) = serde_json::from_str::<serde_json::Value>(text) {
        let shallow = text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count() < stackproof::doc::MAX_DEPTH;
        assert!(ours.is_ok() || !shallow, "refused {theirs}: {:?}", ours.err());
    }
    if let Ok(doc) = ours {
        for id in 0..doc.len() as u32 {
            assert!(doc.span(NodeId(id)).end as usize <= text.len());
            let _ = doc.shape(NodeId(id));
        }
    }
});
