use proptest::prelude::*;
use serde_json::json;
use stackproof::lang::filter_pattern::{Kind, parse};
use stackproof::lang::{holes::Units, repair};
use stackproof::model::tri::Tri;

use crate::support::{I, U, V, table, text};

#[test]
fn verdicts() {
    let long = "a".repeat(1025);
    let longest = "a".repeat(1024);
    let many_holes = format!("\"{}${{Region}}\"", "a".repeat(1010));
    table(
        &[
            // Terms, from AWS's page on unstructured log events.
            ("", V),
            ("   ", V),
            ("ERROR", V),
            ("ERROR ARGUMENTS", V),
            ("?ERROR ?ARGUMENTS", V),
            ("ERROR -ARGUMENTS", V),
            ("\"INTERNAL SERVER ERROR\"", V),
            ("\" \"", V),
            ("Task timed out", V),
            ("?\"FAILED\" ?\"failed\" ?\"Failed\"", V),
            ("\"a\" \"b\"", V),
            ("-\"a b\"", V),
            ("\"say \\\"hi\\\"\"", V),
            ("404", V),
            ("my_term", V),
            ("ERROR ?WARN", V),
            ("ERROR: timeout", I),
            ("user@example.com", I),
            ("path/x", I),
            ("a.b", I),
            ("`x`", I),
            ("(a", I),
            ("$.\"x\"", I),
            ("'quoted'", I),
            ("\"never closed", I),
            ("\"a\"b", I),
            ("Fehler_für", U),
            ("?", U),
            ("\"a\"\"b\"", U),
            // Regular expressions.
            ("%[Ee]rror%", V),
            ("%\\d{3}-x%", V),
            ("%gray|grey%", V),
            ("ERROR %AUTHORIZED%", V),
            ("%something!%", I),
            ("%(a|b)%", I),
            ("%\\(a%", I),
            ("%\\x28a\\x29%", V),
            ("%naïve%", I),
            ("%a<b%", U),
            ("100%", I),
            ("%a b", I),
            // Space-delimited.
            ("[ip, user, username, timestamp, request=*.html*, status_code=4*, bytes]", V),
            ("[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", V),
            ("[..., status=FAILED]", V),
            ("[w1=ERROR || w1=WARNING, w2]", V),
            ("[w1!=ERROR && w1!=WARNING, w2]", V),
            ("[..., status_code=\"404\", bytes > 1000]", V),
            ("[ip!=127.0.0.1, ...]", V),
            ("[ip=%127\\.0\\.0\\.[1-9]%, user]", V),
            ("[version, account, time, region, source, name=\"ConsoleLogin\" || name=\"AssumeRole\"]", V),
            ("[a]", V),
            (" [a, b] ", V),
            ("[(w1=ERROR), w2]", V),
            ("[...fields, status=FAILED]", I),
            ("[ip, status=404", I),
            ("[ip, status==404]", I),
            ("[ip address, x]", I),
            ("[a.b, c]", I),
            ("[a, b] c", I),
            ("[a=, b]", I),
            ("[", I),
            ("[a=%x%, b=%y%, c=%z%]", I),
            ("[a=%x%, b=%y%]", V),
            ("[ip, status = 4* && bytes > 1000]", U),
            ("[a,,b]", U),
            ("[]", U),
            ("[..., a, ...]", U),
            // JSON.
            ("{ $.eventType = \"UpdateTrail\" }", V),
            ("{ $.sourceIPAddress != 123.123.* }", V),
            ("{ $.arrayKey[0] = \"value\" }", V),
            ("{ $.objectList[1].id = 2 }", V),
            ("{ $.users[*].id = 2 }", V),
            ("{ $.x IS NULL }", V),
            ("{ $.x NOT EXISTS }", V),
            ("{ $.x IS TRUE }", V),
            ("{ $.x IS FALSE }", V),
            ("{ $.bandwidth > 75 }", V),
            ("{ $.latency <= 1e-3 }", V),
            ("{ $.latency = \"*\" }", V),
            ("{ $.errorCode = 400 || $.errorCode = 401 }", V),
            ("{ ($.user.id = 1) && ($.users[0].email = \"John.Doe@example.com\") }", V),
            ("{($.eventName=CreatePolicy)||($.eventName=DeletePolicy)}", V),
            (
                "{ ($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion)) }",
                V,
            ),
            ("{\n  ($.a = 1)\n  && ($.b = 2)\n}", V),
            ("{ $.msg = %timed? out% }", V),
            ("{ $.['a.b'] = 1 }", U),
            ("{ $['a.b'] = 1 }", V),
            ("{ $.a == \"b\" }", I),
            ("{ $.a !== \"b\" }", I),
            ("{ $.a = 'b' }", I),
            ("{ a = \"b\" }", I),
            ("{ $.a IS NOT NULL }", I),
            ("{ $.a EXISTS }", I),
            ("{ $.a }", I),
            ("{ $.a = }", I),
            ("{ ($.a = 1 }", I),
            ("{ $.a = 1) }", I),
            ("{ $.a = 1 & $.b = 2 }", I),
            ("{ $.a = 1 AND $.b = 2 }", I),
            ("{ $.a = 1 && }", I),
            ("{ $.a = foo bar }", I),
            ("{ $.a = \"b }", I),
            ("{ $.a = 1", I),
            ("{ $.\"a\" = 1 }", I),
            ("{ $.a = 1 } x", I),
            ("{ $.a = %x% && $.b = %y% && $.c = %z% }", I),
            ("{ $.a is null }", U),
            ("{ }", U),
            ("{ $.a > \"b\" }", U),
            ("{ $.a = b;c }", U),
            // Holes.
            ("{ $.eventName == \"${Event}\" }", I),
            ("{ $.eventName = \"${Event}\" }", U),
            ("{ $.recipientAccountId = \"${AccountId}\" }", V),
            ("{ $.recipientAccountId = ${AccountId} }", V),
            ("{ $.awsRegion != \"${Region}\" }", V),
            ("{ $.awsRegion != ${Region} }", U),
            ("{ $.id = \"${Id}\" }", V),
            ("[..., account=${AccountId}]", V),
            ("\"a\"${AccountId}", U),
            ("[...fields, account=${AccountId}]", I),
            ("${Pattern}", U),
            ("{ ${Condition} }", U),
            ("[${Columns}, status==4]", I),
            ("{ $.a = ${Value} } x", I),
            ("{ $.a = ${Value}", U),
            ("{ $.a = ${AccountId}", I),
            ("\"REPORT RequestId\" ${Term}", U),
            ("%a${AccountId}(%", I),
            (&many_holes, U),
            // Length.
            (&long, I),
            (&longest, V),
        ],
        parse,
    );
}

