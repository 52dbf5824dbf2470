//! Loops of the language extensions: the template that they make, and what is found in it.

use proptest::prelude::*;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use stackproof::Checker;
use stackproof::fix::to_json;
use stackproof::frontend::{InputError, InputFile, Loaded, Settings, load};

const TRANSFORM: &str = "Transform: AWS::LanguageExtensions\n";

fn read(template: &str, parameters: &[(&str, &str)]) -> Result<Loaded, Vec<InputError>> {
    let file = InputFile { path: "t.yaml".into(), bytes: template.as_bytes().to_vec() };
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings { parameters: FxHashMap::from_iter(parameters), ..Settings::default() };
    load("t.yaml", "auto", vec![file], &|_| settings.clone())
}

/// Sections of the template as CloudFormation deploys it.
fn made(template: &str, parameters: &[(&str, &str)]) -> Value {
    let loaded = read(template, parameters).unwrap_or_else(|errors| panic!("{errors:?}"));
    let root = loaded.model.stacks[0].root;
    let doc = &loaded.model.source(root.source).doc;
    let sections = ["Conditions", "Resources", "Outputs"].map(|name| (name, doc.get(root.node, name)));
    let sections = sections.into_iter().filter_map(|(name, node)| Some((name.to_owned(), to_json(doc, node?))));
    Value::Object(sections.collect())
}

/// Both templates make the same.
fn same(template: &str, parameters: &[(&str, &str)], expected: &str) {
    let got = made(&format!("{TRANSFORM}{template}"), parameters);
    let expected = made(expected, &[]);
    assert_eq!(got, expected, "\n{got:#}\n  is not\n{expected:#}");
}

// The examples of the reference: "Replicate an Amazon DynamoDB resource", "Replicate multiple resources", "… using a nested
// Fn::ForEach loops", "Reference replicated properties for an Amazon EC2 resource", "Replicate properties …".

#[test]
fn a_loop_over_a_list_or_a_parameter() {
    let body = "
    - 'DynamoDB${TableName}':
        Type: AWS::DynamoDB::Table
        Properties: {TableName: !Ref TableName, KeySchema: [{AttributeName: id, KeyType: HASH}]}
";
    let expected = "
Resources:
  DynamoDBPoints: {Type: AWS::DynamoDB::Table, Properties: {TableName: Points, KeySchema: [{AttributeName: id, KeyType: HASH}]}}
  DynamoDBScore: {Type: AWS::DynamoDB::Table, Properties: {TableName: Score, KeySchema: [{AttributeName: id, KeyType: HASH}]}}
";
    let head = "Resources:\n  'Fn::ForEach::Tables':\n    - TableName\n";
    same(&format!("{head}    - [Points, Score]{body}"), &[], expected);
    let parameter = "Parameters: {Names: {Type: CommaDelimitedList, Default: 'Points, Score'}}\n";
    same(&format!("{parameter}{head}    - !Ref Names{body}"), &[], expected);
    let parameter = "Parameters: {Names: {Type: CommaDelimitedList, Default: 'Other'}}\n";
    same(&format!("{parameter}{head}    - !Ref Names{body}"), &[("Names", "Points,Score")], expected);
}

