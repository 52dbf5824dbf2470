/** What the terminal can show. */

import type { WriteStream } from "node:tty";

/** Colours only on a terminal, and as the user asks by the usual variables (no-color.org, force-color.org). */
export function useColor(stream: Pick<WriteStream, "isTTY">): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR && FORCE_COLOR !== "0") return true;
  return stream.isTTY === true && TERM !== "dumb";
}

export function width(): number {
  return process.stdout.columns || 100;
}
