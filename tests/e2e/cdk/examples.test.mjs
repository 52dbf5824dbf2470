// The apps in examples/cdk, through the real `cdk synth`: broken they get what the documents that they come from say, mended
// nothing of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { project, root, synth } from "./cdk.mjs";

/** What each broken app must be told. Any finding that fails the synthesis and is not listed here is a fault, and so is any
 * finding of these rules in the mended app. */
const EXAMPLES = {
  "tenant-access": [
    "iam-external-id-nondeterministic",
    "iam-policy-unattached",
    "logs-metric-filter-pattern",
    "placeholder-account-id",
    "sg-loopback-rule",
    "ssm-plaintext-secret",
    "ssm-securestring-cfn",
  ],
  "iam-monitoring": [
    "events-cloudtrail-pattern-shape",
    "events-global-service-region",
    "events-target-dlq",
    "iam-cross-account-external-id",
    "iam-service-wildcard-action",
    "kms-key-policy-wildcard-principal",
    "kms-rotation",
    "lambda-runtime-deprecated",
    "lambda-timeout-max",
    "logs-retention-required",
    "placeholder-account-id",
    "required-tags",
  ],
};

/** Where no plugin found anything, the CDK leaves no report. */
function found({ report }, listed) {
  const ours = report?.pluginReports.find(({ pluginName }) => pluginName === "stackproof");
  const counts = (ours?.violations ?? []).filter(
    ({ ruleName, severity }) => listed.includes(ruleName) || severity === "fatal" || severity === "error",
  );
  return [...new Set(counts.map(({ ruleName }) => ruleName))].sort();
}

test("the examples hold what the CDK's own types allow", () => {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, "examples/cdk")], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

for (const [name, listed] of Object.entries(EXAMPLES)) {
  test(`${name}, broken: fails with the findings that it should have`, (context) => {
    const result = synth(project(context, `examples/cdk/${name}/broken`));
    assert.equal(result.code, 1, result.output);
    assert.deepEqual(found(result, listed), listed);
  });

  test(`${name}, mended: synthesizes, with none of them`, (context) => {
    const result = synth(project(context, `examples/cdk/${name}/mended`));
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(found(result, listed), []);
  });
}
