use proptest::prelude::*;
use stackproof::lang::repair;
use stackproof::lang::schedule::{Dialect, Item, RateUnit, Schedule, parse};

use crate::support::{Expect, I, U, V, table, text};

#[test]
fn rules() {
    let rows: &[(&str, Expect)] = &[
        // Rates.
        ("rate(1 minute)", V),
        ("rate(5 minutes)", V),
        ("rate(1 hour)", V),
        ("rate(12 hours)", V),
        ("rate(1 day)", V),
        ("rate(30 days)", V),
        ("rate(1 days)", I),
        ("rate(1 hours)", I),
        ("rate(5 minute)", I),
        ("rate(0 minutes)", I),
        ("rate(-1 day)", I),
        ("rate(1.5 hours)", I),
        ("rate(1 week)", I),
        ("rate(30 seconds)", I),
        ("rate(day)", I),
        ("rate()", I),
        ("rate(1 day", I),
        ("rate(5  minutes)", V),
        ("rate( 5 minutes )", U),
        ("rate(05 minutes)", U),
        ("Rate(5 minutes)", U),
        ("rate(5 Minutes)", U),
        // Crons, from AWS's reference of cron expressions.
        ("cron(0 10 * * ? *)", V),
        ("cron(15 12 * * ? *)", V),
        ("cron(0 18 ? * MON-FRI *)", V),
        ("cron(0 8 1 * ? *)", V),
        ("cron(0/10 * ? * MON-FRI *)", V),
        ("cron(0/5 8-17 ? * MON-FRI *)", V),
        ("cron(0/30 20-2 ? * MON-FRI *)", U),
        ("cron(0 9 ? * 2#1 *)", V),
        ("cron(15 10 ? * 6L 2022-2023)", V),
        ("cron(0 9 3W * ? *)", V),
        ("cron(0 6 L * ? *)", V),
        ("cron(0 6 ? * L *)", V),
        ("cron(0,15,30,45 * * * ? *)", V),
        ("cron(*/5 * * * ? *)", V),
        ("cron(0 0/12 * * ? *)", V),
        ("cron(0 5 ? * SAT *)", V),
        ("cron(0 5 ? JAN,JUN * 2026)", V),
        ("cron(0 5 ? 1-6/2 * *)", V),
        ("cron(5 5  ? 1  * *)", V),
        ("cron(00 05 ? * * *)", V),
        ("cron(0 2 * * ? 1970-2199)", V),
        ("cron(0 2 * * *)", I),
        ("cron(0 2 * * ? * *)", I),
        ("cron()", I),
        ("cron(0 2 * * * *)", I),
        ("cron(0 2 ? * ? *)", I),
        ("cron(0 2 1 * MON *)", I),
        ("cron(60 2 * * ? *)", I),
        ("cron(0 24 * * ? *)", I),
        ("cron(0 2 0 * ? *)", I),
        ("cron(0 2 32 * ? *)", I),
        ("cron(0 2 * 13 ? *)", I),
        ("cron(0 6 ? * 0-4 *)", I),
        ("cron(0 6 ? * 8 *)", I),
        ("cron(0 6 ? * MO *)", I),
        ("cron(0 2 * * ? 1969)", I),
        ("cron(0 2 * * ? 2200)", I),
        ("cron(? 2 * * ? *)", I),
        ("cron(0/0 2 * * ? *)", I),
        ("cron(0/x 2 * * ? *)", I),
        ("cron(0 2 ? * 3#6 *)", I),
        ("cron(0 2 ? * 3#1,6#3 *)", I),
        ("cron(0, 2 * * ? *)", I),
        ("cron(0 2 ?,1 * ? *)", I),
        ("cron(L 2 * * ? *)", I),
        ("cron(1- 2 * * ? *)", I),
        ("cron(+1 2 * * ? *)", I),
        ("cron(0 2 * * ? *", I),
        ("cron(0 18 ? * mon-fri *)", U),
        ("cron(0 18 ? * FRI-MON *)", U),
        ("cron(0 2 LW * ? *)", U),
        ("cron(0 2 L-3 * ? *)", U),
        ("cron(/5 2 * * ? *)", U),
        // Neither.
        ("0 2 * * *", I),
        ("@daily", I),
        ("every(1 day)", I),
        ("at(2026-11-26T01:00:00)", I),
        ("", I),
        // Holes.
        ("${When}", U),
        ("rate(${N} days)", U),
        ("rate(${N} weeks)", I),
        ("rate(0 ${Unit})", I),
        ("cron(${Line})", U),
        ("cron(0 ${Hour} * * ? *)", U),
        ("cron(61 ${Hour} * * ? *)", I),
        ("cron(0 ${Hour} * * *)", U),
        ("cron(0 ${AccountId} * * ? *)", U),
        ("cron(0 2${AccountId} * * ? *)", I),
        ("every(${N} days)", I),
        ("cron(0 2 * * ? ${Year}", U),
        ("rate(1 day)${Rest}", U),
        ("rate(1 day) x${Rest}", I),
    ];
    table(rows, |text| parse(text, Dialect::Rule));
}

#[test]
fn scheduler() {
    let rows: &[(&str, Expect)] = &[
        ("at(2026-11-26T01:00:00)", V),
        ("at(2028-02-29T23:59:59)", V),
        ("at(2027-02-29T00:00:00)", I),
        ("at(2026-13-01T00:00:00)", I),
        ("at(2026-11-26T24:00:00)", I),
        ("at(2026-11-26)", I),
        ("at(tomorrow)", I),
        ("at(2026-11-26T01:00)", U),
        ("at( 2026-11-26T01:00:00 )", U),
        ("at( soon )", I),
        ("at(${Date}T01:00:00)", U),
        ("at(2026-11-26 ${Time})", I),
        ("rate(5 minute)", U),
        ("rate(5 minutes)", V),
        ("rate(1 week)", I),
        ("cron(0 2 * * ? *)", V),
        ("cron(0 2 * * *)", I),
    ];
    table(rows, |text| parse(text, Dialect::Scheduler));
}

