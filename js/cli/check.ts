/** `stackproof check`. */

import { writeFileSync } from "node:fs";
import { type ConfigFile, coreOptions, type Outcome, type Source, StackproofError } from "../api";
import { core } from "../core";
import { reason } from "../files/discover";
import type { Preset, Severity } from "../report";
import { Busy } from "./busy";
import { type ConfigFlags, configuration, inputs } from "./inputs";
import { useColor, width } from "./terminal";

export interface CheckFlags extends ConfigFlags {
  format: "text" | "json";
  output?: string;
  preset?: Preset;
  rule?: string[];
  skip?: string[];
  severity?: Severity;
  failOn?: Severity;
  strict?: boolean;
  show?: "undetermined";
  now?: string;
}

/** Reads, checks and reports; returns the exit code. */
export function check(paths: string[], flags: CheckFlags): number {
  const busy = new Busy();
  try {
    const { sources, notes } = inputs(paths, flags, (bytes) => busy.read(bytes));
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
