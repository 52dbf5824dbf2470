/**
 * stackproof proves an AWS stack before it is deployed.
 *
 * @example
 * import { check } from "stackproof";
 * const report = check(readFileSync("template.yaml"));
 * for (const finding of report.findings) console.log(finding.severity, finding.message);
 */

import { core } from "./core";

export {
  type AccessAnswer,
  type CheckOptions,
  type Content,
  type Input,
  StackproofError,
} from "./api";
export type * from "./configuration";
export type * from "./report";

export const { check, access, rules, explain, version } = core;

/** Nothing to wait for in Node; in a browser this loads the core. Code that awaits it runs in both. */
export async function load(): Promise<void> {}
