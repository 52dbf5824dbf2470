/** The configuration file. Written by `cargo xtask types` from the Rust types. */

import type { Preset, Severity } from "./report";

/** What stackproof.config.json or .yaml holds: one form for the command line, the CDK and Pulumi. */
export interface Configuration {
  /** Where the schema of this file is, for editors. */
  $schema?: string;
  /** Which rules run; each preset has the rules of those before it. Default: `recommended`. */
  preset?: Preset | "prod";
  /** What the stacks are for, such as `prod`: rules that are stricter in production go by it. */
  environment?: Scalar;
  /** The account that the stacks go to, where nothing else says it. */
  account?: Scalar;
  /** The region that the stacks go to, where nothing else says it. */
  region?: Scalar;
  /** The severity from which on a check has failed. Default: `high`. */
  failOn?: Severity;
  /** Whether undetermined findings count too, at their rule's severity. Default: false. */
  strict?: boolean;
  /** Values of the templates' parameters, by name. */
  parameters?: Record<string, Scalar>;
  /** What is different for some stacks, by a glob over the stack's name. */
  stacks?: Record<string, StackConfiguration>;
  /** Rules by id: off, their severity, their parameters. A rule that is named here runs whatever the preset. */
  rules?: Rules;
  /** Findings that do not count. */
  ignore?: Ignore[];
}

/** Text; numbers and booleans are taken as they are written. */
export type Scalar = string | number | boolean;

export interface StackConfiguration {
  environment?: Scalar;
  account?: Scalar;
  region?: Scalar;
  parameters?: Record<string, Scalar>;
}

