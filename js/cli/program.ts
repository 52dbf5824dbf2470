/** The commands and their options. What each does is in its own file. */

import { Argument, Command, Option } from "commander";
import { StackproofError } from "../api";
import { core } from "../core";
import { access } from "./access";
import { check } from "./check";
import { CATEGORIES, explain, listRules, PRESETS } from "./rules";

const SEVERITIES = ["info", "low", "medium", "high", "critical"];

const TEACH = `
Try:
  $ stackproof check template.yaml            one template
  $ cdk synth && stackproof check cdk.out     everything a CDK app makes
  $ pulumi stack export | stackproof check -  a Pulumi stack as it is now
  $ stackproof explain kms-rotation           what a rule wants, and why

Exit code: 0 nothing at or above --fail-on, 1 findings, 2 bad usage or an unreadable input, 3 a fault of stackproof.`;

const TEACH_CHECK = `
A PATH is a CloudFormation template (JSON or YAML), a cdk.out folder, \`pulumi stack export\`, \`pulumi preview --json\`, an
IAM policy document, or a folder that is searched for these. \`-\` reads standard input. Several PATHs have nothing to do
with each other; a cdk.out is one input with all its stacks.

Examples:
  $ stackproof check .                               everything in this folder
  $ stackproof check --preset all --fail-on low .    all rules, and fail on any of them
  $ stackproof check --rule kms-rotation cdk.out     one rule
  $ stackproof check --format json --output report.json cdk.out

Configuration: stackproof.config.json or .yaml, found upwards from each PATH.
  { "preset": "production", "rules": { "kms-rotation": "off" },
    "ignore": [{ "rule": "logs-*", "resource": "Sandbox*", "reason": "thrown away nightly" }] }`;

/** `exit` gets the exit code of the command that ran. */
export function program(exit: (code: number) => void): Command {
  const top = new Command("stackproof")
    .description("Proves an AWS stack before it is deployed: what AWS would refuse, and what is not safe.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .addHelpText("after", TEACH)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`stackproof: ${text.replace(/^error: /, "")}`) });

  const list = (value: string, previous: string[] = []) => [...previous, ...value.split(",").filter(Boolean)];
  const repeated = (value: string, previous: string[] = []) => [...previous, value];
  top
    .command("check")
    .description("check templates, a cdk.out, Pulumi exports, IAM policies")
    .addArgument(new Argument("[PATH...]", "files or folders; `-` is standard input").default(["."], "this folder"))
    .addOption(new Option("--format <FORMAT>", "how to report").choices(["text", "json"]).default("text"))
    .option("--output <FILE>", "write the report there instead of to standard output")
    .addOption(new Option("--preset <PRESET>", "which rules run (default: recommended)").choices(PRESETS))
    .option("--rule <RULE>", "only this rule; may be repeated, or be a list with commas", list)
    .option("--skip <RULE>", "all but this rule; may be repeated, or be a list with commas", list)
    .addOption(
      new Option("--severity <SEVERITY>", "report only findings of at least this severity").choices(SEVERITIES),
    )
    .addOption(
      new Option("--fail-on <SEVERITY>", "exit with 1 from this severity on (default: high)").choices(SEVERITIES),
    )
    .option("--strict", "what could not be decided counts as a finding")
    .addOption(new Option("--show <WHAT>", "list also what could not be decided, and why").choices(["undetermined"]))
    .option("--config <FILE>", "the configuration file")
    .option("--no-config", "take no configuration file")
    .option("--stdin-filename <NAME>", "the name of what comes in on standard input")
    .option("--now <TIME>", "the time that rules about dates go by, ISO 8601 (default: now)", time)
    .addHelpText("after", TEACH_CHECK)
    .action((paths, options) => exit(check(paths, options)));

  top
    .command("rules")
    .description("list the rules")
    .addOption(new Option("--format <FORMAT>", "how to list them").choices(["text", "json"]).default("text"))
    .addOption(new Option("--preset <PRESET>", "only the rules of this preset").choices(PRESETS))
    .addOption(new Option("--category <CATEGORY>", "only the rules of this category").choices(CATEGORIES))
    .action((options) => listRules(options));

  top
    .command("explain")
    .description("what a rule wants, why, and how to mend it")
    .argument("<RULE>", "a rule's id, as findings name it")
    .action((rule) => explain(rule));

  top
    .command("access")
    .description("ask the IAM evaluator: may this principal do this to that, under these policies?")
    .argument("[PATH...]", "a template, a cdk.out or a Pulumi export, and any number of policy documents")
    .option("--principal <P>", "who: an ARN, a role or user of the inputs, an account, a service, or *")
    .option("--action <A>", "what, such as s3:GetObject")
    .option("--resource <R>", "on what: an ARN, or a resource of the inputs, with a path if need be (Bucket/key)")
    .option("--context <KEY=VALUE>", "a context key that the call has; may be repeated", repeated)
    .option("--account <N>", "the account of the stack, or of the resource")
    .option("--compare", "what does the second PATH allow that the first does not?")
    .option("--requests <FILE>", "JSON: a request, a list of them, or {policies, requests}; `-` is standard input")
    .addOption(new Option("--format <FORMAT>", "how to answer").choices(["text", "json"]).default("text"))
    .option("--config <FILE>", "the configuration file")
    .option("--no-config", "take no configuration file")
    .option("--stdin-filename <NAME>", "the name of what comes in on standard input")
    .addHelpText("after", TEACH_ACCESS)
    .action((paths, options) => exit(access(paths, options)));

  return top;
}

const TEACH_ACCESS = `
Examples:
  $ stackproof access --principal ReaderRole --action s3:GetObject --resource Data/a.csv template.yaml
  $ stackproof access --principal logging.s3.amazonaws.com --action s3:PutObject --resource Data/logs/1 \\
      --context aws:SourceAccount=111122223333 --account 111122223333 cdk.out
  $ stackproof access --compare old-policy.json new-policy.json
  $ stackproof access --requests requests.json --format json

The policies in PATH decide: those on the resource, those of the principal, and documents that are given by themselves.
A context key that is not given is absent.

A request of a FILE carries its policies with it:
  { "name": "alice reads",
    "policies": [{ "kind": "identity", "document": { "Version": "2012-10-17",
      "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" }] } }],
    "request": { "principal": "arn:aws:iam::111122223333:user/alice", "principalAccount": "111122223333",
      "action": "s3:GetObject", "resource": "arn:aws:s3:::data/a.csv", "resourceAccount": "111122223333", "context": {} } }
  kind: identity, boundary, scp (of the principal); resource, key, trust (of the resource)

The answer: allow, implicit-deny, explicit-deny or unknown, with the statement that decides. Exit code 0 where there is one.`;

declare const STACKPROOF_VERSION: string;

/** Known at build time, so that `--version` and `--help` need not load the core. */
function version(): string {
  return typeof STACKPROOF_VERSION === "string" ? STACKPROOF_VERSION : core.version();
}

function time(value: string): string {
  if (!/^\d{4}-\d\d-\d\d/.test(value) || Number.isNaN(Date.parse(value))) {
    throw new StackproofError(
      "usage",
      `--now wants a time in ISO 8601, such as 2027-01-31 or 2027-01-31T12:00:00Z, not \`${value}\``,
    );
  }
  return new Date(value).toISOString();
}
