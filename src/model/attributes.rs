//! What `Ref` and `Fn::GetAtt` yield, per resource type: names, ids and ARNs of known shape.
//!
//! Source: "Return values" of each type in the AWS CloudFormation Template Reference, and "Resource types defined by …" in
//! the Service Authorization Reference for the ARNs.

use super::functions;
use super::source::NodeRef;
use super::stack::OpaqueKey;
use super::text::{Pseudo, ResourceId, Symbol, Text, TextBuilder};
use super::value::{Read, Value};
use super::world::World;

/// What AWS calls a resource of one type.
pub struct Naming {
    pub kind: &'static str,
    /// Property with the physical name, where the user may choose it.
    pub name: Option<&'static str>,
    /// What `Ref` yields.
    pub reference: Form,
    /// ARN with `P` partition, `R` region, `A` account and `{}` the name or id; empty where the type has none.
    pub arn: &'static str,
    /// Attribute that yields the ARN.
    pub arn_attribute: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The physical name that the user chose or AWS made up.
    Name,
    /// An id that AWS makes up.
    Id,
    Arn,
    /// Something else that is not known.
    Other,
}

const fn row(
    kind: &'static str,
    name: Option<&'static str>,
    reference: Form,
    arn: &'static str,
    arn_attribute: &'static str,
) -> Naming {
    Naming { kind, name, reference, arn, arn_attribute }
}