export interface Rules {
  /** Resources do not wait for each other in a circle */
  "circular-dependency"?: RuleSwitch | RuleSettings;
  /** Whoever deploys may make what is deployed */
  "deployer-permissions"?: RuleSwitch | DeployerPermissionsSettings;
  /** Allow lists have addresses that exist */
  "documentation-ip-range"?: RuleSwitch | RuleSettings;
  /** Two resources do not claim one physical name */
  "duplicate-physical-name"?: RuleSwitch | RuleSettings;
  /** Export names are well formed, and unique in account and region */
  "export-name-unique"?: RuleSwitch | RuleSettings;
  /** No credential stands in the template or program */
  "hardcoded-credential"?: RuleSwitch | HardcodedCredentialSettings;
  /** ARNs are in the partition of the stack */
  "hardcoded-partition"?: RuleSwitch | HardcodedPartitionSettings;
  /** Names and ARNs do not hold "undefined", "null" or "NaN" */
  "literal-undefined-in-value"?: RuleSwitch | RuleSettings;
  /** Names tell the environment */
  "name-missing-environment"?: RuleSwitch | NameMissingEnvironmentSettings;
  /** Names that are unique beyond a region have the region in them */
  "name-missing-region"?: RuleSwitch | NameMissingRegionSettings;
  /** A physical name is the same at every run */
  "nondeterministic-physical-name"?: RuleSwitch | NondeterministicPhysicalNameSettings;
  /** A template holds no null */
  "null-property-value"?: RuleSwitch | RuleSettings;
  /** Account ids belong to an account */
  "placeholder-account-id"?: RuleSwitch | PlaceholderAccountIdSettings;
  /** S3 resources of Pulumi have their current names, and each setting stands in one place */
  "pulumi-legacy-resource-type"?: RuleSwitch | RuleSettings;
  /** Pulumi resources have only inputs that their provider knows */
  "pulumi-unknown-input"?: RuleSwitch | RuleSettings;
  /** Resources have the tags that the organisation requires */
  "required-tags"?: RuleSwitch | RequiredTagsSettings;
  /** Services are there, and open to new customers */
  "service-not-in-region"?: RuleSwitch | RuleSettings;
  /** Tags are within the limits of AWS */
  "tag-limits"?: RuleSwitch | RuleSettings;
  /** A template is within the quotas of CloudFormation */
  "template-limits"?: RuleSwitch | TemplateLimitsSettings;
  /** Text of an unresolved output or token in a value */
  "unresolved-output-in-string"?: RuleSwitch | RuleSettings;
  /** Actions are `*` or `service:Name` */
  "iam-action-format"?: RuleSwitch | RuleSettings;
  /** No identity policy grants every action on every resource */
  "iam-admin-wildcard"?: RuleSwitch | IamAdminWildcardSettings;
  /** Allow statements say what they allow, not what they do not */
  "iam-allow-with-not"?: RuleSwitch | RuleSettings;
  /** Date conditions compare with a date */
  "iam-condition-date-value"?: RuleSwitch | RuleSettings;
  /** Condition keys are compared with the operators of their type */
  "iam-condition-key-operator-mismatch"?: RuleSwitch | RuleSettings;
  /** Condition operators are among those that IAM has */
  "iam-condition-operator"?: RuleSwitch | RuleSettings;
  /** Condition values have the type of their operator */
  "iam-condition-value-type"?: RuleSwitch | RuleSettings;
  /** A role that another account may assume asks for an external id */
  "iam-cross-account-external-id"?: RuleSwitch | IamCrossAccountExternalIdSettings;
  /** Who is allowed something is also denied what is sensitive */
  "iam-explicit-deny-required"?: RuleSwitch | IamExplicitDenyRequiredSettings;
  /** An external id stays the same from one deployment to the next */
  "iam-external-id-nondeterministic"?: RuleSwitch | RuleSettings;
  /** A principal has no more managed policies than IAM takes */
  "iam-managed-policy-count"?: RuleSwitch | IamManagedPolicyCountSettings;
  /** A guard on multi-factor authentication also holds where the key is missing */
  "iam-mfa-deny-ifexists"?: RuleSwitch | RuleSettings;
  /** Policies are no longer than their service takes */
  "iam-policy-size"?: RuleSwitch | IamPolicySizeSettings;
  /** A policy document follows the grammar that AWS accepts */
  "iam-policy-syntax"?: RuleSwitch | RuleSettings;
  /** A managed policy is attached to somebody */
  "iam-policy-unattached"?: RuleSwitch | RuleSettings;
  /** A policy document names a version of the language that its policy type allows */
  "iam-policy-version"?: RuleSwitch | RuleSettings;
  /** Principals are accounts, ARNs, services or providers in the form that AWS takes */
  "iam-principal-format"?: RuleSwitch | RuleSettings;
  /** Policies of resources and roles name a principal, policies of identities do not */
  "iam-principal-placement"?: RuleSwitch | RuleSettings;
  /** Nobody can grant themselves more rights */
  "iam-privilege-escalation"?: RuleSwitch | RuleSettings;
  /** Resources of a policy are `*` or ARNs */
  "iam-resource-arn-format"?: RuleSwitch | RuleSettings;
  /** An IAM policy is not sold as a service control policy */
  "iam-scp-as-iam-policy"?: RuleSwitch | RuleSettings;
  /** Policies of an organisation are in the form that Organizations takes */
  "iam-scp-syntax"?: RuleSwitch | RuleSettings;
  /** ARNs of secrets in policies end with their random suffix */
  "iam-secret-arn-suffix"?: RuleSwitch | RuleSettings;
  /** Policies name actions, not whole services */
  "iam-service-wildcard-action"?: RuleSwitch | IamServiceWildcardActionSettings;
  /** The longest session of a role is between one and twelve hours */
  "iam-session-duration-range"?: RuleSwitch | RuleSettings;
  /** Statement ids have letters and digits only, and are unique */
  "iam-sid-format"?: RuleSwitch | RuleSettings;
  /** Conditions on the source address name public addresses */
  "iam-source-ip-private"?: RuleSwitch | RuleSettings;
  /** Conditions on the time do not try to express hours of the day */
  "iam-time-of-day-window"?: RuleSwitch | RuleSettings;
  /** A role's trust policy has STS actions and no resource */
  "iam-trust-policy-shape"?: RuleSwitch | RuleSettings;
  /** A role that a service is given can be assumed by that service */
  "iam-trust-service-mismatch"?: RuleSwitch | RuleSettings;
  /** The trust policy of a role is not open to everyone */
  "iam-trust-wildcard-principal"?: RuleSwitch | RuleSettings;
  /** A key is named in the form that the service takes, and is of a kind that it can use */
  "kms-consumer-key-format"?: RuleSwitch | RuleSettings;
  /** Who may read encrypted data may also decrypt it */
  "kms-decrypt-permission"?: RuleSwitch | RuleSettings;
  /** The properties of a key fit together */
  "kms-key-config"?: RuleSwitch | RuleSettings;
  /** A key policy leaves somebody in the account who can change it */
  "kms-key-policy-lockout"?: RuleSwitch | RuleSettings;
  /** Key policies give services no more than they need */
  "kms-key-policy-service-scope"?: RuleSwitch | KmsKeyPolicyServiceScopeSettings;
  /** A key policy does not let everyone in */
  "kms-key-policy-wildcard-principal"?: RuleSwitch | RuleSettings;
  /** Keys wait long enough before they are deleted */
  "kms-pending-window"?: RuleSwitch | KmsPendingWindowSettings;
  /** A trail's KMS key must let CloudTrail encrypt with it */
  "kms-policy-cloudtrail"?: RuleSwitch | RuleSettings;
  /** A log group's KMS key must let CloudWatch Logs use it */
  "kms-policy-cloudwatch-logs"?: RuleSwitch | RuleSettings;
  /** The key of an encrypted queue must let the services that send to it use it */
  "kms-policy-queue-producers"?: RuleSwitch | RuleSettings;
  /** The key of a bucket must let the services that deliver logs into it use it */
  "kms-policy-s3-delivery"?: RuleSwitch | RuleSettings;
  /** The key of an encrypted topic must let the services that publish to it use it */
  "kms-policy-topic-publishers"?: RuleSwitch | RuleSettings;
  /** Customer managed keys rotate their material every year */
  "kms-rotation"?: RuleSwitch | KmsRotationSettings;
  /** Log groups with audit logs are protected from deletion */
  "logs-audit-deletion-protection"?: RuleSwitch | LogsAuditDeletionProtectionSettings;
  /** Log groups are encrypted with a key of your own */
  "logs-kms-required"?: RuleSwitch | LogsKmsRequiredSettings;
  /** Filters on CloudTrail events are JSON patterns */
  "logs-metric-filter-json-source"?: RuleSwitch | RuleSettings;
  /** Filter patterns follow the syntax of CloudWatch Logs */
  "logs-metric-filter-pattern"?: RuleSwitch | RuleSettings;
  /** The transformation of a metric filter is one that CloudWatch Logs takes */
  "logs-metric-filter-transformation"?: RuleSwitch | RuleSettings;
  /** Log groups say how long they keep their events */
  "logs-retention-required"?: RuleSwitch | LogsRetentionRequiredSettings;
  /** The retention of a log group is one of the periods that CloudWatch Logs has */
  "logs-retention-valid"?: RuleSwitch | RuleSettings;
  /** Advanced event selectors only use fields that their event category has */
  "cloudtrail-advanced-selector-fields"?: RuleSwitch | RuleSettings;
  /** Advanced event selectors have the required fields, with operators and values that these take */
  "cloudtrail-advanced-selector-operators"?: RuleSwitch | RuleSettings;
  /** Basic event selectors stay within what CloudTrail takes */
  "cloudtrail-basic-selector"?: RuleSwitch | RuleSettings;
  /** The bucket of a trail lets CloudTrail write */
  "cloudtrail-bucket-policy"?: RuleSwitch | RuleSettings;
  /** A trail that writes to CloudWatch Logs has everything that this takes */
  "cloudtrail-cloudwatch-delivery"?: RuleSwitch | RuleSettings;
  /** A trail is created after the policies that it needs */
  "cloudtrail-depends-on-bucket-policy"?: RuleSwitch | RuleSettings;
  /** Insights are only asked for on events that the trail records */
  "cloudtrail-insight-dependency"?: RuleSwitch | RuleSettings;
  /** Trails encrypt their log files with a key of your own */
  "cloudtrail-kms-required"?: RuleSwitch | RuleSettings;
  /** Trails write digests of their log files */
  "cloudtrail-log-validation"?: RuleSwitch | RuleSettings;
  /** A trail is on and records all management events */
  "cloudtrail-management-events"?: RuleSwitch | RuleSettings;
  /** A trail covers all regions and the global services */
  "cloudtrail-multi-region"?: RuleSwitch | RuleSettings;
  /** The name and prefix of a trail, and the number of trails, are within CloudTrail's limits */
  "cloudtrail-trail-config"?: RuleSwitch | RuleSettings;
  /** A bucket that takes access logs can receive them */
  "s3-access-log-destination"?: RuleSwitch | RuleSettings;
  /** A bucket with an ACL allows ACLs */
  "s3-acl-ownership"?: RuleSwitch | RuleSettings;
  /** A bucket's name is one that S3 takes */
  "s3-bucket-name"?: RuleSwitch | RuleSettings;
  /** A bucket has one policy resource */
  "s3-bucket-policy-single"?: RuleSwitch | RuleSettings;
  /** A denial of unencrypted uploads does not shut out the service that writes logs */
  "s3-deny-sse-vs-service"?: RuleSwitch | RuleSettings;
  /** A bucket's default encryption is one that S3 takes */
  "s3-encryption-config"?: RuleSwitch | RuleSettings;
  /** A bucket with sensitive data is encrypted with KMS, and with a bucket key */
  "s3-encryption-required"?: RuleSwitch | S3EncryptionRequiredSettings;
  /** A lifecycle does not delete what must be kept */
  "s3-lifecycle-retention-conflict"?: RuleSwitch | S3LifecycleRetentionConflictSettings;
  /** Lifecycle rules are ones that S3 takes */
  "s3-lifecycle-transitions"?: RuleSwitch | RuleSettings;
  /** A bucket that takes the logs of AWS Config or flow logs lets them in */
  "s3-log-delivery-policy"?: RuleSwitch | RuleSettings;
  /** A bucket's notifications are ones that S3 takes */
  "s3-notification-config"?: RuleSwitch | RuleSettings;
  /** The target of a bucket notification lets S3 in before the notification is made */
  "s3-notification-permission"?: RuleSwitch | RuleSettings;
  /** The filter of a notification can match what is written into the bucket */
  "s3-notification-prefix-mismatch"?: RuleSwitch | RuleSettings;
  /** Object Lock has what it needs, and a retention that S3 takes */
  "s3-object-lock-config"?: RuleSwitch | RuleSettings;
  /** The actions of a bucket policy fit its resources */
  "s3-policy-action-resource"?: RuleSwitch | RuleSettings;
  /** A bucket's policy does not lock out those who deploy it */
  "s3-policy-lockout"?: RuleSwitch | RuleSettings;
  /** A bucket blocks public access in all four ways */
  "s3-public-access-block"?: RuleSwitch | S3PublicAccessBlockSettings;
  /** A bucket's policy does not open it to everyone */
  "s3-public-policy"?: RuleSwitch | S3PublicPolicySettings;
  /** A bucket refuses plain HTTP */
  "s3-ssl-only"?: RuleSwitch | RuleSettings;
  /** Environment variables are encrypted with a key of the account's own */
  "lambda-env-kms"?: RuleSwitch | RuleSettings;
  /** Environment variables have names that Lambda takes, and 4 KB together */
  "lambda-env-limits"?: RuleSwitch | RuleSettings;
  /** No secret stands in a function's environment variables */
  "lambda-env-secret"?: RuleSwitch | RuleSettings;
  /** A function that is called asynchronously keeps the events that it fails on */
  "lambda-failure-destination"?: RuleSwitch | RuleSettings;
  /** A function stays within Lambda's fixed limits */
  "lambda-limits"?: RuleSwitch | LambdaLimitsSettings;
  /** A function's code is small enough, and of a kind that may stand in the template */
  "lambda-package-size"?: RuleSwitch | RuleSettings;
  /** What calls a function has a permission to invoke it */
  "lambda-permission-missing"?: RuleSwitch | RuleSettings;
  /** Functions run on a runtime that AWS still supports */
  "lambda-runtime-deprecated"?: RuleSwitch | LambdaRuntimeDeprecatedSettings;
  /** A function's timeout stays within the organisation's limit */
  "lambda-timeout-max"?: RuleSwitch | LambdaTimeoutMaxSettings;
  /** A function in an isolated subnet has endpoints for the services that it calls */
  "lambda-vpc-egress"?: RuleSwitch | RuleSettings;
  /** The role of a function in a VPC may make network interfaces, before the function is made */
  "lambda-vpc-permissions"?: RuleSwitch | RuleSettings;
  /** A function in a VPC is not put into a public subnet to reach the internet */
  "lambda-vpc-public-subnet"?: RuleSwitch | RuleSettings;
  /** Patterns on API calls say where the events come from */
  "events-cloudtrail-pattern-shape"?: RuleSwitch | RuleSettings;
  /** The dead-letter queue of a rule target takes messages from EventBridge */
  "events-dlq-queue"?: RuleSwitch | RuleSettings;
  /** Rules on global services stand in the region that has their events */
  "events-global-service-region"?: RuleSwitch | EventsGlobalServiceRegionSettings;
  /** A rule on changes of IAM policies covers all of them */
  "events-iam-change-coverage"?: RuleSwitch | EventsIamChangeCoverageSettings;
  /** Event patterns follow EventBridge's syntax */
  "events-pattern-syntax"?: RuleSwitch | RuleSettings;
  /** Schedule expressions follow AWS's syntax */
  "events-schedule-syntax"?: RuleSwitch | RuleSettings;
  /** Targets of event rules and schedules have a dead-letter queue */
  "events-target-dlq"?: RuleSwitch | RuleSettings;
  /** The target of a rule lets EventBridge in */
  "events-target-permission"?: RuleSwitch | RuleSettings;
  /** Targets say how long EventBridge retries, within its limits */
  "events-target-retry"?: RuleSwitch | EventsTargetRetrySettings;
  /** GuardDuty is on, and somebody hears of its findings */
  "guardduty-config"?: RuleSwitch | GuarddutyConfigSettings;
  /** An alarm tells somebody */
  "alarm-actions"?: RuleSwitch | RuleSettings;
  /** The metric of an alarm is published by something */
  "alarm-metric-source"?: RuleSwitch | AlarmMetricSourceSettings;
  /** An alarm on a metric filter says what silence means */
  "alarm-missing-data"?: RuleSwitch | RuleSettings;
  /** The period and the window of an alarm are ones that CloudWatch takes */
  "alarm-period-window"?: RuleSwitch | RuleSettings;
  /** The properties of an alarm fit together */
  "alarm-shape"?: RuleSwitch | RuleSettings;
  /** The topic of an alarm lets CloudWatch publish */
  "alarm-topic-policy"?: RuleSwitch | RuleSettings;
  /** Topics are encrypted with a KMS key */
  "sns-encryption"?: RuleSwitch | RuleSettings;
  /** Topics and queues refuse requests without TLS */
  "sns-sqs-ssl-only"?: RuleSwitch | RuleSettings;
  /** A dead-letter queue keeps messages longer than its source */
  "sqs-dlq-retention"?: RuleSwitch | SqsDlqRetentionSettings;
  /** Queues are encrypted, in one way */
  "sqs-encryption"?: RuleSwitch | RuleSettings;
  /** Secrets are encrypted with a key of your own */
  "secret-kms"?: RuleSwitch | RuleSettings;
  /** The value of a secret does not stand in the template */
  "secret-plaintext-value"?: RuleSwitch | RuleSettings;
  /** Secrets are rotated */
  "secret-rotation"?: RuleSwitch | SecretRotationSettings;
  /** Names and values of parameters are within the limits of Parameter Store */
  "ssm-parameter-limits"?: RuleSwitch | RuleSettings;
  /** Parameters that are secret by name are encrypted */
  "ssm-plaintext-secret"?: RuleSwitch | RuleSettings;
  /** CloudFormation makes no SecureString parameters */
  "ssm-securestring-cfn"?: RuleSwitch | RuleSettings;
  /** Texts of security groups have only characters that EC2 takes */
  "sg-description-charset"?: RuleSwitch | RuleSettings;
  /** Rules of security groups are about traffic that there is */
  "sg-loopback-rule"?: RuleSwitch | RuleSettings;
  /** Security groups are not open to the world */
  "sg-open-ingress"?: RuleSwitch | SgOpenIngressSettings;
  /** Databases cannot call the internet */
  "sg-unrestricted-egress"?: RuleSwitch | SgUnrestrictedEgressSettings;
  /** A VPC endpoint can be made, and is of use */
  "vpc-endpoint-config"?: RuleSwitch | RuleSettings;
  /** Flow logs can be delivered */
  "vpc-flow-log-delivery"?: RuleSwitch | RuleSettings;
  /** Every VPC has a flow log */
  "vpc-flow-logs"?: RuleSwitch | RuleSettings;
  /** What faces the internet has a web ACL */
  "waf-association"?: RuleSwitch | RuleSettings;
  /** Services that an account has once are switched on once */
  "account-singleton"?: RuleSwitch | AccountSingletonSettings;
  /** Backup plans keep what they should, and select the data of their stack */
  "backup-coverage"?: RuleSwitch | BackupCoverageSettings;
  /** AWS Config resources are complete, and made in an order that works */
  "config-dependencies"?: RuleSwitch | RuleSettings;
  /** Security Hub standards come after the hub, and not twice */
  "securityhub-standards"?: RuleSwitch | RuleSettings;
}

