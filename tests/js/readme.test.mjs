// What the README shows is what the program prints.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const shown = [...readme.matchAll(/^```\n\$ npx stackproof (.*)\n([\s\S]*?)^```$/gm)];

test("the README shows commands", () => assert.ok(shown.length >= 2));

for (const [, command, output] of shown) {
  test(`stackproof ${command}`, () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["dist/cli.js", ...command.split(" ")], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    assert.equal(stderr, "");
    assert.equal(stdout.trim(), output.trim());
  });
}
