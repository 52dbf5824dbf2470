/** The aspect: findings as annotations on the constructs, stack by stack. */

import { Annotations, CfnResource, type IAspect, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { core } from "../core";
import type { Finding, Report } from "../report";
import { Acknowledgements } from "./acknowledge";
import { prepare, type StackproofOptions } from "./options";
import { FAILED, grade, sentence } from "./violation";

/**
 * `Aspects.of(app).add(new StackproofAspect())`. It looks at one stack at a time, so it decides less than the plugin does,
 * and an aspect on an app does not enter Stages: prefer the plugin.
 */
export class StackproofAspect implements IAspect {
  private readonly seen = new WeakSet<IConstruct>();

  constructor(private readonly options: StackproofOptions = {}) {}

  /** The look itself waits until all aspects have run and references are rendered. */
  visit(node: IConstruct): void {
    if (!Stack.isStack(node) || this.seen.has(node)) return;
    this.seen.add(node);
    node.node.addValidation({
      validate: () => {
        try {
          this.judge(node);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          return [`stackproof could not check this stack: ${message}`];
        }
        return [];
      },
    });
  }

  private judge(stack: Stack): void {
    const { core: options, config } = prepare(this.options);
    const template = JSON.stringify(stack.resolve(templateOf(stack)));
    const files = [{ path: stack.templateFile, bytes: new TextEncoder().encode(template) }];
    const source = { name: stack.templateFile, kind: "cloudformation" as const, files };
    const report = JSON.parse(core.examine([source], options, config).json) as Report;
    for (const { message } of report.errors) Annotations.of(stack).addError(`${message} (stackproof::${FAILED})`);
    if (report.findings.length === 0) return;
    const byId = resources(stack);
    const acknowledgements = new Acknowledgements(stack.node.root);
    for (const finding of report.findings)
      this.annotate(finding, byId.get(finding.resource?.id ?? "") ?? stack, report, acknowledgements);
  }

  private annotate(finding: Finding, node: IConstruct, { settings }: Report, acknowledgements: Acknowledgements): void {
    const undetermined = finding.outcome === "undetermined" && !settings.strict;
    if (finding.suppressed || (undetermined && !this.options.showUndetermined)) return;
    if (acknowledgements.silences(finding.rule, node.node.path)) return;
    const id = `stackproof::${finding.rule}`;
    const fix = finding.fix ? ` To mend it: ${finding.fix.text}` : "";
    const text = `${sentence(finding)}${fix}`;
    const severity = undetermined ? "info" : grade(finding.severity, settings.failOn);
    const annotations = Annotations.of(node);
    if (severity === "info") annotations.addInfo(`${text} (${id})`);
    else if (severity === "warning") annotations.addWarningV2(id, text);
    else annotations.addError(`${text} (${id})`);
  }
}

/** What the stack writes; the method is internal in the CDK's types, and the one that `Template.fromStack` builds on too. */
function templateOf(stack: Stack): unknown {
  return (stack as unknown as { _toCloudFormation(): unknown })._toCloudFormation();
}

function resources(stack: Stack): Map<string, IConstruct> {
  const all = stack.node
    .findAll()
    .filter((node): node is CfnResource => CfnResource.isCfnResource(node) && node.stack === stack);
  return new Map(all.map((resource) => [String(stack.resolve(resource.logicalId)), resource]));
}
