//! See the documentation of the rule below.

use crate::rules::prelude::*;
use crate::rules::tags;

rule! {
    /// Resources have the tags that the organisation requires.
    ///
    /// By default `Environment`, `Owner` and `DataClassification`, with values from a vocabulary. Tags of the provider
    /// (Pulumi's `defaultTags`) and of the CDK's `Tags.of` count.
    ///
    /// Mend it once for all: `Tags.of(app).add(…)` in the CDK, `defaultTags` in Pulumi, tags of the stack in CloudFormation.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties: {Tags: [{Key: Environment, Value: prod}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties:
    ///       Tags: [{Key: Environment, Value: prod}, {Key: Owner, Value: platform}, {Key: DataClassification, Value: Internal}]
    /// ```
    ///
    /// Source: AWS Whitepaper "Best Practices for Tagging AWS Resources".
    {
        id: "required-tags", since: "0.1.0", category: Compliance, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: ["*"],
        params: {
            required: List = "[\"Environment\", \"Owner\", \"DataClassification\"]", "Keys that every resource has.";
            exemptTypes: List = "[]", "Types that need no tags.";
            Environment: List = "[\"dev\", \"development\", \"test\", \"qa\", \"staging\", \"stage\", \"prod\", \"production\"]", "Values of the tag Environment.";
            DataClassification: List = "[\"Public\", \"Internal\", \"Confidential\", \"Restricted\"]", "Values of the tag DataClassification.";
        },
    }
    |check, resource| {
        let kind = resource.kind();
        if TAGGABLE.binary_search(&kind).is_err() || check.list("exemptTypes").contains(&kind) {
            return;
        }
        let at = tags::property(resource);
        let tags = match tags::tags(resource) {
            Read::Known(tags) => tags,
            Read::Absent => Vec::new(),
            Read::Unknown(unknown) => {
                check.undetermined(&at, unknown);
                return;
            }
            Read::Other => return,
        };
        let mut missing = Vec::new();
        for key in check.each("required") {
            let Some(tag) = tags.iter().find(|tag| tag.key.as_literal() == Some(key)) else {
                // A key that is not known may be this one.
                if let Some(open) = tags.iter().find(|tag| tag.key.as_literal().is_none()) {
                    check.undetermined(&open.key_at, &open.key_at);
                    return;
                }
                let other = tags.iter().find_map(|tag| tag.key.as_literal().filter(|own| own.eq_ignore_ascii_case(key)));
                missing.push(match other {
                    Some(other) => format!("{key} (not {other})"),
                    None => key.to_owned(),
                });
                continue;
            };
            let Read::Known(value) = tag.value.literal() else { continue };
            if value.trim().is_empty() {
                missing.push(format!("{key} (empty)"));
                continue;
            }
            let has_vocabulary = matches!(key, "Environment" | "DataClassification");
            if has_vocabulary && check.each(vocabulary_of(key)).next().is_some() && !check.each(vocabulary_of(key)).any(|known| known == value) {
                let vocabulary = check.list(vocabulary_of(key));
                let same = vocabulary.iter().find(|known| known.eq_ignore_ascii_case(&value));
                let hint = same.map_or_else(|| format!("use one of {}", vocabulary.join(", ")), |known| format!("use {known}"));
                check
                    .fail(&tag.value, format!("the tag {key} of {} has the value {value}, which is none of the agreed ones", resource.label()))
                    .fix(Fix::suggested(hint));
            }
        }
        if !missing.is_empty() {
            let missing = missing.join(", ");
            check
                .fail(&at, format!("{} lacks the tags {missing}", resource.label()))
                .fix(Fix::suggested(format!("add {missing}, best to the whole app or provider")));
        }
    }
}

/// The parameter with the values of a key.
fn vocabulary_of(key: &str) -> &'static str {
    if key == "Environment" { "Environment" } else { "DataClassification" }
}

/// Types that take tags; others are not looked at. Sorted.
const TAGGABLE: &[&str] = &[
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Api",
    "AWS::Athena::WorkGroup",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupVault",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFront::Distribution",
    "AWS::CloudTrail::EventDataStore",
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeBuild::Project",
    "AWS::CodePipeline::Pipeline",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::EC2::FlowLog",
    "AWS::EC2::Instance",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::EFS::FileSystem",
    "AWS::EKS::Cluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::GuardDuty::Detector",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::Secret",
    "AWS::SecurityHub::Hub",
    "AWS::StepFunctions::StateMachine",
    "AWS::WAFv2::WebACL",
];

#[cfg(test)]
mod tests {
    #[test]
    fn types_are_sorted() {
        assert!(super::TAGGABLE.is_sorted());
    }
}
