// Runs the test app through the real `cdk` command line, in a folder of its own, against the built package.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A folder with the app and this package as its tarball would be; the CDK that this repository pins is found above it. */
export function project(context, app = "tests/e2e/cdk/app") {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/cdk-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, app), folder, { recursive: true });
  const program = join(folder, "app.ts");
  if (existsSync(program)) {
    const { code } = transformSync(readFileSync(program, "utf8"), {
      loader: "ts",
      format: "cjs",
      sourcefile: "app.ts",
    });
    writeFileSync(join(folder, "app.js"), code);
  }
  // A package of its own, so that `stackproof` is the one in its node_modules.
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  const self = join(folder, "node_modules/stackproof");
  mkdirSync(self, { recursive: true });
  cpSync(join(root, "package.json"), join(self, "package.json"));
  cpSync(join(root, "dist"), join(self, "dist"), { recursive: true });
  return folder;
}

/** `cdk synth "**"` (without the pattern the CDK leaves Stages out of what it shows): its exit code, what it says, and the validation report that it leaves in cdk.out. */
export function synth(folder, test = {}, context = {}) {
  writeFileSync(join(folder, "cdk.json"), JSON.stringify({ app: "node app.js", context }));
  rmSync(join(folder, "cdk.out"), { recursive: true, force: true });
  const done = spawnSync(
    process.execPath,
    [join(root, "node_modules/aws-cdk/bin/cdk"), "synth", "**", "--quiet", "--no-notices", "--no-version-reporting"],
    {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        // The CDK's own validation takes seconds, and its findings are not ours.
        CDK_VALIDATION: "false",
        CDK_DISABLE_CLI_TELEMETRY: "true",
        CI: "true",
        NO_COLOR: "1",
        HOME: folder,
        STACKPROOF_TEST: JSON.stringify(test),
      },
    },
  );
  const report = join(folder, "cdk.out/validation-report.json");
  return {
    code: done.status,
    output: `${done.stdout}\n${done.stderr}`,
    report: existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined,
  };
}