/// Sorted by type.
pub const NAMINGS: &[Naming] = &[
    row("AWS::ApiGateway::RestApi", None, Form::Id, "", ""),
    row("AWS::ApiGatewayV2::Api", None, Form::Id, "", ""),
    row(
        "AWS::Backup::BackupVault",
        Some("BackupVaultName"),
        Form::Name,
        "arn:P:backup:R:A:backup-vault:{}",
        "BackupVaultArn",
    ),
    row(
        "AWS::CloudTrail::EventDataStore",
        None,
        Form::Arn,
        "arn:P:cloudtrail:R:A:eventdatastore/{}",
        "EventDataStoreArn",
    ),
    row("AWS::CloudTrail::Trail", Some("TrailName"), Form::Name, "arn:P:cloudtrail:R:A:trail/{}", "Arn"),
    row("AWS::CloudWatch::Alarm", Some("AlarmName"), Form::Name, "arn:P:cloudwatch:R:A:alarm:{}", "Arn"),
    row("AWS::CloudWatch::CompositeAlarm", Some("AlarmName"), Form::Name, "arn:P:cloudwatch:R:A:alarm:{}", "Arn"),
    row("AWS::CodeBuild::Project", Some("Name"), Form::Name, "arn:P:codebuild:R:A:project/{}", "Arn"),
    row("AWS::Cognito::UserPool", None, Form::Id, "arn:P:cognito-idp:R:A:userpool/{}", "Arn"),
    row("AWS::Config::ConfigRule", Some("ConfigRuleName"), Form::Name, "", "Arn"),
    row("AWS::Config::ConfigurationRecorder", Some("Name"), Form::Name, "", ""),
    row("AWS::Config::DeliveryChannel", Some("Name"), Form::Name, "", ""),
    row("AWS::DynamoDB::GlobalTable", Some("TableName"), Form::Name, "arn:P:dynamodb:R:A:table/{}", "Arn"),
    row("AWS::DynamoDB::Table", Some("TableName"), Form::Name, "arn:P:dynamodb:R:A:table/{}", "Arn"),
    row("AWS::EC2::FlowLog", None, Form::Id, "", ""),
    row("AWS::EC2::InternetGateway", None, Form::Id, "", ""),
    row("AWS::EC2::NatGateway", None, Form::Id, "", ""),
    row("AWS::EC2::RouteTable", None, Form::Id, "", ""),
    row("AWS::EC2::SecurityGroup", None, Form::Id, "", ""),
    row("AWS::EC2::Subnet", None, Form::Id, "", ""),
    row("AWS::EC2::VPC", None, Form::Id, "", ""),
    row("AWS::EC2::VPCEndpoint", None, Form::Id, "", ""),
    row("AWS::ECR::Repository", Some("RepositoryName"), Form::Name, "arn:P:ecr:R:A:repository/{}", "Arn"),
    row("AWS::ECS::Cluster", Some("ClusterName"), Form::Name, "arn:P:ecs:R:A:cluster/{}", "Arn"),
    row("AWS::ECS::TaskDefinition", None, Form::Other, "", ""),
    row("AWS::EFS::FileSystem", None, Form::Id, "arn:P:elasticfilesystem:R:A:file-system/{}", "Arn"),
    row("AWS::ElasticLoadBalancingV2::LoadBalancer", None, Form::Other, "", ""),
    row("AWS::Events::ApiDestination", Some("Name"), Form::Name, "", ""),
    row("AWS::Events::EventBus", Some("Name"), Form::Name, "arn:P:events:R:A:event-bus/{}", "Arn"),
    row("AWS::Events::Rule", Some("Name"), Form::Name, "arn:P:events:R:A:rule/{}", "Arn"),
    row("AWS::GuardDuty::Detector", None, Form::Id, "", ""),
    row("AWS::IAM::AccessKey", None, Form::Id, "", ""),
    row("AWS::IAM::Group", Some("GroupName"), Form::Name, "arn:P:iam::A:group/{}", "Arn"),
    row(
        "AWS::IAM::InstanceProfile",
        Some("InstanceProfileName"),
        Form::Name,
        "arn:P:iam::A:instance-profile/{}",
        "Arn",
    ),
    row("AWS::IAM::ManagedPolicy", Some("ManagedPolicyName"), Form::Arn, "arn:P:iam::A:policy/{}", "PolicyArn"),
    row("AWS::IAM::OIDCProvider", None, Form::Arn, "arn:P:iam::A:oidc-provider/{}", "Arn"),
    row("AWS::IAM::Policy", Some("PolicyName"), Form::Name, "", ""),
    row("AWS::IAM::Role", Some("RoleName"), Form::Name, "arn:P:iam::A:role/{}", "Arn"),
    row("AWS::IAM::SAMLProvider", Some("Name"), Form::Arn, "arn:P:iam::A:saml-provider/{}", "Arn"),
    row("AWS::IAM::User", Some("UserName"), Form::Name, "arn:P:iam::A:user/{}", "Arn"),
    row("AWS::KMS::Alias", Some("AliasName"), Form::Name, "arn:P:kms:R:A:{}", ""),
    row("AWS::KMS::Key", None, Form::Id, "arn:P:kms:R:A:key/{}", "Arn"),
    row("AWS::KMS::ReplicaKey", None, Form::Id, "arn:P:kms:R:A:key/{}", "Arn"),
    row("AWS::Kinesis::Stream", Some("Name"), Form::Name, "arn:P:kinesis:R:A:stream/{}", "Arn"),
    row(
        "AWS::KinesisFirehose::DeliveryStream",
        Some("DeliveryStreamName"),
        Form::Name,
        "arn:P:firehose:R:A:deliverystream/{}",
        "Arn",
    ),
    row("AWS::Lambda::Alias", None, Form::Arn, "", ""),
    row("AWS::Lambda::Function", Some("FunctionName"), Form::Name, "arn:P:lambda:R:A:function:{}", "Arn"),
    row("AWS::Lambda::LayerVersion", None, Form::Arn, "", ""),
    row("AWS::Lambda::Version", None, Form::Arn, "", ""),
    // `Arn` of a log group ends with `:*`.
    row("AWS::Logs::LogGroup", Some("LogGroupName"), Form::Name, "arn:P:logs:R:A:log-group:{}:*", "Arn"),
    row("AWS::Logs::LogStream", Some("LogStreamName"), Form::Name, "", ""),
    row("AWS::Logs::MetricFilter", Some("FilterName"), Form::Name, "", ""),
    row("AWS::RDS::DBCluster", Some("DBClusterIdentifier"), Form::Name, "arn:P:rds:R:A:cluster:{}", "DBClusterArn"),
    row("AWS::RDS::DBInstance", Some("DBInstanceIdentifier"), Form::Name, "arn:P:rds:R:A:db:{}", "DBInstanceArn"),
    row("AWS::S3::AccessPoint", Some("Name"), Form::Name, "arn:P:s3:R:A:accesspoint/{}", "Arn"),
    row("AWS::S3::Bucket", Some("BucketName"), Form::Name, "arn:P:s3:::{}", "Arn"),
    row("AWS::SNS::Topic", Some("TopicName"), Form::Arn, "arn:P:sns:R:A:{}", "TopicArn"),
    row("AWS::SQS::Queue", Some("QueueName"), Form::Other, "arn:P:sqs:R:A:{}", "Arn"),
    row("AWS::SSM::Parameter", Some("Name"), Form::Name, "", ""),
    // The ARN of a secret is its name and six characters that AWS adds: `{}` is both.
    row("AWS::SecretsManager::Secret", None, Form::Arn, "arn:P:secretsmanager:R:A:secret:{}", "Id"),
    row("AWS::Serverless::Function", Some("FunctionName"), Form::Name, "arn:P:lambda:R:A:function:{}", "Arn"),
    row(
        "AWS::StepFunctions::StateMachine",
        Some("StateMachineName"),
        Form::Arn,
        "arn:P:states:R:A:stateMachine:{}",
        "Arn",
    ),
];

