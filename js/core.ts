/** The core in Node: read from beside this file and instantiated synchronously, since CDK's hooks cannot wait. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Api, createApi, StackproofError } from "./api";
import { instantiate } from "./glue";

let compiled: WebAssembly.Module | undefined;

const pure = createApi(() => {
  compiled ??= new WebAssembly.Module(readFileSync(join(__dirname, "stackproof.wasm")));
  const glue = instantiate();
  glue.initSync({ module: compiled });
  return glue;
}, actions);

/** The catalogue of IAM actions stands beside the module, not in it. */
function actions(): string {
  return readFileSync(join(__dirname, "actions.json"), "utf8");
}

let pages: Record<string, string> | undefined;

export const core: Api = {
  ...pure,
  explain(rule) {
    pure.requireRule(rule);
    // Beside the module, not in it: only a person who asks for a page needs them.
    pages ??= JSON.parse(readFileSync(join(__dirname, "docs.json"), "utf8")) as Record<string, string>;
    const page = pages[rule];
    if (page === undefined) throw new StackproofError("internal", `this package has no page on ${rule}`);
    return page;
  },
};
