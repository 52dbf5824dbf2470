// Runs the real Pulumi engine on small programs, each in folders of its own, with no cloud and no account.
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pulumi } from "./cli.mjs";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const standIns = fileURLToPath(new URL("stand-ins", import.meta.url));

/** What every test on the engine says about itself. */
export const ENGINE = "the real Pulumi engine (its language host and aws provider are stand-ins)";

/** Why the engine cannot run here, or `false`: what `skip` takes. Building it is part of finding out. */
const { binary, missing } = pulumi();
export const skip = missing ?? false;
if (missing) console.error(`skipped: ${missing}`);

/** One folder for all cases of a test file: `bin/` for the CLI, `node_modules/` for programs and packs. */
export function workspace() {
  const folder = mkdtempSync(join(tmpdir(), "stackproof-engine-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const cli = join(bin, "pulumi");
  try {
    linkSync(binary, cli);
  } catch {
    copyFileSync(binary, cli); // another file system
  }
  copyFileSync(join(standIns, "pulumi-language-nodejs"), join(bin, "pulumi-language-nodejs"));
  chmodSync(join(bin, "pulumi-language-nodejs"), 0o755);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/@pulumi"), join(folder, "node_modules/@pulumi"), "dir");
  symlinkSync(root, join(folder, "node_modules/stackproof"), "dir");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * A project with a stack of its own. `program`: the text of its index.js, or a folder that is copied. `run` resolves to
 * `{status, stdout, output, events}`; `events` are the engine's, where the command prints them, and `output` is what a person
 * would see of them.
 */
export async function project(space, name, program, files = {}) {
  const base = join(space.folder, name);
  const folder = join(base, "program");
  for (const part of ["state", "home", "program"]) mkdirSync(join(base, part), { recursive: true });
  if (typeof program === "string") writeFileSync(join(folder, "index.js"), program);
  else cpSync(program.folder, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const manifest = join(folder, "Pulumi.yaml");
  const own =
    typeof program === "string"
      ? "name: demo\nruntime: {name: nodejs, options: {typescript: false}}\n"
      : readFileSync(manifest, "utf8");
  writeFileSync(manifest, `${own}plugins: {providers: [{name: aws, path: ${JSON.stringify(standIns)}}]}\n`);
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);

  const environment = {
    PATH: [join(space.folder, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: join(base, "home"),
    TMPDIR: tmpdir(),
    PWD: folder,
    PULUMI_HOME: join(base, "home"),
    PULUMI_BACKEND_URL: `file://${join(base, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "x",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "1",
    // The types of the programs are checked by tsc, once.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PULUMI_LANGUAGE_HOST_SDK: root,
    STUB_AWS_SDK: root,
  };
  const run = (args, env = {}) =>
    new Promise((resolve, reject) => {
      const options = { cwd: folder, env: { ...environment, ...env }, stdio: ["ignore", "pipe", "pipe"] };
      const child = spawn(
        join(space.folder, "bin/pulumi"),
        [...args, "--non-interactive", "--color", "never"],
        options,
      );
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk) => {
        stdout += chunk;
      });
      child.stderr.on("data", (chunk) => {
        stderr += chunk;
      });
      child.once("error", reject);
      child.once("close", (status) => {
        const seen = events(stdout);
        resolve({ status, stdout, output: readable(stdout, seen) + stderr, events: seen });
      });
    });
  const init = await run(["stack", "init", "t"]);
  if (init.status !== 0) throw new Error(init.output);
  const pack = (where, config) => [
    ...["--policy-pack", where],
    ...(config ? ["--policy-pack-config", writeConfig(base, config)] : []),
  ];
  return {
    folder,
    run,
    preview: (where, config, env) => run(["preview", "-s", "t", "--json", ...pack(where, config)], env),
    up: (where, config, env) =>
      run(["up", "-s", "t", "--json", "--yes", "--skip-preview", ...pack(where, config)], env),
    /** The resources that exist: type and inputs. */
    async state() {
      const { stdout } = await run(["stack", "export", "-s", "t"]);
      return JSON.parse(stdout).deployment.resources ?? [];
    },
  };
}

function writeConfig(folder, config) {
  const path = join(folder, "policy-config.json");
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function events(stdout) {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
}

function readable(stdout, seen) {
  const said = seen.flatMap(({ diagnosticEvent: event, policyEvent: policy }) => {
    if (policy) return [`${policy.enforcementLevel} ${policy.policyName}: ${policy.message}\n`];
    return event && event.severity !== "debug" ? [`${event.prefix ?? ""}${event.message}`] : [];
  });
  return seen.length > 0 ? said.join("") : stdout;
}

/** `policy level type name` of each policy violation, sorted. */
export function violations(result) {
  return result.events
    .flatMap(({ policyEvent: event }) => (event ? [event] : []))
    .map((event) => {
      const [, , type, name] = (event.resourceUrn ?? "").split("::");
      return `${event.policyName} ${event.enforcementLevel} ${type?.split("$").at(-1)} ${name}`;
    })
    .sort();
}

export const messages = (result) => result.events.flatMap(({ policyEvent: event }) => (event ? [event.message] : []));
export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