pub fn naming(kind: &str) -> Option<&'static Naming> {
    NAMINGS.binary_search_by(|naming| naming.kind.cmp(kind)).ok().map(|index| &NAMINGS[index])
}

/// What `Ref` of a resource yields.
pub fn reference<'s>(world: &'s World<'s>, id: ResourceId) -> Text<'s> {
    let data = world.model.resource(id);
    match naming(&data.kind).map(|naming| naming.reference) {
        Some(Form::Name) => name(world, id),
        Some(Form::Id) => identifier(world, id),
        Some(Form::Arn) => arn(world, id).unwrap_or_else(|| other(world, id, "Ref")),
        Some(Form::Other) | None => other(world, id, "Ref"),
    }
}

/// What an attribute of a resource yields; `None` where nothing is known about it.
pub fn attribute<'s>(world: &'s World<'s>, id: ResourceId, attribute: &str) -> Option<Text<'s>> {
    let data = world.model.resource(id);
    if let Some(naming) = naming(&data.kind) {
        if attribute == naming.arn_attribute || (attribute == "Arn" && !naming.arn.is_empty()) {
            return Some(arn(world, id).unwrap_or_else(|| other(world, id, attribute)));
        }
        match (naming.kind, attribute) {
            ("AWS::SNS::Topic", "TopicName")
            | ("AWS::SQS::Queue", "QueueName")
            | ("AWS::StepFunctions::StateMachine", "Name")
            | ("AWS::IAM::ManagedPolicy", "PolicyName") => return Some(name(world, id)),
            ("AWS::SQS::Queue", "QueueUrl") => return Some(other(world, id, "Ref")),
            ("AWS::KMS::Key" | "AWS::KMS::ReplicaKey", "KeyId")
            | ("AWS::EC2::VPC", "VpcId")
            | ("AWS::EC2::Subnet", "SubnetId")
            | ("AWS::EC2::SecurityGroup", "GroupId" | "Id")
            | ("AWS::GuardDuty::Detector", "Id") => return Some(identifier(world, id)),
            ("AWS::EC2::VPC", "CidrBlock") => return Some(block(world, id)),
            _ => {}
        }
    }
    Some(other(world, id, attribute))
}

/// The physical name: written, known to the host, or a symbol.
pub fn name<'s>(world: &'s World<'s>, id: ResourceId) -> Text<'s> {
    let data = world.model.resource(id);
    if let Some(name) = &data.physical_name {
        return Text::from(name.as_str());
    }
    if let Some(property) = naming(&data.kind).and_then(|naming| naming.name)
        && let Some(properties) = data.properties
        && let Some(text) = written_name(world, id, properties, property)
    {
        return text;
    }
    Text::symbol(Symbol::Name(id))
}

fn written_name<'s>(
    world: &'s World<'s>,
    id: ResourceId,
    properties: NodeRef,
    property: &'static str,
) -> Option<Text<'s>> {
    let stack = world.model.resource(id).stack;
    match Value::of(world, stack, properties).get(property).text() {
        Read::Known(text) => Some(text),
        // The user names it, by what is not known: any string, not one that AWS makes up.
        Read::Unknown(unknown) => {
            let key = OpaqueKey::Attribute(id, property.to_owned());
            let why = || (unknown.why().clone(), unknown.maybe_absent(), vec![id]);
            world.model.opaque(key, why).opaque().map(|name| Text::symbol(Symbol::Opaque(name)))
        }
        _ => None,
    }
}

