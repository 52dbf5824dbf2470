/**
 * The browser build: `await load()`, then everything works as in Node.
 *
 * @example
 * import { check, load } from "stackproof/web";
 * await load();
 * const report = check(text);
 */

import { createApi, StackproofError } from "../api";
import { instantiate } from "../glue";

export { type AccessAnswer, type CheckOptions, type Content, type Input, StackproofError } from "../api";
export type * from "../configuration";
export type * from "../report";

/** The address of `stackproof.wasm`; the build puts it in front of this module, in the form that bundlers follow. */
declare const stackproofWasm: URL;
/** The same for the rules' pages. */
declare const stackproofPages: URL;

let compiled: WebAssembly.Module | undefined;

const core = createApi(() => {
  if (!compiled) throw new StackproofError("usage", "the core is not loaded: call `await load()` first");
  const glue = instantiate();
  glue.initSync({ module: compiled });
  return glue;
});

export const { check, access, rules, version } = core;

let pages: Promise<Record<string, string>> | undefined;

/** A rule's documentation, in Markdown. The pages are fetched when the first is asked for. */
export async function explain(rule: string): Promise<string> {
  core.requireRule(rule);
  pages ??= fetched(stackproofPages).then((answer) => answer.json() as Promise<Record<string, string>>);
  const page = (await pages)[rule];
  if (page === undefined) throw new StackproofError("internal", `this package has no page on ${rule}`);
  return page;
}

/**
 * Fetches and compiles the core, once; further calls do nothing.
 *
 * @param from Where `stackproof.wasm` is, its bytes, or the compiled module. Default: beside this package's own files.
 */
export async function load(
  from: string | URL | Response | BufferSource | WebAssembly.Module = stackproofWasm,
): Promise<void> {
  compiled ??= await compile(from);
}

async function compile(from: string | URL | Response | BufferSource | WebAssembly.Module): Promise<WebAssembly.Module> {
  if (from instanceof WebAssembly.Module) return from;
  if (from instanceof ArrayBuffer || ArrayBuffer.isView(from)) return WebAssembly.compile(from);
  const answer = await fetched(from);
  // Not compileStreaming: it refuses a server that does not send wasm's own content type.
  return WebAssembly.compile(await answer.arrayBuffer());
}

async function fetched(from: string | URL | Response): Promise<Response> {
  const answer = from instanceof Response ? from : await fetch(from);
  if (!answer.ok)
    throw new StackproofError("usage", `${answer.url} cannot be loaded: ${answer.status} ${answer.statusText}`);
  return answer;
}
