//! Small exports and what they become.

use crate::doc::{Shape, parse_json};
use crate::frontend::pulumi::{PulumiKind, build, kinds, written_name, written_pointer};
use crate::model::source::{Origin, Source};
use crate::model::stack::Model;
use crate::model::{Read, Resource, World};

fn load(text: &str, kind: PulumiKind) -> Result<Model, String> {
    let doc = parse_json(text).map_err(|error| error.message)?;
    let mut model = Model::default();
    let origin = Origin::File { path: "state.json".into() };
    let source = model.add_source(Source { doc, origin, functions: false, holes: Vec::new() });
    build(&mut model, "state.json", source, kind)?;
    Ok(model)
}

const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/// A state with the default provider and these rows: type, name, the rest of the row.
fn state(rows: &[(&str, &str, &str)]) -> Model {
    let mut text = String::from(
        r#"{"version":3,"deployment":{"resources":[
          {"urn":"urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev","custom":false,"type":"pulumi:pulumi:Stack"},
          {"urn":"urn:pulumi:dev::p::pulumi:providers:aws::default_7","custom":true,"id":"x","type":"pulumi:providers:aws",
           "inputs":{"region":"eu-west-1","allowedAccountIds":"[\"111122223333\"]"}}"#,
    );
    for (token, name, rest) in rows {
        let urn = urn(token, name);
        text.push_str(&format!(
            r#",{{"urn":"{urn}","custom":true,"type":"{token}","provider":"urn:pulumi:dev::p::pulumi:providers:aws::default_7::x",{rest}}}"#
        ));
    }
    text.push_str("]}}");
    load(&text.replace("UNKNOWN", UNKNOWN), PulumiKind::State).expect("a state")
}

fn urn(token: &str, name: &str) -> String {
    format!("urn:pulumi:dev::p::{token}::{name}")
}

fn with<T>(model: &Model, name: &str, then: impl for<'s> FnOnce(Resource<'s>) -> T) -> T {
    let world = World::new(model);
    let index = model.resources.iter().position(|resource| resource.id.ends_with(&format!("::{name}")));
    let id = crate::model::ResourceId(index.expect("a resource of this name") as u32);
    then(Resource::new(&world, id))
}

fn literal(model: &Model, name: &str, path: &'static str) -> Option<String> {
    with(model, name, |resource| resource.get(path).literal().known().map(|text| text.into_owned()))
}

const BUCKET: &str = "aws:s3/bucket:Bucket";
const ROLE: &str = "aws:iam/role:Role";

