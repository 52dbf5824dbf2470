/** Finds the configuration file: in the input's folder, or the nearest folder above it. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ConfigFile } from "../api";

const NAMES = ["stackproof.config.json", "stackproof.config.yaml", "stackproof.config.yml"];

/** The path of the configuration that holds for `path` (a file or a folder), if there is one. */
export function findConfig(path: string): string | undefined {
  const start = resolve(path);
  let folder = statSync(start, { throwIfNoEntry: false })?.isDirectory() ? start : dirname(start);
  for (;;) {
    const here = NAMES.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
    if (here) return here;
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
}

export function readConfig(path: string): ConfigFile {
  return { path, bytes: readFileSync(path) };
}
