/** The report, version 1, and the list of rules. Written by `cargo xtask types` from the Rust types. */

/** The report: what `check` returns, `--format json` prints and machines may rely on. */
export interface Report {
  version: 1;
  tool: Tool;
  settings: EffectiveSettings;
  inputs: CheckedInput[];
  /** Inputs that could not be read, or are no infrastructure: nothing is known about them. */
  errors: InputError[];
  /** What is odd about an input that was read all the same, such as a name that stands twice in an object. */
  warnings?: InputError[];
  summary: Summary;
  /** In the order of file, line, column, rule, resource and pointer. */
  findings: Finding[];
}

export interface Tool {
  name: string;
  version: string;
  /** How many rules ran. */
  rules: number;
}

/** What the host's options and the configuration came to: hosts grade findings by it. */
export interface EffectiveSettings {
  preset: Preset;
  failOn: Severity;
  strict: boolean;
}

/** The smallest preset that has the rule; each preset has the rules of those before it. */
export type Preset = "dev" | "recommended" | "enhanced" | "production" | "all";

export type Severity = "info" | "low" | "medium" | "high" | "critical";

export interface CheckedInput {
  file: string;
  kind: Kind;
  /** How many resources it declares. */
  resources: number;
}

/** The kinds of input that a report names. */
export type Kind =
  | "cloudformation"
  | "assembly"
  | "pulumi-state"
  | "pulumi-preview"
  | "pulumi-resources"
  | "pulumi-project"
  | "iam-policy";

/** What could not be read: where, and what was expected. */
export interface InputError {
  file: string;
  line: number | null;
  column: number | null;
  message: string;
}

/** How many findings there are: by severity those that fail, and apart from them the undetermined and the suppressed ones. */
export interface Summary {
  critical: number;
  high: number;
  medium: number;
  low: number;
  info: number;
  undetermined: number;
  suppressed: number;
}

export interface Finding {
  rule: string;
  category: Category;
  severity: Severity;
  outcome: Outcome;
  message: string;
  /** What decides it, and why. */
  explanation?: string;
  /** What AWS answers when this is deployed. */
  awsError?: string;
  docs: string;
  /** The same for the same fault across runs and moved lines. */
  fingerprint: string;
  /** `null` where the finding is about the input as a whole. */
  resource: FindingResource | null;
  /** A JSON Pointer into the resource, in the names that the user wrote. */
  pointer: string;
  /** `null` where there is no source. */
  location: Location | null;
  /** The other places of the resource that the rule objects to. */
  places?: FindingPlace[];
  /** The conditions of the stack under which it holds. */
  under?: string;
  /** What could not be known, where the outcome is `undetermined`. */
  unknown?: FindingUnknown;
  /** Other resources that it has to do with. */
  related?: FindingRelated[];
  fix?: Fix;
  suppressed?: Suppression;
}

/** What kind of trouble a finding is. */
export type Category = "deploy-failure" | "security" | "compliance" | "reliability" | "hygiene" | "cost";

export type Outcome = "fail" | "undetermined";

export interface FindingResource {
  /** Logical id, or URN. */
  id: string;
  /** CloudFormation's type, whatever the resource was written in. */
  type: string;
  /** The type as it was written. */
  sourceType: string;
  stack?: string;
  constructPath?: string;
}

/** Lines and columns start at 1; columns count UTF-16 units; the end is exclusive. */
export interface Location {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface FindingPlace {
  pointer: string;
  location: Location;
  message: string;
  severity: Severity;
}

export interface FindingUnknown {
  why: string;
  /** The resources whose values it waits for. */
  dependsOn: string[];
}

export interface FindingRelated {
  id: string;
  pointer: string;
  note: string;
  location: Location;
}

export interface Fix {
  kind: FixKind;
  /** What to change, in words. */
  text: string;
  /** Empty where the fix cannot be made as edits of what the user wrote. */
  edits: Edit[];
}

export type FixKind = "safe" | "suggested";

/** One edit: as JSON Patch on the resource, and as new text for a span of the file. */
export interface Edit {
  target: EditTarget;
  pointer: string;
  op: EditOp;
  value?: unknown;
  /** Byte offsets into the file's text, without a byte order mark. */
  span?: [number, number];
  /** What stands there afterwards. */
  newText?: string;
}

export interface EditTarget {
  /** Absent where the user wrote a program: the edit is then one of the resource's inputs. */
  file?: string;
  resource: string;
}

/** What an edit does at its pointer, as in JSON Patch. */
export type EditOp = "add" | "replace" | "remove";

export interface Suppression {
  by: SuppressedBy;
  reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`. */
  expires?: string;
}

/** Who said that a finding shall not count. */
export type SuppressedBy = "config" | "metadata" | "acknowledgement" | "baseline";

/** A rule, as `rules()` and `stackproof rules --format json` list it. */
export interface Rule {
  id: string;
  title: string;
  category: Category;
  severity: Severity;
  /** The smallest preset that it is in; every larger one has it too. */
  preset: Preset;
  /** What it looks at: one resource, several that belong together, or all stacks of an assembly. */
  scope: Scope;
  fix: FixKind | null;
  since: string;
  /** The CloudFormation types that it is about; `*` is every type. */
  types: string[];
  awsError: string | null;
  /** Whether the CDK's own validation says the same. */
  cdkBuiltin: boolean;
  docs: string;
  /** A JSON Schema of the rule's parameters. */
  parameters: object;
}

export type Scope = "single-resource" | "cross-resource" | "assembly";