#[test]
fn several_resources_and_a_condition_from_a_mapping() {
    same(
        "
Mappings: {NatGateway: {Condition: {B: TwoNatGateways, C: ThreeNatGateways}}}
Resources:
  Fn::ForEach::NatGatewayAndEIP:
    - Identifier
    - [A, B, C]
    - NatGateway${Identifier}:
        Type: AWS::EC2::NatGateway
        Properties:
          AllocationId: !GetAtt [!Sub 'NatGatewayAttachment${Identifier}', AllocationId]
          SubnetId: !Ref {'Fn::Sub': 'PublicSubnet${Identifier}'}
        Condition: !FindInMap [NatGateway, Condition, !Ref Identifier, DefaultValue: !Ref AWS::NoValue]
      NatGatewayAttachment${Identifier}: {Type: AWS::EC2::EIP, DependsOn: !Sub 'X${Identifier}'}
",
        &[],
        "
Resources:
  NatGatewayA:
    Type: AWS::EC2::NatGateway
    Properties: {AllocationId: !GetAtt [NatGatewayAttachmentA, AllocationId], SubnetId: !Ref PublicSubnetA}
  NatGatewayAttachmentA: {Type: AWS::EC2::EIP, DependsOn: XA}
  NatGatewayB:
    Type: AWS::EC2::NatGateway
    Properties: {AllocationId: !GetAtt [NatGatewayAttachmentB, AllocationId], SubnetId: !Ref PublicSubnetB}
    Condition: TwoNatGateways
  NatGatewayAttachmentB: {Type: AWS::EC2::EIP, DependsOn: XB}
  NatGatewayC:
    Type: AWS::EC2::NatGateway
    Properties: {AllocationId: !GetAtt [NatGatewayAttachmentC, AllocationId], SubnetId: !Ref PublicSubnetC}
    Condition: ThreeNatGateways
  NatGatewayAttachmentC: {Type: AWS::EC2::EIP, DependsOn: XC}
",
    );
}

#[test]
fn loops_inside_loops() {
    same(
        "
Resources:
  VPC: {Type: AWS::EC2::VPC}
  Fn::ForEach::SubnetResources:
    - Prefix
    - [Transit, Public]
    - Nacl${Prefix}Subnet: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref VPC}}
      Fn::ForEach::LoopInner:
        - Suffix
        - [A, B]
        - ${Prefix}Subnet${Suffix}: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC}}
          Nacl${Prefix}Subnet${Suffix}Association:
            Type: AWS::EC2::SubnetNetworkAclAssociation
            Properties:
              SubnetId: !Ref {'Fn::Sub': '${Prefix}Subnet${Suffix}'}
              NetworkAclId: !Ref {'Fn::Sub': 'Nacl${Prefix}Subnet'}
",
        &[],
        "
Resources:
  VPC: {Type: AWS::EC2::VPC}
  NaclTransitSubnet: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref VPC}}
  TransitSubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC}}
  NaclTransitSubnetAAssociation:
    Type: AWS::EC2::SubnetNetworkAclAssociation
    Properties: {SubnetId: !Ref TransitSubnetA, NetworkAclId: !Ref NaclTransitSubnet}
  TransitSubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC}}
  NaclTransitSubnetBAssociation:
    Type: AWS::EC2::SubnetNetworkAclAssociation
    Properties: {SubnetId: !Ref TransitSubnetB, NetworkAclId: !Ref NaclTransitSubnet}
  NaclPublicSubnet: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref VPC}}
  PublicSubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC}}
  NaclPublicSubnetAAssociation:
    Type: AWS::EC2::SubnetNetworkAclAssociation
    Properties: {SubnetId: !Ref PublicSubnetA, NetworkAclId: !Ref NaclPublicSubnet}
  PublicSubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC}}
  NaclPublicSubnetBAssociation:
    Type: AWS::EC2::SubnetNetworkAclAssociation
    Properties: {SubnetId: !Ref PublicSubnetB, NetworkAclId: !Ref NaclPublicSubnet}
",
    );
}

