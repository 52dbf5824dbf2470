/**
 * Findings in the form that the CDK's validation report takes.
 *
 * The types are this package's own: they fit `IPolicyValidationPlugin` and its predecessor `IPolicyValidationPluginBeta1`,
 * of which a given aws-cdk-lib may have only one.
 */

import type { IConstruct } from "constructs";
import type { Finding, Report, Severity } from "../report";

export interface ValidationContext {
  readonly templatePaths: string[];
  /** Since aws-cdk-lib 2.258. */
  readonly appConstruct?: IConstruct;
}

export interface ViolatingResource {
  readonly resourceLogicalId: string;
  readonly templatePath: string;
  readonly locations: string[];
  readonly constructPath?: string;
}

export interface Violation {
  readonly ruleName: string;
  readonly description: string;
  readonly severity: "fatal" | "error" | "warning" | "info";
  readonly violatingResources: ViolatingResource[];
  readonly fix?: string;
  readonly ruleMetadata?: { readonly [key: string]: string };
}

export interface PluginReport {
  readonly success: boolean;
  readonly violations: Violation[];
  readonly pluginVersion?: string;
  readonly metadata?: { readonly [key: string]: string };
}

/** What stands for a fault of stackproof or of its configuration: never a silent pass. */
export const FAILED = "stackproof-could-not-check";

const ORDER: Severity[] = ["info", "low", "medium", "high", "critical"];

/** At or above the fail level an error, of critical severity a fatal one; below it a warning; information stays that. */
export function grade(severity: Severity, failOn: Severity): Violation["severity"] {
  if (ORDER.indexOf(severity) >= ORDER.indexOf(failOn)) return severity === "critical" ? "fatal" : "error";
  return severity === "info" ? "info" : "warning";
}

/** The CDK rewrites resources in place, so each violation gets objects of its own. */
export function violation(
  finding: Finding,
  severity: Violation["severity"],
  /** Where a finding without a source is put. */
  templatePath: string,
  constructPath: string | undefined,
): Violation {
  const { resource, fix } = finding;
  return {
    ruleName: finding.rule,
    description: sentence(finding),
    severity,
    violatingResources: [
      {
        resourceLogicalId: resource?.id ?? "",
        templatePath: finding.location?.file ?? templatePath,
        locations: locations(finding),
        ...(constructPath && { constructPath }),
      },
    ],
    ...(fix && { fix: fix.text }),
    ruleMetadata: metadata(finding),
  };
}

/** The message, with what a reader of the CDK's report finds nowhere else in it. */
export function sentence(finding: Finding): string {
  const parts = [finding.message];
  if (finding.outcome === "undetermined" && finding.unknown) parts.push(`Not decided: ${finding.unknown.why}`);
  if (finding.under) parts.push(`Holds where ${finding.under}`);
  if (finding.awsError) parts.push(`AWS answers: ${finding.awsError}`);
  return parts.map((part, index) => (index + 1 < parts.length ? `${part.replace(/[.\s]+$/, "")}.` : part)).join(" ");
}

function metadata(finding: Finding): Record<string, string> {
  const { category, severity, explanation, docs } = finding;
  return { category, severity, ...(explanation && { explanation }), ...(docs && { docs }) };
}

/** `/Properties/Rules/0/Name` is `Properties.Rules.0.Name` in the CDK. */
function locations(finding: Finding): string[] {
  const pointers = finding.places?.length ? finding.places.map((place) => place.pointer) : [finding.pointer];
  return pointers.map((pointer) =>
    pointer
      .split("/")
      .slice(1)
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"))
      .join("."),
  );
}

/** What could not be read fails the synthesis as a finding would. */
export function unread(errors: Report["errors"], templatePath: string): Violation[] {
  return errors.map(({ file, line, column, message }) =>
    failure(`${[file, line, column].filter((part) => part != null).join(":")}: ${message}`, file || templatePath),
  );
}

export function failure(description: string, templatePath: string): Violation {
  return {
    ruleName: FAILED,
    description,
    severity: "fatal",
    violatingResources: [{ resourceLogicalId: "", templatePath, locations: [] }],
  };
}
