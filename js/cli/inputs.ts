/** The inputs and the configuration file that a command's PATHs stand for. */

import { readFileSync } from "node:fs";
import { type ConfigFile, type Source, StackproofError } from "../api";
import { findConfig, readConfig } from "../files/config";
import { type Discovery, discover, reason } from "../files/discover";

export interface ConfigFlags {
  /** A file's name; `false`: none; `true` or absent: found upwards from the inputs. */
  config?: string | boolean;
  stdinFilename?: string;
}

/** What the paths hold. `progress` is told how many bytes were read. */
export function inputs(paths: string[], flags: ConfigFlags, progress: (bytes: number) => void = () => {}): Discovery {
  const all: Discovery = { sources: [], notes: [] };
  for (const path of paths) {
    const found = path === "-" ? { sources: [stdin(flags)], notes: [] } : discover(path, progress);
    all.sources.push(...found.sources);
    all.notes.push(...found.notes);
  }
  return all;
}

function stdin(flags: ConfigFlags): Source {
  const name = flags.stdinFilename ?? "<stdin>";
  try {
    return { name, kind: "auto", files: [{ path: name, bytes: readFileSync(0) }] };
  } catch (error) {
    return { name, error: reason(error) };
  }
}

/** One configuration holds for one report: inputs that have different ones are not mixed, and none is silently preferred. */
export function configuration(paths: string[], flags: ConfigFlags): ConfigFile | undefined {
  if (flags.config === false) return undefined;
  const named = typeof flags.config === "string" ? flags.config : undefined;
  const chosen = named ?? nearest(paths, flags);
  if (chosen === undefined) return undefined;
  try {
    return readConfig(chosen);
  } catch (error) {
    throw new StackproofError("usage", `${chosen}: ${reason(error)}`);
  }
}

function nearest(paths: string[], flags: ConfigFlags): string | undefined {
  const found = new Map<string | undefined, string>();
  for (const path of paths) found.set(findConfig(path === "-" ? (flags.stdinFilename ?? ".") : path), path);
  if (found.size <= 1) return [...found.keys()][0];
  const list = [...found].map(([config, path]) => `${path}: ${config ?? "none"}`).join("; ");
  throw new StackproofError(
    "usage",
    `the paths have different configuration files (${list}). Check them one by one, or choose with --config or --no-config`,
  );
}
