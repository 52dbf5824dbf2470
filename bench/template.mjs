// The template that the benchmark checks: always the same bytes for the same seed.
//
// 1,500 resources, about 1.1 MB: 300 policy documents of 5 statements, 100 conditions, 30 % of the values intrinsics,
// one resource in ten faulty.

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

const RESOURCES = 1500;
const CONDITIONS = 100;

export function template(seed = 1) {
  const random = generator(seed);
  const chance = (share) => random() < share;
  const pick = (list) => list[Math.floor(random() * list.length)];
  const number = (most) => Math.floor(random() * most);

  const Conditions = {};
  for (let index = 0; index < CONDITIONS; index += 1) {
    Conditions[`Condition${index}`] =
      index < 2 || chance(0.5)
        ? { "Fn::Equals": [{ Ref: "Environment" }, pick(["dev", "test", "prod"])] }
        : {
            "Fn::And": [
              { Condition: `Condition${number(index)}` },
              { "Fn::Not": [{ Condition: `Condition${number(index)}` }] },
            ],
          };
  }

  const Resources = {};
  const names = { bucket: [], key: [], queue: [], topic: [] };
  /** Three values in ten are intrinsics, of the kinds that templates are full of. */
  const value = (plain) => {
    if (!chance(0.3)) return plain;
    return pick([
      () => ({ "Fn::Sub": `\${AWS::StackName}-${plain}` }),
      () => ({ "Fn::Join": ["-", [{ Ref: "AWS::StackName" }, plain]] }),
      () => ({ "Fn::If": [`Condition${number(CONDITIONS)}`, plain, { Ref: "AWS::NoValue" }] }),
      () => ({ "Fn::FindInMap": ["Names", { Ref: "Environment" }, "Prefix"] }),
    ])();
  };
  const arn = (kind, otherwise) =>
    names[kind].length > 0 && chance(0.5) ? { "Fn::GetAtt": [pick(names[kind]), "Arn"] } : value(otherwise);
  const policy = (faulty) => ({
    Version: "2012-10-17",
    Statement: Array.from({ length: 5 }, (_, index) => ({
      Sid: `Statement${index}`,
      Effect: index === 4 && chance(0.3) ? "Deny" : "Allow",
      Action:
        faulty && index === 0
          ? "*"
          : pick([
              ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
              ["sqs:SendMessage", "sqs:ReceiveMessage"],
              "kms:Decrypt",
              ["logs:CreateLogStream", "logs:PutLogEvents"],
              ["dynamodb:GetItem", "dynamodb:PutItem"],
            ]),
      Resource: faulty && index === 0 ? "*" : arn(pick(["bucket", "queue"]), "arn:aws:s3:::data/reports"),
      ...(chance(0.15) && {
        Condition: {
          StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
        },
      }),
    })),
  });
  const assume = (faulty) => ({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: faulty ? { AWS: "arn:aws:iam::999988887777:root" } : { Service: "lambda.amazonaws.com" },
      },
    ],
  });
  const keyPolicy = () => ({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Owner",
        Effect: "Allow",
        Action: "kms:*",
        Resource: "*",
        Principal: { AWS: { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" } },
      },
    ],
  });
  const tags = () => [{ Key: "Team", Value: value("platform") }];

  const kinds = {
    policy: (name, faulty) => [
      "AWS::IAM::Policy",
      { PolicyName: value(name), PolicyDocument: policy(faulty), Roles: [value("worker")] },
    ],
    role: (name, faulty) => [
      "AWS::IAM::Role",
      { RoleName: value(name), AssumeRolePolicyDocument: assume(faulty), Tags: tags() },
    ],
    bucket: (name, faulty) => [
      "AWS::S3::Bucket",
      {
        BucketName: value(name.toLowerCase()),
        Tags: tags(),
        ...(!faulty && {
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        }),
        VersioningConfiguration: { Status: "Enabled" },
      },
    ],
    key: (name, faulty) => [
      "AWS::KMS::Key",
      { Description: value(name), EnableKeyRotation: !faulty, KeyPolicy: keyPolicy(), Tags: tags() },
    ],
    logs: (name, faulty) => [
      "AWS::Logs::LogGroup",
      {
        LogGroupName: value(`/app/${name}`),
        RetentionInDays: 30,
        ...(faulty && names.key.length > 0 && { KmsKeyId: { "Fn::GetAtt": [pick(names.key), "Arn"] } }),
      },
    ],
    queue: (name) => [
      "AWS::SQS::Queue",
      { QueueName: value(name), VisibilityTimeout: 60, SqsManagedSseEnabled: true, Tags: tags() },
    ],
    topic: (name) => ["AWS::SNS::Topic", { TopicName: value(name), DisplayName: value(name), Tags: tags() }],
    function: (name, faulty) => [
      "AWS::Lambda::Function",
      {
        FunctionName: value(name),
        Handler: "index.handler",
        Runtime: "nodejs20.x",
        Timeout: faulty ? 901 : 30,
        MemorySize: 256,
        Role: value("arn:aws:iam::111122223333:role/worker"),
        Code: { S3Bucket: "code", S3Key: `${name}.zip` },
        Environment: {
          Variables: {
            QUEUE: names.queue.length > 0 ? { Ref: pick(names.queue) } : "none",
            STAGE: { Ref: "Environment" },
          },
        },
        Tags: tags(),
      },
    ],
    rule: (name, faulty) => [
      "AWS::Events::Rule",
      {
        Name: value(name),
        ScheduleExpression: "rate(5 minutes)",
        Targets: [
          {
            Id: "one",
            Arn: arn("queue", "arn:aws:sqs:eu-west-1:111122223333:jobs"),
            ...(!faulty && { DeadLetterConfig: { Arn: arn("queue", "arn:aws:sqs:eu-west-1:111122223333:dead") } }),
          },
        ],
      },
    ],
    alarm: (name) => [
      "AWS::CloudWatch::Alarm",
      {
        AlarmName: value(name),
        MetricName: "Errors",
        Namespace: "AWS/Lambda",
        Statistic: "Sum",
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
        AlarmActions: names.topic.length > 0 ? [{ Ref: pick(names.topic) }] : [],
      },
    ],
    table: (name) => [
      "AWS::DynamoDB::Table",
      {
        TableName: value(name),
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        Tags: tags(),
      },
    ],
  };
  const others = Object.keys(kinds).filter((kind) => kind !== "policy");
  for (let index = 0; index < RESOURCES; index += 1) {
    // Every fifth resource is a policy: 300 documents.
    const kind = index % 5 === 4 ? "policy" : others[index % others.length];
    const name = `${kind[0].toUpperCase()}${kind.slice(1)}${index}`;
    const [Type, Properties] = kinds[kind](name, index % 10 === 0 || (kind === "policy" && index % 50 === 49));
    Resources[name] = {
      Type,
      ...(chance(0.1) && { Condition: `Condition${number(CONDITIONS)}` }),
      ...(chance(0.2) && index > 10 && { DependsOn: [pick(Object.keys(Resources).slice(-8))] }),
      Properties,
      Metadata: { "aws:cdk:path": `App/Stack/${name}/Resource` },
    };
    names[kind]?.push(name);
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
