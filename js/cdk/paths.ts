/** The construct behind a finding: templates name it only where the CDK's command line runs the app. */

import { basename } from "node:path";
import type { CfnElement, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Finding } from "../report";

export class ConstructPaths {
  private byTemplate: Map<string, string> | undefined;

  constructor(private readonly root: IConstruct | undefined) {}

  of(finding: Finding): string | undefined {
    const { resource, location } = finding;
    if (!resource || resource.constructPath || !this.root || !location) return resource?.constructPath ?? undefined;
    this.byTemplate ??= index(this.root);
    return this.byTemplate.get(key(basename(location.file), resource.id));
  }
}

function index(root: IConstruct): Map<string, string> {
  const found = new Map<string, string>();
  for (const construct of root.node.findAll()) {
    const { stack, logicalId } = construct as Partial<CfnElement>;
    if (typeof logicalId !== "string" || !stack) continue;
    found.set(key(stack.templateFile, resolve(stack, logicalId)), construct.node.path);
  }
  return found;
}

const resolve = (stack: Stack, logicalId: string) => String(stack.resolve(logicalId));

const key = (template: string, logicalId: string) => `${template} ${logicalId}`;
