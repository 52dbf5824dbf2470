//! Values, conditions and relations of the model, read from templates.

use rustc_hash::FxHashMap;
use stackproof::frontend::{InputFile, Settings, load};
use stackproof::graph::{Rel, Target};
use stackproof::model::stack::Model;
use stackproof::model::{Kind, Read, Resource, Stack, StackId, World};

fn model(template: &str) -> Model {
    with(template, Settings::default())
}

fn with(template: &str, settings: Settings) -> Model {
    let file = InputFile { path: "t.yaml".into(), bytes: template.as_bytes().to_vec() };
    match load("t.yaml", "auto", vec![file], &|_| settings.clone()) {
        Ok(loaded) => loaded.model,
        Err(errors) => panic!("{errors:?}"),
    }
}

/// The value of `Resources.R.Properties.V` in every alternative, as `condition => value`.
fn values(model: &Model) -> Vec<String> {
    let world = World::new(model);
    let mut seen = Vec::new();
    loop {
        let stack = Stack::new(&world, StackId(0));
        let resource = stack.resource("R").expect("the template has R");
        let shown = if resource.exists() { show(&resource.get("V")) } else { "(no resource)".into() };
        if !world.is_infeasible() {
            let labels = world.labels().join(" and ");
            seen.push(if labels.is_empty() { shown } else { format!("{labels} => {shown}") });
        }
        if !world.next() {
            return seen;
        }
    }
}

fn show(value: &stackproof::model::Value<'_>) -> String {
    match value.kind() {
        Kind::Absent => "(absent)".into(),
        Kind::Unknown(unknown) => format!("(unknown: {unknown})"),
        Kind::Null => "null".into(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(text) => text.to_string(),
        Kind::Text(text) => format!("\"{}\"", value.world().model.show(text)),
        Kind::List(_) => {
            let items = value.items().known().unwrap_or_default();
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Kind::Object(_) => {
            let entries = value.entries().known().unwrap_or_default();
            format!(
                "{{{}}}",
                entries.iter().map(|(name, value)| format!("{name}: {}", show(value))).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

const HEAD: &str = "
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Size: {Type: Number, Default: 3}
  Open: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: 'a, b'}
  Ami: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Equals [!Ref Env, dev]
  Neither: !And [!Not [!Condition IsProd], !Not [!Condition IsDev]]
  HasOpen: !Not [!Equals [!Ref Open, '']]
  Never: !Equals [a, b]
  InIreland: !Equals [!Ref AWS::Region, eu-west-1]
Mappings:
  Map: {eu-west-1: {ami: ami-1}, us-east-1: {ami: ami-2}}
Resources:
  B: {Type: AWS::S3::Bucket}
  Named: {Type: AWS::S3::Bucket, Properties: {BucketName: data-1}}
  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub 'f-${AWS::Region}'}}
  K: {Type: AWS::KMS::Key}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/24}}
  LooseVpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.7/24}}
  T: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}
  L: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /a/b}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: r, Path: /svc/}}
  R:
    Type: Custom::R
    Properties:
";

