/** The report, version 1: what `check` returns, `--format json` prints and machines may rely on. */

export type Severity = "critical" | "high" | "medium" | "low" | "info";

export type Category = "deploy-failure" | "security" | "compliance" | "reliability" | "hygiene" | "cost";

export type Kind =
  | "cloudformation"
  | "assembly"
  | "pulumi-state"
  | "pulumi-preview"
  | "pulumi-resources"
  | "pulumi-project"
  | "iam-policy";

export interface Report {
  version: 1;
  tool: { name: string; version: string; rules: number };
  /** What the options and the configuration came to. */
  settings: { preset: Preset; failOn: Severity; strict: boolean };
  inputs: { file: string; kind: Kind; resources: number }[];
  /** Inputs that could not be read, or are no infrastructure: nothing is known about them. */
  errors: { file: string; line: number | null; column: number | null; message: string }[];
  summary: Record<Severity | "undetermined" | "suppressed", number>;
  findings: Finding[];
}

export interface Finding {
  rule: string;
  category: Category;
  severity: Severity;
  /** `undetermined`: the rule could not decide, because of a value that is not known yet. */
  outcome: "fail" | "undetermined";
  message: string;
  /** What decides it, and why. */
  explanation?: string | null;
  /** What AWS answers when this is deployed. */
  awsError?: string | null;
  docs: string;
  /** The same for the same fault across runs and moved lines. */
  fingerprint: string;
  /** Absent where the finding is about the input as a whole. */
  resource: FindingResource | null;
  /** A JSON Pointer into the resource, in the names that the user wrote. */
  pointer: string;
  location: Location | null;
  /** Every place of the resource that the rule objects to, if there are several. */
  places?: { pointer: string; location: Location | null; message: string; severity: Severity }[];
  /** The conditions under which it holds. */
  under?: string | null;
  unknown?: { why: string; dependsOn: string[] } | null;
  related?: { id: string; pointer: string; note: string; location: Location | null }[];
  fix?: Fix | null;
  suppressed?: Suppression | null;
}

export interface FindingResource {
  /** Logical id, or URN. */
  id: string;
  /** CloudFormation's type, whatever the resource was written in. */
  type: string;
  sourceType: string;
  stack?: string | null;
  constructPath?: string | null;
}

/** Lines and columns start at 1; columns count UTF-16 units; the end is exclusive. */
export interface Location {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface Fix {
  /** `safe`: can be applied by a machine; `suggested`: a person decides. */
  kind: "safe" | "suggested";
  text: string;
  edits?: Edit[];
}

export interface Edit {
  target: { file?: string; resource: string };
  pointer: string;
  op: "add" | "replace" | "remove";
  value?: unknown;
  /** Byte offsets into the file. */
  span?: [number, number];
  newText?: string;
}

export interface Suppression {
  by: "config" | "metadata" | "acknowledgement" | "baseline";
  reason?: string | null;
  expires?: string | null;
}

/** A rule, as `rules()` and `stackproof rules --format json` list it. */
export interface Rule {
  id: string;
  title: string;
  category: Category;
  severity: Severity;
  /** The smallest preset that it is in; every larger one has it too. */
  preset: Preset;
  /** What it looks at: one resource, several that belong together, or all stacks of an assembly. */
  scope: "single-resource" | "cross-resource" | "assembly";
  fix: "safe" | "suggested" | null;
  since: string;
  /** The CloudFormation types that it is about. */
  types: string[];
  awsError: string | null;
  /** Whether the CDK's own validation says the same. */
  cdkBuiltin: boolean;
  docs: string;
  /** A JSON Schema of the rule's parameters. */
  parameters: object;
}

export type Preset = "dev" | "recommended" | "enhanced" | "production" | "all";