#[test]
fn cis_patterns_of_aws_are_valid() {
    for pattern in [
        r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
        r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
        r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
        r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#,
        r#"{($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder)||($.eventName = DeleteDeliveryChannel))}"#,
    ] {
        let verdict = parse(&text(pattern));
        assert_eq!(verdict.valid().map(|pattern| pattern.kind()), Some(Kind::Json), "{pattern}");
    }
}

#[test]
fn positions_and_errors_are_those_of_aws() {
    for (source, place, error) in [
        ("[...fields, status=FAILED]", "...fields", "Invalid character(s) in term '...fields'"),
        ("[ip, status=404", "4", "If a filter pattern starts with '[' it must end with ']'"),
        ("{ $.a = 1", "1", "If a filter pattern starts with '{' it must end with '}'"),
        ("{ $.a == \"b\" }", "==", "Invalid filter pattern"),
        ("OK ERROR: timeout", "ERROR:", "Invalid character(s) in term 'ERROR:'"),
        ("{ $.é = 1 && $.a IS NOT NULL }", "IS NOT", "Invalid filter pattern"),
        ("{ $.b = \"${X}\" && $.a = %(x)% && $.c == 1}", "(", "Invalid character(s)"),
    ] {
        let verdict = parse(&text(source));
        let shown = text(source).to_string();
        match verdict.problem() {
            Some(problem) => {
                assert_eq!(&shown[problem.offset..problem.offset + problem.length], place, "{source}");
                assert!(problem.aws_error.contains(error), "{source}: {}", problem.aws_error);
            }
            // What follows a hole may stand inside a phrase.
            None => assert!(source.contains("${X}"), "{source}: {verdict:?}"),
        }
    }
}

#[test]
fn fixes_make_the_pattern_valid() {
    for (source, mended) in [
        ("[...fields, status=FAILED]", "[..., status=FAILED]"),
        ("{ ($.a == \"b\") && ($.c == 4) }", "{ ($.a = \"b\") && ($.c = 4) }"),
        ("{ $.a !== 'b' }", "{ $.a != \"b\" }"),
        ("ERROR: timeout -user@example.com", "\"ERROR:\" timeout -\"user@example.com\""),
        ("C:\\x", "\"C:\\\\x\""),
    ] {
        let repaired = repair(&text(source), parse);
        assert_eq!(repaired, Some(text(mended)), "{source}");
        assert!(parse(&text(mended)).is_valid(), "{mended}");
    }
    assert_eq!(repair(&text("{ $.eventName == \"${Event}\" }"), parse), Some(text("{ $.eventName = \"${Event}\" }")));
    assert_eq!(repair(&text("{ $.a IS NOT NULL }"), parse), None);
    assert_eq!(repair(&text("ERROR"), parse), None);
}

