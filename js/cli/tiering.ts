/** Keeps V8 from optimising the core while a command that ends at once is running. */

import { setFlagsFromString } from "node:v8";

/** The last version of V8 known to have the flag: an unknown one is complained about on standard error. */
const NEWEST = 13;

/**
 * About the bytes of code that a function runs before V8 compiles it again, to faster code, on other threads; V8's own
 * `--wasm-tiering-budget` is 1,800,000. A small check is over before that pays, and node waits for those threads when it
 * ends, which is half of the whole time. The process is ours to set flags in; hosts that load the package keep V8's
 * choice.
 */
const BUDGET = 300_000_000;

export function tierUpLate(): void {
  if (Number.parseInt(process.versions.v8, 10) <= NEWEST) setFlagsFromString(`--wasm-tiering-budget=${BUDGET}`);
}
