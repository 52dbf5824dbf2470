//! The condition engine: the whole check over a template made of the input ends, whatever the conditions say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stackproof::Checker;

fuzz_target!(|input: (&str, &str)| {
    let (conditions, value) = input;
    let text = format!(
        "{{\"Parameters\":{{\"P\":{{\"Type\":\"String\",\"AllowedValues\":[\"a\",\"b\"]}},\"Q\":{{\"Type\":\"String\"}}}},\
         \"Conditions\":{conditions},\"Resources\":{{\"Key\":{{\"Type\":\"AWS::KMS::Key\",\"Condition\":\"C\",\
         \"Properties\":{{\"EnableKeyRotation\":{value},\"KeyPolicy\":{value}}}}}}}}}"
    );
    if let Ok(mut checker) = Checker::new(r#"{"preset": "all"}"#) {
        checker.begin_input("t.json", "cloudformation");
        checker.add_file("t.json", text.into_bytes());
        checker.check();
    }
});
