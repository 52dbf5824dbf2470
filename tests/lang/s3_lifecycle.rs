use stackproof::lang::s3_lifecycle::{Place, Rule, StorageClass, Timing, Transition, check};
use stackproof::model::tri::Tri;

fn moves(list: &[(&str, i64)]) -> Vec<Transition> {
    list.iter()
        .map(|(class, days)| Transition { class: StorageClass::parse(class), timing: Timing::Days(*days) })
        .collect()
}

fn places(rule: &Rule) -> Vec<Place> {
    check(rule).into_iter().map(|violation| violation.place).collect()
}

#[test]
fn transitions() {
    for (list, expiration, expected) in [
        (&[("STANDARD_IA", 30), ("GLACIER", 90), ("DEEP_ARCHIVE", 365)][..], Some(2555), vec![]),
        (&[("GLACIER", 0)], None, vec![]),
        (&[("GLACIER", 1), ("DEEP_ARCHIVE", 91)], None, vec![]),
        (&[("INTELLIGENT_TIERING", 0)], None, vec![]),
        (&[("GLACIER", 90), ("STANDARD_IA", 30)], None, vec![]),
        (&[("UNKNOWN", 1), ("STANDARD_IA", 30)], None, vec![]),
        (&[("STANDARD_IA", 7)], None, vec![Place::Transition(0)]),
        (&[("ONEZONE_IA", 29)], None, vec![Place::Transition(0)]),
        (&[("STANDARD_IA", 30), ("GLACIER", 45)], None, vec![Place::Transition(1)]),
        (&[("GLACIER", 1), ("DEEP_ARCHIVE", 61)], None, vec![Place::Transition(1)]),
        (&[("DEEP_ARCHIVE", 61), ("GLACIER", 1)], None, vec![Place::Transition(0)]),
        (&[("STANDARD_IA", 60), ("INTELLIGENT_TIERING", 30)], None, vec![Place::Transition(1)]),
        (&[("ONEZONE_IA", 30), ("GLACIER_IR", 90)], None, vec![Place::Transition(1)]),
        (&[("GLACIER", 30), ("GLACIER", 60)], None, vec![Place::Transition(1)]),
        (&[("GLACIER", -1)], None, vec![Place::Transition(0)]),
        (&[("GLACIER", 90)], Some(90), vec![Place::Expiration]),
        (&[("GLACIER", 90)], Some(30), vec![Place::Expiration]),
        (&[], Some(0), vec![Place::Expiration]),
    ] {
        let rule = Rule { transitions: moves(list), expiration: expiration.map(Timing::Days), ..Rule::default() };
        assert_eq!(places(&rule), expected, "{list:?} {expiration:?}");
    }
    let rule = Rule {
        noncurrent_transitions: moves(&[("STANDARD_IA", 7)]),
        noncurrent_expiration: Some(Timing::Days(5)),
        ..Rule::default()
    };
    assert_eq!(places(&rule), [Place::NoncurrentTransition(0), Place::NoncurrentExpiration]);
}

#[test]
fn the_least_days_mend_the_rule() {
    let mut rule = Rule {
        transitions: moves(&[("STANDARD_IA", 7), ("GLACIER", 8), ("DEEP_ARCHIVE", 9)]),
        expiration: Some(Timing::Days(10)),
        ..Rule::default()
    };
    for _ in 0..10 {
        let Some(violation) = check(&rule).into_iter().next() else { break };
        let Some(days) = violation.least_days else { panic!("{violation:?} tells no days") };
        match violation.place {
            Place::Transition(index) => rule.transitions[index].timing = Timing::Days(days),
            _ => rule.expiration = Some(Timing::Days(days)),
        }
    }
    assert_eq!(check(&rule), []);
    assert_eq!(rule.expiration, Some(Timing::Days(151)));
}

#[test]
fn whole_rules() {
    assert_eq!(places(&Rule::default()), [Place::Rule]);
    let abort = Rule { abort_incomplete_upload: Tri::Yes, ..Rule::default() };
    assert_eq!(places(&abort), []);
    assert_eq!(places(&Rule { tag_filter: Tri::Yes, ..abort.clone() }), [Place::AbortIncompleteUpload]);
    assert_eq!(places(&Rule { size_filter: Tri::Yes, ..abort.clone() }), [Place::AbortIncompleteUpload]);
    assert_eq!(places(&Rule { tag_filter: Tri::Unknown, ..abort.clone() }), []);
    let marker = Rule { expired_delete_marker: Tri::Yes, tag_filter: Tri::Yes, ..Rule::default() };
    assert_eq!(places(&marker), [Place::ExpiredDeleteMarker]);
    assert_eq!(places(&Rule { expired_delete_marker: Tri::Unknown, ..Rule::default() }), []);
    assert_eq!(places(&Rule { larger_than: Some(10), smaller_than: Some(10), ..abort }), [Place::Filter]);
    let mixed = Rule {
        transitions: vec![Transition {
            class: StorageClass::parse("GLACIER"),
            timing: Timing::Date { midnight: true },
        }],
        expiration: Some(Timing::Days(30)),
        ..Rule::default()
    };
    assert_eq!(places(&mixed), [Place::Rule]);
    assert_eq!(places(&Rule { expiration: Some(Timing::Unknown), ..mixed }), []);
}
