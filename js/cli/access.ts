/** `stackproof access`. */

import { readFileSync } from "node:fs";
import { type AccessAnswer, StackproofError } from "../api";
import { core } from "../core";
import { reason } from "../files/discover";

/** Answers every request; 0 where it could. */
export function access(options: { requests: string; format: "text" | "json" }): number {
  const answers = core.accessJson(read(options.requests));
  process.stdout.write(options.format === "json" ? `${answers}\n` : text(JSON.parse(answers) as AccessAnswer[]));
  return 0;
}

function text(answers: AccessAnswer[]): string {
  return answers
    .map(
      ({ name, decision, explanation }) =>
        `${decision.padEnd(13)}  ${name}${explanation ? `\n    ${explanation}` : ""}\n`,
    )
    .join("");
}

function read(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new StackproofError("usage", `${file}: ${reason(error)}`);
  }
}
