// The templates that the benchmark checks: always the same bytes for the same seed.
//
// 1,500 resources, 1 MB as compact JSON: a hundred small applications of fifteen resources each, three of them policies of five
// statements; 100 conditions; three values in ten intrinsics. What is not faulty is sound under every rule, as far as
// one template can be: that it has three times the resources that CloudFormation takes is said once.

/** mulberry32: a small generator of good quality, the same everywhere. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const CONDITIONS = 100;

/** A template of which `share` of the resources (0 to 1) are faulty. */
export function template(share = 0.1, { applications = 100, seed = 1 } = {}) {
  const random = generator(seed);
  const chance = (of) => random() < of;
  const pick = (list) => list[Math.floor(random() * list.length)];
  const number = (most) => Math.floor(random() * most);

  const condition = (index) =>
    index < 2 || chance(0.5)
      ? { "Fn::Equals": [{ Ref: "Environment" }, pick(["dev", "test", "prod"])] }
      : {
          "Fn::And": [
            { Condition: `Condition${number(index)}` },
            { "Fn::Not": [{ Condition: `Condition${number(index)}` }] },
          ],
        };
  const Conditions = Object.fromEntries(
    Array.from({ length: CONDITIONS }, (_, index) => [`Condition${index}`, condition(index)]),
  );

  /** Three values in ten are intrinsics, of the kinds that templates are full of. */
  const value = (plain) => {
    if (!chance(0.3)) return plain;
    return pick([
      () => ({ "Fn::Sub": `\${AWS::StackName}-${plain}` }),
      () => ({ "Fn::Join": ["-", [{ Ref: "AWS::StackName" }, plain]] }),
      () => ({ "Fn::If": [`Condition${number(CONDITIONS)}`, plain, { Ref: "AWS::NoValue" }] }),
      () => ({ "Fn::Join": ["-", [{ "Fn::FindInMap": ["Names", { Ref: "Environment" }, "Prefix"] }, plain]] }),
    ])();
  };
  /** Names say the environment; half of them are left to CloudFormation. */
  const named = (property, plain) => {
    if (chance(0.5)) return {};
    const full = pick([
      () => ({ "Fn::Sub": `\${Environment}-${plain}` }),
      () => ({ "Fn::Join": ["-", [{ Ref: "Environment" }, plain]] }),
      () => ({ "Fn::If": [`Condition${number(CONDITIONS)}`, `dev-test-prod-${plain}`, { Ref: "AWS::NoValue" }] }),
    ])();
    return { [property]: full };
  };
  const tags = () => [
    { Key: "Environment", Value: { Ref: "Environment" } },
    { Key: "Owner", Value: value("platform") },
    { Key: "DataClassification", Value: "Confidential" },
  ];
  const context = { value, named, tags, chance, pick };

  const Resources = {};
  for (let index = 0; index < applications; index += 1) {
    for (const [kind, make] of Object.entries(KINDS)) {
      const name = `${kind}${index}`;
      const id = (other) => `${other}${index}`;
      const [Type, Properties] = make({ ...context, name, id, faulty: chance(share) });
      Resources[name] = {
        Type,
        ...(OPTIONAL.has(kind) && chance(0.3) && { Condition: `Condition${number(CONDITIONS)}` }),
        ...(chance(0.2) && index > 0 && { DependsOn: [`${kind}${index - 1}`] }),
        Properties,
        Metadata: { "aws:cdk:path": `App/Stack/${name}/Resource` },
      };
    }
  }
  for (const resource of Object.values(Resources)) {
    // What may be left out cannot be depended on.
    if (resource.DependsOn?.some((other) => Resources[other].Condition)) delete resource.DependsOn;
  }
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Parameters: { Environment: { Type: "String", AllowedValues: ["dev", "test", "prod"], Default: "dev" } },
    Mappings: { Names: { dev: { Prefix: "d" }, test: { Prefix: "t" }, prod: { Prefix: "p" } } },
    Conditions,
    Resources,
    Outputs: {},
  };
}