#[test]
fn functions_evaluate_as_far_as_they_can() {
    let mut wrong = Vec::new();
    for (expression, expected) in [
        ("!Ref Size", "\"3\""),
        ("!Ref Open", "(unknown: the parameter Open has no value here (give it under \"parameters\"))"),
        ("!Ref Zones", "[\"a\", \"b\"]"),
        ("!Select [1, !Ref Zones]", "\"b\""),
        ("!Ref Ami", "(unknown: the parameter Ami has no value here (give it under \"parameters\"))"),
        ("!Ref AWS::NoValue", "(absent)"),
        ("!Ref Named", "\"data-1\""),
        ("!GetAtt Named.Arn", "\"arn:${AWS::Partition}:s3:::data-1\""),
        ("!Sub '${Named.Arn}/AWSLogs/*'", "\"arn:${AWS::Partition}:s3:::data-1/AWSLogs/*\""),
        ("!Sub ['${A}-${!B}-${Size}', {A: !Ref Named}]", "\"data-1-${B}-3\""),
        ("!GetAtt T.TopicArn", "\"arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:t\""),
        ("!Ref T", "\"arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:t\""),
        ("!GetAtt L.Arn", "\"arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/a/b:*\""),
        ("!GetAtt Role.Arn", "\"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/svc/r\""),
        (
            "!GetAtt F.Arn",
            "\"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f-${AWS::Region}\"",
        ),
        ("!Join ['-', [a, !Ref Size, b]]", "\"a-3-b\""),
        ("!Join [',', !Ref Zones]", "\"a,b\""),
        ("!Select [0, !Split ['/', x/y/z]]", "\"x\""),
        ("!Select [1, !Split [' ', 'events.amazonaws.com sns.amazonaws.com']]", "\"sns.amazonaws.com\""),
        ("!Select [5, [a, b]]", "(unknown: the result of Fn::Select is not known)"),
        ("!FindInMap [Map, eu-west-1, ami]", "\"ami-1\""),
        ("!FindInMap [Map, x, y, {DefaultValue: z}]", "\"z\""),
        ("!ImportValue other", "(unknown: the export other is not part of this input)"),
        ("'{{resolve:secretsmanager:s}}'", "(unknown: {{resolve:secretsmanager:s}} is resolved at deployment)"),
        ("[a, !Ref AWS::NoValue, b]", "[\"a\", \"b\"]"),
        ("{Ref: Named, Other: x}", "{Ref: \"Named\", Other: \"x\"}"),
        ("!Length [a, b]", "2"),
        ("!If [Never, a, b]", "\"b\""),
        ("!GetAtt Nowhere.Arn", "(unknown: Nowhere is not part of this input)"),
        ("!Ref {'Fn::Sub': 'Nam${E}'}", "(unknown: the result of Ref is not known)"),
        ("!Ref {'Fn::Join': ['', [Na, med]]}", "\"data-1\""),
        ("!GetAtt [!Sub 'Named', Arn]", "\"arn:${AWS::Partition}:s3:::data-1\""),
        ("!Select [-1, [a, b]]", "(unknown: the result of Fn::Select is not known)"),
        ("!Select ['1', [a, b]]", "\"b\""),
        ("!FindInMap [Map, x, y, {DefaultValue: !Ref AWS::NoValue}]", "(absent)"),
        ("!FindInMap [Map, x, y, {Other: z}]", "(unknown: the result of Fn::FindInMap is not known)"),
        ("!FindInMap [Nowhere, x, y, {DefaultValue: !Ref Size}]", "\"3\""),
        ("!FindInMap [!Sub 'M${A}', !Join ['-', [eu, west, '1']], ami]", "(unknown: A is not part of this input)"),
        ("!FindInMap [!Sub 'Map', !Join ['-', [eu, west, '1']], ami]", "\"ami-1\""),
        ("!Base64 x", "\"eA==\""),
        ("!Base64 ''", "\"\""),
        ("!Base64 [x]", "(unknown: the result of Fn::Base64 is not known)"),
        ("{'Fn::Base64': !Sub 'size=${Size}'}", "\"c2l6ZT0z\""),
        ("{'Fn::Base64': !Ref AWS::NoValue}", "(absent)"),
        ("{'Fn::Base64': !Ref Open}", "(unknown: the parameter Open has no value here (give it under \"parameters\"))"),
        (
            "{'Fn::Base64': !Sub 'at ${AWS::Region}'}",
            "(unknown: account, region or partition are not known (give them in the configuration))",
        ),
        ("{'Fn::Length': !Ref Zones}", "2"),
        ("{'Fn::Length': [a, !Ref AWS::NoValue]}", "1"),
        ("{'Fn::Length': [a, !Ref Open]}", "2"),
        ("{'Fn::Length': !Split [',', 'a,b,c']}", "3"),
        ("{'Fn::Length': '[1, 2]'}", "(unknown: the result of Fn::Length is not known)"),
        ("{'Fn::Length': {a: b}}", "(unknown: the result of Fn::Length is not known)"),
        (
            "{'Fn::Length': !Split [',', !Ref Open]}",
            "(unknown: the parameter Open has no value here (give it under \"parameters\"))",
        ),
        ("{'Fn::Length': !GetAZs ''}", "(unknown: the list of availability zones is known only after deployment)"),
        ("!Select [0, !GetAZs '']", "\"${AWS::Region}${availability zone 0}\""),
        ("!Select [1, !GetAZs eu-west-1]", "\"eu-west-1${availability zone 1}\""),
        ("!Select [1, {'Fn::GetAZs': !Ref AWS::Region}]", "\"${AWS::Region}${availability zone 1}\""),
        ("!Join [',', !GetAZs '']", "(unknown: the list of availability zones is known only after deployment)"),
        ("{'Fn::GetAZs': [a]}", "(unknown: the result of Fn::GetAZs is not known)"),
        ("!Cidr [10.0.0.0/16, 2, 8]", "[\"10.0.0.0/24\", \"10.0.1.0/24\"]"),
        ("!Select [1, !Cidr ['2001:db8::/56', '2', '64']]", "\"2001:db8:0:1::/64\""),
        ("!Select [3, !Cidr [!GetAtt Vpc.CidrBlock, 4, 4]]", "\"10.1.0.48/28\""),
        ("!GetAtt LooseVpc.CidrBlock", "\"${LooseVpc.CidrBlock}\""),
        ("!Cidr [10.0.0.0/16, 257, 8]", "(unknown: the result of Fn::Cidr is not known)"),
        ("!Cidr [10.0.0.0/16, 2]", "(unknown: the result of Fn::Cidr is not known)"),
        ("!Cidr 10.0.0.0/16", "(unknown: the result of Fn::Cidr is not known)"),
        ("{'Fn::Length': !Cidr [!Ref Open, 3, 8]}", "3"),
        ("!Cidr [!Ref Open, 257, 8]", "(unknown: the parameter Open has no value here (give it under \"parameters\"))"),
        ("!ToJsonString {a: 1}", "{a: 1}"),
        ("yes", "true"),
    ] {
        let got = values(&model(&format!("{HEAD}      V: {expression}\n"))).join(" | ");
        if got != expected {
            wrong.push(format!("{expression}\n    expected {expected}\n    got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}

#[test]
fn conditions_are_judged_where_they_are_reachable() {
    let mut wrong = Vec::new();
    for (expression, expected) in [
        ("!If [IsProd, a, b]", "IsProd is true => \"a\" | IsProd is false => \"b\""),
        // Both mean the same parameter: no third combination.
        (
            "[!If [IsProd, a, b], !If [IsDev, c, d]]",
            "IsProd is true => [\"a\", \"d\"] | IsProd is false => [\"b\", \"c\"]",
        ),
        ("!If [Neither, a, b]", "Neither is false => \"b\" | Neither is false => \"b\""),
        ("!If [IsProd, !If [IsDev, a, b], c]", "IsProd is true => \"b\" | IsProd is false => \"c\""),
        ("!Ref Env", "Env is \"dev\" => \"dev\" | Env is \"prod\" => \"prod\""),
        (
            "!If [HasOpen, !Ref Open, none]",
            "HasOpen is false => \"none\" | HasOpen is true => (unknown: the parameter Open has no value here (give it under \"parameters\"))",
        ),
        ("!If [InIreland, !Ref AWS::Region, x]", "InIreland is true => \"eu-west-1\" | InIreland is false => \"x\""),
        (
            "!FindInMap [Map, !Ref AWS::Region, ami]",
            "Map is looked up for \"eu-west-1\" => \"ami-1\" | Map is looked up for \"us-east-1\" => \"ami-2\"",
        ),
        (
            "!FindInMap [Map, !Ref AWS::Region, ami, {DefaultValue: none}]",
            "Map is looked up for \"eu-west-1\" => \"ami-1\" | Map is looked up for \"us-east-1\" => \"ami-2\" | Map has no row for it => \"none\"",
        ),
        // What the condition says of the region holds in the mapping too.
        (
            "!If [InIreland, x, !FindInMap [Map, !Ref AWS::Region, ami]]",
            "InIreland is true => \"x\" | InIreland is false => \"ami-2\"",
        ),
        (
            "!Sub ['${A}-${Open}', {A: !FindInMap [Map, !Ref Open, ami]}]",
            "Map is looked up for \"eu-west-1\" => \"ami-1-eu-west-1\" | Map is looked up for \"us-east-1\" => \"ami-2-us-east-1\"",
        ),
    ] {
        let got = values(&model(&format!("{HEAD}      V: {expression}\n"))).join(" | ");
        if got != expected {
            wrong.push(format!("{expression}\n    expected {expected}\n    got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}

#[test]
fn given_values_win_over_allowed_ones_and_defaults() {
    let parameters = FxHashMap::from_iter([("Env".to_owned(), "prod".to_owned()), ("Open".to_owned(), "x".to_owned())]);
    let settings = Settings {
        parameters,
        region: Some("eu-west-1".into()),
        account: Some("935871204466".into()),
        ..Settings::default()
    };
    let template = format!("{HEAD}      V: [!If [IsProd, a, b], !If [HasOpen, !Ref Open, y], !GetAtt T.TopicArn]\n");
    assert_eq!(values(&with(&template, settings)), ["[\"a\", \"x\", \"arn:aws:sns:eu-west-1:935871204466:t\"]"]);
}

/// Two parameters with each other: exact where values are listed, given or passed; else each may be, or not be, the other.
#[test]
fn conditions_compare_parameters() {
    let mut wrong = Vec::new();
    for (parameters, given, expected) in [
        (
            "A: {AllowedValues: [x, y]}, B: {AllowedValues: [y, z]}",
            "",
            "Same is false and B is \"y\" => \"not not: x y\" | Same is false and B is \"z\" => \"not not: x z\" | Same is true => \"is is: y y\" | Same is false => \"not not: y z\"",
        ),
        (
            "A: {AllowedValues: [x, y]}, B: {AllowedValues: [z]}",
            "",
            "Same is false => \"not not: x z\" | Same is false => \"not not: y z\"",
        ),
        (
            "A: {AllowedValues: [x]}, B: {Default: y}",
            "",
            "Same is true => \"is is: x x\" | Same is false => \"not not: x y\"",
        ),
        ("A: {Default: x}, B: {Default: y}", "", "Same is true => \"is is: x x\" | Same is false => \"not not: x y\""),
        (
            "A: {Default: x}, B: {Default: x}",
            "",
            "Same is true => \"is is: x x\" | Same is false => \"not not: x ${parameter B}\"",
        ),
        (
            "A: {}, B: {Default: x}",
            "",
            "Same is true => \"is is: x x\" | Same is false => \"not not: ${parameter A} x\"",
        ),
        (
            "A: {}, B: {}",
            "",
            "Same is true => \"is is: ${parameter A} ${parameter B}\" | Same is false => \"not not: ${parameter A} ${parameter B}\"",
        ),
        ("A: {}, B: {}", "A=x B=x", "\"is is: x x\""),
        ("A: {}, B: {}", "A=x B=y", "\"not not: x y\""),
        ("A: {Default: x}, B: {}", "B=y", "Same is true => \"is is: y y\" | Same is false => \"not not: x y\""),
        (
            "A: {AllowedValues: [x, y]}, B: {}",
            "B=y",
            "Same is true => \"is is: y y\" | Same is false => \"not not: x y\"",
        ),
        ("A: {AllowedValues: [x, y]}, B: {}", "B=z", "A is \"x\" => \"not not: x z\" | A is \"y\" => \"not not: y z\""),
    ] {
        let typed = parameters.replace(": {", ": {Type: String, ");
        let template = format!(
            "Parameters: {{{typed}}}\nConditions: {{Same: !Equals [!Ref A, !Ref B], Again: !Equals [!Ref B, !Ref A]}}\nResources:\n  R: {{Type: Custom::R, Properties: {{V: !Sub ['${{S}} ${{T}}: ${{A}} ${{B}}', {{S: !If [Same, is, not], T: !If [Again, is, not]}}]}}}}\n"
        );
        let given = given.split(' ').filter_map(|pair| pair.split_once('='));
        let parameters = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let model = with(&template, Settings { parameters: parameters.collect(), ..Settings::default() });
        let got = values(&model).join(" | ");
        if got != expected {
            wrong.push(format!("{typed}\n    expected {expected}\n    got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}

#[test]
fn a_hundred_conditions_stay_bounded() {
    let mut template = String::from("Parameters:\n");
    for index in 0..100 {
        template.push_str(&format!("  P{index}: {{Type: String}}\n"));
    }
    template.push_str("Conditions:\n");
    for index in 0..100 {
        template.push_str(&format!("  C{index}: !Equals [!Ref P{index}, 'x']\n"));
    }
    // Nested: linear in the depth, since each choice is followed once.
    let nested = (0..100).fold("z".to_owned(), |inner, index| format!("!If [C{index}, a{index}, {inner}]"));
    template.push_str(&format!("Resources:\n  R: {{Type: Custom::R, Properties: {{V: {nested}}}}}\n"));
    assert_eq!(values(&model(&template)).len(), 101);
    // The same with conditions that compare each parameter with the next.
    let chained = (1..100).fold(template, |template, index| {
        template.replace(&format!("[!Ref P{index}, 'x']"), &format!("[!Ref P{index}, !Ref P{}]", index - 1))
    });
    assert_eq!(values(&model(&chained)).len(), 101);
}

#[test]
fn conditions_that_name_each_other_in_a_circle_end() {
    let template = "
Conditions: {A: !Condition B, B: !Condition A}
Resources: {R: {Type: Custom::R, Properties: {V: !If [A, x, y]}}}
";
    assert!(!values(&model(template)).is_empty());
}

/// CloudFormation takes no attributes in conditions; what is written all the same must come to an end.
#[test]
fn conditions_that_name_what_depends_on_them_end() {
    let template = "
Parameters: {E: {Type: String, AllowedValues: [a, b]}}
Conditions:
  C: !Equals [!GetAtt B.Arn, x]
  D: !Or [!Condition C, !Equals [!GetAtt B.Arn, !Ref E]]
Resources:
  B: {Type: AWS::S3::Bucket, Condition: D, Properties: {BucketName: !If [C, aaa, !If [D, !Ref E, bbb]]}}
  R: {Type: Custom::R, Properties: {V: [!If [C, !GetAtt B.Arn, y], !GetAtt B.Arn, !If [D, !GetAtt B.Arn, z]]}}
";
    assert!(!values(&model(template)).is_empty());
}

fn followed(template: &str, from: &str, rel: Rel) -> String {
    let model = model(template);
    let world = World::new(&model);
    let stack = Stack::new(&world, StackId(0));
    let resource: Resource<'_> = stack.resource(from).expect("the template has it");
    let edges = resource.follow(rel).into_iter().map(|edge| match edge.target {
        Target::Resource(resource) => resource.logical_id().to_owned(),
        Target::Outside(text) => format!("outside {text}"),
        Target::Unknown(unknown) => format!("unknown: {unknown}"),
    });
    edges.collect::<Vec<_>>().join(", ")
}

#[test]
fn relations_are_found_however_they_are_written() {
    let mut wrong = Vec::new();
    for (bucket, expected) in [
        ("!Ref B", "B"),
        ("data-1", "B"),
        ("!Sub '${B}'", "B"),
        ("!Select [5, !Split [':', !GetAtt B.Arn]]", "B"),
        ("other-bucket", "outside other-bucket"),
        ("!ImportValue shared-bucket", "unknown: the export shared-bucket is not part of this input"),
    ] {
        let template = format!(
            "Resources:\n  B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: data-1}}}}\n  P: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: {bucket}}}}}\n"
        );
        let got = followed(&template, "P", Rel::PolicyOf);
        if got != expected {
            wrong.push(format!("{bucket}: expected {expected}, got {got}"));
        }
    }
    let unnamed =
        "Resources:\n  B: {Type: AWS::S3::Bucket}\n  P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref B}}\n";
    assert_eq!(followed(unnamed, "P", Rel::PolicyOf), "B");
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}

#[test]
fn relations_are_found_from_the_other_side() {
    let model = model(
        "
Parameters: {Own: {Type: String, AllowedValues: ['yes', 'no']}}
Conditions: {IsOwn: !Equals [!Ref Own, 'yes']}
Resources:
  A: {Type: AWS::S3::Bucket}
  B: {Type: AWS::S3::Bucket}
  P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !If [IsOwn, !Ref A, !Ref B]}}
",
    );
    let world = World::new(&model);
    let mut seen = Vec::new();
    loop {
        let bucket = Stack::new(&world, StackId(0)).resource("A").expect("the template has it");
        seen.push((world.labels(), bucket.followed_by(Rel::PolicyOf).edges.len()));
        if !world.next() {
            break;
        }
    }
    let counts: Vec<usize> = seen.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 0]);
}

/// A literal names a bucket whose own name depends on a parameter, whether the condition agrees with the default or not.
#[test]
fn a_name_is_found_under_the_condition_that_makes_it() {
    let template = r#"
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: NAME}}
  P: {Type: AWS::S3::BucketPolicy, Condition: IsProd, Properties: {Bucket: prod-logs, PolicyDocument: {}}}
"#;
    for name in ["!Sub '${Stage}-logs'", "!If [IsProd, prod-logs, other]"] {
        let model = model(&template.replace("NAME", name));
        let world = World::new(&model);
        let stack = Stack::new(&world, StackId(0));
        let policy = stack.resource("P").expect("the template has P");
        assert!(policy.exists(), "the first alternative is the one where it holds");
        let bucket = stack.resource("B").expect("the template has B");
        let edges = policy.follow(Rel::PolicyOf);
        assert!(matches!(&edges[..], [edge] if edge.target.resource() == Some(bucket)), "{name}");
    }
}

#[test]
fn documents_inside_strings_are_read() {
    let template = r#"
Resources:
  B: {Type: AWS::S3::Bucket}
  R:
    Type: Custom::R
    Properties:
      V: !Sub '{"Statement": [{"Resource": "${B.Arn}/*"}]}'
"#;
    let model = model(template);
    let world = World::new(&model);
    let value = Stack::new(&world, StackId(0)).resource("R").expect("R").get("V");
    let Read::Known(items) = value.get("Statement").items() else { panic!("no statements") };
    assert_eq!(show(&items[0].get("Resource")), "\"arn:${AWS::Partition}:s3:::${B}/*\"");
}

#[test]
fn a_document_that_a_function_makes_is_that_of_its_alternative() {
    for made in ["!If [IsProd, '{\"a\": 1}', '{\"a\": 2}']", "!Sub '{\"a\": ${Side}}'"] {
        let template = format!(
            "Parameters: {{Env: {{Type: String, AllowedValues: [prod, dev]}}, Side: {{Type: String, AllowedValues: ['1', '2']}}}}\nConditions: {{IsProd: !Equals [!Ref Env, prod]}}\nResources:\n  R: {{Type: Custom::R, Properties: {{V: {made}}}}}\n"
        );
        let model = model(&template);
        let world = World::new(&model);
        let mut seen = Vec::new();
        loop {
            seen.push(show(&Stack::new(&world, StackId(0)).resource("R").expect("R").get("V").get("a")));
            if !world.next() {
                break;
            }
        }
        assert_eq!(seen, ["1", "2"], "{made}");
    }
}

#[test]
fn an_object_made_a_json_string_is_read_as_either() {
    let mut wrong = Vec::new();
    for (expression, expected) in [
        (
            "!ToJsonString {a: 1, b: [x, true, !Ref AWS::NoValue], c: {}, d: []}",
            r#"{"a":1,"b":["x",true],"c":{},"d":[]}"#,
        ),
        (
            "!ToJsonString {'q\"': !Sub \"${Size}\\n\", k: !GetAtt B.Arn}",
            r#"{"q\"":"3\n","k":"arn:${AWS::Partition}:s3:::${B}"}"#,
        ),
        ("!ToJsonString [!Ref Zones]", r#"[["a","b"]]"#),
        ("!If [Never, x, !ToJsonString {a: 1}]", r#"{"a":1}"#),
        ("!ToJsonString {a: !Ref Open}", "the parameter Open has no value here (give it under \"parameters\")"),
        ("{a: 1}", "(no text)"),
    ] {
        let model = model(&format!("{HEAD}      V: {expression}\n"));
        let world = World::new(&model);
        let value = Stack::new(&world, StackId(0)).resource("R").expect("R").get("V");
        let got = match value.text() {
            Read::Known(text) => model.show(&text),
            Read::Unknown(unknown) => unknown.to_string(),
            Read::Absent | Read::Other => "(no text)".to_owned(),
        };
        if got != expected {
            wrong.push(format!("{expression}\n    expected {expected}\n    got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}
