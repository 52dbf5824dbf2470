/** `stackproof access`. */

import { readFileSync } from "node:fs";
import { type AccessAnswer, type ComparedAccess, type InputAccess, StackproofError } from "../api";
import { core } from "../core";
import { reason } from "../files/discover";
import { type ConfigFlags, configuration, inputs } from "./inputs";

export interface AccessFlags extends ConfigFlags {
  format: "text" | "json";
  requests?: string;
  compare?: boolean;
  principal?: string;
  action?: string;
  resource?: string;
  context?: string[];
  account?: string;
}

/** Answers what is asked; 0 where it could. */
export function access(paths: string[], flags: AccessFlags): number {
  const json = answer(paths, flags);
  process.stdout.write(flags.format === "json" ? `${json}\n` : `${text(JSON.parse(json), flags)}\n`);
  return 0;
}

function answer(paths: string[], flags: AccessFlags): string {
  const { requests, compare, principal, action, resource, context, account } = flags;
  const forms = [requests !== undefined, compare === true, principal !== undefined || action !== undefined];
  if (forms.filter(Boolean).length !== 1) {
    throw usage(
      "ask in one of three ways: --principal P --action A [--resource R] PATH, --requests FILE, or --compare OLD NEW",
    );
  }
  if (requests !== undefined) {
    if (paths.length > 0) throw usage("--requests carries its policies with it and takes no PATH");
    return core.accessJson(read(requests));
  }
  if (compare) {
    if (paths.length !== 2) throw usage("--compare takes two PATHs, the old and the new");
    return over(paths, flags, { compare: true });
  }
  if (principal === undefined || action === undefined) throw usage("--principal and --action belong together");
  if (paths.length === 0) throw usage("give the PATH of a template, a cdk.out or a policy document");
  return over(paths, flags, {
    principal,
    action,
    ...(resource !== undefined && { resource }),
    ...(account !== undefined && { account }),
    context: keys(context ?? []),
  });
}

function over(paths: string[], flags: AccessFlags, question: object): string {
  const { sources, notes } = inputs(paths, flags);
  for (const note of notes) process.stderr.write(`stackproof: ${note}\n`);
  return core.accessJson(JSON.stringify(question), sources, configuration(paths, flags));
}

/** A key that is given several times has several values. */
function keys(pairs: string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw usage(`--context wants KEY=VALUE, such as aws:SourceAccount=111122223333, not \`${pair}\``);
    const key = pair.slice(0, at);
    found[key] = [...(found[key] ?? []), pair.slice(at + 1)];
  }
  return found;
}

function text(answer: unknown, { requests, compare }: AccessFlags): string {
  if (requests !== undefined) return (answer as AccessAnswer[]).map(many).join("\n");
  return compare ? compared(answer as ComparedAccess) : one(answer as InputAccess);
}

const many = ({ name, decision, explanation }: AccessAnswer) =>
  `${decision.padEnd(13)}  ${name}${explanation ? `\n    ${explanation}` : ""}`;

function one({ decision, explanation, statement, notes, alternatives = [] }: InputAccess): string {
  const lines = [`${decision}: ${explanation}`];
  if (statement) {
    const { file, line, column } = statement.location;
    const name = statement.sid ? `statement ${statement.sid}` : `statement ${statement.index + 1}`;
    lines.push(`  ${name} of the ${statement.kind} in ${statement.holder}, ${file}:${line}:${column}`);
  }
  for (const { under, decision, explanation } of alternatives)
    lines.push(`  where ${under}: ${decision}: ${explanation}`);
  for (const note of notes) lines.push(`  note: ${note}`);
  return lines.join("\n");
}

function compared({ answer, explanation, witness }: ComparedAccess): string {
  if (!witness) return `${answer}: ${explanation}`;
  const context = Object.entries(witness.context).map(([key, value]) => `\n  ${key}: ${[value].flat().join(", ")}`);
  return `${answer}: ${explanation}\n  for example ${witness.principal} may call ${witness.action} on ${witness.resource}${context.join("")}`;
}

function read(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw usage(`${file}: ${reason(error)}`);
  }
}

const usage = (message: string) => new StackproofError("usage", message);
