/** The report of one run of the engine, gathered from the core's answers to its many calls, and written where asked for. */

import { renameSync, writeFileSync } from "node:fs";
import type { Report, Summary } from "../report";

const NOTHING: Summary = { critical: 0, high: 0, medium: 0, low: 0, info: 0, undetermined: 0, suppressed: 0 };

export class ReportFile {
  readonly #file: string | undefined;
  #report: Report | undefined;
  #changed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** `resources`: how many of them `part` adds to those already counted. */
  add(part: Report, name: string, resources: number): void {
    if (this.#file === undefined) return;
    this.#report ??= {
      ...part,
      inputs: [{ file: name, kind: "pulumi-resources", resources: 0 }],
      errors: [],
      findings: [],
      summary: { ...NOTHING },
    };
    const report = this.#report;
    this.#changed = true;
    const input = report.inputs[0];
    if (input) input.resources += resources;
    report.errors.push(...part.errors);
    report.findings.push(...part.findings);
    for (const key of Object.keys(part.summary) as (keyof Summary)[]) report.summary[key] += part.summary[key];
    // An update that a finding stops ends without a last call: what is known so far must be in the file by then.
    this.#timer ??= setTimeout(() => this.write(), 200).unref();
  }

  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#file === undefined || !this.#report || !this.#changed) return;
    try {
      // The engine may end this process at any time: no reader shall find half a report.
      const unfinished = `${this.#file}.${process.pid}`;
      writeFileSync(unfinished, `${JSON.stringify(this.#report, undefined, 2)}\n`);
      renameSync(unfinished, this.#file);
      this.#changed = false;
    } catch (error) {
      console.error(`stackproof: cannot write the report: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
