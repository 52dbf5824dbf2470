/** Watches changes of IAM policies, in the wrong region, with what nobody should be given. */
import { App, Duration, type Environment, Stack, Validations } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { StackproofPlugin } from "stackproof/cdk";

const env: Environment = { account: "935871204466", region: "eu-west-1" };

class Monitoring extends Stack {
  constructor(scope: App, id: string) {
    super(scope, id, { env });

    // Never rotates, and everybody in AWS may use it.
    new kms.Key(this, "Key", {
      description: "Encryption key",
      policy: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ["kms:*"], resources: ["*"] }),
        ],
      }),
    });

    // Not the 90 days that are asked for, and not encrypted with a key of one's own.
    new logs.LogGroup(this, "LogGroup", { retention: logs.RetentionDays.ONE_MONTH });

    const analyzer = new lambda.Function(this, "Analyzer", {
      runtime: lambda.Runtime.NODEJS_18_X,
      handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async () => {};"),
      timeout: Duration.seconds(120),
    });

    // IAM's events only exist in us-east-1, and one of some twenty is asked for.
    const rule = new events.Rule(this, "Changes", {
      eventPattern: { source: ["aws.iam"], detail: { eventName: ["CreatePolicy"] } },
    });
    rule.addTarget(new targets.LambdaFunction(analyzer));

    // No external id: whoever is fooled in that account lends this role to others.
    new iam.Role(this, "AuditRole", { assumedBy: new iam.AccountPrincipal("123456789012") });
  }
}

const app = new App();
Validations.of(app).addPlugins(new StackproofPlugin({ preset: "all" }));
new Monitoring(app, "Monitoring");