/** The severity of the rule's findings, or `off`. */
export type RuleLevel = Severity | "off";

/** A rule off or on, or on with the severity that its findings shall have. */
export type RuleSwitch = RuleLevel | "on" | boolean;

export interface RuleSettings {
  level?: RuleLevel;
}

export interface DeployerPermissionsSettings {
  level?: RuleLevel;
  /** Permissions boundary of the deploying role, as JSON text. */
  boundary?: string;
  /** Permissions boundary that every role and user must have. */
  boundaryArn?: string;
  /** Policies of the deploying role, each as JSON text. */
  identityPolicies?: string[];
  /** Service control policies over the account, each as JSON text; together they form one level. */
  scps?: string[];
}

export interface HardcodedCredentialSettings {
  level?: RuleLevel;
  /** More names of values that are secret. */
  extraNames?: string[];
  /** Bits per character from which on a value looks random. */
  minEntropy?: number;
}

export interface HardcodedPartitionSettings {
  level?: RuleLevel;
  /** Whether arn:aws: is reported wherever the stack goes. */
  strictPartition?: boolean;
}

export interface NameMissingEnvironmentSettings {
  level?: RuleLevel;
  /** The part to look for; by default the environment of the configuration or the tag Environment. */
  environment?: string;
  /** Types to look at; all where empty. */
  types?: string[];
}