#[test]
fn properties_conditions_and_outputs() {
    same(
        "
Mappings: {Stages: {Names: {All: [Dev, Prod]}}}
Conditions:
  Fn::ForEach::Is:
    - Stage
    - !FindInMap [Stages, Names, All]
    - 'Is${Stage}': !Equals [!Ref AWS::Region, !Ref Stage]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: t
      Fn::ForEach::Texts:
        - Name
        - [TopicName, Other]
        - ${Name}: !Sub '${Name}-${AWS::Region}-${!Name}-&{Name}'
Outputs:
  Fn::ForEach::Topics:
    - Stage
    - [Dev]
    - 'Topic${Stage}': {Value: !Ref Topic, Condition: !Sub 'Is${Stage}', Export: {Name: 'topic-${Stage}'}}
",
        &[],
        "
Conditions: {IsDev: !Equals [!Ref AWS::Region, Dev], IsProd: !Equals [!Ref AWS::Region, Prod]}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: t
      TopicName: !Sub 'TopicName-${AWS::Region}-${!Name}-TopicName'
      Other: !Sub 'Other-${AWS::Region}-${!Name}-Other'
Outputs: {TopicDev: {Value: !Ref Topic, Condition: IsDev, Export: {Name: topic-Dev}}}
",
    );
}

/// "The `&{}` syntax allows non-alphanumeric characters in `Collection` to be used in the `OutputKey`."
#[test]
fn only_letters_and_digits_where_a_name_needs_them() {
    same(
        "
Resources:
  Fn::ForEach::Queues:
    - Name
    - [a-b.c, '10.0.0.0/8', 7]
    - 'Q&{Name}': {Type: AWS::SQS::Queue, Properties: {QueueName: 'x-${Name}', Tags: [{Key: '${Other}', Value: !Ref Name}]}}
",
        &[],
        "
Resources:
  Qabc: {Type: AWS::SQS::Queue, Properties: {QueueName: x-a-b.c, Tags: [{Key: '${Other}', Value: a-b.c}]}}
  Q100008: {Type: AWS::SQS::Queue, Properties: {QueueName: x-10.0.0.0/8, Tags: [{Key: '${Other}', Value: 10.0.0.0/8}]}}
  Q7: {Type: AWS::SQS::Queue, Properties: {QueueName: x-7, Tags: [{Key: '${Other}', Value: '7'}]}}
",
    );
}

/// Nothing is guessed: neither without the transform, nor over a list that is not known, nor in another form.
#[test]
fn what_is_not_expanded_is_unseen() {
    let body = "{'Q${Name}': {Type: AWS::SQS::Queue}}";
    let parameters = "Parameters:
  Open: {Type: CommaDelimitedList}
  Choice: {Type: CommaDelimitedList, Default: a, AllowedValues: [a, 'a,b']}
  Text: {Type: String, Default: a}
";
    for (transform, loop_) in [
        ("", format!("[Name, [a], {body}]")),
        ("Transform: AWS::Serverless-2016-10-31\n", format!("[Name, [a], {body}]")),
        (TRANSFORM, format!("[Name, !Ref Open, {body}]")),
        (TRANSFORM, format!("[Name, !Ref Choice, {body}]")),
        (TRANSFORM, format!("[Name, !Ref Text, {body}]")),
        (TRANSFORM, format!("[Name, [a, !GetAtt X.Y], {body}]")),
        (TRANSFORM, format!("[Name, a, {body}]")),
        (TRANSFORM, format!("[[Name], [a], {body}]")),
        (TRANSFORM, "[Name, [a], text]".to_owned()),
        (TRANSFORM, "[Name, [a]]".to_owned()),
        (TRANSFORM, "text".to_owned()),
    ] {
        let template = format!(
            "{transform}{parameters}Resources:\n  Kept: {{Type: AWS::SNS::Topic}}\n  Fn::ForEach::L: {loop_}\n"
        );
        let loaded = read(&template, &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
        let stack = &loaded.model.stacks[0];
        assert!(stack.transforms.iter().any(|name| name == "Fn::ForEach"), "{template}: {:?}", stack.transforms);
        assert_eq!(stack.by_logical_id.keys().collect::<Vec<_>>(), ["Kept"], "{template}");
    }
}

fn findings(template: &str, rule: &str) -> Vec<Value> {
    let options = json!({ "preset": "all", "rules": [rule] });
    let mut checker = Checker::new(&options.to_string()).expect("the options are right");
    checker.begin_input("t.yaml", "auto");
    checker.add_file("t.yaml", template.as_bytes().to_vec());
    let report: Value = serde_json::from_str(&checker.run()).expect("a report is JSON");
    assert_eq!(report["errors"], json!([]), "{template}");
    report["findings"].as_array().cloned().unwrap_or_default()
}

#[test]
fn findings_stand_in_the_loop() {
    let template = "Transform: [AWS::LanguageExtensions]
Resources:
  Plain: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: false}}
  Fn::ForEach::Keys:
    - Name
    - [One, Two]
    - 'F${Name}':
        Type: AWS::KMS::Key
        Properties:
          EnableKeyRotation: no
