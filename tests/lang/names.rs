use proptest::prelude::*;
use stackproof::lang::bucket_name::{self, Namespace};
use stackproof::lang::cidr::{Cidr, Use};
use stackproof::lang::secret_arn::{Suffix, suffix};
use stackproof::lang::tag::Characters;
use stackproof::lang::{account_id, arn, log_group_name, repair, security_group_text, ssm_name, tag};

use crate::support::{I, U, V, table, text};

#[test]
fn bucket_names() {
    let long = "a".repeat(64);
    let longest = "a".repeat(63);
    let no_room = format!("{}-${{AccountId}}", "a".repeat(52));
    table(
        &[
            ("amzn-docs-example-1", V),
            ("abc", V),
            ("my.bucket.example", V),
            ("1-a", V),
            (&longest, V),
            (&long, I),
            ("ab", I),
            ("", I),
            ("MyBucket", I),
            ("my_bucket", I),
            ("my bucket", I),
            ("büro", I),
            ("-abc", I),
            ("abc-", I),
            (".abc", I),
            ("a..b", I),
            ("a.-b", I),
            ("a-.b", I),
            ("a--b", V),
            ("192.168.5.4", I),
            ("192.168.5.400", V),
            ("xn--abc", I),
            ("sthree-abc", I),
            ("amzn-s3-demo-bucket", I),
            ("abc-s3alias", I),
            ("abc--ol-s3", I),
            ("abc.mrap", I),
            ("abc--x-s3", I),
            ("abc--table-s3", I),
            ("logs-123456789012-eu-west-1-an", I),
            ("tarzan-an", V),
            ("logs-${AccountId}", V),
            ("logs-${AccountId}-${Region}", V),
            ("Logs-${AccountId}", I),
            ("logs_${X}", I),
            ("logs-${X}", U),
            ("logs-${StackName}", U),
            ("${X}", U),
            ("${X}-", I),
            ("xn--${X}", I),
            ("logs-${Region}-", I),
            ("logs.${X}..x", I),
            (&no_room, I),
        ],
        |text| bucket_name::check(text, Namespace::Global),
    );
    table(
        &[
            ("logs-123456789012-eu-west-1-an", V),
            ("logs-123456789012-us-gov-west-1-an", V),
            ("logs-${AccountId}-${Region}-an", V),
            ("logs-${AccountId}-${Region}", I),
            ("logs", I),
            ("-an", I),
            ("logs-12345-eu-west-1-an", I),
            ("logs-${X}-an", U),
            ("logs-${X}-xx", I),
        ],
        |text| bucket_name::check(text, Namespace::AccountRegional),
    );
    let mend = |source: &str| repair(&text(source), |text| bucket_name::check(text, Namespace::Global));
    assert_eq!(mend("My_App_Logs-${AccountId}"), Some(text("my-app-logs-${AccountId}")));
    assert_eq!(mend("my bucket"), None);
}

#[test]
fn log_groups_and_security_groups() {
    table(
        &[
            ("/aws/lambda/x", V),
            ("a#b.c_d-e", V),
            ("a b", I),
            ("a:b", I),
            ("", I),
            ("aws/x", I),
            ("/x/${AccountId}", V),
            ("/x/${X}", U),
            ("a:${X}", I),
        ],
        log_group_name::check,
    );
    table(
        &[
            ("Allow HTTPS (443) from VPC", V),
            ("", V),
            ("Lambda's egress", I),
            ("a -> b", I),
            ("Zugriff für alle", I),
            ("say \"x\"", I),
            ("to ${AccountId}", V),
            ("to ${Name}", U),
            ("it's ${X}", I),
        ],
        security_group_text::description,
    );
    assert_eq!(repair(&text("Lambda's <egress>"), security_group_text::description), Some(text("Lambdas egress")));
    table(
        &[("web", V), ("sg-web", I), ("default", I), ("", I), ("my sg-", V), ("${X}", U)],
        security_group_text::group_name,
    );
}

