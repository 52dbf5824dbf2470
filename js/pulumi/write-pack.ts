/** Writes the folder of a policy pack, for `pulumi preview --policy-pack FOLDER`. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackproofError } from "../api";
import { core } from "../core";

export interface PackFolderOptions {
  /** The pack's name in its package.json. Default: `stackproof-policies`. */
  name?: string;
  /**
   * `ready`: serves stackproof's rules as they are, once per resource, the fastest way. `own`: a `@pulumi/policy` pack to
   * add rules of your own to; it costs more per policy. Default: `ready`.
   */
  kind?: "ready" | "own";
}

/**
 * Writes the files of a pack into `folder`, which must be new or empty, and returns their names. Afterwards `npm install` in it.
 *
 * @throws StackproofError where there is something in the folder already
 */
export function writePack(folder: string, options: PackFolderOptions = {}): string[] {
  const { name = "stackproof-policies", kind = "ready" } = options;
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new StackproofError("usage", `${folder} is not empty; name a new folder for the policy pack`);
  const dependencies: Record<string, string> = { "@pulumi/pulumi": "^3.0.0", stackproof: `^${core.version()}` };
  if (kind === "own") dependencies["@pulumi/policy"] = "^1.21.0";
  const files: Record<string, string> = {
    "PulumiPolicy.yaml": "runtime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.js\n",
    "package.json": `${JSON.stringify({ name, version: "0.1.0", private: true, main: "index.js", dependencies }, undefined, 2)}\n`,
    "index.js": kind === "ready" ? READY : OWN.replaceAll("NAME", name),
  };
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return Object.keys(files);
}

const READY = `"use strict";
require("stackproof/pulumi").servePack(__dirname);
`;

const OWN = `"use strict";
const { PolicyPack } = require("@pulumi/policy");
const { policies } = require("stackproof/pulumi");

new PolicyPack("NAME", {
  policies: [
    ...policies(),
    // Your own policies.
  ],
});
`;