";
    let found = findings(template, "kms-rotation");
    let shown: Vec<_> = found
        .iter()
        .map(|finding| {
            let id = finding["resource"]["id"].as_str().unwrap_or_default();
            let at = |name: &str| finding["location"][name].as_u64().unwrap_or_default() as usize;
            let line = template.lines().nth(at("line") - 1).unwrap_or_default();
            (
                id,
                at("line"),
                &line[at("column") - 1..at("endColumn") - 1],
                finding["fix"]["edits"][0]["newText"].clone(),
            )
        })
        .collect();
    let fix = json!("true");
    assert_eq!(
        shown,
        [("Plain", 3, "false", fix), ("FOne", 10, "no", Value::Null), ("FTwo", 10, "no", Value::Null)],
        "{found:#?}"
    );
}

/// An object with a loop over an unknown list has names that are not known.
#[test]
fn an_unknown_loop_in_properties_leaves_them_undetermined() {
    let template = "Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList}}
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      Fn::ForEach::P: [Name, !Ref Names, {'${Name}': 7}]
";
    let found = findings(template, "logs-retention-required");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["outcome"], "undetermined");
}

/// A condition that an unknown loop may make holds or not.
#[test]
fn what_stands_under_an_unseen_condition_may_not_be_there() {
    let template = "Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList}}
Conditions:
  Fn::ForEach::C: [Name, !Ref Names, {'Is${Name}': !Equals [a, b]}]
Resources:
  Key: {Type: AWS::KMS::Key, Condition: IsMain, Properties: {EnableKeyRotation: false}}
";
    let found = findings(template, "kms-rotation");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0]["under"].as_str().is_some_and(|under| under.contains("IsMain")), "{found:#?}");
}

#[test]
fn loops_that_make_too_much_are_refused() {
    let list = format!("[{}]", vec!["a"; 100].join(","));
    let nested = (0..6).fold("{'${A}': {Type: AWS::SNS::Topic}}".to_owned(), |inner, depth| {
        format!("{{'Fn::ForEach::L{depth}': [I{depth}, {list}, {inner}]}}")
    });
    let empty = (0..6)
        .fold("{}".to_owned(), |inner, depth| format!("{{'Fn::ForEach::L{depth}': [I{depth}, {list}, {inner}]}}"));
    let long =
        format!("{{'Fn::ForEach::L': [I, [{}], {{A: {{Type: '{}'}}}}]}}", "x".repeat(200_000), "${I}".repeat(200_000));
    for resources in [nested, empty, long] {
        let Err(errors) = read(&format!("{TRANSFORM}Resources: {resources}\n"), &[]) else { panic!("not refused") };
        assert!(errors[0].message.contains("make too much"), "{errors:?}");
        assert_eq!(errors[0].line, Some(2));
    }
}