#[test]
fn the_stack_has_its_account_and_region() {
    let model = state(&[(BUCKET, "data", r#""inputs":{"bucket":"data"}"#)]);
    let stack = &model.stacks[0];
    assert_eq!(stack.account.as_deref(), Some("111122223333"));
    assert_eq!(stack.region.as_deref(), Some("eu-west-1"));
    assert_eq!(stack.name.as_deref(), Some("dev"));
    assert!(stack.preview);
    assert_eq!(model.resources.len(), 1);
    assert_eq!(model.resources[0].kind, "AWS::S3::Bucket");
    assert_eq!(model.resources[0].region.as_deref(), Some("eu-west-1"));
}

#[test]
fn a_split_resource_is_joined_by_its_dependency() {
    let dependency = format!(r#""propertyDependencies":{{"bucket":["{}"]}}"#, urn(BUCKET, "data"));
    let versioning = format!(
        r#""inputs":{{"bucket":"UNKNOWN","versioningConfiguration":{{"__defaults":[],"status":"Enabled"}}}},{dependency}"#
    );
    let encryption = format!(
        r#""inputs":{{"bucket":"UNKNOWN","rules":[{{"applyServerSideEncryptionByDefault":{{"sseAlgorithm":"aws:kms","kmsMasterKeyId":"UNKNOWN"}},"bucketKeyEnabled":true}}]}},{dependency}"#
    );
    let model = state(&[
        (BUCKET, "data", r#""inputs":{"__defaults":["bucket"],"bucket":"data-1234567","tagsAll":{"Team":"a"}}"#),
        (BUCKET, "other", r#""inputs":{"bucket":"other"}"#),
        ("aws:s3/bucketVersioning:BucketVersioning", "v", &versioning),
        ("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "e", &encryption),
    ]);
    assert_eq!(literal(&model, "data", "VersioningConfiguration.Status").as_deref(), Some("Enabled"));
    with(&model, "data", |bucket| {
        let rules = bucket.get("BucketEncryption.ServerSideEncryptionConfiguration").items().known().expect("a list");
        assert_eq!(rules.len(), 1);
        let key = rules[0].path("ServerSideEncryptionByDefault.KMSMasterKeyID");
        assert!(key.is_unknown());
        let algorithm = rules[0].path("ServerSideEncryptionByDefault.SSEAlgorithm");
        let pointer = written_pointer(&model, bucket.id(), algorithm.place().node);
        assert_eq!(pointer, "/rules/0/applyServerSideEncryptionByDefault/sseAlgorithm");
        let tags = bucket.get("Tags").items().known().expect("tags");
        assert_eq!(tags[0].get("Key").literal().known().as_deref(), Some("Team"));
        // Pulumi's own name is not what the user wrote.
        assert!(bucket.get("BucketName").is_absent());
        assert_eq!(bucket.data().physical_name.as_deref(), Some("data-1234567"));
    });
    with(&model, "other", |bucket| assert!(bucket.get("VersioningConfiguration").is_absent()));
    with(&model, "v", |split| assert!(split.data().joined_to.is_some()));
    assert_eq!(model.of_type(crate::model::StackId(0), "aws:s3/bucketVersioning:BucketVersioning").len(), 0);
}

#[test]
fn a_split_resource_of_nobody_knows_whom_makes_unknown() {
    let model = state(&[
        (BUCKET, "one", r#""inputs":{"bucket":"one"}"#),
        (BUCKET, "two", r#""inputs":{"bucket":"two"}"#),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            "v",
            r#""inputs":{"bucket":"UNKNOWN","versioningConfiguration":{"status":"Enabled"}}"#,
        ),
    ]);
    for name in ["one", "two"] {
        with(&model, name, |bucket| {
            let status = bucket.get("VersioningConfiguration.Status");
            assert!(status.unknown().is_some_and(|unknown| unknown.maybe_absent()));
        });
    }
}

#[test]
fn a_literal_name_joins_after_an_update() {
    let model = state(&[
        (BUCKET, "data", r#""id":"data","inputs":{"bucket":"data"},"outputs":{"arn":"arn:aws:s3:::data"}"#),
        ("aws:s3/bucketAcl:BucketAcl", "acl", r#""id":"data,private","inputs":{"bucket":"data","acl":"public-read"}"#),
    ]);
    assert_eq!(literal(&model, "data", "AccessControl").as_deref(), Some("PublicRead"));
    assert_eq!(model.resources[0].arn.as_deref(), Some("arn:aws:s3:::data"));
    assert!(!model.stacks[0].preview);
}

#[test]
fn unknown_outputs_know_what_they_depend_on() {
    let rest = format!(
        r#""inputs":{{"name":"/a","kmsKeyId":"UNKNOWN","retentionInDays":0}},"propertyDependencies":{{"kmsKeyId":["{}"]}}"#,
        urn("aws:kms/key:Key", "key")
    );
    let model = state(&[
        ("aws:kms/key:Key", "key", r#""inputs":{"policy":"UNKNOWN"}"#),
        ("aws:cloudwatch/logGroup:LogGroup", "logs", &rest),
    ]);
    with(&model, "logs", |group| {
        let key = group.get("KmsKeyId");
        let unknown = key.unknown().expect("unknown");
        assert_eq!(unknown.depends_on(), &[crate::model::ResourceId(0)]);
        assert!(key.is_present());
        assert!(group.get("RetentionInDays").is_absent());
    });
    with(&model, "key", |key| assert!(!key.get("KeyPolicy").is_present()));
}

#[test]
fn texts_with_outputs_in_them_are_symbolic() {
    let model = state(&[(
        ROLE,
        "role",
        r#""inputs":{"name":"r","assumeRolePolicy":"{\"Statement\":[{\"Resource\":\"UNKNOWN/*\"}]}","description":"{{resolve:ssm:x}}"}"#,
    )]);
    with(&model, "role", |role| {
        let statements = role.get("AssumeRolePolicyDocument.Statement").items().known().expect("a list");
        let Read::Known(resource) = statements[0].get("Resource").text() else { panic!("a text") };
        assert_eq!(resource.pieces().len(), 2);
        // Plain data: CloudFormation's dynamic references mean nothing to Pulumi.
        assert_eq!(role.get("Description").literal().known().as_deref(), Some("{{resolve:ssm:x}}"));
    });
}

#[test]
fn objects_that_look_like_functions_are_data() {
    let model = state(&[
        (
            "aws:lambda/function:Function",
            "f",
            r#""inputs":{"environment":{"__defaults":[],"variables":{"__defaults":[],"Ref":"x"}}}"#,
        ),
        ("random:index:Thing", "thing", r#""inputs":{"Ref":"x","__defaults":[]}"#),
    ]);
    with(&model, "f", |function| {
        let Read::Known(variables) = function.get("Environment.Variables").entries() else { panic!("an object") };
        assert_eq!(variables.len(), 1);
        assert_eq!(variables[0].0, "Ref");
        assert_eq!(variables[0].1.literal().known().as_deref(), Some("x"));
    });
    assert_eq!(literal(&model, "thing", "Ref").as_deref(), Some("x"));
}

#[test]
fn secrets_are_unknown_or_their_plain_text() {
    let signature = r#""4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270""#;
    let rest = format!(
        r#""inputs":{{"username":{{{signature},"ciphertext":"v1:x"}},"password":{{{signature},"plaintext":"\"hunter2\""}}}}"#
    );
    let model = state(&[("aws:rds/instance:Instance", "db", &rest)]);
    with(&model, "db", |db| {
        assert!(db.get("MasterUsername").is_unknown());
        assert_eq!(db.get("MasterUserPassword").literal().known().as_deref(), Some("hunter2"));
    });
}

#[test]
fn native_properties_have_cloudformations_names() {
    let model = state(&[
        (
            "aws-native:cloudtrail:Trail",
            "trail",
            r#""inputs":{"trailName":"t","kmsKeyId":"k","s3BucketName":"b","advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]}]}]}"#,
        ),
        (
            "aws-native:iam:ManagedPolicy",
            "policy",
            r#""inputs":{"policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Condition":{"stringEquals":{"a":"b"}}}]}}"#,
        ),
        ("aws-native:sqs:Mystery", "mystery", r#""inputs":{"queueName":"q","tags":[{"key":"a","value":"b"}]}"#),
    ]);
    assert_eq!(literal(&model, "trail", "KMSKeyId").as_deref(), Some("k"));
    with(&model, "trail", |trail| {
        let selectors = trail.get("AdvancedEventSelectors").items().known().expect("a list");
        let fields = selectors[0].get("FieldSelectors").items().known().expect("a list");
        assert_eq!(fields[0].get("Field").literal().known().as_deref(), Some("eventCategory"));
    });
    with(&model, "policy", |policy| {
        let statements = policy.get("PolicyDocument.Statement").items().known().expect("a list");
        assert!(statements[0].path("Condition.stringEquals.a").is_present());
    });
    assert_eq!(literal(&model, "mystery", "QueueName").as_deref(), Some("q"));
}

#[test]
fn targets_and_attachments_are_resources_of_their_own() {
    let model = state(&[
        (
            "aws:cloudwatch/eventTarget:EventTarget",
            "t",
            r#""inputs":{"rule":"r","arn":"a","deadLetterConfig":{"arn":"q"},"retryPolicy":{"maximumRetryAttempts":3}}"#,
        ),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", r#""inputs":{"role":"r","policyArn":"p"}"#),
    ]);
    assert_eq!(model.resources[0].kind, kinds::EVENT_TARGET);
    assert_eq!(literal(&model, "t", "DeadLetterConfig.Arn").as_deref(), Some("q"));
    assert_eq!(literal(&model, "t", "RetryPolicy.MaximumRetryAttempts").as_deref(), Some("3"));
    assert_eq!(model.resources[1].kind, kinds::POLICY_ATTACHMENT);
    with(&model, "a", |attachment| {
        let roles = attachment.get("Roles").items().known().expect("a list");
        assert_eq!(roles[0].literal().known().as_deref(), Some("r"));
    });
}

#[test]
fn lists_of_sources_become_rules() {
    let model = state(&[(
        "aws:ec2/securityGroup:SecurityGroup",
        "g",
        r#""inputs":{"ingress":[{"protocol":"tcp","fromPort":22,"toPort":22,"cidrBlocks":["10.0.0.0/8","0.0.0.0/0"],"self":true}]}"#,
    )]);
    with(&model, "g", |group| {
        let rules = group.get("SecurityGroupIngress").items().known().expect("a list");
        assert_eq!(rules.len(), 3);
        assert_eq!(rules[1].get("CidrIp").literal().known().as_deref(), Some("0.0.0.0/0"));
        assert_eq!(rules[1].get("IpProtocol").literal().known().as_deref(), Some("tcp"));
        assert!(rules[2].get("SourceSecurityGroupId").text().known().is_some());
        assert!(group.get("SecurityGroupEgress").is_absent());
    });
}

#[test]
fn lifecycles_and_notifications_take_cloudformations_form() {
    let model = state(&[
        (BUCKET, "b", r#""inputs":{"bucket":"b"}"#),
        (
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "l",
            r#""inputs":{"bucket":"b","rules":[{"id":"x","status":"Enabled","filter":{"prefix":"logs/"},"transitions":[{"days":7,"storageClass":"STANDARD_IA"}]}]}"#,
        ),
        (
            "aws:s3/bucketNotification:BucketNotification",
            "n",
            r#""inputs":{"bucket":"b","queues":[{"queueArn":"q","events":["s3:ObjectCreated:*","s3:ObjectRemoved:*"],"filterPrefix":"in/"}]}"#,
        ),
    ]);
    with(&model, "b", |bucket| {
        let rules = bucket.get("LifecycleConfiguration.Rules").items().known().expect("a list");
        assert_eq!(rules[0].get("Prefix").literal().known().as_deref(), Some("logs/"));
        let transitions = rules[0].get("Transitions").items().known().expect("a list");
        assert_eq!(transitions[0].get("TransitionInDays").number(), Read::Known(7.0));
        let queues = bucket.get("NotificationConfiguration.QueueConfigurations").items().known().expect("a list");
        assert_eq!(queues.len(), 2);
        assert_eq!(queues[1].get("Event").literal().known().as_deref(), Some("s3:ObjectRemoved:*"));
        let filter = queues[0].path("Filter.S3Key.Rules").items().known().expect("a list");
        assert_eq!(filter[0].get("Value").literal().known().as_deref(), Some("in/"));
    });
}

#[test]
fn inline_policies_are_resources_that_refer_to_their_holder() {
    let model = state(&[("aws:sns/topic:Topic", "t", r#""inputs":{"name":"t","policy":"{\"Statement\":[]}"}"#)]);
    let policies = model.of_type(crate::model::StackId(0), "AWS::SNS::TopicPolicy");
    assert_eq!(policies.len(), 1);
    let world = World::new(&model);
    let topics = Resource::new(&world, policies[0]).get("Topics").items().known().expect("a list");
    assert_eq!(topics[0].text().known(), Resource::new(&world, crate::model::ResourceId(0)).arn());
    assert!(topics[0].text().known().is_some());
}

#[test]
fn previews_take_what_a_step_leaves() {
    let step = |op: &str, name: &str, state: &str| {
        let urn = urn(BUCKET, name);
        format!(
            r#"{{"op":"{op}","urn":"{urn}","{state}":{{"urn":"{urn}","custom":true,"type":"{BUCKET}","inputs":{{"bucket":"[secret]"}}}}}}"#
        )
    };
    let steps = [
        step("create", "new", "newState"),
        step("delete", "old", "oldState"),
        step("same", "kept", "oldState"),
        step("replace", "new", "newState"),
        "null".to_owned(),
    ];
    let text = format!(r#"{{"config":{{}},"steps":[{}]}}"#, steps.join(","));
    let model = load(&text, PulumiKind::Preview).expect("a preview");
    assert_eq!(model.resources.len(), 2);
    with(&model, "new", |bucket| assert!(bucket.get("BucketName").is_unknown()));
}

#[test]
fn odd_documents_are_errors_or_empty_but_never_a_panic() {
    for (text, kind, resources) in [
        (r#"{"deployment":null}"#, PulumiKind::State, Some(0)),
        (r#"{"deployment":{"resources":null}}"#, PulumiKind::State, Some(0)),
        (r#"{"deployment":{"resources":7}}"#, PulumiKind::State, None),
        (r#"{"deployment":[]}"#, PulumiKind::State, None),
        (r#"{}"#, PulumiKind::State, None),
        (r#"{"checkpoint":{"latest":{"resources":[]}}}"#, PulumiKind::State, Some(0)),
        (r#"{"checkpoint":{"latest":null}}"#, PulumiKind::State, Some(0)),
        (
            r#"{"resources":[null,1,[],{},{"urn":""},{"urn":7},{"urn":"u"},
               {"urn":"u::a::b","type":"aws:s3/bucket:Bucket","inputs":[1],"outputs":"x","dependencies":{},"propertyDependencies":[1]},
               {"urn":"u::a::c","type":"aws:s3/bucket:Bucket","delete":true},
               {"urn":"u::a::d","type":"aws:s3/bucketVersioning:BucketVersioning","inputs":{"bucket":[],"versioningConfiguration":7}},
               {"urn":"u::a::e","type":"aws:ec2/securityGroup:SecurityGroup","inputs":{"ingress":[null,7,{"cidrBlocks":null}],"egress":{}}},
               {"urn":"u::a::f","type":"aws:s3/bucketNotification:BucketNotification","inputs":{"bucket":"b","queues":{"events":7}}},
               {"urn":"é","type":"é"}]}"#,
            PulumiKind::Resources,
            Some(5),
        ),
    ] {
        let result = load(text, kind).map(|model| model.resources.len());
        assert_eq!(result.ok(), resources, "{text}");
    }
}

#[test]
fn the_known_cases_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases/pulumi");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("skipped: there is no folder of cases beside the repository");
        return;
    };
    let mut read = 0;
    for file in files.flatten() {
        let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
        if !text.starts_with('{') {
            continue;
        }
        let model = load(&text, PulumiKind::State).unwrap_or_else(|error| panic!("{:?}: {error}", file.path()));
        let world = World::new(&model);
        for index in 0..model.resources.len() as u32 {
            let resource = Resource::new(&world, crate::model::ResourceId(index));
            assert!(
                matches!(resource.properties().entries(), Read::Known(_)),
                "{:?} {}",
                file.path(),
                resource.logical_id()
            );
        }
        read += 1;
    }
    assert!(read > 200, "only {read} files");
}

/// Names of the table against those of the provider: `inputs.json` has the inputs of each type, from @pulumi/aws 7.48.
#[test]
fn the_table_has_the_providers_names() {
    let inputs = parse_json(include_str!("inputs.json")).expect("JSON");
    let root = inputs.root().expect("an object");
    let mut checked = 0;
    for row in super::table::TYPES.iter().filter(|row| row.token.starts_with("aws:")) {
        let list = inputs.get(root, row.token).unwrap_or_else(|| panic!("{} is no type", row.token));
        let Shape::Array(names) = inputs.shape(list) else { panic!("{} has no list", row.token) };
        let known = |name: &str| names.iter().any(|&node| inputs.string(node) == Some(name));
        for property in row.properties {
            let first = property.0.split(['.', '[']).next().unwrap_or_default();
            assert!(known(first), "{} has no {first}", row.token);
            checked += 1;
        }
        if let Some(owner) = &row.owner {
            assert!(known(owner.join), "{} has no {}", row.token, owner.join);
        }
    }
    assert!(checked > 700, "only {checked}");
}

#[test]
fn missing_properties_have_the_names_of_the_dialect() {
    let model = state(&[
        (BUCKET, "b", r#""inputs":{"bucket":"b"}"#),
        ("aws:lambda/function:Function", "f", r#""inputs":{"vpcConfig":{"subnetIds":[]}}"#),
        ("aws-native:cloudtrail:Trail", "t", r#""inputs":{"trailName":"t"}"#),
    ]);
    let missing = |name: &str, path: &'static str| {
        with(&model, name, |resource| {
            let place = resource.get(path).place();
            written_name(&model, resource.id(), place.node, place.missing.expect("a missing property"))
        })
    };
    assert_eq!(missing("b", "VersioningConfiguration"), "versioning");
    assert_eq!(missing("f", "VpcConfig.SecurityGroupIds"), "securityGroupIds");
    assert_eq!(missing("f", "KmsKeyArn"), "kmsKeyArn");
    assert_eq!(missing("t", "KMSKeyId"), "kmsKeyId");
}

#[test]
fn the_table_is_sorted() {
    assert!(super::table::TYPES.is_sorted_by(|one, other| one.token < other.token));
}
