//! The core as hosts get it: compiled to wasm32, under Node. What it answers is the same as natively.
#![cfg(target_arch = "wasm32")]

use stackproof::Checker;
use wasm_bindgen_test::wasm_bindgen_test;

const FAULTY: &str = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      Enabled: true\n";

fn checked(text: &str) -> (Checker, String) {
    let mut checker = Checker::new("{}").expect("no options are fine");
    checker.begin_input("a.yaml", "auto");
    checker.add_file("a.yaml", text.as_bytes().to_vec());
    let report = checker.run();
    (checker, report)
}

#[wasm_bindgen_test]
fn a_fault_is_found_and_rendered() {
    let (checker, report) = checked(FAULTY);
    assert!(report.contains("\"rule\":\"kms-rotation\""), "{report}");
    assert_eq!(checker.exit_code(), 1);
    let text = checker.render("text", "{}").expect("text is a format");
    assert!(text.contains("a.yaml:2:3"), "{text}");
}

#[wasm_bindgen_test]
fn what_cannot_be_read_is_an_error_of_the_report() {
    for text in ["", "\u{0}", "{", "a: [", "null", "[]", "name: x"] {
        let (checker, report) = checked(text);
        assert_eq!(checker.exit_code(), 2, "{text:?}: {report}");
    }
}

/// wasm's stack is a megabyte: what nests deeply must be refused before it is used up.
#[wasm_bindgen_test]
fn deep_nesting_is_refused_not_a_trap() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("- ", "")] {
        let deep = format!("{{\"Resources\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
        let (checker, _) = checked(&deep);
        assert_eq!(checker.exit_code(), 2, "{open}");
    }
}
