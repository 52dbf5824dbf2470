/**
 * The policy pack without its protocol: what the engine's calls come to. It holds no rule logic: each call is one question
 * to the core.
 *
 * A rule that looks at one resource answers when the engine shows that resource, before it is created; a rule that follows
 * relations answers at the end, when the engine shows the whole stack. No rule runs in both, so nothing is said twice.
 */

import { resolve } from "node:path";
import { type Api, type ConfigFile, StackproofError } from "../api";
import type { Finding, Report, Rule } from "../report";
import { remediate } from "./remediation";
import { ReportFile } from "./report-file";
import { configFile, configured, levelOf, overrides, type PolicyConfig, type Settings } from "./settings";
import { type Properties, UNKNOWN_STRING } from "./wire";

/** What the pack needs of the core. */
export type Core = Pick<Api, "examine" | "rules" | "requireRule" | "version" | "settings">;

/** A resource as the engine shows it. */
export interface Shown {
  urn: string;
  type: string;
  name: string;
  properties: Properties;
  provider?: { urn: string; type: string; name: string; properties: Properties } | undefined;
}

/** A resource of a whole stack; its properties are outputs then. */
export interface StackResource extends Shown {
  parent: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
}

export interface Violation {
  finding: Finding;
  urn: string;
  level: "mandatory" | "advisory";
}

export interface Answer {
  violations: Violation[];
  /** Rules that could not decide: neither passed nor failed. */
  undetermined: { rule: string; reason: string }[];
}

export interface Remediated {
  rule: string;
  title: string;
  properties: Properties;
}

export class Pack {
  readonly #core: Core;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #options: object;
  readonly #report: ReportFile;
  #config: ConfigFile | undefined;
  #settings: Settings | undefined;
  #policies: ReadonlyMap<string, PolicyConfig> = new Map();
  #stack: { project: string; stack: string; preview: boolean } | undefined;
  /** Inputs by URN: at the end the engine shows outputs only. */
  readonly #inputs = new Map<string, Properties>();

  /** `options`: as the core takes them; they win over the configuration file. */
  constructor(core: Core, environment: NodeJS.ProcessEnv = process.env, options: object = {}) {
    this.#core = core;
    this.#options = options;
    this.#environment = environment;
    const report = environment["STACKPROOF_REPORT"];
    // The pack runs in its own folder; the user's paths start from theirs.
    this.#report = new ReportFile(report ? resolve(environment["PWD"] ?? ".", report) : undefined);
  }

  get version(): string {
    return this.#core.version();
  }

  configureStack(project: string, stack: string, preview: boolean): void {
    this.#stack = { project, stack, preview };
  }

  /** @throws StackproofError when the configuration file cannot be read, or is wrong */
  settings(): Settings {
    if (!this.#settings) {
      this.#config = configFile(this.#environment);
      this.#settings = configured(this.#core.rules(), this.#core.settings(this.#options, this.#config));
    }
    return this.#settings;
  }

  /** @throws StackproofError for a policy or a parameter that does not exist, with the nearest that does */
  configure(policies: ReadonlyMap<string, PolicyConfig>): void {
    const { rules } = this.settings();
    // The engine sends along what the user set for `all`, after having set it for each policy.
    const own = new Map([...policies].filter(([name]) => name !== "all"));
    for (const name of own.keys()) {
      if (!rules.has(name)) this.#core.requireRule(name); // throws with a did-you-mean
    }
    this.#policies = own;
    this.#core.settings({ ...this.#options, config: this.#overlay() }, this.#config);
  }

