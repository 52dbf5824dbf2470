// The infrastructure of the table, as a CloudFormation template; program.js is the same for Pulumi, with the same names.

/** The first twelve rules, and the resources that are at fault. */
export const RULES = {
  "kms-policy-cloudwatch-logs": "Group",
  "cloudtrail-bucket-policy": "Trail",
  "cloudtrail-advanced-selector-fields": "Trail",
  "unresolved-output-in-string": "Reader",
  // The first is a risk, for an account may have one already; the second is refused.
  "account-singleton": "FirstDetector SecondDetector",
  "logs-metric-filter-pattern": "Failures",
  "iam-admin-wildcard": "Powers",
  "iam-cross-account-external-id": "Vendor",
  "events-target-dlq": "Nightly",
  "lambda-timeout-max": "Handler",
  "logs-retention-required": "App",
  "kms-rotation": "Stale",
};

const allow = (rest) => ({ Effect: "Allow", ...rest });
const policy = (...Statement) => ({ Version: "2012-10-17", Statement });
const trust = (Service) => policy(allow({ Principal: { Service }, Action: "sts:AssumeRole" }));
const sub = (text) => ({ "Fn::Sub": text });
const arn = (name) => ({ "Fn::GetAtt": [name, "Arn"] });

/** @param faulty with all twelve faults, or with none */
export function template(faulty) {
  const owner = allow({
    Principal: { AWS: sub("arn:aws:iam::${AWS::AccountId}:root") },
    Action: "kms:*",
    Resource: "*",
  });
  const logs = allow({
    Principal: { Service: sub("logs.${AWS::Region}.amazonaws.com") },
    Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    Resource: "*",
  });
  const trail = { Service: "cloudtrail.amazonaws.com" };
  const acl = allow({ Principal: trail, Action: "s3:GetBucketAcl", Resource: arn("Records") });
  const put = allow({
    Principal: trail,
    Action: "s3:PutObject",
    Resource: sub("${Records.Arn}/AWSLogs/${AWS::AccountId}/*"),
    Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } },
  });
  const vendor = allow({ Principal: { AWS: "arn:aws:iam::210987654321:root" }, Action: "sts:AssumeRole" });
  const external = { Condition: { StringEquals: { "sts:ExternalId": "b4b1f0d2-8f2c-4f7e-9d5e-0d1f6c2a7e33" } } };
  const selector = { FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] };
  if (faulty) selector.FieldSelectors.push({ Field: "eventName", Equals: ["CreateUser"] });
  const queue = faulty
    ? { "Fn::Join": [":", ["arn:aws:sqs:${AWS::Region}", { Ref: "AWS::AccountId" }, "work"]] }
    : arn("Work");
  const detector = { Type: "AWS::GuardDuty::Detector", Properties: { Enable: true } };
  return {
    Resources: {
      Key: {
        Type: "AWS::KMS::Key",
        Properties: { EnableKeyRotation: true, KeyPolicy: faulty ? policy(owner) : policy(owner, logs) },
      },
      Group: { Type: "AWS::Logs::LogGroup", Properties: { KmsKeyId: arn("Key"), RetentionInDays: 365 } },
      Records: { Type: "AWS::S3::Bucket" },
      RecordsPolicy: {
        Type: "AWS::S3::BucketPolicy",
        Properties: { Bucket: { Ref: "Records" }, PolicyDocument: faulty ? policy(acl) : policy(acl, put) },
      },
      Trail: {
        Type: "AWS::CloudTrail::Trail",
        DependsOn: ["RecordsPolicy"],
        Properties: { S3BucketName: { Ref: "Records" }, IsLogging: true, AdvancedEventSelectors: [selector] },
      },
      Work: { Type: "AWS::SQS::Queue" },
      Dead: { Type: "AWS::SQS::Queue" },
      Reader: {
        Type: "AWS::IAM::Role",
        Properties: {
          AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
          Policies: [
            { PolicyName: "read", PolicyDocument: policy(allow({ Action: "sqs:ReceiveMessage", Resource: queue })) },
          ],
        },
      },
      ...(faulty && { FirstDetector: detector, SecondDetector: detector }),
      Failures: {
        Type: "AWS::Logs::MetricFilter",
        Properties: {
          LogGroupName: { Ref: "Group" },
          FilterPattern: faulty ? '{ $.status == "FAILED" }' : '{ $.status = "FAILED" }',
          MetricTransformations: [{ MetricName: "failures", MetricNamespace: "app", MetricValue: "1" }],
        },
      },
      Powers: {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: {
          PolicyDocument: policy(
            faulty
              ? allow({ Action: "*", Resource: "*" })
              : allow({ Action: "s3:GetObject", Resource: sub("${Records.Arn}/*") }),
          ),
        },
      },
      Vendor: {
        Type: "AWS::IAM::Role",
        Properties: { AssumeRolePolicyDocument: policy(faulty ? vendor : { ...vendor, ...external }) },
      },
      Nightly: {
        Type: "AWS::Events::Rule",
        Properties: {
          ScheduleExpression: "rate(1 day)",
          Targets: [{ Id: "work", Arn: arn("Work"), ...(!faulty && { DeadLetterConfig: { Arn: arn("Dead") } }) }],
        },
      },
      Handler: {
        Type: "AWS::Lambda::Function",
        Properties: {
          Runtime: "nodejs22.x",
          Handler: "index.handler",
          Role: arn("Reader"),
          Code: { S3Bucket: "code", S3Key: "handler.zip" },
          Timeout: faulty ? 900 : 60,
        },
      },
      App: { Type: "AWS::Logs::LogGroup", Properties: faulty ? {} : { RetentionInDays: 365 } },
      Stale: { Type: "AWS::KMS::Key", Properties: { EnableKeyRotation: !faulty } },
    },
  };
}
