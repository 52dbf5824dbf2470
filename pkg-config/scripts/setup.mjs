// What every other script needs before it starts: tools that are there, and node_modules as the lock file says.
// Nothing but Node's own modules here: on a fresh clone there is nothing else.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const windows = process.platform === "win32";

/** Runs a program in the repository's top folder, its output going where ours goes; leaves with its exit code if that is not 0. */
export function run(program, args, { env = {}, cwd = root } = {}) {
  const done = spawnSync(program, args, { cwd, stdio: "inherit", env: { ...process.env, ...env }, shell: windows });
  if (done.error) stop(`cannot run ${program}: ${done.error.message}`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** Runs one of node_modules' programs. */
export const tool = (name, args, options) => run(process.execPath, [binary(name), ...args], options);

export function stop(message) {
  console.error(`stackproof: ${message}`);
  process.exit(2);
}

/** Checks the tools and brings node_modules up to date. Says what it does only where it does something. */
export function setup() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) stop(`Node.js 20 or newer is needed, this is ${process.version}: https://nodejs.org/en/download`);
  if (spawnSync("cargo", ["--version"], { shell: windows }).status !== 0) {
    stop(
      windows
        ? "Rust is missing. Install it with rustup: https://rustup.rs"
        : "Rust is missing. Install it with:\n  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y && . \"$HOME/.cargo/env\"",
    );
  }
  wasmTarget();
  const installed = join(root, "node_modules/.package-lock.json");
  const lock = join(root, "package-lock.json");
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) run("npm", ["ci"]);
}

/** rustup installs what rust-toolchain.toml names by itself; a Rust from elsewhere has to bring the target along. */
function wasmTarget() {
  const libraries = () =>
    spawnSync("rustc", ["--print", "target-libdir", "--target", "wasm32-unknown-unknown"], {
      cwd: root,
      encoding: "utf8",
      shell: windows,
    });
  const there = () => existsSync(libraries().stdout?.trim() || "/nowhere");
  if (there()) return;
  if (spawnSync("rustup", ["--version"], { shell: windows }).status !== 0) {
    stop(
      "Rust's target wasm32-unknown-unknown is missing, and there is no rustup to add it. Install rustup: https://rustup.rs",
    );
  }
  run("rustup", ["target", "add", "wasm32-unknown-unknown"]);
  if (!there())
    stop("Rust's target wasm32-unknown-unknown is missing. Install it with: rustup target add wasm32-unknown-unknown");
}

function binary(name) {
  const [owner, short] = name.startsWith("@")
    ? [name.split("/").slice(0, 2).join("/"), name.split("/")[2]]
    : [name.split("/")[0], name.split("/").at(-1)];
  const folder = join(root, "node_modules", owner);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[short]);
}