#[test]
fn a_nested_stack_loops_over_what_its_parent_passes() {
    let manifest = json!({ "version": "1", "artifacts": { "Main": {
        "type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
        "properties": { "templateFile": "main.json" },
    } } });
    let nested = json!({
        "Transform": "AWS::LanguageExtensions",
        "Parameters": { "Names": { "Type": "CommaDelimitedList", "Default": "x" } },
        "Resources": { "Fn::ForEach::L": ["Name", { "Ref": "Names" }, { "Q${Name}": { "Type": "AWS::SQS::Queue" } }] },
    });
    for (passed, expected) in [
        (json!("a,b"), vec!["Qa", "Qb"]),
        (json!({ "Fn::Join": [",", ["c", { "Ref": "Last" }]] }), vec!["Qc", "Qz"]),
        (json!({ "Ref": "Open" }), vec![]),
    ] {
        let main = json!({
            "Parameters": { "Last": { "Type": "String", "Default": "z" }, "Open": { "Type": "String" } },
            "Resources": { "Nested": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": { "Parameters": { "Names": passed } },
                "Metadata": { "aws:asset:path": "nested.json" },
            } },
        });
        let files = [("manifest.json", &manifest), ("main.json", &main), ("nested.json", &nested)];
        let files =
            files.map(|(path, content)| InputFile { path: path.into(), bytes: content.to_string().into_bytes() });
        let loaded = load("cdk.out", "assembly", files.into(), &|_| Settings::default());
        let model = loaded.unwrap_or_else(|errors| panic!("{errors:?}")).model;
        let stack = &model.stacks[1];
        let ids: Vec<_> = stack.resources.iter().map(|&id| model.resource(id).id.as_str()).collect();
        assert_eq!(ids, expected);
        assert_eq!(stack.transforms.is_empty(), !expected.is_empty());
    }
}

/// Values as loops may hold them, right or wrong, with loops among their members.
fn values() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec![
        "a",
        "A",
        "${A}",
        "&{A}",
        "x${A}-${B}",
        "${${A}}",
        "${",
        "&{",
        "}",
        "${!A}",
        "AWS::NoValue",
        "M",
        "é&{B}",
    ]);
    let leaf = prop_oneof![text.clone().prop_map(Value::from), Just(json!(7)), Just(json!(null)), Just(json!(true))];
    leaf.prop_recursive(5, 60, 4, move |inner| {
        let name = prop::sample::select(vec![
            "Ref",
            "Fn::Sub",
            "Fn::GetAtt",
            "Fn::If",
            "Fn::FindInMap",
            "Condition",
            "Properties",
            "${A}",
            "&{B}",
            "T",
            "Fn::ForEach::L",
            "Fn::ForEach::",
            "Fn::ForEach",
            "Type",
            "DependsOn",
        ]);
        let list = prop::collection::vec(inner.clone(), 0..4);
        let object = prop::collection::vec((name, inner.clone()), 0..4)
            .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        let identifier = prop::sample::select(vec!["A", "B"]);
        let each = (identifier, prop_oneof![list.clone().prop_map(Value::from), inner], "[A-Z]", Just(text.clone()))
            .prop_flat_map(|(identifier, list, name, text)| {
                text.prop_map(move |body| {
                    json!({ format!("Fn::ForEach::{name}"): [identifier, list, { body: { "Type": body } }] })
                })
            });
        prop_oneof![list.prop_map(Value::from), object.prop_map(Value::Object), each]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// No template stops the check, and what is made of it is made again of the same.
    #[test]
    fn any_loop_is_expanded_or_left(resources in values(), conditions in values(), list in values()) {
        let template = json!({
            "Transform": "AWS::LanguageExtensions",
            "Mappings": { "M": { "a": { "A": ["x", "y"] } } },
            "Conditions": conditions,
            "Resources": {
                "Fn::ForEach::Outer": ["A", list, { "R${A}": { "Type": "AWS::SNS::Topic", "Properties": resources.clone() } }],
                "Fixed": { "Type": "AWS::SQS::Queue", "Properties": resources },
            },
        })
        .to_string();
        let run = || {
            let mut checker = Checker::new(r#"{"preset": "all"}"#).expect("the options are right");
            checker.begin_input("t.json", "auto");
            checker.add_file("t.json", template.clone().into_bytes());
            checker.run()
        };
        prop_assert_eq!(run(), run());
    }
}
