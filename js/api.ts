/** The typed face of the rule core, the same for every host. It holds no rule logic: text and bytes in, a report out. */

import type { Configuration } from "./configuration";
import type { Kind, Preset, Report, Rule, Severity } from "./report";

/** What wasm-bindgen's glue offers; `src/wasm.rs` says what each method means. */
export interface Glue {
  initSync(options: { module: WebAssembly.Module }): unknown;
  Checker: new (options: string) => Checker;
  rules(): string;
  require_rule(id: string): void;
  version(): string;
}

interface Checker {
  config(path: string, bytes: Uint8Array): void;
  begin_input(name: string, kind: string): void;
  add_file(path: string, bytes: Uint8Array): void;
  input_error(name: string, message: string): void;
  run(): string;
  render(format: string, options: string): string;
  exit_code(): number;
  settings(): string;
  actions(catalogue: string): void;
  access(requests: string): string;
  free(): void;
}

export interface CheckOptions {
  /** Which rules run: `dev`, `recommended` (the default), `enhanced`, `production` or `all`. */
  preset?: Preset;
  /** The contents of a configuration file, as an object or as JSON or YAML text. */
  config?: Configuration | string;
  /** The severity from which on a check has failed. Default: `high`. */
  failOn?: Severity;
  /** Undetermined findings count too, at their rule's severity. */
  strict?: boolean;
  /** Only these rules. */
  rules?: string[];
  /** All but these rules. */
  skip?: string[];
  /** Only findings of at least this severity. */
  severity?: Severity;
  /** The time that rules about dates go by; `null`: none, and they say undetermined. Default: now. */
  now?: Date | string | null;
}

/** Text or bytes of a file, or what parsing it as JSON gives. */
export type Content = string | Uint8Array | object;

export type Input =
  | Content
  /** One file, with the name that findings give it; `kind` where detection shall not be left to the contents. */
  | { name?: string; kind?: Kind | "auto"; content: Content }
  /** Several files that belong together: a cloud assembly, by path. */
  | { name?: string; kind: "assembly"; files: Record<string, Content> };

/** An input as the core takes it, or why there is none. */
export type Source =
  | { name: string; kind: Kind | "auto"; files: { path: string; bytes: Uint8Array }[] }
  | { name: string; error: string };

export interface ConfigFile {
  path: string;
  bytes: Uint8Array;
}

/** What options and a configuration file come to. `off`: neither the preset nor the configuration has the rule. */
export interface CoreSettings {
  failOn: Severity;
  strict: boolean;
  rules: { id: string; level: "off" | Severity; parameters?: Record<string, unknown> }[];
}

export interface Outcome {
  /** The report, as JSON text. */
  json: string;
  /** The report in the format that was asked for, if one was. */
  rendered: string | undefined;
  /** 0: nothing at or above `failOn`; 1: findings; 2: an input or the configuration could not be read. */
  exitCode: number;
}

/** A statement that decides, and where it stands. */
export interface DecidingStatement {
  kind: string;
  index: number;
  sid: string | null;
  /** The logical id or URN of the resource that holds it. */
  holder: string;
  pointer: string;
  location: { file: string; line: number; column: number; endLine: number; endColumn: number };
}

/** What the policies of inputs say to one question. */
export interface InputAccess {
  decision: AccessAnswer["decision"];
  explanation: string;
  statement: DecidingStatement | null;
  notes: string[];
  /** Where conditions of the stack decide: the decision under each. */
  alternatives?: (InputAccess & { under: string })[];
}

/** Whether a new policy allows what an old one does not. */
export interface ComparedAccess {
  answer: "yes" | "no" | "unknown";
  explanation: string;
  witness: {
    principal: string;
    action: string;
    resource: string;
    context: Record<string, string | string[]>;
  } | null;
}

export interface AccessAnswer {
  name: string;
  decision: "allow" | "implicit-deny" | "explicit-deny" | "unknown";
  explanation?: string;
}

/**
 * What this package throws. `usage`: an option, a configuration or a rule's name that it refuses. `internal`: a fault of
 * stackproof itself; nothing is known about the input then, and the next call starts from a fresh core.
 */
export class StackproofError extends Error {
  readonly code: "usage" | "internal";
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(
    code: "usage" | "internal",
    message: string,
    place: { file?: string; line?: number; column?: number } = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = "StackproofError";
    this.code = code;
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
  }
}

export interface Api {
  /**
   * Checks one input, or several that have nothing to do with each other, and returns the report.
   *
   * An input that cannot be read is in the report's `errors`; it is not thrown.
   *
   * @throws StackproofError
   */
  check(input: Input | Input[], options?: CheckOptions): Report;
  /**
   * Asks the IAM evaluator alone: may this principal do this to that, under these policies? `{ policies, requests }` asks many
   * requests under the same ones.
   */
  access(requests: object | object[]): AccessAnswer[];
  rules(): Rule[];
  /** A rule's documentation, in Markdown. */
  explain(rule: string): string;
  version(): string;
  /** @internal Throws if there is no such rule, and says which one may be meant. */
  requireRule(rule: string): void;
  /** @internal What the hosts of this package build on. */
  examine(
    sources: Source[],
    options: object,
    config?: ConfigFile,
    render?: { format: string; options: object },
  ): Outcome;
  /** @internal What options and a configuration file come to, for each rule. */
  settings(options: object, config?: ConfigFile): CoreSettings;
  /** @internal The core's answers as JSON text; where the requests carry no policies, those of the sources decide. */
  accessJson(requests: string, sources?: Source[], config?: ConfigFile): string;
}

