// The programs in examples/pulumi, through the ready-made pack: what the documents that the project came from say must be found,
// and nothing where they are mended.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ENGINE, messages, project, root, skip, violations, workspace } from "./engine.mjs";

const { writePack } = createRequire(import.meta.url)("../../../dist/pulumi/index.js");
const PACK = join(root, "pulumi-pack");
const EXAMPLES = join(root, "examples/pulumi");
/** Rules whose finding in the broken example is milder than their policy. */
const MILDER = ["account-singleton", "s3-public-access-block"];
const rulesOf = (result) => [...new Set(violations(result).map((line) => line.split(" ", 2).join(" ")))].sort();
const mandatory = (result) => rulesOf(result).filter((line) => line.endsWith(" mandatory"));

it("the example programs hold what Pulumi's own types allow", () => {
  const programs = readdirSync(EXAMPLES, { recursive: true }).filter((path) =>
    /^[^/\\]+[/\\][^/\\]+[/\\]index\.ts$/.test(path),
  );
  assert.equal(programs.length, 4);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", EXAMPLES, "--listFiles"], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
  for (const path of programs) assert.ok(stdout.includes(path.replaceAll("\\", "/")), path);
});

describe(ENGINE, { skip, concurrency: 2 }, () => {
  let space;
  before(() => {
    space = workspace();
  });
  after(() => space.remove());
  const example = (name) => project(space, name.replace("/", "-"), { folder: join(EXAMPLES, name) });

  it("function-security, broken: fails at the first preview, by what the key's policy lacks and what the role's policy holds", async () => {
    const broken = await example("function-security/broken");
    const result = await broken.preview(PACK);
    assert.equal(result.status, 1, result.output);
    for (const rule of [
      "kms-policy-cloudwatch-logs mandatory",
      "unresolved-output-in-string mandatory",
      "account-singleton advisory",
    ])
      assert.ok(rulesOf(result).includes(rule), `${rule} is missing:\n${rulesOf(result).join("\n")}`);
    assert.ok(messages(result).every((message) => message.includes("More: https://")));
  });

  it("function-security, mended: passes at preview and update", async () => {
    const mended = await example("function-security/mended");
    for (const result of [await mended.preview(PACK), await mended.up(PACK)]) {
      assert.equal(result.status, 0, result.output);
      assert.deepEqual(mandatory(result), []);
    }
  });

  it("audit-trail, mended: passes at preview and update", async () => {
    const mended = await example("audit-trail/mended");
    for (const result of [await mended.preview(PACK), await mended.up(PACK)]) {
      assert.equal(result.status, 0, result.output);
      assert.deepEqual(mandatory(result), []);
    }
  });

  it("a pack of one's own says the same as the ready-made one", async () => {
    const own = join(space.folder, "own-pack");
    writePack(own, { kind: "own" });
    const broken = await project(space, "own", { folder: join(EXAMPLES, "function-security/broken") });
    const [theirs, ours] = [await broken.preview(PACK), await broken.preview(own)];
    assert.equal(ours.status, 1, ours.output);
    assert.ok(mandatory(ours).length > 0);
    // The level is the policy's there: what is milder than its policy is logged.
    const [milder, same] = [true, false].map((wanted) =>
      violations(theirs).filter((line) => MILDER.some((rule) => line.startsWith(rule)) === wanted),
    );
    assert.deepEqual(violations(ours), same);
    assert.equal(milder.length, MILDER.length);
    for (const rule of MILDER) assert.ok(ours.output.includes(`stackproof: ${rule}: `), rule);
  });
});
