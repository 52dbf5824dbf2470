/** stackproof's rules as `@pulumi/policy` objects, for a pack of the user's own. */

import type { CheckOptions } from "../api";
import { core } from "../core";
import type { Severity } from "../report";
import { violation } from "./message";
import { type Answer, Pack, type Shown } from "./pack";
import { plain } from "./plain";
import type { ConfiguredRule, Level, PolicyConfig } from "./settings";

export interface PoliciesOptions extends Pick<CheckOptions, "preset" | "failOn" | "strict"> {
  /** Only these rules, by name. */
  rules?: string[];
}

interface PolicyArguments {
  getConfig<T extends object>(): T;
}

interface PolicyResource {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: as @pulumi/policy types them
  props: Record<string, any>;
  urn: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: as @pulumi/policy types them
  provider?: { type: string; props: Record<string, any>; urn: string; name: string };
}

interface StackPolicyResource extends PolicyResource {
  parent?: { urn: string };
  dependencies: { urn: string }[];
  propertyDependencies: Record<string, { urn: string }[]>;
}

type Report = (message: string, urn?: string) => void;

interface PolicyMetadata {
  name: string;
  description: string;
  displayName: string;
  enforcementLevel: Level;
  severity?: "low" | "medium" | "high" | "critical";
  tags: string[];
  url: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON Schemas, as @pulumi/policy types them
  configSchema?: { properties: Record<string, any> };
}

/** What `new PolicyPack(name, { policies })` takes: a resource policy or a stack policy. */
export type Policy =
  | (PolicyMetadata & { validateResource: (args: PolicyArguments & PolicyResource, report: Report) => void })
  | (PolicyMetadata & {
      validateStack: (args: PolicyArguments & { resources: StackPolicyResource[] }, report: Report) => void;
    });

/**
 * The rules that `options` and the configuration file leave on; the others are there too, `disabled`, for the policy
 * configuration to switch on.
 *
 * A violation takes its policy's level here. Findings that are milder than the fail level although their rule is not are
 * written to standard error instead, so that they do not stop a deployment.
 */
export function policies(options: PoliciesOptions = {}): Policy[] {
  const { rules: only, ...rest } = options;
  const pack = new Pack(core, process.env, rest);
  const session = new Session(pack);
  return [...pack.settings().rules.values()]
    .filter(({ rule }) => only === undefined || only.includes(rule.id))
    .map((configured) => policy(configured, session));
}

function policy(configured: ConfiguredRule, session: Session): Policy {
  const { rule, level, advertised, parameters } = configured;
  const severity = level === "off" ? rule.severity : level;
  const metadata: PolicyMetadata = {
    name: rule.id,
    description: rule.title,
    displayName: rule.title,
    enforcementLevel: advertised,
    ...policySeverity(severity),
    tags: [rule.category, rule.preset],
    url: rule.docs,
    ...(Object.keys(parameters).length > 0 ? { configSchema: { properties: parameters } } : {}),
  };
  if (rule.scope === "single-resource") {
    return { ...metadata, validateResource: (args, report) => session.resource(configured, args, report) };
  }
  return { ...metadata, validateStack: (args, report) => session.stack(configured, args, report) };
}

const policySeverity = (severity: Severity) => (severity === "info" ? {} : { severity });

/** Asks the core once per resource for all policies whose configuration is the default, and once more for each that is not. */
class Session {
  readonly #pack: Pack;
  #last: { key: string; answer: Answer } | undefined;

  constructor(pack: Pack) {
    this.#pack = pack;
  }

  resource(configured: ConfiguredRule, args: PolicyArguments & PolicyResource, report: Report): void {
    const shown = resource(args);
    this.#answer(configured, args, JSON.stringify(shown), () => this.#pack.analyze(shown), report);
  }

  stack(
    configured: ConfiguredRule,
    args: PolicyArguments & { resources: StackPolicyResource[] },
    report: Report,
  ): void {
    const resources = args.resources.map((one) => ({
      ...resource(one),
      parent: one.parent?.urn ?? "",
      dependencies: one.dependencies.map((other) => other.urn),
      propertyDependencies: Object.fromEntries(
        Object.entries(one.propertyDependencies).map(([name, others]) => [name, others.map((other) => other.urn)]),
      ),
    }));
    this.#answer(configured, args, JSON.stringify(resources), () => this.#pack.analyzeStack(resources), report);
  }

  #answer(configured: ConfiguredRule, args: PolicyArguments, shown: string, ask: () => Answer, report: Report): void {
    const { rule, advertised, parameters } = configured;
    const config = plain(args.getConfig());
    // A policy that runs is not disabled, and which level it has the engine knows alone.
    const level = advertised === "disabled" ? "mandatory" : advertised;
    const changed =
      advertised === "disabled" ||
      Object.entries(config).some(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(parameters[name]?.["default"]),
      );
    const policies = new Map<string, PolicyConfig>(changed ? [[rule.id, { level, parameters: config }]] : []);
    const key = JSON.stringify([[...policies], shown]);
    if (this.#last?.key !== key) {
      this.#pack.configure(policies);
      this.#last = { key, answer: ask() };
    }
    for (const found of this.#last.answer.violations) {
      if (found.finding.rule !== rule.id) continue;
      if (advertised === "mandatory" && found.level === "advisory")
        console.error(`stackproof: ${rule.id}: ${violation(found.finding)}`);
      else report(violation(found.finding), found.urn);
    }
  }
}

function resource(args: PolicyResource): Shown {
  const { urn, type, name, props, provider } = args;
  return {
    urn,
    type,
    name,
    properties: plain(props),
    provider: provider && {
      urn: provider.urn,
      type: provider.type,
      name: provider.name,
      properties: plain(provider.props),
    },
  };
}