#[test]
fn tags() {
    let long = "a".repeat(129);
    table(
        &[
            ("Environment", V),
            ("cost:center/x=1+2-3@", V),
            ("Größe", V),
            ("aws:foo", I),
            ("AWS:foo", I),
            ("awsx", V),
            ("", I),
            (&long, I),
            ("a&b", I),
            ("🙂", I),
            ("a\tb", I),
            ("${X}", U),
            ("aws:${X}", I),
            ("team-${AccountId}", V),
            ("${Partition}:x", U),
            ("${Region}:x", V),
        ],
        |text| tag::key(text, Characters::Documented),
    );
    table(&[("a&b", V), ("aws:foo", I), ("", I)], |text| tag::key(text, Characters::Open));
    table(&[("", V), ("a b", V), ("a,b", I), (&"v".repeat(256), V), (&"v".repeat(257), I)], |text| {
        tag::value(text, Characters::Documented)
    });
}

#[test]
fn parameter_names() {
    table(
        &[
            ("/app/db/host", V),
            ("host", V),
            ("app/db", I),
            ("/app/", I),
            ("aws-x", I),
            ("/AWS/x", I),
            ("SSMx", I),
            ("/ssm/x", I),
            ("/awe/x", V),
            ("a b", I),
            ("", I),
            ("/a//b", U),
            ("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15", V),
            ("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", I),
            ("/${X}/host", U),
            ("${X}/host", U),
            ("/${StackName}/host", U),
            ("/app/${StackName}/host", V),
            ("/${Region}/host", V),
            ("${AccountId}/host", I),
            ("${Partition}-x", U),
            ("/aws/${X}", I),
            (&"a".repeat(1012), I),
        ],
        ssm_name::check,
    );
    assert_eq!(repair(&text("app/db"), ssm_name::check), Some(text("/app/db")));
}

#[test]
fn arns() {
    let row = |source: &str| {
        arn::parse(&text(source)).valid().map(|arn| {
            [arn.partition, arn.service, arn.region, arn.account, arn.resource].map(|field| field.to_string()).join("|")
        })
    };
    assert_eq!(row("arn:aws:s3:::b/k"), Some("aws|s3|||b/k".into()));
    assert_eq!(
        row("arn:aws:logs:eu-west-1:123456789012:log-group:x:*"),
        Some("aws|logs|eu-west-1|123456789012|log-group:x:*".into())
    );
    assert_eq!(row("arn:${Partition}:iam::${AccountId}:role/x"), Some("${Partition}|iam||${AccountId}|role/x".into()));
    assert_eq!(row("arn:aws:s3:::${X}"), Some("aws|s3|||${unknown #1}".into()));
    table(
        &[
            ("arn:aws:s3", I),
            ("b", I),
            ("", I),
            ("*", I),
            ("arn:aws:s3:::", V),
            ("arn:aws:iam::*:role/x", V),
            ("${X}", U),
            ("arn:aws:s3:${X}:", U),
            ("arn:${X}", U),
            ("arn:${Partition}:s3", I),
            ("urn:${X}", I),
            ("ar${X}", U),
        ],
        arn::parse,
    );
    let parts = |source: &str| {
        arn::parse(&text(source)).valid().and_then(|arn| arn.resource_parts()).map(|(kind, id)| format!("{kind} {id}"))
    };
    assert_eq!(parts("arn:aws:iam::1:role/path/x"), Some("role path/x".into()));
    assert_eq!(parts("arn:aws:logs:r:1:log-group:/aws/x:*"), Some("log-group /aws/x:*".into()));
    assert_eq!(parts("arn:aws:sns:r:1:topic"), None);
    let bucket = arn::parse(&text("arn:aws:s3:::${Name}/AWSLogs/*")).valid().and_then(|arn| arn.bucket_and_key());
    assert_eq!(bucket, Some((text("${Name}"), Some(text("AWSLogs/*")))));
}

#[test]
fn secrets() {
    for (source, expected) in [
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db", Some(Suffix::Missing)),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3", Some(Suffix::Complete)),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-??????", Some(Suffix::Wildcard)),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/*", Some(Suffix::Wildcard)),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:-a1B2c3", Some(Suffix::Missing)),
        ("arn:${Partition}:secretsmanager:${Region}:${AccountId}:secret:prod/db", Some(Suffix::Missing)),
        ("arn:aws:secretsmanager:${Region}:${AccountId}:secret:${X}", Some(Suffix::Unknown)),
        ("arn:aws:secretsmanager:${Region}:${AccountId}:secret:${X}/database", Some(Suffix::Missing)),
        ("arn:aws:s3:::b", None),
        ("*", None),
        ("${X}", None),
    ] {
        assert_eq!(suffix(&text(source)), expected, "{source}");
    }
}

