/**
 * stackproof in Pulumi: the ready-made policy pack, a pack of your own that holds its rules, and a helper that writes one.
 *
 * @example
 * // A pack of your own, with stackproof's rules beside yours:
 * import { PolicyPack } from "@pulumi/policy";
 * import { policies } from "stackproof/pulumi";
 * new PolicyPack("ours", { policies: [...policies({ preset: "production" }), ...ours] });
 */

import { core } from "../core";
import { serve } from "./server";

export { type PoliciesOptions, type Policy, policies } from "./policies";
export { type PackFolderOptions, writePack } from "./write-pack";

/**
 * Serves the ready-made policy pack: the whole entry file of a pack's folder is `require("stackproof/pulumi").servePack(__dirname)`.
 * `folder`: the pack's own, where `@pulumi/pulumi` is looked for.
 */
export function servePack(folder: string): void {
  serve(folder, core);
}
