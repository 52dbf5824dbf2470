//! THE table of relations. A row says: a resource of type `from` names, under `path`, a resource of one of the types `to`.
//! Pulumi resources come here in canonical shape, so the rows serve both dialects; `[]` stands for each element of a list.

/// What one resource is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rel {
    /// Customer managed KMS key.
    EncryptedBy,
    /// Bucket, log group or stream that logs go to.
    DeliversTo,
    /// CloudWatch Logs group that a trail, flow log … writes to.
    LogsTo,
    /// Where notifications are sent.
    Notifies,
    /// Resource whose resource policy this is.
    PolicyOf,
    /// Principal that a policy is attached to.
    AttachedTo,
    /// Managed policy that a principal has.
    HasPolicy,
    /// Role that a service assumes for the resource.
    AssumesRole,
    /// What a rule, schedule, subscription or mapping sends events to.
    Targets,
    /// Queue for what could not be delivered.
    DeadLetters,
    /// Topic that a subscription listens to, log group that a filter reads, rule that a target belongs to.
    Listens,
    /// Function that a permission is for.
    PermissionFor,
    InSubnet,
    UsesSecurityGroup,
    InVpc,
    /// Route table that a subnet uses, subnet that an association names.
    RoutesFor,
    RouteVia,
    /// Function that rotates a secret.
    RotatedBy,
    /// Secret or bucket or key that a dependent resource configures.
    Configures,
    /// Alarm action.
    AlarmAction,
    /// Resource that a backup plan, association … covers.
    Covers,
}

pub struct Row {
    pub rel: Rel,
    pub from: &'static str,
    pub path: &'static str,
    pub to: &'static [&'static str],
}

const fn row(rel: Rel, from: &'static str, path: &'static str, to: &'static [&'static str]) -> Row {
    Row { rel, from, path, to }
}

const BUCKET: &[&str] = &["AWS::S3::Bucket"];
const KEYS: &[&str] = &["AWS::KMS::Key", "AWS::KMS::ReplicaKey", "AWS::KMS::Alias"];
const LOG_GROUP: &[&str] = &["AWS::Logs::LogGroup"];
const ROLE: &[&str] = &["AWS::IAM::Role"];
const TOPIC: &[&str] = &["AWS::SNS::Topic"];
const QUEUE: &[&str] = &["AWS::SQS::Queue"];
const FUNCTION: &[&str] =
    &["AWS::Lambda::Function", "AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::Serverless::Function"];
const SUBSCRIBERS: &[&str] = &[
    "AWS::Lambda::Function",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::Serverless::Function",
    "AWS::SQS::Queue",
    "AWS::KinesisFirehose::DeliveryStream",
];
const MANAGED_POLICY: &[&str] = &["AWS::IAM::ManagedPolicy"];
const SUBNET: &[&str] = &["AWS::EC2::Subnet"];
const SECURITY_GROUP: &[&str] = &["AWS::EC2::SecurityGroup"];
const VPC: &[&str] = &["AWS::EC2::VPC"];
const PRINCIPALS: &[&str] = &["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"];
const EVENT_TARGETS: &[&str] = &[
    "AWS::Lambda::Function",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::Serverless::Function",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Logs::LogGroup",
    "AWS::StepFunctions::StateMachine",
    "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::CodeBuild::Project",
    "AWS::CodePipeline::Pipeline",
    "AWS::ECS::Cluster",
    "AWS::Events::EventBus",
    "AWS::Events::ApiDestination",
    "AWS::Batch::JobQueue",
];

/// Kind of a Pulumi `aws:cloudwatch/eventTarget:EventTarget`, which CloudFormation has inside the rule: `Rule` (name of the
/// rule), `EventBusName`, and the properties of an element of `AWS::Events::Rule.Targets`.
pub const EVENT_TARGET: &str = "Stackproof::Events::Target";
/// Kind of Pulumi's policy attachments: `PolicyArn` and one of `Roles`, `Users`, `Groups` (lists of names).
pub const POLICY_ATTACHMENT: &str = "Stackproof::IAM::Attachment";

