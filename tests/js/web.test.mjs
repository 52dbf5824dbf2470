// The browser build in a real browser: chromium, started headless.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const browser = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const skip = browser ? false : "there is no chromium; install it with: apt-get install chromium";
if (skip) console.log(`skipped: the browser test: ${skip}`);

const TYPES = { ".mjs": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

const PAGE = `<script type="module">
import { check, load, rules } from "/dist/web/index.mjs";
try {
  check("Resources: {}");
  window.early = "no error";
} catch (error) {
  window.early = error.message;
}
await load();
const report = check({ Resources: { Key: { Type: "AWS::KMS::Key", Properties: { Enabled: true } } } });
window.result = { found: report.findings.map(({ rule }) => rule), rules: rules().length };
</script>`;

test("load, then check, in a browser", { skip, timeout: 120_000 }, async (context) => {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = join(root, normalize(path));
    if (path === "/") response.setHeader("content-type", TYPES[".html"]).end(PAGE);
    else if (path.startsWith("/dist/") && existsSync(file))
      response
        .setHeader("content-type", TYPES[path.slice(path.lastIndexOf("."))] ?? "text/plain")
        .end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const running = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
  context.after(() => running.close());
  const page = await running.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.result, undefined, { timeout: 30_000 });
  assert.deepEqual(errors, []);
  assert.match(await page.evaluate(() => window.early), /load\(\)/);
  const result = await page.evaluate(() => window.result);
  assert.deepEqual(result.found, ["kms-rotation"]);
  assert.ok(result.rules > 0);
});
