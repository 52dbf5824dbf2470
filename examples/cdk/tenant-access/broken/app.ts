/** Access of partners to the data of a tenant. AWS refuses three of these resources; the others do not protect what they should. */
import { App, type Environment, Stack, Validations } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import * as ssm from "aws-cdk-lib/aws-ssm";
import { StackproofPlugin } from "stackproof/cdk";

const env: Environment = { account: "935871204466", region: "us-east-1" };

class TenantAccess extends Stack {
  /** Written down, so that a synthesis needs no look into the account. */
  override get availabilityZones(): string[] {
    return ["us-east-1a", "us-east-1b"];
  }

  constructor(scope: App, id: string) {
    super(scope, id, { env });

    // `...fields` is no name of a field: AWS answers "Invalid character(s) in term '...fields'".
    const group = new logs.LogGroup(this, "Authentication", { retention: logs.RetentionDays.THREE_MONTHS });
    new logs.MetricFilter(this, "Failures", {
      logGroup: group,
      filterPattern: logs.FilterPattern.literal("[...fields, status=FAILED]"),
      metricNamespace: "Security",
      metricName: "FailedAuthentication",
    });

    // There is no such account, and the external id is another one at each deployment.
    new iam.Role(this, "CrossAccount", {
      assumedBy: new iam.AccountPrincipal("111111111111"),
      externalIds: [`external-tenant-a-dev-${Date.now()}`],
    });

    // Exported, but attached to nobody.
    new iam.ManagedPolicy(this, "Protection", {
      statements: [
        new iam.PolicyStatement({
          effect: iam.Effect.DENY,
          actions: ["logs:DeleteLogGroup", "logs:DeleteLogStream"],
          resources: ["*"],
        }),
      ],
    });

    new ssm.StringParameter(this, "ApiKey", {
      parameterName: "/app/dev/api-key",
      stringValue: "placeholder-api-key-value",
    });
    // CloudFormation cannot create a SecureString.
    new ssm.CfnParameter(this, "TenantApiKey", {
      name: "/app/dev/tenant-a/api-key",
      type: "SecureString",
      value: "placeholder-tenant-a-api-key",
    });

    const vpc = new ec2.Vpc(this, "Vpc", { natGateways: 0, maxAzs: 2, restrictDefaultSecurityGroup: false });
    const database = new ec2.SecurityGroup(this, "Database", { vpc, allowAllOutbound: false });
    database.addEgressRule(ec2.Peer.ipv4("127.0.0.1/32"), ec2.Port.tcp(443), "Deny all outbound except localhost");
  }
}

const app = new App();
Validations.of(app).addPlugins(new StackproofPlugin({ preset: "all" }));
new TenantAccess(app, "TenantAccess");
