/** Watches changes of IAM policies, where their events are. */
import { App, Duration, type Environment, Stack, Tags, Validations } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { StackproofPlugin } from "stackproof/cdk";

const env: Environment = { account: "935871204466", region: "us-east-1" };
const AUDITOR = "604182937755";

class Monitoring extends Stack {
  constructor(scope: App, id: string) {
    super(scope, id, { env });

    const key = new kms.Key(this, "Key", { description: "Encrypts what is watched", enableKeyRotation: true });
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal("logs.us-east-1.amazonaws.com")],
        actions: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        resources: ["*"],
        conditions: {
          ArnLike: { "kms:EncryptionContext:aws:logs:arn": this.formatArn({ service: "logs", resource: "*" }) },
        },
      }),
    );

    new logs.LogGroup(this, "LogGroup", { retention: logs.RetentionDays.THREE_MONTHS, encryptionKey: key });

    const analyzer = new lambda.Function(this, "Analyzer", {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async () => {};"),
      timeout: Duration.seconds(60),
    });

    const lost = new sqs.Queue(this, "Lost", {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const rule = new events.Rule(this, "Changes", {
      eventPattern: {
        source: ["aws.iam"],
        detailType: ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: ["iam.amazonaws.com"],
          eventName: ["Create", "Delete", "Set", "Attach", "Detach", "Put", "Update"].map((prefix) => ({ prefix })),
        },
      },
    });
    rule.addTarget(
      new targets.LambdaFunction(analyzer, {
        deadLetterQueue: lost,
        maxEventAge: Duration.hours(2),
        retryAttempts: 2,
      }),
    );

    new iam.Role(this, "AuditRole", {
      assumedBy: new iam.AccountPrincipal(AUDITOR),
      externalIds: ["iam-audit-71c2f0"],
      maxSessionDuration: Duration.hours(1),
    });
  }
}

const app = new App();
Validations.of(app).addPlugins(new StackproofPlugin({ preset: "all" }));
const monitoring = new Monitoring(app, "Monitoring");
for (const [key, value] of Object.entries({
  Environment: "dev",
  Owner: "security",
  DataClassification: "Confidential",
}))
  Tags.of(monitoring).add(key, value);
