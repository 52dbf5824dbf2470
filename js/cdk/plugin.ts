/** The plugin that `cdk synth` calls once the templates are written. */

import { dirname } from "node:path";
import type { Stage } from "aws-cdk-lib";
import { core } from "../core";
import { isAssembly, readAssembly } from "../files/assembly";
import type { Report } from "../report";
import { Acknowledgements } from "./acknowledge";
import { prepare, type StackproofOptions } from "./options";
import { ConstructPaths } from "./paths";
import {
  failure,
  grade,
  type PluginReport,
  unread,
  type ValidationContext,
  type Violation,
  violation,
} from "./violation";

/**
 * Checks everything that an app, or one Stage, makes: all stacks, nested stacks and Stages together.
 *
 * Needs aws-cdk-lib 2.71; add it with `Validations.of(app).addPlugins(…)` (since 2.251), with
 * `new App({ policyValidationBeta1: [new StackproofPlugin()] })` before, or with {@link StackproofPlugin.addTo}, which does
 * what the version at hand offers.
 */
export class StackproofPlugin {
  /** Acknowledge a finding as `stackproof::<rule>`. */
  readonly name = "stackproof";
  readonly version?: string;
  readonly ruleIds?: string[];

  constructor(private readonly options: StackproofOptions = {}) {
    try {
      this.version = core.version();
      this.ruleIds = core.rules().map((rule) => rule.id);
    } catch {
      // Synthesis reports it, as a violation.
    }
  }

  /** Adds the plugin to an app or a Stage, by the means that its version of aws-cdk-lib has. */
  static addTo(stage: Stage, options?: StackproofOptions): void {
    const plugin = new StackproofPlugin(options);
    const { Validations } = require("aws-cdk-lib") as Partial<typeof import("aws-cdk-lib")>;
    if (Validations) Validations.of(stage).addPlugins(plugin);
    else (stage.policyValidationBeta1 as unknown[]).push(plugin);
  }

  /** A plugin that throws is taken for one that found nothing: whatever goes wrong here comes back as a violation. */
  validate(context: ValidationContext): PluginReport {
    try {
      return this.judge(context);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return this.report([failure(message, context.templatePaths?.[0] ?? "")]);
    }
  }

  private judge({ templatePaths, appConstruct }: ValidationContext): PluginReport {
    const [first] = templatePaths;
    if (first === undefined) return this.report([]);
    const report = this.check(templatePaths);
    const { failOn, strict } = report.settings;
    const acknowledgements = new Acknowledgements(appConstruct);
    const paths = new ConstructPaths(appConstruct);
    const folders = new Set(templatePaths.map((path) => dirname(path)));
    const violations: Violation[] = [];
    for (const finding of report.findings) {
      const undetermined = finding.outcome === "undetermined" && !strict;
      if (finding.suppressed || (undetermined && !this.options.showUndetermined)) continue;
      // A plugin on one Stage answers for that Stage alone, though the rules saw the whole app.
      if (finding.location && !folders.has(dirname(finding.location.file))) continue;
      const path = paths.of(finding);
      const severity = undetermined ? "info" : grade(finding.severity, failOn);
      if (acknowledgements.covers(finding.rule, path, severity)) continue;
      violations.push(violation(finding, severity, first, path));
    }
    violations.push(...unread(report.errors, first));
    return this.report(violations, { undetermined: String(report.summary.undetermined) });
  }

  private check(templatePaths: string[]): Report {
    const { core: options, config } = prepare(this.options);
    const sources = [...new Set(templatePaths.map(assemblyOf))].map((folder) => readAssembly(folder));
    return JSON.parse(core.examine(sources, options, config).json) as Report;
  }

  private report(violations: Violation[], metadata?: Record<string, string>): PluginReport {
    return {
      success: violations.every(({ severity }) => severity !== "error" && severity !== "fatal"),
      violations,
      ...(this.version && { pluginVersion: this.version }),
      ...(metadata && { metadata }),
    };
  }
}

/** The outermost assembly that a template belongs to: a Stage's lies inside its app's. */
function assemblyOf(templatePath: string): string {
  let folder = dirname(templatePath);
  while (isAssembly(dirname(folder))) folder = dirname(folder);
  return folder;
}
