// The infrastructure of the table as a Pulumi program: template.mjs is the same for CloudFormation, with the same names.
// `faulty`, with all twelve faults or with none, is put in front of this text.
const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const allow = (rest) => ({ Effect: "Allow", ...rest });
const policy = (...Statement) => ({ Version: "2012-10-17", Statement });
const trust = (Service) => JSON.stringify(policy(allow({ Principal: { Service }, Action: "sts:AssumeRole" })));

const owner = allow({ Principal: { AWS: "arn:aws:iam::471293851604:root" }, Action: "kms:*", Resource: "*" });
const logs = allow({
  Principal: { Service: "logs.eu-west-1.amazonaws.com" },
  Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
  Resource: "*",
});
const key = new aws.kms.Key("Key", {
  enableKeyRotation: true,
  policy: JSON.stringify(faulty ? policy(owner) : policy(owner, logs)),
});
const group = new aws.cloudwatch.LogGroup("Group", { kmsKeyId: key.arn, retentionInDays: 365 });

const records = new aws.s3.Bucket("Records");
const trail = { Service: "cloudtrail.amazonaws.com" };
const acl = allow({ Principal: trail, Action: "s3:GetBucketAcl", Resource: records.arn });
const put = allow({
  Principal: trail,
  Action: "s3:PutObject",
  Resource: pulumi.interpolate`${records.arn}/AWSLogs/471293851604/*`,
  Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } },
});
const recordsPolicy = new aws.s3.BucketPolicy("RecordsPolicy", {
  bucket: records.id,
  policy: pulumi.jsonStringify(faulty ? policy(acl) : policy(acl, put)),
});
const fields = [{ field: "eventCategory", equals: ["Management"] }];
if (faulty) fields.push({ field: "eventName", equals: ["CreateUser"] });
new aws.cloudtrail.Trail(
  "Trail",
  { s3BucketName: records.id, enableLogging: true, advancedEventSelectors: [{ fieldSelectors: fields }] },
  { dependsOn: [recordsPolicy] },
);

const work = new aws.sqs.Queue("Work");
const dead = new aws.sqs.Queue("Dead");
const reader = new aws.iam.Role("ReaderRole", { assumeRolePolicy: trust("lambda.amazonaws.com") });
const receive = (Resource) => policy(allow({ Action: "sqs:ReceiveMessage", Resource }));
new aws.iam.RolePolicy("Reader", {
  role: reader.name,
  // The fault: an output is made into a string before its value is there.
  policy: faulty ? JSON.stringify(receive(`${work.arn}`)) : pulumi.jsonStringify(receive(work.arn)),
});

if (faulty) for (const name of ["FirstDetector", "SecondDetector"]) new aws.guardduty.Detector(name, { enable: true });

new aws.cloudwatch.LogMetricFilter("Failures", {
  logGroupName: group.name,
  pattern: faulty ? '{ $.status == "FAILED" }' : '{ $.status = "FAILED" }',
  metricTransformation: { name: "failures", namespace: "app", value: "1" },
});

const read = allow({ Action: "s3:GetObject", Resource: pulumi.interpolate`${records.arn}/*` });
new aws.iam.Policy("Powers", {
  policy: faulty ? JSON.stringify(policy(allow({ Action: "*", Resource: "*" }))) : pulumi.jsonStringify(policy(read)),
});

const vendor = allow({ Principal: { AWS: "arn:aws:iam::210987654321:root" }, Action: "sts:AssumeRole" });
const external = { Condition: { StringEquals: { "sts:ExternalId": "b4b1f0d2-8f2c-4f7e-9d5e-0d1f6c2a7e33" } } };
new aws.iam.Role("Vendor", {
  assumeRolePolicy: JSON.stringify(policy(faulty ? vendor : { ...vendor, ...external })),
});

const nightly = new aws.cloudwatch.EventRule("NightlyRule", { scheduleExpression: "rate(1 day)" });
new aws.cloudwatch.EventTarget("Nightly", {
  rule: nightly.name,
  arn: work.arn,
  ...(!faulty && { deadLetterConfig: { arn: dead.arn } }),
});

new aws.lambda.Function("Handler", {
  runtime: "nodejs22.x",
  handler: "index.handler",
  role: reader.arn,
  s3Bucket: "code",
  s3Key: "handler.zip",
  timeout: faulty ? 900 : 60,
});
new aws.cloudwatch.LogGroup("App", faulty ? {} : { retentionInDays: 365 });
new aws.kms.Key("Stale", { enableKeyRotation: !faulty });