export interface NameMissingRegionSettings {
  level?: RuleLevel;
  /** Whether the application goes to several regions; by default if its stacks do. */
  multiRegion?: boolean;
}

export interface NondeterministicPhysicalNameSettings {
  level?: RuleLevel;
  /** Logical ids or URNs that are meant to be so; * stands for anything. */
  ignore?: string[];
}

export interface PlaceholderAccountIdSettings {
  level?: RuleLevel;
  /** Real ids that look like placeholders. */
  allow?: string[];
  /** More ids that stand for none. */
  extra?: string[];
}

export interface RequiredTagsSettings {
  level?: RuleLevel;
  /** Values of the tag DataClassification. */
  DataClassification?: string[];
  /** Values of the tag Environment. */
  Environment?: string[];
  /** Types that need no tags. */
  exemptTypes?: string[];
  /** Keys that every resource has. */
  required?: string[];
}

export interface TemplateLimitsSettings {
  level?: RuleLevel;
  /** Share of a quota from which on to warn. */
  warnAt?: number;
}

export interface IamAdminWildcardSettings {
  level?: RuleLevel;
  /** AWS managed policies that nobody gets. */
  bannedManaged?: string[];
}

export interface IamCrossAccountExternalIdSettings {
  level?: RuleLevel;
  /** A condition on the organisation of the caller will do as well. */
  allowOrgInstead?: boolean;
  /** Accounts that need no external id. */
  trustedAccounts?: string[];
}

