// The plugin and the aspect through the real `cdk synth`, on an app with two stacks, a nested stack and a Stage.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project, synth } from "./cdk.mjs";

const ROTATION = "kms-rotation";
const LOGS = "kms-policy-cloudwatch-logs";

/** `rule path`, sorted: what the plugin's report holds, the CDK's own plugins left out. */
function found({ report }) {
  const ours = report?.pluginReports.find(({ pluginName }) => pluginName === "stackproof");
  return (ours?.violations ?? [])
    .flatMap((one) =>
      one.violatingConstructs.map(({ constructPath }) => `${one.severity} ${one.ruleName} ${constructPath}`),
    )
    .sort();
}

const ALL = [
  `error ${ROTATION} Keys/Stale`,
  `error ${ROTATION} Logs/Archive/ArchiveKey`,
  `error ${ROTATION} Staging/Inner/StageKey`,
  `fatal ${LOGS} Logs/Group`,
];

test("the plugin finds the faults of all stacks, with construct path and creation line, and fails the synthesis", (context) => {
  const result = synth(project(context));
  assert.equal(result.code, 1, result.output);
  assert.deepEqual(found(result), ALL);
  assert.match(result.output, /app\.js:23:5\nFATAL .*CloudWatch Logs/, "the line that creates the log group");
  assert.match(result.output, /Logs\/Group \(Group\)/);
  assert.match(result.output, /Staging\/Inner\/StageKey/);
  const [group] = result.report.pluginReports[0].violations.filter(({ ruleName }) => ruleName === LOGS);
  assert.deepEqual(group.violatingConstructs[0].cloudFormationResource.propertyPaths, ["Properties.KmsKeyId"]);
});

test("as a plugin of the older form it finds the same", (context) => {
  const result = synth(project(context), { beta: true });
  assert.equal(result.code, 1, result.output);
  assert.deepEqual(found(result), ALL);
});

test("on a Stage it answers for that Stage alone", (context) => {
  const result = synth(project(context), { onStage: true });
  assert.equal(result.code, 1, result.output);
  assert.deepEqual(found(result), [`error ${ROTATION} Staging/Inner/StageKey`]);
});

test("below the fail level a finding is a warning, and the synthesis succeeds", (context) => {
  const result = synth(project(context), { options: { rules: [ROTATION], failOn: "critical" } });
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(
    found(result),
    ALL.slice(0, 3).map((line) => line.replace("error", "warning")),
  );
});

test("a configuration file above the app is read", (context) => {
  const folder = project(context);
  writeFileSync(
    join(folder, "stackproof.config.yaml"),
    `rules:\n  ${LOGS}: off\nignore:\n  - { rule: "kms-*", resource: "Staging/*", reason: thrown away nightly }\n`,
  );
  const result = synth(folder);
  assert.equal(result.code, 1, result.output);
  assert.deepEqual(found(result), ALL.slice(0, 2));
});

for (const { name, acknowledge, left } of [
  {
    name: "the CDK's own form",
    acknowledge: [{ path: "Keys/Stale", id: `stackproof::${ROTATION}` }],
    left: ALL.slice(1),
  },
  { name: "a bare rule", acknowledge: [{ path: "Logs", id: ROTATION }], left: [ALL[0], ALL[2], ALL[3]] },
  { name: "a pattern", acknowledge: [{ path: "Staging", id: "stackproof::kms-*" }], left: [ALL[0], ALL[1], ALL[3]] },
  { name: "a fatal finding", acknowledge: [{ path: "Logs/Group", id: `stackproof::${LOGS}` }], left: ALL.slice(0, 3) },
]) {
  test(`an acknowledgement silences what it names: ${name}`, (context) => {
    assert.deepEqual(found(synth(project(context), { acknowledge })), left);
  });
}

test("with everything acknowledged the synthesis succeeds", (context) => {
  const acknowledge = ["Keys", "Logs", "Staging"].map((path) => ({ path, id: "stackproof::*" }));
  const result = synth(project(context), { acknowledge });
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(found(result), []);
});

for (const { name, prepare, options, says } of [
  {
    name: "the core is missing",
    prepare: (folder) => rmSync(join(folder, "node_modules/stackproof/dist/stackproof.wasm")),
    says: /stackproof failed .*stackproof\.wasm/,
  },
  { name: "an option is wrong", options: { preset: "productoin" }, says: /productoin/ },
  {
    name: "the configuration is broken",
    prepare: (folder) => writeFileSync(join(folder, "stackproof.config.json"), '{ "rules": '),
    says: /stackproof\.config\.json|JSON|expected/,
  },
  { name: "the configuration is not there", options: { config: "nowhere.json" }, says: /nowhere\.json/ },
]) {
  test(`never a silent pass: ${name}`, (context) => {
    const folder = project(context);
    prepare?.(folder);
    const result = synth(folder, { options });
    assert.equal(result.code, 1, result.output);
    assert.match(found(result)[0], /^fatal stackproof-could-not-check/);
    assert.match(result.output, says);
  });
}

test("the aspect puts its findings on the constructs of each stack, and does not enter Stages", (context) => {
  const result = synth(project(context), { aspect: true });
  assert.equal(result.code, 1, result.output);
  for (const path of ["Keys/Stale/Resource", "Logs/Archive/ArchiveKey/Resource"]) {
    assert.match(result.output, new RegExp(`ERROR automatic rotation.*\\n\\s+${path}`), path);
  }
  assert.doesNotMatch(result.output, /StageKey/);
});

test("the aspect honours acknowledgements", (context) => {
  const acknowledge = ["Keys", "Logs"].map((path) => ({ path, id: `stackproof::${ROTATION}` }));
  const result = synth(project(context), { aspect: true, acknowledge });
  assert.equal(result.code, 0, result.output);
});
