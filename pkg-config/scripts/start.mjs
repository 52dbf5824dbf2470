// npm start [-- PATH…]: sets up what is missing, builds, and checks PATH, or the faulty stack in examples/.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { root, run } from "./setup.mjs";

run(process.execPath, [join(root, "pkg-config/scripts/build.mjs")]);

const given = process.argv.slice(2);
// npm runs scripts in the package's folder; what the user typed is relative to where they were.
const from = process.env.INIT_CWD ?? process.cwd();
const args = given.map((word) =>
  !word.startsWith("-") && existsSync(resolve(from, word)) ? resolve(from, word) : word,
);
const example = "examples/faulty-stack.yaml";
console.log(given.length > 0 ? "" : `\n$ npx stackproof check ${example}\n`);
const done = spawnSync(
  process.execPath,
  [join(root, "dist/cli.js"), "check", ...(given.length > 0 ? args : [example])],
  { cwd: root, stdio: "inherit" },
);
// Findings in the example are what it is there for; npm would report them as its own failure.
process.exit(given.length === 0 && done.status === 1 ? 0 : (done.status ?? 3));
