//! See the documentation of the rule below.

use rustc_hash::FxHashMap;

use crate::rules::names::provider;
use crate::rules::prelude::*;

rule! {
    /// Two resources do not claim one physical name.
    ///
    /// Names are unique within an account and region; those of IAM within the account, whatever their case; those of buckets
    /// within a partition. The second resource with a name that is taken is refused.
    ///
    /// Mend it by leaving the names out, or by giving each a part of its own: the stack, environment or region.
    ///
    /// ```yaml fails
    /// Resources:
    ///   One: {Type: AWS::SNS::Topic, Properties: {TopicName: alerts}}
    ///   Two: {Type: AWS::SNS::Topic, Properties: {TopicName: alerts}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   One: {Type: AWS::SNS::Topic, Properties: {TopicName: alerts}}
    ///   Two: {Type: AWS::SQS::Queue, Properties: {QueueName: alerts}}
    /// ```
    ///
    /// Source: CloudFormation User Guide, "Name type"; S3 User Guide, "Bucket naming rules"; IAM User Guide, "IAM identifiers".
    {
        id: "duplicate-physical-name", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: Assembly,
        fix: Suggested,
    }
    stack |check, stack| {
        // All stacks are looked at in one go.
        if stack.id() != crate::model::StackId(0) {
            return;
        }
        let mut claims: FxHashMap<Claim<'_>, Vec<(Resource<'_>, Value<'_>)>> = FxHashMap::default();
        let mut order = Vec::new();
        for stack in stack.siblings() {
            for named in NAMED {
                for &id in check.world().model.of_type(stack.id(), named.kind) {
                    let resource = Resource::new(check.world(), id);
                    if resource.data().external {
                        continue;
                    }
                    let Some((claim, value)) = claim(named, resource) else { continue };
                    let holders = claims.entry(claim.clone()).or_default();
                    if holders.len() == 1 {
                        order.push(claim);
                    }
                    holders.push((resource, value));
                }
            }
        }
        for claim in order {
            let Some(holders) = claims.get(&claim) else { continue };
            // Whether they exist together is asked only where it matters.
            let mut present = holders.iter().filter(|(resource, _)| resource.exists());
            let Some((first, first_value)) = present.next() else { continue };
            for (resource, value) in present {
                let text = value.literal().known();
                let shown = text.map_or_else(|| "the same name".to_owned(), |text| format!("the name {text}"));
                check
                    .fail_on(*resource, value, format!("{} and {} both have {shown}", first.label(), resource.label()))
                    .related(*first, first_value, "has the name too")
                    .aws_error("AlreadyExists: the name is taken")
                    .fix(Fix::suggested("leave the name out, or give each a part of its own"));
            }
        }
    }
}

/// A type whose name is unique within some scope.
struct Named {
    kind: &'static str,
    property: &'static str,
    /// Properties that hold it: names are unique within the same of these.
    within: &'static [&'static str],
    scope: NameScope,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum NameScope {
    Region,
    Account,
    Partition,
}

const fn regional(kind: &'static str, property: &'static str) -> Named {
    Named { kind, property, within: &[], scope: NameScope::Region }
}

const fn inside(kind: &'static str, property: &'static str, within: &'static [&'static str]) -> Named {
    Named { kind, property, within, scope: NameScope::Region }
}

const fn account(kind: &'static str, property: &'static str) -> Named {
    Named { kind, property, within: &[], scope: NameScope::Account }
}

const NAMED: &[Named] = &[
    Named { kind: "AWS::S3::Bucket", property: "BucketName", within: &[], scope: NameScope::Partition },
    account("AWS::IAM::Role", "RoleName"),
    account("AWS::IAM::User", "UserName"),
    account("AWS::IAM::Group", "GroupName"),
    account("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    account("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    regional("AWS::Backup::BackupVault", "BackupVaultName"),
    regional("AWS::CloudTrail::Trail", "TrailName"),
    regional("AWS::CloudWatch::Alarm", "AlarmName"),
    regional("AWS::CloudWatch::CompositeAlarm", "AlarmName"),
    regional("AWS::CloudWatch::Dashboard", "DashboardName"),
    regional("AWS::CodeBuild::Project", "Name"),
    regional("AWS::Config::ConfigRule", "ConfigRuleName"),
    regional("AWS::DynamoDB::Table", "TableName"),
    regional("AWS::ECR::Repository", "RepositoryName"),
    regional("AWS::ECS::Cluster", "ClusterName"),
    regional("AWS::Events::EventBus", "Name"),
    inside("AWS::Events::Rule", "Name", &["EventBusName"]),
    regional("AWS::KMS::Alias", "AliasName"),
    regional("AWS::Kinesis::Stream", "Name"),
    regional("AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName"),
    regional("AWS::Lambda::Function", "FunctionName"),
    inside("AWS::Lambda::Alias", "Name", &["FunctionName"]),
    regional("AWS::Logs::LogGroup", "LogGroupName"),
    inside("AWS::Logs::LogStream", "LogStreamName", &["LogGroupName"]),
    inside("AWS::Logs::MetricFilter", "FilterName", &["LogGroupName"]),
    regional("AWS::RDS::DBCluster", "DBClusterIdentifier"),
    regional("AWS::RDS::DBInstance", "DBInstanceIdentifier"),
    regional("AWS::SNS::Topic", "TopicName"),
    regional("AWS::SQS::Queue", "QueueName"),
    regional("AWS::SSM::Parameter", "Name"),
    regional("AWS::SecretsManager::Secret", "Name"),
    regional("AWS::StepFunctions::StateMachine", "StateMachineName"),
    inside("AWS::EC2::SecurityGroup", "GroupName", &["VpcId"]),
];

/// Type, scope and name. Equal symbols are equal strings, so two resources with the same claim collide.
type Claim<'s> = (&'static str, Text<'s>, Vec<Text<'s>>, Text<'s>);

fn claim<'s>(named: &Named, resource: Resource<'s>) -> Option<(Claim<'s>, Value<'s>)> {
    let value = resource.get(named.property);
    let name = match value.text() {
        Read::Known(text) => text,
        Read::Unknown(_) => value.symbolic()?,
        _ => return None,
    };
    // An unknown that may be absent leaves the name to AWS; so does a prefix of Pulumi's.
    if value.unknown().is_some_and(|unknown| unknown.maybe_absent() || !matches!(unknown.why(), Why::Parameter(_))) {
        return None;
    }
    // A bucket in the namespace of its account and region has a name of its own there.
    if resource.is("AWS::S3::Bucket") && resource.get("BucketNamespace").is_present() {
        return None;
    }
    let name = match (named.scope, name) {
        (NameScope::Account, Text::Literal(name)) => Text::from(name.to_lowercase()),
        (_, name) => name,
    };
    let mut within = match named.scope {
        NameScope::Partition => Vec::new(),
        _ => vec![Text::from(provider(resource))],
    };
    for &property in named.within {
        let holder = resource.get(property);
        within.push(match holder.text() {
            Read::Known(text) => text,
            Read::Absent => Text::from(""),
            _ => return None,
        });
    }
    let scope = match named.scope {
        NameScope::Partition => resource.partition(),
        NameScope::Account => resource.account(),
        NameScope::Region => Text::concat([resource.account(), Text::from("/"), resource.region()]),
    };
    Some(((named.kind, scope, within, name), value))
}