#[test]
fn accounts_and_addresses() {
    assert!(account_id::is_placeholder("123456789012") && account_id::is_placeholder("your_account"));
    assert!(!account_id::is_placeholder("482913746501") && account_id::is_account_id("482913746501"));
    assert!(!account_id::is_account_id("48291374650"));
    for (source, expected) in [
        ("0.0.0.0/0", Some(Use::Everything)),
        ("::/0", Some(Use::Everything)),
        ("203.0.113.0/24", Some(Use::Documentation)),
        ("203.0.113.7/32", Some(Use::Documentation)),
        ("203.0.112.0/23", Some(Use::Public)),
        ("198.51.100.7", Some(Use::Documentation)),
        ("2001:db8:1::/48", Some(Use::Documentation)),
        ("3fff:fff::/32", Some(Use::Documentation)),
        ("10.1.0.0/16", Some(Use::Private)),
        ("172.31.0.0/16", Some(Use::Private)),
        ("172.32.0.0/16", Some(Use::Public)),
        ("100.100.0.0/16", Some(Use::Private)),
        ("fd00::/8", Some(Use::Private)),
        ("8.8.8.8/32", Some(Use::Public)),
        ("10.0.0.0/33", None),
        ("10.*", None),
        ("300.1.1.1", None),
        ("10.0.0.0/", None),
        ("10.0.0.0/+8", None),
    ] {
        assert_eq!(Cidr::parse_or_address(source).map(Cidr::kind), expected, "{source}");
    }
    assert_eq!(Cidr::parse("10.0.0.1/8").map(Cidr::is_network), Some(false));
    assert_eq!(Cidr::parse("0.0.0.0/0").map(Cidr::is_network), Some(true));
}

proptest! {
    #[test]
    fn never_panics_and_stays_in_the_text(source in prop_oneof!["[a-zA-Z0-9.:/_?*-]{0,70}", "(arn|aws|ssm|\\$\\{X\\}|\\$\\{Region\\}|[:/.é-]){0,12}", any::<String>()]) {
        let text = text(&source);
        let shown = text.to_string();
        let problems = [
            bucket_name::check(&text, Namespace::Global).problem().cloned(),
            bucket_name::check(&text, Namespace::AccountRegional).problem().cloned(),
            log_group_name::check(&text).problem().cloned(),
            security_group_text::description(&text).problem().cloned(),
            security_group_text::group_name(&text).problem().cloned(),
            tag::key(&text, Characters::Documented).problem().cloned(),
            tag::value(&text, Characters::Documented).problem().cloned(),
            ssm_name::check(&text).problem().cloned(),
            arn::parse(&text).problem().cloned(),
        ];
        for problem in problems.iter().flatten() {
            prop_assert!(shown.get(problem.offset..problem.offset + problem.length).is_some(), "{problem:?} in {shown:?}");
        }
        let _ = (suffix(&text), Cidr::parse_or_address(&source).map(Cidr::kind));
    }

    #[test]
    fn holes_are_judged_by_their_fillings(
        source in "([a-z0-9A-Z./_:-]|\\$\\{X\\}|\\$\\{AccountId\\}|\\$\\{Region\\}|-an|aws|arn:){0,14}", filling in "[a-z0-9./:-]{0,14}", digits in "[0-9]{12}"
    ) {
        let filled = source.replace("${X}", &filling).replace("${AccountId}", &digits).replace("${Region}", "ap-southeast-2");
        let (symbolic, literal) = (text(&source), text(&filled));
        let pairs = [
            (bucket_name::check(&symbolic, Namespace::Global), bucket_name::check(&literal, Namespace::Global)),
            (bucket_name::check(&symbolic, Namespace::AccountRegional), bucket_name::check(&literal, Namespace::AccountRegional)),
            (log_group_name::check(&symbolic), log_group_name::check(&literal)),
            (security_group_text::group_name(&symbolic), security_group_text::group_name(&literal)),
            (tag::key(&symbolic, Characters::Documented), tag::key(&literal, Characters::Documented)),
            (ssm_name::check(&symbolic), ssm_name::check(&literal)),
            (arn::parse(&symbolic).map(|_| ()), arn::parse(&literal).map(|_| ())),
        ];
        for (before, after) in pairs {
            prop_assert!(!before.is_invalid() || after.is_invalid(), "{source:?} refused, {filled:?} is {after:?}: {before:?}");
            prop_assert!(!before.is_valid() || after.is_valid(), "{source:?} accepted, {filled:?} is {after:?}");
        }
    }
}