/** Kinds that nothing else refers to: they may stand under a condition. */
const OPTIONAL = new Set(["Write", "Report", "Alarm"]);

const arn = (id) => ({ "Fn::GetAtt": [id, "Arn"] });
const sub = (text) => ({ "Fn::Sub": text });
const document = (...Statement) => ({ Version: "2012-10-17", Statement });

/** Nobody comes in without TLS. */
const plainHttp = (Action, Resource) => ({
  Sid: "Tls",
  Effect: "Deny",
  Principal: "*",
  Action,
  Resource,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});

const ACTIONS = {
  Bucket: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
  Queue: ["sqs:SendMessage", "sqs:ReceiveMessage"],
  Key: ["kms:Decrypt", "kms:GenerateDataKey"],
};

const NEVER = {
  Sid: "Never",
  Effect: "Deny",
  Action: [
    "iam:*",
    "organizations:*",
    "cloudtrail:*",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup",
    "s3:DeleteBucket",
    "s3:PutBucketPolicy",
  ],
  Resource: "*",
};

/** Five statements about this application's resources. */
function policy(name) {
  return ({ value, id, chance, pick, faulty }) => [
    "AWS::IAM::Policy",
    {
      PolicyName: value(id(name)),
      PolicyDocument: document(
        ...Array.from({ length: name === "Read" ? 4 : 5 }, (_, index) => {
          const on = pick(Object.keys(ACTIONS));
          if (faulty && index === 0) return { Sid: "Statement0", Effect: "Allow", Action: "*", Resource: "*" };
          return {
            Sid: `Statement${index}`,
            Effect: "Allow",
            Action: chance(0.6) ? pick(ACTIONS[on]) : ACTIONS[on],
            Resource: on === "Bucket" ? { "Fn::Join": ["", [arn(id(on)), "/reports/*"]] } : arn(id(on)),
            ...(chance(0.15) && {
              Condition: { StringEquals: { "aws:ResourceAccount": { Ref: "AWS::AccountId" } } },
            }),
          };
        }),
        ...(name === "Read" ? [NEVER] : []),
      ),
      Roles: [{ Ref: id("Role") }],
    },
  ];
}

