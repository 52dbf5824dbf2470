// The infrastructure of the table as a CDK app: the template's resources, as constructs.
const { App, Stack, Validations } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { StackproofPlugin } = require("stackproof/cdk");

const { options, templateFile } = JSON.parse(process.env.STACKPROOF_TEST ?? "{}");
const app = new App();
new CfnInclude(new Stack(app, "Table"), "Template", { templateFile });
Validations.of(app).addPlugins(new StackproofPlugin(options));
