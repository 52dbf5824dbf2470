// A real CDK app: two stacks that refer to each other, a nested stack, a Stage. Faults are marked.
// What varies between tests comes in through STACKPROOF_TEST, as JSON.
const { App, Aspects, CfnOutput, NestedStack, Stack, Stage, Validations } = require("aws-cdk-lib");
const kms = require("aws-cdk-lib/aws-kms");
const logs = require("aws-cdk-lib/aws-logs");
const { StackproofAspect, StackproofPlugin } = require("stackproof/cdk");

const test = JSON.parse(process.env.STACKPROOF_TEST ?? "{}");

/** Owns the key; its policy lets nobody but the account's own users in. */
class Keys extends Stack {
  constructor(scope, id) {
    super(scope, id, { env: test.env });
    this.key = new kms.Key(this, "Key", { enableKeyRotation: true });
    this.stale = new kms.Key(this, "Stale", { enableKeyRotation: false }); // fault: kms-rotation
  }
}

/** Uses the other stack's key through an export. */
class Logs extends Stack {
  constructor(scope, id, { key }) {
    super(scope, id, { env: test.env });
    new logs.CfnLogGroup(this, "Group", { kmsKeyId: key.keyArn, retentionInDays: 30 }); // fault: kms-policy-cloudwatch-logs
    new Archive(this, "Archive");
  }
}

class Archive extends NestedStack {
  constructor(scope, id) {
    super(scope, id);
    new kms.Key(this, "ArchiveKey", { enableKeyRotation: false }); // fault: kms-rotation
  }
}

class Staging extends Stage {
  constructor(scope, id) {
    super(scope, id);
    const stack = new Stack(this, "Inner");
    new kms.Key(stack, "StageKey", { enableKeyRotation: false }); // fault: kms-rotation
    new CfnOutput(stack, "Done", { value: "yes" });
  }
}

const options = test.options ?? {};
const app = new App(test.beta ? { policyValidationBeta1: [new StackproofPlugin(options)] } : {});
const keys = new Keys(app, "Keys");
new Logs(app, "Logs", { key: keys.key });
const stage = new Staging(app, "Staging");

for (const { path, id } of test.acknowledge ?? []) {
  const construct = path.split("/").reduce((at, name) => at.node.findChild(name), app);
  Validations.of(construct).acknowledge({ id, reason: "a test" });
}
if (test.aspect) Aspects.of(app).add(new StackproofAspect(options));
else if (test.onStage) StackproofPlugin.addTo(stage, options);
else if (!test.beta) Validations.of(app).addPlugins(new StackproofPlugin(options));