const KINDS = {
  Key: ({ value, tags, faulty }) => [
    "AWS::KMS::Key",
    {
      Description: value("data of the application"),
      EnableKeyRotation: !faulty,
      KeyPolicy: document(
        {
          Sid: "Owner",
          Effect: "Allow",
          Action: "kms:*",
          Resource: "*",
          Principal: { AWS: sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") },
        },
        {
          Sid: "Logs",
          Effect: "Allow",
          Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
          Resource: "*",
          Principal: { Service: sub("logs.${AWS::Region}.amazonaws.com") },
          Condition: {
            ArnLike: {
              "kms:EncryptionContext:aws:logs:arn": sub(
                "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*",
              ),
            },
          },
        },
        {
          Sid: "Services",
          Effect: "Allow",
          Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
          Resource: "*",
          Principal: { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"] },
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
        },
      ),
      Tags: tags(),
    },
  ],
  Role: ({ named, tags, name, faulty }) => [
    "AWS::IAM::Role",
    {
      ...named("RoleName", name),
      AssumeRolePolicyDocument: document({
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: faulty ? { AWS: "arn:aws:iam::480912375561:root" } : { Service: "lambda.amazonaws.com" },
      }),
      Tags: tags(),
    },
  ],
  Read: policy("Read"),
  Write: policy("Write"),
  Report: policy("Report"),
  Bucket: ({ named, tags, name, id, faulty }) => [
    "AWS::S3::Bucket",
    {
      ...named("BucketName", name.toLowerCase()),
      ...(!faulty && {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: arn(id("Key")) },
          },
        ],
      },
      VersioningConfiguration: { Status: "Enabled" },
      Tags: tags(),
    },
  ],
  BucketPolicy: ({ id, faulty }) => [
    "AWS::S3::BucketPolicy",
    {
      Bucket: { Ref: id("Bucket") },
      PolicyDocument: document(
        faulty
          ? { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: sub(`\${${id("Bucket")}.Arn}/*`) }
          : plainHttp("s3:*", [arn(id("Bucket")), sub(`\${${id("Bucket")}.Arn}/*`)]),
      ),
    },
  ],
  LogGroup: ({ tags, id, faulty }) => [
    "AWS::Logs::LogGroup",
    {
      LogGroupName: sub(`/aws/lambda/\${Environment}-${id("Function")}`),
      ...(!faulty && { RetentionInDays: 90 }),
      KmsKeyId: arn(id("Key")),
      Tags: tags(),
    },
  ],
  Queue: ({ named, tags, name, faulty }) => [
    "AWS::SQS::Queue",
    {
      ...named("QueueName", name),
      VisibilityTimeout: 60,
      MessageRetentionPeriod: 1209600,
      SqsManagedSseEnabled: !faulty,
      Tags: tags(),
    },
  ],
  QueuePolicy: ({ id, faulty }) => [
    "AWS::SQS::QueuePolicy",
    {
      Queues: [{ Ref: id("Queue") }],
      PolicyDocument: document(
        {
          Sid: "Rule",
          Effect: "Allow",
          Principal: faulty ? "*" : { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: arn(id("Queue")),
          Condition: { ArnEquals: { "aws:SourceArn": arn(id("Rule")) } },
        },
        plainHttp("sqs:*", arn(id("Queue"))),
      ),
    },
  ],
  Topic: ({ value, named, tags, name, id, faulty }) => [
    "AWS::SNS::Topic",
    {
      ...named("TopicName", name),
      DisplayName: value("alarms"),
      ...(!faulty && { KmsMasterKeyId: arn(id("Key")) }),
      Tags: tags(),
    },
  ],
  TopicPolicy: ({ id, faulty }) => [
    "AWS::SNS::TopicPolicy",
    {
      Topics: [{ Ref: id("Topic") }],
      PolicyDocument: document(
        {
          Sid: "Alarms",
          Effect: "Allow",
          Principal: { Service: faulty ? "events.amazonaws.com" : "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: { Ref: id("Topic") },
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
        },
        plainHttp("sns:Publish", { Ref: id("Topic") }),
      ),
    },
  ],
  Function: ({ value, named, tags, name, id, faulty }) => [
    "AWS::Lambda::Function",
    {
      ...named("FunctionName", name),
      Description: value("writes the reports of the application"),
      Handler: "index.handler",
      Runtime: "nodejs22.x",
      Timeout: faulty ? 901 : 30,
      MemorySize: 256,
      Role: arn(id("Role")),
      Code: { S3Bucket: "code", S3Key: value(`${name}.zip`) },
      KmsKeyArn: arn(id("Key")),
      Environment: {
        Variables: {
          QUEUE: { Ref: id("Queue") },
          BUCKET: { Ref: id("Bucket") },
          STAGE: { Ref: "Environment" },
        },
      },
      Tags: tags(),
    },
  ],
  Rule: ({ named, tags, name, id, faulty }) => [
    "AWS::Events::Rule",
    {
      ...named("Name", name),
      ScheduleExpression: faulty ? "rate(1 minutes)" : "rate(5 minutes)",
      Targets: [
        {
          Id: "one",
          Arn: arn(id("Queue")),
          DeadLetterConfig: { Arn: arn(id("Queue")) },
          RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
        },
      ],
      Tags: tags(),
    },
  ],
  Alarm: ({ named, tags, name, id, faulty }) => [
    "AWS::CloudWatch::Alarm",
    {
      ...named("AlarmName", name),
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [{ Name: "FunctionName", Value: { Ref: id("Function") } }],
      Statistic: "Sum",
      Period: faulty ? 45 : 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "notBreaching",
      AlarmActions: [{ Ref: id("Topic") }],
      Tags: tags(),
    },
  ],
};
