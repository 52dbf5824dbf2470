/** `stackproof rules` and `stackproof explain`. */

import { core } from "../core";

export function listRules(options: { format: "text" | "json"; preset?: string }): void {
  const { preset } = options;
  const rules = core
    .rules()
    .filter((rule) => preset === undefined || preset === "all" || rule.presets.includes(preset));
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