export interface IamExplicitDenyRequiredSettings {
  level?: RuleLevel;
  /** A deny with conditions counts. */
  allowConditionalDeny?: boolean;
  /** Actions that must be denied. */
  sensitiveActions?: string[];
}

export interface IamManagedPolicyCountSettings {
  level?: RuleLevel;
  /** Managed policies per role or user that the account allows. */
  roleQuota?: number;
}

export interface IamPolicySizeSettings {
  level?: RuleLevel;
  /** Characters of a trust policy that the account allows. */
  trustQuota?: number;
  /** Part of a limit from which on a policy is reported as nearly full. */
  warnAt?: number;
}

export interface IamServiceWildcardActionSettings {
  level?: RuleLevel;
  /** Services that may be granted as a whole. */
  allowServices?: string[];
}

export interface KmsKeyPolicyServiceScopeSettings {
  level?: RuleLevel;
  /** The account may have every action, so that IAM policies decide. */
  allowRoot?: boolean;
  /** Services that may use keys. */
  allowedServices?: string[];
}

export interface KmsPendingWindowSettings {
  level?: RuleLevel;
  /** Environments that are protected. */
  environments?: string[];
  /** Shortest wait in protected environments. */
  minDays?: number;
}

export interface KmsRotationSettings {
  level?: RuleLevel;
  /** Days between two rotations at most. */
  maxPeriodDays?: number;
}

