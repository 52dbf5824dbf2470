// The licences of everything that is compiled or bundled in, or that the build runs, against a list of the ones that fit Apache-2.0.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, stop } from "./setup.mjs";

const FITS = new Set([
  "0BSD",
  "Apache-2.0",
  "Apache-2.0 WITH LLVM-exception",
  "BSD-1-Clause",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BSL-1.0",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "MIT-CMU",
  "Python-2.0",
  "Unicode-3.0",
  "Unlicense",
  "Zlib",
]);

/** Read by a person: used in development only, and free to be. */
const READ = {
  "@logdna/tail-file": "its LICENSE file is the MIT licence",
  "spdx-exceptions": "CC-BY-3.0: a list of names",
};

/** SPDX expressions: `A OR B` fits where one does, `A AND B` where both do. `A/B` is an old way to write OR. */
function fits(expression) {
  const bare = expression.replace(/[()]/g, " ").replace(/\s+/g, " ").trim();
  return bare.split(/ OR |\//).some((option) => option.split(" AND ").every((name) => FITS.has(name.trim())));
}

const wrong = [];
let checked = 0;

const metadata = spawnSync("cargo", ["metadata", "--format-version", "1", "--locked"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 2 ** 28,
});
if (metadata.status !== 0) stop(`cargo metadata: ${metadata.stderr}`);
for (const { name, version, license, source } of JSON.parse(metadata.stdout).packages) {
  if (source === null) continue;
  checked += 1;
  if (!license || !fits(license)) wrong.push(`crate ${name} ${version}: ${license ?? "no licence"}`);
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
for (const [path, { version, license, link }] of Object.entries(lock.packages)) {
  if (path === "" || link) continue;
  checked += 1;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  if (name in READ) continue;
  if (!license || !fits(license)) wrong.push(`npm ${name} ${version}: ${license ?? "no licence"}`);
}

if (wrong.length > 0) stop(`licences that are not on the list in ${import.meta.filename}:\n  ${wrong.join("\n  ")}`);
console.log(`${checked} packages, all with licences that fit Apache-2.0`);
