// npm test [rust|js|cdk|pulumi|package]: all tests, or one set of them. Sets up and builds what it needs first.
//
//   rust     the rule core, natively (rules, fixtures, documents, evaluator, meta-tests), and under wasm
//   js       the shim: API, command line, browser
//   cdk      the plugin, through the real `cdk synth`
//   pulumi   the policy pack, through the analyzer protocol and the real engine
//   package  the tarball, installed into an empty folder
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root, run, setup, stop } from "./setup.mjs";

const SETS = {
  rust: () => {
    cargo("--quiet", "--workspace", "--exclude", "wasm-tools");
    cargo("--package", "stackproof", "--target", "wasm32-unknown-unknown", "--test", "wasm");
    // The table of docs/rules says what these tests saw.
    count(spawnSync("cargo", ["xtask", "docs", "--check"], { cwd: root, stdio: "inherit" }));
  },
  js: () => node("tests/js"),
  cdk: () => node("tests/e2e/cdk"),
  pulumi: () => node("tests/e2e/pulumi"),
  package: () => node("tests/e2e/package"),
};

const wanted = process.argv.slice(2);
for (const name of wanted)
  if (!(name in SETS)) stop(`there is no set of tests \`${name}\`; there are: ${Object.keys(SETS).join(", ")}`);
const sets = wanted.length > 0 ? wanted : Object.keys(SETS);

setup();
if (sets.some((name) => name !== "rust")) run(process.execPath, [join(root, "pkg-config/scripts/build.mjs")]);

let failed = 0;
for (const name of sets) {
  console.log(`\n== ${name}`);
  SETS[name]();
}
process.exit(failed === 0 ? 0 : 1);

function cargo(...args) {
  count(spawnSync("cargo", ["test", ...args], { cwd: root, stdio: "inherit" }));
}

/** Node's own test runner over a folder's *.test.mjs; a set without tests is a fault, not a pass. */
function node(folder) {
  const files = existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true }).filter(
        (name) => name.endsWith(".test.mjs") && !/node_modules|cdk\.out/.test(name),
      )
    : [];
  if (files.length === 0) stop(`${folder} has no tests`);
  count(
    spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files.map((name) => join(folder, name))], {
      cwd: root,
      stdio: "inherit",
    }),
  );
}

function count(done) {
  if (done.status !== 0) failed += 1;
}
