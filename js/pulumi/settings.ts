/** What the configuration file and the policy configuration make of the rules: which run, at which level. */

import { existsSync, readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type ConfigFile, type CoreSettings, StackproofError } from "../api";
import { findConfig, readConfig } from "../files/config";
import type { Finding, Rule, Severity } from "../report";

export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

/** What the engine sends per policy: what the user set, filled up with the defaults that the pack advertised. */
export interface PolicyConfig {
  level: Level;
  parameters: Record<string, unknown>;
}

/** A rule as the configuration file leaves it. */
export interface ConfiguredRule {
  rule: Rule;
  /** `off`: neither the preset nor the configuration has it. */
  level: "off" | Severity;
  /** The level the policy is advertised with. */
  advertised: Level;
  /** JSON Schemas of the parameters, with the configured values as defaults. */
  parameters: Record<string, Record<string, unknown>>;
}

export interface Settings {
  failOn: Severity;
  strict: boolean;
  rules: Map<string, ConfiguredRule>;
}

const SEVERITIES: readonly Severity[] = ["info", "low", "medium", "high", "critical"];

export function configured(rules: readonly Rule[], core: CoreSettings): Settings {
  const levels = new Map(core.rules.map((rule) => [rule.id, rule]));
  const map = new Map<string, ConfiguredRule>();
  for (const rule of rules) {
    const { level = "off", parameters = {} } = levels.get(rule.id) ?? {};
    const advertised = level === "off" ? "disabled" : bySeverity(level, core.failOn);
    map.set(rule.id, { rule, level, advertised, parameters: schemas(rule, parameters) });
  }
  return { failOn: core.failOn, strict: core.strict, rules: map };
}

function schemas(rule: Rule, values: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const properties =
    (rule.parameters as { properties?: Record<string, Record<string, unknown>> } | null)?.properties ?? {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const fallback = values[name] ?? schema["default"];
      const { default: _, ...rest } = schema;
      return [name, fallback === undefined || fallback === null ? rest : { ...rest, default: fallback }];
    }),
  );
}

/** At or above the fail level a finding stops the deployment. */
export function bySeverity(severity: Severity, failOn: Severity): "mandatory" | "advisory" {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(failOn) ? "mandatory" : "advisory";
}

/** The level of one finding: what the user set for the policy, else by the finding's own severity, which a sub-case may lower. */
export function levelOf(
  finding: Finding,
  settings: Settings,
  policies: ReadonlyMap<string, PolicyConfig>,
): "mandatory" | "advisory" {
  const set = policies.get(finding.rule)?.level;
  const advertised = settings.rules.get(finding.rule)?.advertised;
  if (set !== undefined && set !== advertised && set !== "disabled")
    return set === "advisory" ? "advisory" : "mandatory";
  return bySeverity(finding.severity, settings.failOn);
}

/** Per rule what the policy configuration changes about the configuration file, in that file's own form. */
export function overrides(settings: Settings, policies: ReadonlyMap<string, PolicyConfig>): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const [id, policy] of policies) {
    const known = settings.rules.get(id);
    if (!known) continue;
    if (policy.level === "disabled") {
      if (known.level !== "off") changes[id] = "off";
      continue;
    }
    const changed = Object.entries(policy.parameters).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(known.parameters[name]?.["default"]),
    );
    const level = known.level === "off" ? { level: known.rule.severity } : {};
    if (changed.length > 0 || "level" in level) changes[id] = { ...level, ...Object.fromEntries(changed) };
  }
  return changes;
}

/** The configuration file: `STACKPROOF_CONFIG`, else the nearest one upwards from the project's folder. */
export function configFile(environment: NodeJS.ProcessEnv): ConfigFile | undefined {
  const named = environment["STACKPROOF_CONFIG"];
  const path = named ? resolve(environment["PWD"] ?? ".", named) : findConfig(projectFolder(environment));
  if (path === undefined) return undefined;
  try {
    return readConfig(path);
  } catch (error) {
    throw new StackproofError("usage", `the configuration cannot be read: ${reason(error)}`, { file: path });
  }
}

/**
 * The folder of the user's program. The protocol does not say it: a pack runs in its own folder. The language host that
 * started us runs in it, which Linux lets us see (and which is right under `pulumi -C` too); else the shell's folder is taken.
 */
function projectFolder(environment: NodeJS.ProcessEnv): string {
  const candidates: (string | undefined)[] = [];
  try {
    candidates.push(readlinkSync(`/proc/${process.ppid}/cwd`));
  } catch {
    // Not Linux, or not ours to look at.
  }
  candidates.push(environment["PWD"]);
  const isProject = (folder: string) =>
    ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(join(folder, name)));
  for (const candidate of candidates) {
    for (
      let folder = candidate;
      folder !== undefined;
      folder = dirname(folder) === folder ? undefined : dirname(folder)
    ) {
      if (isProject(folder)) return folder;
    }
  }
  return environment["PWD"] ?? process.cwd();
}

export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