#[test]
fn a_pattern_tells_what_it_asks_for() {
    let pattern =
        parse(&text("{ ($.eventName = A) || ($.eventName = \"B\") || ($.eventSource != s3.amazonaws.com) }")).valid();
    let names = pattern
        .map(|pattern| pattern.equal_to("$.eventName").into_iter().map(|name| name.to_string()).collect::<Vec<_>>());
    assert_eq!(names, Some(vec!["A".to_string(), "B".to_string()]));
    for (source, kind, regexes) in [
        ("", Kind::Everything, 0),
        ("a b", Kind::Terms, 0),
        ("%a%", Kind::Regex, 1),
        ("%a% %b% %c%", Kind::Terms, 3),
        ("[a=%x%, b]", Kind::Delimited, 1),
        ("{ $.a = %x% || $.b = %y% }", Kind::Json, 2),
    ] {
        let pattern = parse(&text(source)).valid();
        assert_eq!(pattern.map(|pattern| (pattern.kind(), pattern.regexes())), Some((kind, regexes)), "{source}");
    }
    assert_eq!(parse(&text("ERROR ?WARN")).valid().map(|pattern| pattern.has_idle_options()), Some(true));
    assert_eq!(parse(&text("?ERROR ?WARN")).valid().map(|pattern| pattern.has_idle_options()), Some(false));
}

#[test]
fn matching_an_event() {
    let event = json!({
        "eventName": "ConsoleLogin", "errorCode": "Client.UnauthorizedOperation", "count": 5, "none": null, "yes": true,
        "users": [{"id": 1}, {"id": 2}], "userIdentity": {"type": "Root"}
    });
    for (source, expected) in [
        ("{ $.eventName = \"ConsoleLogin\" }", Tri::Yes),
        ("{ $.eventName = consolelogin }", Tri::No),
        ("{ $.errorCode = \"*UnauthorizedOperation\" }", Tri::Yes),
        ("{ $.errorCode = \"AccessDenied*\" }", Tri::No),
        ("{ $.count > 4 && $.count <= 5.0 }", Tri::Yes),
        ("{ $.count != 5 }", Tri::No),
        ("{ $.none IS NULL }", Tri::Yes),
        ("{ $.yes IS TRUE }", Tri::Yes),
        ("{ $.absent NOT EXISTS }", Tri::Yes),
        ("{ $.eventName NOT EXISTS }", Tri::No),
        ("{ $.absent = 1 }", Tri::No),
        ("{ $.absent != 1 }", Tri::Unknown),
        ("{ $.users[1].id = 2 }", Tri::Yes),
        ("{ $.users[*].id = 2 }", Tri::Yes),
        ("{ $.users[0].id = 2 }", Tri::No),
        ("{ $.eventName = %Console% }", Tri::Unknown),
        ("{ $.eventName = %Console% && $.count = 6 }", Tri::No),
        ("{ $.eventName = \"${AccountId}\" }", Tri::Unknown),
        ("{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS }", Tri::Yes),
        ("[a, b]", Tri::Unknown),
        ("", Tri::Yes),
    ] {
        let pattern = parse(&text(source)).valid();
        assert_eq!(pattern.map(|pattern| pattern.matches(&event)), Some(expected), "{source}");
    }
}

/// Pieces that patterns are made of, so that random patterns come near to valid ones.
fn near_pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just("("),
        Just(")"),
        Just("$.a"),
        Just("$."),
        Just("."),
        Just("..."),
        Just(" = "),
        Just("=="),
        Just("!="),
        Just("<"),
        Just("&&"),
        Just("||"),
        Just("\""),
        Just("\\"),
        Just("%"),
        Just("IS NULL"),
        Just(" NOT EXISTS"),
        Just("x"),
        Just("é"),
        Just("'"),
        Just(","),
        Just("-"),
        Just("?"),
        Just(" "),
        Just("${X}"),
        Just("${AccountId}"),
        Just("[0]"),
        Just("🙂"),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn never_panics_and_stays_in_the_text(source in prop_oneof![near_pattern(), any::<String>()]) {
        let text = text(&source);
        let shown = text.to_string();
        if let Some(problem) = parse(&text).problem() {
            prop_assert!(shown.get(problem.offset..problem.offset + problem.length).is_some(), "{problem:?} in {shown:?}");
        }
    }

    /// If a filling makes the pattern valid, the pattern with the hole is not refused; if one breaks it, it is not accepted.
    #[test]
    fn holes_are_judged_by_their_fillings(source in near_pattern(), filling in near_pattern(), digits in "[0-9]{12}") {
        let symbolic = text(&source);
        let filled = source.replace("${X}", &filling.replace("${X}", "y")).replace("${AccountId}", &digits);
        prop_assert!(!Units::of(&text(&filled)).has_holes(), "{filled:?}");
        let (before, after) = (parse(&symbolic), parse(&text(&filled)));
        prop_assert!(!before.is_invalid() || after.is_invalid(), "{source:?} refused, {filled:?} is {after:?}: {before:?}");
        prop_assert!(!(before.is_valid() && after.is_invalid()), "{source:?} accepted, {filled:?} refused: {after:?}");
    }
}

#[test]
fn deep_brackets_are_no_danger() {
    let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(500), ")".repeat(500));
    assert!(parse(&text(&deep)).is_undetermined() || parse(&text(&deep)).is_invalid());
    let deep = format!("{{ {}", "(".repeat(1_000_000));
    assert!(parse(&text(&deep)).is_invalid());
}