export interface LogsAuditDeletionProtectionSettings {
  level?: RuleLevel;
  /** Patterns of names of audit log groups, in any case. */
  audit?: string[];
}

export interface LogsKmsRequiredSettings {
  level?: RuleLevel;
  /** Patterns of names of log groups that need no key. */
  exempt?: string[];
}

export interface LogsRetentionRequiredSettings {
  level?: RuleLevel;
  /** Whether a group may keep its events for ever. */
  allowInfinite?: boolean;
  /** Days for groups that hold audit logs. */
  auditDays?: number;
  /** Days that events must be kept. */
  days?: number;
  /** How the period compares with days: exact, min or max. */
  mode?: string;
}

export interface S3EncryptionRequiredSettings {
  level?: RuleLevel;
  /** Classes whose data must be under a KMS key. */
  classes?: string[];
  /** The tag with the class of the data. */
  tag?: string;
}

export interface S3LifecycleRetentionConflictSettings {
  level?: RuleLevel;
  /** Days that audit logs must be kept: 7 years. */
  auditDays?: number;
}

export interface S3PublicAccessBlockSettings {
  level?: RuleLevel;
  /** Logical ids or Pulumi names of buckets that may be public. */
  allow?: string[];
}

export interface S3PublicPolicySettings {
  level?: RuleLevel;
  /** Accounts that may be named in bucket policies; where it is empty, all may. */
  trustedAccounts?: string[];
}

