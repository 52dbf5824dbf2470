// npm run bench: what a whole check costs, as a ratio to JSON.parse on the same bytes in the same process.
//
// A ratio can be compared between machines, milliseconds cannot. `first` is the first call in a fresh process, when
// neither the engine's compiler nor the caches are warm; `warm` is the median of later calls.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { hostile, requests } from "./hostile.mjs";
import { template } from "./template.mjs";
import { once } from "./timing.mjs";

const here = fileURLToPath(import.meta.url);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const TARGETS = { ratio: 1.0, start: 25, wasm: 1024, gzipped: 350, evaluations: 5 };

if (!existsSync(join(dist, "stackproof.wasm"))) {
  console.error("stackproof: nothing is built; run `npm run build` first");
  process.exit(2);
}

/** In a process of its own: start-up, the first check, warm checks; the result as one line of JSON. */
function one(file, kind) {
  const require = createRequire(import.meta.url);
  const bytes = readFileSync(file);
  const parse = kind === "yaml" ? yamlParser(require) : (text) => JSON.parse(text);
  const text = () => bytes.toString("utf8");

  const begun = performance.now();
  const { core } = require("../dist/core.js");
  core.version();
  const start = performance.now() - begun;

  const source = [{ name: file, kind: "auto", files: [{ path: file, bytes }] }];
  const options = { preset: "all", now: "2026-01-01T00:00:00Z" };
  const check = () => core.examine(source, options).json;
  const first = once(check);
  const firstParse = once(() => parse(text()));
  const repeats = kind === "yaml" ? 5 : 30;
  const report = JSON.parse(check());
  const warm = median(repeats, check);
  const warmParse = median(repeats, () => parse(text()));
  const found = report.findings.length;
  process.stdout.write(
    JSON.stringify({
      start,
      first,
      firstParse,
      warm,
      warmParse,
      found,
      errors: report.errors.length,
      rules: report.tool.rules,
    }),
  );
}

function yamlParser(require) {
  const yaml = require("yaml");
  return (text) => yaml.parse(text);
}

function median(repeats, work) {
  const times = Array.from({ length: repeats }, () => once(work)).sort((a, b) => a - b);
  return times[Math.floor(repeats / 2)];
}

async function all() {
  const folder = mkdtempSync(join(tmpdir(), "stackproof-bench-"));
  try {
    const made = template();
    const measured = (name, text) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return { bytes: Buffer.byteLength(text), ...measure(file, name.endsWith(".yaml") ? "yaml" : "json") };
    };
    const json = measured("template.json", JSON.stringify(made));
    const yaml = measured("template.yaml", stringify(made, { lineWidth: 0, aliasDuplicateObjects: false }));
    const sound = measured("sound.json", JSON.stringify(template(0)));
    const faulty = measured("faulty.json", JSON.stringify(template(1)));

    const ms = (value) => `${value.toFixed(1)} ms`;
    const ratio = (value, of) => `${(value / of).toFixed(2)} x`;
    const count = Object.keys(made.Resources).length;
    console.log(
      `${count} resources, ${json.rules} rules, ${json.found} findings (JSON ${mb(json.bytes)}, YAML ${mb(yaml.bytes)})\n`,
    );
    console.log(`                     whole check     to ${"its parser".padEnd(14)} parser alone`);
    for (const [name, row, parser] of [
      ["JSON", json, "JSON.parse"],
      ["YAML", yaml, "npm yaml"],
    ]) {
      console.log(
        `${name}, first       ${ms(row.first).padStart(12)}     ${ratio(row.first, row.firstParse).padEnd(16)} ${ms(row.firstParse)} (${parser})`,
      );
      console.log(
        `${name}, warm        ${ms(row.warm).padStart(12)}     ${ratio(row.warm, row.warmParse).padEnd(16)} ${ms(row.warmParse)}`,
      );
    }
    for (const [name, row] of [
      ["nothing faulty", sound],
      ["everything faulty", faulty],
    ]) {
      console.log(
        `${name.padEnd(18)}${ms(row.warm).padStart(12)}     ${ratio(row.warm, row.warmParse).padEnd(16)} ${ms(row.warmParse)} (JSON, warm, ${row.found} findings)`,
      );
    }
    const wasm = readFileSync(join(dist, "stackproof.wasm"));
    const sizes = { raw: wasm.length / 1024, gzipped: gzipSync(wasm, { level: 9 }).length / 1024 };
    console.log(`\nstart-up (load, compile, instantiate)   ${ms(json.start)}`);
    console.log(
      `wasm                                    ${sizes.raw.toFixed(0)} KB, gzipped ${sizes.gzipped.toFixed(0)} KB`,
    );
    console.log(`one file, whole command line            ${ms(commandLine(folder))} (node alone ${ms(node())})\n`);

    const { core } = createRequire(import.meta.url)("../dist/core.js");
    console.log("hostile inputs                                  at size      time   twice the size takes");
    for (const { name, size, time, growth, said } of hostile(core)) {
      console.log(
        `${name.padEnd(46)} ${String(size).padStart(7)} ${ms(time).padStart(11)}   ${growth.toFixed(1)} x   ${said}`,
      );
    }
    const asked = requests(core);
    console.log("");
    for (const { name, time, allowed } of asked) {
      console.log(`${name.padEnd(54)} ${ms(time).padStart(11)}   ${allowed} allowed`);
    }
    console.log("");

    if ([json, yaml, sound, faulty].some((row) => row.errors > 0))
      throw new Error("the template of the benchmark cannot be read");
    const verdicts = [
      ["warm check to JSON.parse", json.warm / json.warmParse, TARGETS.ratio, "x"],
      ["start-up", json.start, TARGETS.start, "ms"],
      ["1,500 evaluations, beside reading and writing", asked[0].time - asked[1].time, TARGETS.evaluations, "ms"],
      ["wasm", sizes.raw, TARGETS.wasm, "KB"],
      ["wasm gzipped", sizes.gzipped, TARGETS.gzipped, "KB"],
    ];
    for (const [name, value, most, unit] of verdicts) {
      console.log(
        `${value <= most ? "met   " : "MISSED"}  ${name}: ${value.toFixed(unit === "x" ? 2 : 0)} ${unit}, target ${most} ${unit}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** The best of three processes: what else runs on the machine only ever adds. */
function measure(file, kind) {
  const runs = Array.from({ length: 3 }, () => {
    const done = spawnSync(process.execPath, [here, "--one", file, kind], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(done.stderr);
    return JSON.parse(done.stdout);
  });
  const least = (name) => Math.min(...runs.map((run) => run[name]));
  const times = Object.fromEntries(
    ["start", "first", "firstParse", "warm", "warmParse"].map((name) => [name, least(name)]),
  );
  return { ...runs[0], ...times };
}

function commandLine(folder) {
  const file = join(folder, "small.yaml");
  writeFileSync(file, "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: true\n");
  return best(() => spawnSync(process.execPath, [join(dist, "cli.js"), "check", "--no-config", file]));
}

const node = () => best(() => spawnSync(process.execPath, ["-e", "0"]));

const best = (work) => Math.min(...Array.from({ length: 7 }, () => once(work)));

if (process.argv[2] === "--one") one(process.argv[3], process.argv[4]);
else await all();
