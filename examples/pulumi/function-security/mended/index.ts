/** A function that may read a bucket, with an encrypted log group, and Security Hub, where this stack is to own it. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const account = aws.getCallerIdentityOutput().accountId;
const region = aws.getRegionOutput().region;

const bucket = new aws.s3.Bucket("documents");

const role = new aws.iam.Role("reader", {
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  }),
});

new aws.iam.RolePolicy("read-documents", {
  role: role.id,
  // pulumi.jsonStringify waits for the Outputs inside it.
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: pulumi.interpolate`${bucket.arn}/*` }],
  }),
});

const key = new aws.kms.Key("logs", {
  description: "Encrypts the reader's logs",
  enableKeyRotation: true,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: pulumi.interpolate`arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Effect: "Allow",
        Principal: { Service: pulumi.interpolate`logs.${region}.amazonaws.com` },
        Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        Resource: "*",
        Condition: {
          ArnLike: { "kms:EncryptionContext:aws:logs:arn": pulumi.interpolate`arn:aws:logs:${region}:${account}:*` },
        },
      },
    ],
  }),
});

new aws.cloudwatch.LogGroup("reader", { kmsKeyId: key.arn, retentionInDays: 365 });

// One per account and region: only the stack that owns it says so in its configuration.
if (config.getBoolean("ownsSecurityHub")) new aws.securityhub.Account("hub");
