/** `stackproof`: starts the command line and turns what it throws into exit codes. */

import { CommanderError } from "commander";
import { StackproofError } from "../api";
import { program } from "./program";
import { tierUpLate } from "./tiering";

/** 2: bad usage or an unreadable input; 3: a fault of stackproof. Never a stack trace. */
function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof StackproofError) {
    const place = [error.file, error.line, error.column].filter((part) => part !== undefined).join(":");
    process.stderr.write(`stackproof: ${place ? `${place}: ` : ""}${error.message}\n`);
    return error.code === "usage" ? 2 : 3;
  }
  process.stderr.write(`stackproof: internal error: ${error instanceof Error ? error.message : String(error)}\n`);
  return 3;
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

tierUpLate();
try {
  program((code) => {
    process.exitCode = code;
  }).parse();
} catch (error) {
  process.exitCode = failed(error);
}
