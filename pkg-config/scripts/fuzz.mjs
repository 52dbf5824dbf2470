// `npm run fuzz -- TARGET SECONDS`: libFuzzer on one of the targets of pkg-config/fuzz; `all` runs each of them.
// The instrumentation is LLVM's own, so that the pinned stable toolchain is enough.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const crate = join(root, "pkg-config", "fuzz");
const targets = readdirSync(join(crate, "src")).map((file) => file.replace(/\.rs$/, ""));
const [target, seconds = "60"] = process.argv.slice(2);

if (!target || (target !== "all" && !targets.includes(target)) || !/^\d+$/.test(seconds)) {
  console.error(`usage: npm run fuzz -- TARGET SECONDS\n  TARGET is one of ${targets.join(", ")}, or all`);
  process.exit(2);
}

const flags = [
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
const host = "x86_64-unknown-linux-gnu";
const built = join(crate, "target");
const triple = process.arch === "arm64" ? host.replace("x86_64", "aarch64") : host;
// With a target of its own, build scripts and macros are left without instrumentation.
run("cargo", ["build", "--release", "--target", triple, "--target-dir", built], {
  cwd: crate,
  env: { ...process.env, RUSTFLAGS: flags.join(" ") },
});

for (const name of target === "all" ? targets : [target]) {
  const corpus = join(built, "corpus", name);
  if (!existsSync(corpus)) mkdirSync(corpus, { recursive: true });
  console.log(`fuzz ${name}: ${seconds} s`);
  const artifacts = join(built, `${name}-`);
  run(join(built, triple, "release", name), [
    corpus,
    `-max_total_time=${seconds}`,
    "-timeout=10",
    "-max_len=4096",
    // In CI the same inputs each time, so that a red run is about the change at hand; elsewhere new ones.
    ...(process.env.CI ? ["-seed=1"] : []),
    "-verbosity=0",
    `-artifact_prefix=${artifacts}`,
  ]);
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { stdio: "inherit", ...options });
  if (done.error) {
    console.error(`${command}: ${done.error.message}`);
    process.exit(1);
  }
  if (done.status !== 0) process.exit(done.status ?? 1);
}
