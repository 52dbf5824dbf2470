/** A function that may read a bucket, with an encrypted log group, and Security Hub. Three things here fail at `pulumi up`. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const account = aws.getCallerIdentityOutput().accountId;

const bucket = new aws.s3.Bucket("documents");

const role = new aws.iam.Role("reader", {
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  }),
});

new aws.iam.RolePolicy("read-documents", {
  role: role.id,
  // JSON.stringify cannot see into an Output: the policy that AWS gets holds an error text where the ARN belongs.
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: pulumi.interpolate`${bucket.arn}/*` }],
  }),
});

const key = new aws.kms.Key("logs", {
  description: "Encrypts the reader's logs",
  enableKeyRotation: true,
  // Nobody but the account may use the key, so CloudWatch Logs may not.
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: pulumi.interpolate`arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  }),
});

new aws.cloudwatch.LogGroup("reader", { kmsKeyId: key.arn, retentionInDays: 365 });

// One per account and region: refused where somebody has switched it on before.
new aws.securityhub.Account("hub");