export interface LambdaLimitsSettings {
  level?: RuleLevel;
  /** Concurrent executions that the account has in the region. */
  accountConcurrency?: number;
}

export interface LambdaRuntimeDeprecatedSettings {
  level?: RuleLevel;
  /** The day to judge by, YYYY-MM-DD; the day of the check where it is not given. */
  asOf?: string;
  /** Days before the deprecation from which it is announced. */
  warnDays?: number;
}

export interface LambdaTimeoutMaxSettings {
  level?: RuleLevel;
  /** Logical ids or Pulumi names of functions that may take longer. */
  exempt?: string[];
  /** Longest timeout in seconds. */
  maxSeconds?: number;
}

export interface EventsGlobalServiceRegionSettings {
  level?: RuleLevel;
  /** Region of rules whose own region is not known. */
  region?: string;
}

export interface EventsIamChangeCoverageSettings {
  level?: RuleLevel;
  /** Calls that must be covered; by default those of CIS 4.4 and of rights beside policies. */
  events?: string[];
}

export interface EventsTargetRetrySettings {
  level?: RuleLevel;
  /** Whether a target must say how long to retry. */
  requireExplicit?: boolean;
}

export interface GuarddutyConfigSettings {
  level?: RuleLevel;
  /** Features that may not be turned off. */
  features?: string[];
}

export interface AlarmMetricSourceSettings {
  level?: RuleLevel;
  /** Namespaces that something outside of the input publishes to. */
  externallyPublished?: string[];
}

export interface SqsDlqRetentionSettings {
  level?: RuleLevel;
  /** How long a dead-letter queue keeps messages. */
  minSeconds?: number;
}

export interface SecretRotationSettings {
  level?: RuleLevel;
  /** Longest time between two rotations, in days. */
  maxDays?: number;
}

export interface SgOpenIngressSettings {
  level?: RuleLevel;
  /** Ports that may be open to the world. */
  allowedPorts?: number[];
}

export interface SgUnrestrictedEgressSettings {
  level?: RuleLevel;
  /** Names of groups of the data tier, as patterns. */
  tiers?: string[];
}

export interface AccountSingletonSettings {
  level?: RuleLevel;
  /** Services that the account has already, such as securityhub, guardduty, config: declaring them fails. */
  alreadyEnabled?: string[];
  /** Stacks (name or construct path) that are there to switch these services on. */
  ownerStacks?: string[];
}

export interface BackupCoverageSettings {
  level?: RuleLevel;
  /** Whether each plan copies to another vault. */
  crossRegion?: boolean;
  /** Days that a rule of each plan keeps its recovery points. */
  minDays?: number;
}

/** Findings that do not count; what is left out matches everything. */
export interface Ignore {
  /** A rule's id, or a glob over ids. */
  rule?: Scalar;
  /** A glob over logical id, construct path or URN. */
  resource?: Scalar;
  /** Why; it may not be blank. */
  reason: Scalar;
  /** The last day on which it holds, `YYYY-MM-DD`. */
  expires?: string;
}
