// The real Pulumi CLI, built once from its Go module into a cache outside the work tree.
// `node tests/e2e/pulumi/setup` builds it ahead of the tests; it takes some minutes the first time.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const module = fileURLToPath(new URL("../../../tools/pulumi", import.meta.url));

/** `{ binary }`, or `{ missing }`: why there is none. */
export function pulumi() {
  const go = spawnSync("go", ["env", "GOVERSION"], { cwd: module, encoding: "utf8" });
  if (go.error || go.status !== 0)
    return { missing: "Go is not installed, so the Pulumi CLI cannot be built (https://go.dev/doc/install)" };
  const version = /pulumi\/pkg\/v3 (v\S+)/.exec(readFileSync(join(module, "go.mod"), "utf8"))?.[1];
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
  const hash = createHash("sha256");
  for (const part of [readFileSync(join(module, "go.sum")), go.stdout.trim(), flags]) hash.update(part);
  const cache = process.env.STACKPROOF_CACHE || join(homedir(), ".cache/stackproof");
  const folder = join(cache, `pulumi-${hash.digest("hex").slice(0, 16)}`);
  const binary = join(folder, process.platform === "win32" ? "pulumi.exe" : "pulumi");
  if (existsSync(binary)) return { binary };
  mkdirSync(folder, { recursive: true });
  console.error(`building the Pulumi CLI ${version} into ${folder}; this takes some minutes, once`);
  // Built beside its place and then moved: a build that was stopped leaves nothing that looks whole.
  const unfinished = `${binary}.${process.pid}`;
  const args = ["build", "-ldflags", flags, "-o", unfinished, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"];
  const built = spawnSync("go", args, { cwd: module, stdio: ["ignore", 2, 2] });
  if (built.status !== 0) throw new Error(`go build of the Pulumi CLI ended with ${built.status ?? built.signal}`);
  renameSync(unfinished, binary);
  return { binary };
}
