/** Access of partners to the data of a tenant. */
import { App, type Environment, Stack, Validations } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as logs from "aws-cdk-lib/aws-logs";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import { StackproofPlugin } from "stackproof/cdk";

const env: Environment = { account: "935871204466", region: "us-east-1" };
const PARTNER = "604182937755";

class TenantAccess extends Stack {
  /** Written down, so that a synthesis needs no look into the account. */
  override get availabilityZones(): string[] {
    return ["us-east-1a", "us-east-1b"];
  }

  constructor(scope: App, id: string) {
    super(scope, id, { env });

    const group = new logs.LogGroup(this, "Authentication", { retention: logs.RetentionDays.THREE_MONTHS });
    new logs.MetricFilter(this, "Failures", {
      logGroup: group,
      filterPattern: logs.FilterPattern.anyTerm("FAILED", "failed", "Failed"),
      metricNamespace: "Security",
      metricName: "FailedAuthentication",
    });

    new iam.Role(this, "CrossAccount", {
      assumedBy: new iam.AccountPrincipal(PARTNER),
      externalIds: ["tenant-a-dev-71c2f0"],
    });

    new iam.ManagedPolicy(this, "Protection", {
      groups: [new iam.Group(this, "Operators")],
      statements: [new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ["logs:*"], resources: ["*"] })],
    });

    // A secret is made by the service, and nobody has to put it in afterwards.
    const encryptionKey = new kms.Key(this, "Key", { enableKeyRotation: true });
    new secretsmanager.Secret(this, "ApiKey", { encryptionKey });

    const vpc = new ec2.Vpc(this, "Vpc", { natGateways: 0, maxAzs: 2, restrictDefaultSecurityGroup: false });
    const services = new ec2.SecurityGroup(this, "Services", { vpc, allowAllOutbound: false });
    const database = new ec2.SecurityGroup(this, "Database", { vpc, allowAllOutbound: false });
    database.addEgressRule(services, ec2.Port.tcp(443), "The endpoints of AWS services");
  }
}

const app = new App();
Validations.of(app).addPlugins(new StackproofPlugin({ preset: "all" }));
new TenantAccess(app, "TenantAccess");