/// The block of a VPC as it is written. One with bits beyond its mask is not known: EC2 changes it to its canonical form
/// (Amazon EC2 API Reference, `CreateVpc`).
fn block<'s>(world: &'s World<'s>, id: ResourceId) -> Text<'s> {
    let data = world.model.resource(id);
    let written = data.properties.map(|node| Value::of(world, data.stack, node).get("CidrBlock"));
    match written.map(|block| block.text()) {
        Some(Read::Known(Text::Literal(block))) if functions::is_canonical_block(&block) => Text::Literal(block),
        _ => other(world, id, "CidrBlock"),
    }
}

fn identifier<'s>(world: &'s World<'s>, id: ResourceId) -> Text<'s> {
    match &world.model.resource(id).physical_id {
        Some(known) => Text::from(known.as_str()),
        None => Text::symbol(Symbol::Id(id)),
    }
}

fn other<'s>(world: &'s World<'s>, id: ResourceId, attribute: &str) -> Text<'s> {
    use super::unknown::Why;
    let shown = format!("{}.{attribute}", world.model.resource(id).id);
    let unknown =
        world.model.opaque(OpaqueKey::Attribute(id, attribute.to_owned()), || (Why::Attribute(shown), false, vec![id]));
    match unknown.opaque() {
        Some(opaque) => Text::symbol(Symbol::Opaque(opaque)),
        None => Text::symbol(Symbol::Id(id)),
    }
}

/// The ARN of a resource; `None` where its type has none that is known.
pub fn arn<'s>(world: &'s World<'s>, id: ResourceId) -> Option<Text<'s>> {
    world.arn(id, || written_arn(world, id))
}

fn written_arn<'s>(world: &'s World<'s>, id: ResourceId) -> Option<Text<'s>> {
    let data = world.model.resource(id);
    if let Some(arn) = &data.arn {
        return Some(Text::from(arn.as_str()));
    }
    let naming = naming(&data.kind)?;
    if naming.arn.is_empty() {
        return None;
    }
    let by_id = naming.name.is_none();
    let mut builder = TextBuilder::default();
    let (head, tail) = naming.arn.split_once("{}")?;
    for (index, field) in head.split(':').enumerate() {
        if index > 0 {
            builder.push_literal(":".into());
        }
        match field {
            "P" => builder.push(world.model.pseudo(data.stack, Pseudo::Partition)),
            "R" => match &data.region {
                Some(region) => builder.push(Text::from(region.as_str())),
                None => builder.push(world.model.pseudo(data.stack, Pseudo::Region)),
            },
            "A" => builder.push(world.model.pseudo(data.stack, Pseudo::AccountId)),
            literal => builder.push_literal(literal.into()),
        }
    }
    if let ("AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" | "AWS::IAM::ManagedPolicy", Some(properties)) =
        (data.kind.as_str(), data.properties)
    {
        // A path stands between the type and the name: `role` + `/service/` + name.
        match Value::of(world, data.stack, properties).get("Path").symbolic() {
            Some(Text::Literal(path)) => builder.push_literal(path.trim_start_matches('/').to_owned().into()),
            Some(path) => builder.push(path),
            None => {}
        }
    }
    if data.kind == "AWS::Events::Rule"
        && let Some(bus) = bus_of(world, id)?
    {
        builder.push(bus);
        builder.push_literal("/".into());
    }
    builder.push(if by_id { identifier(world, id) } else { name(world, id) });
    builder.push_literal(tail.into());
    Some(builder.finish())
}

/// The bus whose name the ARN of a rule holds: none for the default one. `None` where that is not known.
/// Source: Service Authorization Reference, "Resource types defined by Amazon EventBridge".
fn bus_of<'s>(world: &'s World<'s>, id: ResourceId) -> Option<Option<Text<'s>>> {
    let data = world.model.resource(id);
    let Some(properties) = data.properties else { return Some(None) };
    let bus = match Value::of(world, data.stack, properties).get("EventBusName").text() {
        Read::Known(bus) => bus,
        Read::Unknown(_) => return None,
        Read::Absent | Read::Other => return Some(None),
    };
    // A bus may be given by its ARN.
    let bus = match bus.arn_fields() {
        Some([.., path]) => path.without_prefix("event-bus/")?.into_owned(),
        None => bus,
    };
    match bus.as_literal() {
        Some("default" | "") => Some(None),
        _ => (!bus.has_opaque()).then_some(Some(bus)),
    }
}

#[cfg(test)]
mod tests {
    use super::NAMINGS;

    #[test]
    fn rows_are_sorted() {
        assert!(NAMINGS.is_sorted_by(|one, other| one.kind < other.kind));
    }
}