#[test]
fn rotation() {
    let rows: &[(&str, Expect)] = &[
        ("rate(10 days)", V),
        ("rate(4 hours)", V),
        ("rate(1 day)", V),
        ("rate(3 hours)", I),
        ("rate(240 minutes)", I),
        ("cron(0 8 1 * ? *)", V),
        ("cron(0 /8 * * ? *)", V),
        ("cron(0 16 ? * SUN#2 *)", U),
        ("cron(0 16 ? * 1#2 *)", V),
        ("cron(30 8 1 * ? *)", I),
        ("cron(0 8 1 * ? 2026)", I),
        ("rate(${N} minutes)", I),
        ("rate(${N} days)", U),
    ];
    table(rows, |text| parse(text, Dialect::Rotation));
}

#[test]
fn fixes_make_the_expression_valid() {
    for (source, mended) in [
        ("rate(1 days)", Some("rate(1 day)")),
        ("rate(5 minute)", Some("rate(5 minutes)")),
        ("cron(0 2 * * *)", Some("cron(0 2 * * ? *)")),
        ("0 2 * * *", Some("cron(0 2 * * ? *)")),
        ("cron(0 2 * * 1-5)", Some("cron(0 2 ? * MON-FRI *)")),
        ("cron(0 2 * * 0,6)", Some("cron(0 2 ? * SUN,SAT *)")),
        ("cron(30 4 1 * *)", Some("cron(30 4 1 * ? *)")),
        ("cron(0 2 * * * *)", Some("cron(0 2 * * ? *)")),
        ("cron(0 2 * * MON *)", Some("cron(0 2 ? * MON *)")),
        ("cron(0 2 1 * MON *)", None),
        ("cron(0 2 1 * 1)", None),
        ("cron(0 2 * * */2)", None),
        ("cron(61 2 * * ? *)", None),
    ] {
        let repaired = repair(&text(source), |text| parse(text, Dialect::Rule));
        assert_eq!(repaired, mended.map(text), "{source}");
    }
}

#[test]
fn positions() {
    for (source, place) in [
        ("cron(0 6 ? * 0-4 *)", "0"),
        ("cron(0 6 * 13 ? *)", "13"),
        ("rate(1 days)", "days"),
        ("cron(0 2 ? * 3#6 *)", "6"),
        ("cron(1,77 2 * * ? *)", "77"),
    ] {
        let verdict = parse(&text(source), Dialect::Rule);
        let found = verdict.problem().map(|problem| &source[problem.offset..problem.offset + problem.length]);
        assert_eq!(found, Some(place), "{source}");
    }
}

#[test]
fn what_is_read() {
    assert_eq!(
        parse(&text("rate(12 hours)"), Dialect::Rule).valid(),
        Some(Schedule::Rate { value: 12, unit: RateUnit::Hour })
    );
    let Some(Schedule::Cron(cron)) = parse(&text("cron(0/15 2 ? JAN-MAR 3#2 *)"), Dialect::Rule).valid() else {
        panic!("a valid cron expression is refused");
    };
    assert_eq!(cron.minutes, [Item::Step { first: Some(0), last: None, step: 15 }]);
    assert_eq!(cron.hours, [Item::One(2)]);
    assert_eq!(cron.day_of_month, [Item::Unspecified]);
    assert_eq!(cron.month, [Item::Range(1, 3)]);
    assert_eq!(cron.day_of_week, [Item::Nth(3, 2)]);
    assert_eq!(cron.year, [Item::Every]);
}

fn near_schedule() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("rate("),
        Just("cron("),
        Just("at("),
        Just(")"),
        Just(" "),
        Just("0"),
        Just("5"),
        Just("12"),
        Just("*"),
        Just(" * "),
        Just("?"),
        Just(" ? "),
        Just("/"),
        Just("-"),
        Just("#"),
        Just(","),
        Just("L"),
        Just("W"),
        Just("MON"),
        Just("jan"),
        Just(" minutes"),
        Just(" day"),
        Just("2026-01-01T00:00:00"),
        Just("é"),
        Just("${X}"),
        Just("${AccountId}"),
        Just("0 2 * * ? *"),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn never_panics_and_stays_in_the_text(source in prop_oneof![near_schedule(), any::<String>()]) {
        for dialect in [Dialect::Rule, Dialect::Scheduler, Dialect::Rotation] {
            let text = text(&source);
            let shown = text.to_string();
            if let Some(problem) = parse(&text, dialect).problem() {
                prop_assert!(shown.get(problem.offset..problem.offset + problem.length).is_some(), "{problem:?} in {shown:?}");
            }
        }
    }

    #[test]
    fn holes_are_judged_by_their_fillings(source in near_schedule(), filling in near_schedule(), digits in "[0-9]{12}") {
        let filled = source.replace("${X}", &filling.replace("${X}", "1")).replace("${AccountId}", &digits);
        for dialect in [Dialect::Rule, Dialect::Scheduler, Dialect::Rotation] {
            let (before, after) = (parse(&text(&source), dialect), parse(&text(&filled), dialect));
            prop_assert!(!before.is_invalid() || after.is_invalid(), "{source:?} refused, {filled:?} is {after:?}: {before:?}");
            prop_assert!(!(before.is_valid() && after.is_invalid()), "{source:?} accepted, {filled:?} refused: {after:?}");
        }
    }
}
