/** The core in Node: read from beside this file and instantiated synchronously, since CDK's hooks cannot wait. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Api, createApi } from "./api";
import { instantiate } from "./glue";

let compiled: WebAssembly.Module | undefined;

export const core: Api = createApi(() => {
  compiled ??= new WebAssembly.Module(readFileSync(join(__dirname, "stackproof.wasm")));
  const glue = instantiate();
  glue.initSync({ module: compiled });
  return glue;
});
