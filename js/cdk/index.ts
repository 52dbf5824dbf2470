/**
 * stackproof in the AWS CDK.
 *
 * @example
 * import { Validations } from "aws-cdk-lib";
 * import { StackproofPlugin } from "stackproof/cdk";
 * Validations.of(app).addPlugins(new StackproofPlugin());
 */

export { StackproofAspect } from "./aspect";
export type { StackproofOptions } from "./options";
export { StackproofPlugin } from "./plugin";
export type { PluginReport, ValidationContext, ViolatingResource, Violation } from "./violation";
