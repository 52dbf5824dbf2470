/** `stackproof check`. */

import { readFileSync, writeFileSync } from "node:fs";
import { type ConfigFile, coreOptions, type Outcome, type Source, StackproofError } from "../api";
import { core } from "../core";
import { findConfig, readConfig } from "../files/config";
import { type Discovery, discover, reason } from "../files/discover";
import type { Preset, Severity } from "../report";
import { Busy } from "./busy";
import { useColor, width } from "./terminal";

export interface CheckFlags {
  format: "text" | "json";
  output?: string;
  preset?: Preset;
  rule?: string[];
  skip?: string[];
  severity?: Severity;
  failOn?: Severity;
  strict?: boolean;
  show?: "undetermined";
  /** A file's name; `false`: none; `true` or absent: found upwards from the inputs. */
  config?: string | boolean;
  stdinFilename?: string;
  now?: string;
}

/** Reads, checks and reports; returns the exit code. */
export function check(paths: string[], flags: CheckFlags): number {
  const busy = new Busy();
  try {
    const { sources, notes } = inputs(paths, flags, busy);
    const config = configuration(paths, flags);
    busy.checking(sources.length);
    const toFile = flags.output !== undefined;
    const render = {
      format: flags.format,
      options: {
        color: !toFile && useColor(process.stdout),
        showUndetermined: flags.show === "undetermined",
        width: width(),
      },
    };
    const outcome = examine(sources, options(flags), config, flags.format === "json" ? undefined : render);
    busy.done();
    for (const note of notes) process.stderr.write(`stackproof: ${note}\n`);
    write(outcome.rendered ?? `${outcome.json}\n`, flags.output);
    return outcome.exitCode;
  } finally {
    busy.done();
  }
}

function inputs(paths: string[], flags: CheckFlags, busy: Busy): Discovery {
  const all: Discovery = { sources: [], notes: [] };
  for (const path of paths) {
    const found = path === "-" ? { sources: [stdin(flags)], notes: [] } : discover(path, (bytes) => busy.read(bytes));
    all.sources.push(...found.sources);
    all.notes.push(...found.notes);
  }
  return all;
}

function stdin(flags: CheckFlags): Source {
  const name = flags.stdinFilename ?? "<stdin>";
  try {
    return { name, kind: "auto", files: [{ path: name, bytes: readFileSync(0) }] };
  } catch (error) {
    return { name, error: reason(error) };
  }
}

/** One configuration holds for one report: inputs that have different ones are not mixed, and none is silently preferred. */
function configuration(paths: string[], flags: CheckFlags): ConfigFile | undefined {
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

function nearest(paths: string[], flags: CheckFlags): string | undefined {
  const found = new Map<string | undefined, string>();
  for (const path of paths) found.set(findConfig(path === "-" ? (flags.stdinFilename ?? ".") : path), path);
  if (found.size <= 1) return [...found.keys()][0];
  const list = [...found].map(([config, path]) => `${path}: ${config ?? "none"}`).join("; ");
  throw new StackproofError(
    "usage",
    `the paths have different configuration files (${list}). Check them one by one, or choose with --config or --no-config`,
  );
}

function options(flags: CheckFlags): object {
  return coreOptions({
    ...(flags.preset && { preset: flags.preset }),
    ...(flags.failOn && { failOn: flags.failOn }),
    ...(flags.severity && { severity: flags.severity }),
    ...(flags.rule && { rules: flags.rule }),
    ...(flags.skip && { skip: flags.skip }),
    ...(flags.strict && { strict: true }),
    ...(flags.now && { now: flags.now }),
  });
}

/** Where the core itself fails on several inputs, each is tried alone, to name the one that it fails on. */
function examine(
  sources: Source[],
  ...rest: [object, ConfigFile | undefined, { format: string; options: object } | undefined]
): Outcome {
  try {
    return core.examine(sources, ...rest);
  } catch (error) {
    if (!(error instanceof StackproofError) || error.code !== "internal") throw error;
    const culprits = sources.length === 1 ? sources : sources.filter((source) => !survives(source, rest[0]));
    throw new StackproofError(
      "internal",
      `${culprits.map((source) => source.name).join(", ") || "inputs"}: ${error.message}`,
    );
  }
}

function survives(source: Source, options: object): boolean {
  try {
    core.examine([source], options);
    return true;
  } catch {
    return false;
  }
}

function write(text: string, output: string | undefined): void {
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    throw new StackproofError("usage", `--output ${output}: ${reason(error)}`);
  }
}
