/** A finding as a policy violation says it. The CLI shows nothing else, so what to change and where to read more are part of it. */

import type { Finding } from "../report";

export function violation(finding: Finding): string {
  const lines = [finding.message];
  if (finding.outcome === "undetermined")
    lines.push(`Undetermined: ${finding.unknown?.why ?? "a value is not known yet"}`);
  const places = (finding.places ?? []).map((place) => place.pointer).filter((pointer) => pointer !== finding.pointer);
  const at = [finding.pointer, ...places].filter((pointer) => pointer !== "").map(dotted);
  if (at.length > 0) lines.push(`At: ${at.join(", ")}`);
  if (finding.under) lines.push(`When: ${finding.under}`);
  if (finding.explanation) lines.push(`Why: ${finding.explanation}`);
  if (finding.awsError) lines.push(`AWS answers: ${finding.awsError}`);
  if (finding.fix?.text) lines.push(`Fix: ${finding.fix.text}`);
  if (finding.docs) lines.push(`More: ${finding.docs}`);
  return lines.join("\n");
}

/** `/policy/Statement/0/Action` as `policy.Statement[0].Action`. */
export function dotted(pointer: string): string {
  return segments(pointer)
    .map((name, index) => (/^\d+$/.test(name) ? `[${name}]` : index === 0 ? name : `.${name}`))
    .join("");
}

/** The names a JSON Pointer is made of. */
export function segments(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}
