import type { Glue } from "./api";

/** wasm-bindgen's glue keeps one instance in its module; this makes a new, separate one of it each time. */
export function instantiate(): Glue;
