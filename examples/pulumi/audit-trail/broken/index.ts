/** A trail that delivers to a bucket of its own. AWS refuses its bucket policy, and then its selectors. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const account = aws.getCallerIdentityOutput().accountId;

const bucket = new aws.s3.Bucket("audit-logs");

const policy = new aws.s3.BucketPolicy("audit-logs", {
  bucket: bucket.id,
  // CloudTrail is missing: it may neither read the bucket's ACL nor write.
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AllowRootAccountFullAccess",
        Effect: "Allow",
        Principal: { AWS: pulumi.interpolate`arn:aws:iam::${account}:root` },
        Action: "s3:*",
        Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
      },
      {
        Sid: "DenyInsecureConnections",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  }),
});

new aws.cloudtrail.Trail(
  "audit",
  {
    s3BucketName: bucket.id,
    isMultiRegionTrail: true,
    enableLogFileValidation: true,
    // eventName is no field of management events.
    advancedEventSelectors: [
      {
        name: "Log all IAM management events",
        fieldSelectors: [
          { field: "eventCategory", equals: ["Management"] },
          { field: "eventName", equals: ["CreateRole", "DeleteRole", "AttachRolePolicy"] },
        ],
      },
      {
        name: "Log security group changes",
        fieldSelectors: [
          { field: "eventCategory", equals: ["Management"] },
          { field: "eventName", equals: ["CreateSecurityGroup", "DeleteSecurityGroup"] },
        ],
      },
    ],
  },
  { dependsOn: [policy] },
);