pub const ROWS: &[Row] = &[
    row(Rel::EncryptedBy, "AWS::Logs::LogGroup", "KmsKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::CloudTrail::Trail", "KMSKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::CloudTrail::EventDataStore", "KmsKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::SNS::Topic", "KmsMasterKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::SQS::Queue", "KmsMasterKeyId", KEYS),
    row(
        Rel::EncryptedBy,
        "AWS::S3::Bucket",
        "BucketEncryption.ServerSideEncryptionConfiguration.[].ServerSideEncryptionByDefault.KMSMasterKeyID",
        KEYS,
    ),
    row(Rel::EncryptedBy, "AWS::SecretsManager::Secret", "KmsKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::SSM::Parameter", "KeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::Lambda::Function", "KmsKeyArn", KEYS),
    row(Rel::EncryptedBy, "AWS::DynamoDB::Table", "SSESpecification.KMSMasterKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::RDS::DBInstance", "KmsKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::EFS::FileSystem", "KmsKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::EC2::Volume", "KmsKeyId", KEYS),
    row(Rel::EncryptedBy, "AWS::Backup::BackupVault", "EncryptionKeyArn", KEYS),
    row(Rel::Configures, "AWS::KMS::Alias", "TargetKeyId", &["AWS::KMS::Key", "AWS::KMS::ReplicaKey"]),
    row(Rel::Configures, "AWS::KMS::ReplicaKey", "PrimaryKeyArn", &["AWS::KMS::Key"]),
    row(Rel::DeliversTo, "AWS::CloudTrail::Trail", "S3BucketName", BUCKET),
    row(Rel::DeliversTo, "AWS::Config::DeliveryChannel", "S3BucketName", BUCKET),
    row(Rel::DeliversTo, "AWS::S3::Bucket", "LoggingConfiguration.DestinationBucketName", BUCKET),
    row(
        Rel::DeliversTo,
        "AWS::EC2::FlowLog",
        "LogDestination",
        &["AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::KinesisFirehose::DeliveryStream"],
    ),
    row(Rel::DeliversTo, "AWS::EC2::FlowLog", "LogGroupName", LOG_GROUP),
    row(Rel::LogsTo, "AWS::CloudTrail::Trail", "CloudWatchLogsLogGroupArn", LOG_GROUP),
    row(Rel::LogsTo, "AWS::Lambda::Function", "LoggingConfig.LogGroup", LOG_GROUP),
    row(Rel::Notifies, "AWS::CloudTrail::Trail", "SnsTopicName", TOPIC),
    row(Rel::Notifies, "AWS::Config::DeliveryChannel", "SnsTopicARN", TOPIC),
    row(Rel::Notifies, "AWS::S3::Bucket", "NotificationConfiguration.LambdaConfigurations.[].Function", FUNCTION),
    row(Rel::Notifies, "AWS::S3::Bucket", "NotificationConfiguration.QueueConfigurations.[].Queue", QUEUE),
    row(Rel::Notifies, "AWS::S3::Bucket", "NotificationConfiguration.TopicConfigurations.[].Topic", TOPIC),
    row(Rel::Notifies, "AWS::CodeStarNotifications::NotificationRule", "Targets.[].TargetAddress", TOPIC),
    row(Rel::Notifies, "AWS::Backup::BackupVault", "Notifications.SNSTopicArn", TOPIC),
    row(Rel::Notifies, "AWS::Budgets::Budget", "NotificationsWithSubscribers.[].Subscribers.[].Address", TOPIC),
    row(Rel::PolicyOf, "AWS::S3::BucketPolicy", "Bucket", BUCKET),
    row(Rel::PolicyOf, "AWS::SNS::TopicPolicy", "Topics.[]", TOPIC),
    row(Rel::PolicyOf, "AWS::SNS::TopicInlinePolicy", "TopicArn", TOPIC),
    row(Rel::PolicyOf, "AWS::SQS::QueuePolicy", "Queues.[]", QUEUE),
    row(Rel::PolicyOf, "AWS::SQS::QueueInlinePolicy", "Queue", QUEUE),
    row(Rel::PolicyOf, "AWS::SecretsManager::ResourcePolicy", "SecretId", &["AWS::SecretsManager::Secret"]),
    row(Rel::AttachedTo, "AWS::IAM::Policy", "Roles.[]", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::Policy", "Users.[]", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::Policy", "Groups.[]", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::ManagedPolicy", "Roles.[]", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::ManagedPolicy", "Users.[]", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::ManagedPolicy", "Groups.[]", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::RolePolicy", "RoleName", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::UserPolicy", "UserName", PRINCIPALS),
    row(Rel::AttachedTo, "AWS::IAM::GroupPolicy", "GroupName", PRINCIPALS),
    row(Rel::AttachedTo, POLICY_ATTACHMENT, "Roles.[]", PRINCIPALS),
    row(Rel::AttachedTo, POLICY_ATTACHMENT, "Users.[]", PRINCIPALS),
    row(Rel::AttachedTo, POLICY_ATTACHMENT, "Groups.[]", PRINCIPALS),
    row(Rel::HasPolicy, POLICY_ATTACHMENT, "PolicyArn", MANAGED_POLICY),
    row(Rel::HasPolicy, "AWS::IAM::Role", "ManagedPolicyArns.[]", MANAGED_POLICY),
    row(Rel::HasPolicy, "AWS::IAM::User", "ManagedPolicyArns.[]", MANAGED_POLICY),
    row(Rel::HasPolicy, "AWS::IAM::Group", "ManagedPolicyArns.[]", MANAGED_POLICY),
    row(Rel::HasPolicy, "AWS::IAM::Role", "PermissionsBoundary", MANAGED_POLICY),
    row(Rel::HasPolicy, "AWS::IAM::User", "PermissionsBoundary", MANAGED_POLICY),
    row(Rel::AssumesRole, "AWS::Lambda::Function", "Role", ROLE),
    row(Rel::AssumesRole, "AWS::CloudTrail::Trail", "CloudWatchLogsRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::EC2::FlowLog", "DeliverLogsPermissionArn", ROLE),
    row(Rel::AssumesRole, "AWS::Config::ConfigurationRecorder", "RoleARN", ROLE),
    row(Rel::AssumesRole, "AWS::Events::Rule", "RoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::Events::Rule", "Targets.[].RoleArn", ROLE),
    row(Rel::AssumesRole, EVENT_TARGET, "RoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::Scheduler::Schedule", "Target.RoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::S3::Bucket", "ReplicationConfiguration.Role", ROLE),
    row(Rel::AssumesRole, "AWS::StepFunctions::StateMachine", "RoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::Backup::BackupSelection", "BackupSelection.IamRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::KinesisFirehose::DeliveryStream", "S3DestinationConfiguration.RoleARN", ROLE),
    row(Rel::AssumesRole, "AWS::KinesisFirehose::DeliveryStream", "ExtendedS3DestinationConfiguration.RoleARN", ROLE),
    row(Rel::AssumesRole, "AWS::CodeBuild::Project", "ServiceRole", ROLE),
    row(Rel::AssumesRole, "AWS::ECS::TaskDefinition", "TaskRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::ECS::TaskDefinition", "ExecutionRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::Logs::SubscriptionFilter", "RoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::ApiGateway::Account", "CloudWatchRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::SNS::Topic", "DeliveryStatusLogging.[].SuccessFeedbackRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::SNS::Topic", "DeliveryStatusLogging.[].FailureFeedbackRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::RDS::DBInstance", "MonitoringRoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::CodePipeline::Pipeline", "RoleArn", ROLE),
    row(Rel::AssumesRole, "AWS::Glue::Job", "Role", ROLE),
    row(Rel::Targets, "AWS::Events::Rule", "Targets.[].Arn", EVENT_TARGETS),
    row(Rel::Targets, EVENT_TARGET, "Arn", EVENT_TARGETS),
    row(Rel::Targets, "AWS::Scheduler::Schedule", "Target.Arn", EVENT_TARGETS),
    row(Rel::Targets, "AWS::SNS::Subscription", "Endpoint", SUBSCRIBERS),
    row(Rel::Targets, "AWS::SNS::Topic", "Subscription.[].Endpoint", SUBSCRIBERS),
    row(
        Rel::Targets,
        "AWS::Logs::SubscriptionFilter",
        "DestinationArn",
        &[
            "AWS::Lambda::Function",
            "AWS::Lambda::Alias",
            "AWS::Lambda::Version",
            "AWS::Serverless::Function",
            "AWS::Kinesis::Stream",
            "AWS::KinesisFirehose::DeliveryStream",
        ],
    ),
    row(Rel::Targets, "AWS::ApiGateway::Method", "Integration.Uri", FUNCTION),
    row(Rel::Targets, "AWS::Lambda::EventSourceMapping", "FunctionName", FUNCTION),
    row(Rel::Targets, "AWS::Config::ConfigRule", "Source.SourceIdentifier", FUNCTION),
    row(Rel::DeadLetters, "AWS::Events::Rule", "Targets.[].DeadLetterConfig.Arn", QUEUE),
    row(Rel::DeadLetters, EVENT_TARGET, "DeadLetterConfig.Arn", QUEUE),
    row(Rel::DeadLetters, "AWS::Scheduler::Schedule", "Target.DeadLetterConfig.Arn", QUEUE),
    row(
        Rel::DeadLetters,
        "AWS::Lambda::Function",
        "DeadLetterConfig.TargetArn",
        &["AWS::SQS::Queue", "AWS::SNS::Topic"],
    ),
    row(
        Rel::DeadLetters,
        "AWS::Lambda::EventInvokeConfig",
        "DestinationConfig.OnFailure.Destination",
        &["AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Lambda::Function", "AWS::Events::EventBus", "AWS::S3::Bucket"],
    ),
    row(Rel::DeadLetters, "AWS::SQS::Queue", "RedrivePolicy.deadLetterTargetArn", QUEUE),
    row(Rel::DeadLetters, "AWS::SNS::Subscription", "RedrivePolicy.deadLetterTargetArn", QUEUE),
    row(Rel::Listens, "AWS::SNS::Subscription", "TopicArn", TOPIC),
    row(Rel::Listens, "AWS::Logs::MetricFilter", "LogGroupName", LOG_GROUP),
    row(Rel::Listens, "AWS::Logs::SubscriptionFilter", "LogGroupName", LOG_GROUP),
    row(
        Rel::Listens,
        "AWS::Lambda::EventSourceMapping",
        "EventSourceArn",
        &["AWS::SQS::Queue", "AWS::Kinesis::Stream", "AWS::DynamoDB::Table"],
    ),
    row(Rel::Listens, "AWS::ApiGateway::Method", "RestApiId", &["AWS::ApiGateway::RestApi"]),
    row(Rel::Listens, EVENT_TARGET, "Rule", &["AWS::Events::Rule"]),
    row(Rel::PermissionFor, "AWS::Lambda::Permission", "FunctionName", FUNCTION),
    row(Rel::Configures, "AWS::Lambda::EventInvokeConfig", "FunctionName", FUNCTION),
    row(Rel::Configures, "AWS::Lambda::Alias", "FunctionName", &["AWS::Lambda::Function", "AWS::Serverless::Function"]),
    row(
        Rel::Configures,
        "AWS::Lambda::Version",
        "FunctionName",
        &["AWS::Lambda::Function", "AWS::Serverless::Function"],
    ),
    row(Rel::Configures, "AWS::Lambda::Url", "TargetFunctionArn", FUNCTION),
    row(Rel::RotatedBy, "AWS::SecretsManager::RotationSchedule", "RotationLambdaARN", FUNCTION),
    row(Rel::Configures, "AWS::SecretsManager::RotationSchedule", "SecretId", &["AWS::SecretsManager::Secret"]),
    row(Rel::InSubnet, "AWS::Lambda::Function", "VpcConfig.SubnetIds.[]", SUBNET),
    row(Rel::InSubnet, "AWS::EC2::VPCEndpoint", "SubnetIds.[]", SUBNET),
    row(Rel::InSubnet, "AWS::EC2::NatGateway", "SubnetId", SUBNET),
    row(Rel::UsesSecurityGroup, "AWS::Lambda::Function", "VpcConfig.SecurityGroupIds.[]", SECURITY_GROUP),
    row(Rel::UsesSecurityGroup, "AWS::EC2::VPCEndpoint", "SecurityGroupIds.[]", SECURITY_GROUP),
    row(Rel::UsesSecurityGroup, "AWS::EC2::SecurityGroupIngress", "GroupId", SECURITY_GROUP),
    row(Rel::UsesSecurityGroup, "AWS::EC2::SecurityGroupEgress", "GroupId", SECURITY_GROUP),
    row(Rel::InVpc, "AWS::EC2::Subnet", "VpcId", VPC),
    row(Rel::InVpc, "AWS::EC2::SecurityGroup", "VpcId", VPC),
    row(Rel::InVpc, "AWS::EC2::RouteTable", "VpcId", VPC),
    row(Rel::InVpc, "AWS::EC2::VPCEndpoint", "VpcId", VPC),
    row(Rel::InVpc, "AWS::EC2::VPCGatewayAttachment", "VpcId", VPC),
    row(Rel::Covers, "AWS::EC2::FlowLog", "ResourceId", &["AWS::EC2::VPC", "AWS::EC2::Subnet"]),
    row(Rel::RoutesFor, "AWS::EC2::SubnetRouteTableAssociation", "SubnetId", SUBNET),
    row(Rel::Configures, "AWS::EC2::SubnetRouteTableAssociation", "RouteTableId", &["AWS::EC2::RouteTable"]),
    row(Rel::Configures, "AWS::EC2::Route", "RouteTableId", &["AWS::EC2::RouteTable"]),
    row(Rel::RouteVia, "AWS::EC2::Route", "GatewayId", &["AWS::EC2::InternetGateway"]),
    row(Rel::RouteVia, "AWS::EC2::Route", "NatGatewayId", &["AWS::EC2::NatGateway"]),
    row(Rel::AlarmAction, "AWS::CloudWatch::Alarm", "AlarmActions.[]", &["AWS::SNS::Topic", "AWS::Lambda::Function"]),
    row(Rel::AlarmAction, "AWS::CloudWatch::Alarm", "OKActions.[]", TOPIC),
    row(Rel::AlarmAction, "AWS::CloudWatch::Alarm", "InsufficientDataActions.[]", TOPIC),
    row(Rel::AlarmAction, "AWS::CloudWatch::CompositeAlarm", "OKActions.[]", TOPIC),
    row(Rel::AlarmAction, "AWS::CloudWatch::CompositeAlarm", "InsufficientDataActions.[]", TOPIC),
    row(
        Rel::AlarmAction,
        "AWS::CloudWatch::CompositeAlarm",
        "AlarmActions.[]",
        &["AWS::SNS::Topic", "AWS::Lambda::Function"],
    ),
];