  /** Inputs of one resource, before it is created or updated. */
  analyze(resource: Shown): Answer {
    this.#inputs.set(resource.urn, resource.properties);
    const rules = this.#enabled((rule) => rule.scope === "single-resource");
    const answer = this.#answer(this.#ask(rules, this.#alone(resource), 1), resource.urn);
    // An update ends here; nobody calls again.
    if (this.#stack?.preview === false && answer.violations.some(({ level }) => level === "mandatory"))
      this.#report.write();
    return answer;
  }

  /** All resources of the stack, after the preview or the update. */
  analyzeStack(resources: StackResource[]): Answer {
    const rules = this.#enabled((rule) => rule.scope !== "single-resource");
    const rows: object[] = [];
    const seen = new Set(resources.map((resource) => resource.urn));
    for (const resource of resources) {
      const { urn, type, name, properties, parent, dependencies, propertyDependencies } = resource;
      if (resource.provider && !seen.has(resource.provider.urn)) {
        seen.add(resource.provider.urn);
        rows.push(providerRow(resource.provider));
      }
      rows.push({
        urn,
        type,
        name,
        custom: resource.provider !== undefined,
        inputs: this.#inputs.get(urn),
        outputs: properties,
        parent: parent || undefined,
        provider: providerReference(resource),
        dependencies,
        propertyDependencies,
      });
    }
    const stack = resources.find((resource) => resource.type === "pulumi:pulumi:Stack")?.urn ?? resources[0]?.urn ?? "";
    const answer = this.#answer(this.#ask(rules, this.#document(rows, stack), 0), stack, new Set(seen));
    this.#report.write();
    return answer;
  }

  /** The resource's properties after each policy that the user set to `remediate`, each building on the one before. */
  remediate(resource: Shown): Remediated[] {
    const rules = this.#enabled(
      (rule) =>
        rule.scope === "single-resource" && rule.fix === "safe" && this.#policies.get(rule.id)?.level === "remediate",
    );
    if (rules.length === 0) return [];
    const report = this.#examine(rules, this.#alone(resource));
    const steps: Remediated[] = [];
    let properties = resource.properties;
    for (const finding of report.findings) {
      if (
        finding.outcome !== "fail" ||
        finding.suppressed ||
        finding.fix?.kind !== "safe" ||
        finding.resource?.id !== resource.urn
      )
        continue;
      const edits = finding.fix.edits ?? [];
      if (edits.some((edit) => edit.target.resource !== resource.urn)) continue;
      const changed = remediate(properties, edits);
      if (!changed) continue;
      properties = changed;
      steps.push({
        rule: finding.rule,
        title: this.settings().rules.get(finding.rule)?.rule.title ?? finding.rule,
        properties,
      });
    }
    return steps;
  }

  /** The engine is done with us. */
  close(): void {
    this.#report.write();
  }

  #enabled(wanted: (rule: Rule) => boolean): string[] {
    const ids: string[] = [];
    for (const [id, { rule, advertised }] of this.settings().rules) {
      const level = this.#policies.get(id)?.level ?? advertised;
      if (level !== "disabled" && wanted(rule)) ids.push(id);
    }
    return ids;
  }

  #overlay(): object | undefined {
    const rules = overrides(this.settings(), this.#policies);
    return Object.keys(rules).length > 0 ? { rules } : undefined;
  }

  #alone(resource: Shown): object {
    const { urn, type, name, properties, provider } = resource;
    const row = {
      urn,
      type,
      name,
      custom: provider !== undefined,
      inputs: properties,
      provider: providerReference(resource),
    };
    return this.#document(provider ? [providerRow(provider), row] : [row], urn);
  }

  #document(rows: object[], urn: string): object {
    // urn:pulumi:STACK::PROJECT::TYPE::NAME
    const [head = "", project = ""] = urn.split("::");
    const fallback = { project, stack: head.split(":")[2] ?? "", preview: true };
    return { ...(this.#stack ?? fallback), resources: rows };
  }

  #ask(rules: string[], document: object, resources: number): Report {
    const report = this.#examine(rules, document);
    const { project, stack } = document as { project: string; stack: string };
    this.#report.add(report, `${project}/${stack}`, resources);
    return report;
  }

  #examine(rules: string[], document: object): Report {
    const { project, stack } = document as { project: string; stack: string };
    const name = `${project}/${stack}`;
    const options = { ...this.#options, rules, config: this.#overlay(), now: new Date().toISOString() };
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    const { json } = this.#core.examine(
      [{ name, kind: "pulumi-resources", files: [{ path: name, bytes }] }],
      options,
      this.#config,
    );
    const report = JSON.parse(json) as Report;
    const [error] = report.errors;
    if (error) throw new StackproofError("internal", `stackproof could not read what Pulumi sent: ${error.message}`);
    return report;
  }

  #answer(report: Report, fallback: string, known: ReadonlySet<string> = new Set([fallback])): Answer {
    const settings = this.settings();
    const violations: Violation[] = [];
    const undetermined: Answer["undetermined"] = [];
    for (const finding of report.findings) {
      if (finding.suppressed) continue;
      if (finding.outcome === "undetermined") {
        undetermined.push({ rule: finding.rule, reason: `undetermined: ${finding.unknown?.why ?? finding.message}` });
        if (!settings.strict) continue;
      }
      const id = finding.resource?.id;
      const urn = id !== undefined && known.has(id) ? id : fallback;
      violations.push({ finding, urn, level: levelOf(finding, settings, this.#policies) });
    }
    return { violations, undetermined };
  }
}

/** As in a state file: the provider's URN and its id, which is not known here. */
function providerReference(resource: Shown): string | undefined {
  return resource.provider && `${resource.provider.urn}::${UNKNOWN_STRING}`;
}

function providerRow(provider: NonNullable<Shown["provider"]>): object {
  const { urn, type, name, properties } = provider;
  return { urn, type, name, custom: true, inputs: properties, outputs: properties };
}
