/**
 * Acknowledgements that the CDK itself does not bring to a plugin's findings.
 *
 * `Validations.of(construct).acknowledge({ id, reason })` is honoured by the CDK where the id is `stackproof::<rule>`. A bare
 * `<rule>` is recorded as `Annotation::<rule>`, which no plugin's finding has; and there are no patterns. Both are read here.
 */

import type { IConstruct } from "constructs";
import type { Violation } from "./violation";

/** `Validations.ACKNOWLEDGED_RULES_METADATA_KEY`, which older versions do not have. */
const KEY = "aws:cdk:acknowledged-rules";

const PREFIX = /^(stackproof|annotation)::/i;

interface Acknowledgement {
  /** The construct's path: it holds for everything below. */
  path: string;
  rule: RegExp;
  /** Whether the CDK applies this one by itself, and lists it as suppressed. */
  native: boolean;
}

export class Acknowledgements {
  private readonly all: Acknowledgement[];

  constructor(root: IConstruct | undefined) {
    this.all = root ? root.node.findAll().flatMap(recorded) : [];
  }

  /** Whether a plugin must leave the finding out itself. What is fatal the CDK never does. */
  covers(rule: string, constructPath: string | undefined, severity: Violation["severity"]): boolean {
    const found = this.find(rule, constructPath);
    return found !== undefined && (!found.native || severity === "fatal");
  }

  /** Whether the finding will not count, whoever leaves it out. */
  silences(rule: string, constructPath: string | undefined): boolean {
    return this.find(rule, constructPath) !== undefined;
  }

  private find(rule: string, constructPath: string | undefined): Acknowledgement | undefined {
    const covering = this.all.filter(({ path, rule: pattern }) => pattern.test(rule) && isAbove(path, constructPath));
    return covering.find((acknowledgement) => acknowledgement.native) ?? covering[0];
  }
}

function recorded(construct: IConstruct): Acknowledgement[] {
  return construct.node.metadata
    .filter((entry) => entry.type === KEY && typeof entry.data === "object" && entry.data !== null)
    .flatMap((entry) => Object.keys(entry.data as Record<string, string>))
    .filter((id) => PREFIX.test(id))
    .map((id) => {
      const name = id.replace(PREFIX, "");
      const native = /^stackproof::/i.test(id) && !name.includes("*");
      return { path: construct.node.path, rule: glob(name), native };
    });
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.split("*").map(literally).join(".*")}$`);
}

const literally = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

function isAbove(path: string, constructPath: string | undefined): boolean {
  return path === "" || constructPath === path || constructPath?.startsWith(`${path}/`) === true;
}
