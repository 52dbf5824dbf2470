/** `stackproof rules` and `stackproof explain`. */

import { core } from "../core";
import type { Category, Preset } from "../report";

/** Each has all that the ones before it have. */
export const PRESETS: Preset[] = ["dev", "recommended", "enhanced", "production", "all"];

export const CATEGORIES: Category[] = ["deploy-failure", "security", "compliance", "reliability", "hygiene", "cost"];

export function listRules(options: { format: "text" | "json"; preset?: Preset; category?: Category }): void {
  const largest = PRESETS.indexOf(options.preset ?? "all");
  const rules = core
    .rules()
    .filter((rule) => PRESETS.indexOf(rule.preset) <= largest)
    .filter((rule) => options.category === undefined || rule.category === options.category);
  if (options.format === "json") {
    process.stdout.write(`${JSON.stringify(rules, null, 2)}\n`);
    return;
  }
  const longest = Math.max(0, ...rules.map((rule) => rule.id.length));
  const lines = rules.map(
    (rule) => `${rule.id.padEnd(longest)}  ${rule.severity.padEnd(8)}  ${rule.category.padEnd(14)}  ${rule.title}`,
  );
  process.stdout.write(
    `${lines.join("\n")}\n\n${rules.length} rules; \`stackproof explain RULE\` tells all about one.\n`,
  );
}

export function explain(rule: string): void {
  process.stdout.write(`${core.explain(rule).trimEnd()}\n`);
}