/** All but `explain`: how the rules' pages are read is the host's matter. `fresh` makes a new instance of the core, each with a memory of its own. */
export function createApi(fresh: () => Glue, actions?: () => string): Omit<Api, "explain"> {
  let instance: Glue | undefined;

  /** After anything but a refusal the instance's memory may be in any state: it is dropped, and the next call gets a new one. */
  function withCore<T>(use: (core: Glue) => T): T {
    try {
      instance ??= fresh();
      return use(instance);
    } catch (thrown) {
      if (typeof thrown === "string") throw refusal(thrown);
      if (thrown instanceof StackproofError) throw thrown;
      instance = undefined;
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      throw new StackproofError(
        "internal",
        `stackproof failed (${message}); this is a fault of stackproof, not of your code`,
        {},
        thrown,
      );
    }
  }

  function withChecker<T>(options: object, use: (checker: Checker) => T): T {
    return withCore((core) => {
      const checker = new core.Checker(JSON.stringify(options));
      let result: T;
      try {
        result = use(checker);
      } catch (thrown) {
        if (typeof thrown === "string") checker.free();
        throw thrown;
      }
      checker.free();
      return result;
    });
  }

  function examine(
    sources: Source[],
    options: object,
    config?: ConfigFile,
    render?: { format: string; options: object },
  ): Outcome {
    return withChecker(options, (checker) => {
      if (config) checker.config(config.path, config.bytes);
      feed(checker, sources);
      return {
        json: checker.run(),
        rendered: render && checker.render(render.format, JSON.stringify(render.options)),
        exitCode: checker.exit_code(),
      };
    });
  }

  function settings(options: object, config?: ConfigFile): CoreSettings {
    return withChecker(options, (checker) => {
      if (config) checker.config(config.path, config.bytes);
      return JSON.parse(checker.settings()) as CoreSettings;
    });
  }

  function accessJson(requests: string, sources: Source[] = [], config?: ConfigFile): string {
    return withChecker({}, (checker) => {
      if (config) checker.config(config.path, config.bytes);
      feed(checker, sources);
      // Only a person who asks about single calls needs to know what actions there are.
      if (actions && sources.length > 0) checker.actions(actions());
      return checker.access(requests);
    });
  }

  return {
    examine,
    settings,
    accessJson,
    check(input, options = {}) {
      const inputs = Array.isArray(input) ? input : [input];
      const config = typeof options.config === "string" ? { path: "config", bytes: encode(options.config) } : undefined;
      const { json } = examine(inputs.map(source), coreOptions(options), config);
      return JSON.parse(json) as Report;
    },
    access: (requests) => JSON.parse(accessJson(JSON.stringify(requests))) as AccessAnswer[],
    rules: () => withCore((core) => JSON.parse(core.rules()) as Rule[]),
    requireRule: (rule) => withCore((core) => core.require_rule(rule)),
    version: () => withCore((core) => core.version()),
  };
}

function feed(checker: Checker, sources: Source[]): void {
  for (const source of sources) {
    if ("error" in source) {
      checker.input_error(source.name, source.error);
      continue;
    }
    checker.begin_input(source.name, source.kind);
    for (const file of source.files) checker.add_file(file.path, file.bytes);
  }
}

/** The options as the core takes them: plain JSON, with the time filled in, since the core has no clock. */
export function coreOptions(options: CheckOptions): object {
  const { config, now = new Date(), ...rest } = options;
  const filled: Record<string, unknown> = { ...rest };
  if (typeof config === "object") filled["config"] = config;
  if (now !== null) filled["now"] = now instanceof Date ? now.toISOString() : now;
  return filled;
}

function source(input: Input, index: number): Source {
  const fallback = `input ${index + 1}`;
  if (typeof input === "object" && "files" in input && !("Resources" in input)) {
    const {
      name = fallback,
      kind,
      files,
    } = input as { name?: string; kind: "assembly"; files: Record<string, Content> };
    return { name, kind, files: Object.entries(files).map(([path, content]) => ({ path, bytes: encode(content) })) };
  }
  if (typeof input === "object" && "content" in input && !("Resources" in input)) {
    const { name = fallback, kind = "auto", content } = input as { name?: string; kind?: Kind; content: Content };
    return { name, kind, files: [{ path: name, bytes: encode(content) }] };
  }
  return { name: fallback, kind: "auto", files: [{ path: fallback, bytes: encode(input) }] };
}

const utf8 = new TextEncoder();

function encode(content: Content): Uint8Array {
  if (content instanceof Uint8Array) return content;
  return utf8.encode(typeof content === "string" ? content : (JSON.stringify(content) ?? ""));
}

/** What the core throws when it refuses its arguments: JSON text. */
function refusal(json: string): StackproofError {
  try {
    const { message, ...place } = JSON.parse(json) as {
      message: string;
      file?: string;
      line?: number;
      column?: number;
    };
    return new StackproofError("usage", message, place);
  } catch {
    return new StackproofError("usage", json);
  }
}
