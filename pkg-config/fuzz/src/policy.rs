//! The policy parser and its lint, on a document by itself: all rules run over it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stackproof::Checker;

fuzz_target!(|text: &str| {
    if let Ok(mut checker) = Checker::new(r#"{"preset": "all"}"#) {
        checker.begin_input("policy.json", "iam-policy");
        checker.add_file("policy.json", text.as_bytes().to_vec());
        let report = checker.check();
        assert!(report.errors.is_empty() || report.findings.is_empty());
    }
});
