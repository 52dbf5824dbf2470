//! The small languages: any text is read, and what is wrong with it lies within it. What is said of a text with a part left
//! open is not taken back when the part is known.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stackproof::lang::schedule::Dialect;
use stackproof::lang::{
    Problem, Verdict, arn, bucket_name, event_pattern, filter_pattern, log_group_name, schedule, security_group_text,
    ssm_name,
};
use stackproof::model::Text;
use stackproof::model::text::{OpaqueId, Symbol};

/// A text, and the part of it that is left open.
type Input<'a> = (u8, u8, &'a str);

fuzz_target!(|input: Input<'_>| {
    judge(input, filter_pattern::parse);
    for dialect in [Dialect::Rule, Dialect::Scheduler, Dialect::Rotation] {
        judge(input, |text| schedule::parse(text, dialect));
    }
    for namespace in [bucket_name::Namespace::Global, bucket_name::Namespace::AccountRegional] {
        judge(input, |text| bucket_name::check(text, namespace));
    }
    judge(input, arn::parse);
    judge(input, log_group_name::check);
    judge(input, ssm_name::check);
    judge(input, security_group_text::description);
    judge(input, security_group_text::group_name);
    if let Ok(pattern) = serde_json::from_str::<serde_json::Value>(input.2) {
        let _ = event_pattern::parse(&&pattern);
    }
});

fn judge<T: std::fmt::Debug>((from, length, text): Input<'_>, check: impl Fn(&Text<'_>) -> Verdict<T, Problem>) {
    let sure = check(&Text::literal(text));
    if let Some(problem) = sure.problem() {
        let place = text.get(problem.offset..problem.offset + problem.length);
        assert!(place.is_some(), "{problem:?} is not in {text:?}");
    }
    let start = text.floor_char_boundary(from.into());
    let end = text.floor_char_boundary(start + usize::from(length));
    let hole = Text::symbol(Symbol::Opaque(OpaqueId(0)));
    let open = Text::concat([Text::literal(&text[..start]), hole, Text::literal(&text[end.max(start)..])]);
    let said = check(&open);
    assert!(!said.is_invalid() || sure.is_invalid(), "{open} is refused, {text:?} not: {said:?} {sure:?}");
    assert!(!(said.is_valid() && sure.is_invalid()), "{open} is taken, {text:?} not: {sure:?}");
}
