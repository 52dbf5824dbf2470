// The JavaScript API of the built package.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { access, check, explain, load, rules, StackproofError, version } from "stackproof";

const require = createRequire(import.meta.url);
const RULE = "kms-rotation";
const FAULTY = { Resources: { Key: { Type: "AWS::KMS::Key", Properties: { Enabled: true } } } };
const TEXT = JSON.stringify(FAULTY);

test("text, bytes, an object and a named input give the same findings", () => {
  const named = { name: "a.json", content: FAULTY };
  for (const input of [TEXT, Buffer.from(TEXT), new TextEncoder().encode(TEXT), FAULTY, named, [FAULTY]]) {
    const report = check(input);
    assert.deepEqual(report.errors, []);
    assert.deepEqual(
      report.findings.map(({ rule, resource }) => [rule, resource.id]),
      [[RULE, "Key"]],
    );
  }
  assert.equal(check(named).findings[0].location.file, "a.json");
});

test("a view into a larger buffer is that view", () => {
  const large = Buffer.from(`xxx${TEXT}yyy`);
  assert.equal(check(large.subarray(3, 3 + TEXT.length)).findings.length, 1);
});

test("an assembly is one input of several files", () => {
  const manifest = {
    version: "36.0.0",
    artifacts: { A: { type: "aws:cloudformation:stack", properties: { templateFile: "A.template.json" } } },
  };
  const report = check({
    name: "cdk.out",
    kind: "assembly",
    files: { "manifest.json": manifest, "A.template.json": FAULTY },
  });
  assert.deepEqual(
    report.inputs.map(({ file, kind }) => [file, kind]),
    [["cdk.out", "assembly"]],
  );
  assert.equal(report.findings[0].location.file, "A.template.json");
});

test("options and configuration reach the rules", () => {
  assert.equal(check(FAULTY, { skip: [RULE] }).findings.length, 0);
  assert.equal(check(FAULTY, { config: { rules: { [RULE]: "low" } } }).findings[0].severity, "low");
  assert.equal(check(FAULTY, { config: `rules:\n  ${RULE}: low\n` }).findings[0].severity, "low");
  assert.equal(check(FAULTY, { severity: "critical" }).findings.length, 0);
  assert.equal(check(FAULTY, { failOn: "low", preset: "all", strict: true, now: "2026-01-01" }).settings.failOn, "low");
});

test("what is ignored is ignored until its last day is over", () => {
  const ignore = [{ rule: RULE, reason: "a test", expires: "2026-06-30" }];
  const inMetadata = { Resources: { Key: { ...FAULTY.Resources.Key, Metadata: { stackproof: { ignore } } } } };
  for (const [now, suppressed] of [
    ["2026-06-30T23:00:00Z", 1],
    ["2026-07-01T00:00:00Z", 0],
  ]) {
    assert.equal(check(FAULTY, { now, config: { ignore } }).summary.suppressed, suppressed);
    assert.equal(check(inMetadata, { now }).summary.suppressed, suppressed);
  }
});

test("what cannot be read is in the report, not thrown", () => {
  for (const input of [
    "",
    "{",
    "a: b",
    "\u0000\u0001",
    "[]",
    "null",
    { Other: 1 },
    new Uint8Array([0xff, 0xfe, 0x00]),
  ]) {
    const report = check(input);
    assert.equal(report.errors.length, 1, JSON.stringify(input));
    assert.ok(report.errors[0].message.length > 5);
    assert.deepEqual(report.findings, []);
  }
});

test("a template without resources is an empty result", () => {
  const report = check({ Resources: {} });
  assert.deepEqual([report.errors, report.findings, report.inputs[0].resources], [[], [], 0]);
});

test("what is refused is a StackproofError of kind usage", () => {
  for (const wrong of [
    { preset: "none" },
    { rules: ["kms-rotatoin"] },
    { config: { rules: { nope: "off" } } },
    { oops: 1 },
  ]) {
    assert.throws(
      () => check(FAULTY, wrong),
      (error) => error instanceof StackproofError && error.code === "usage",
    );
  }
  assert.throws(() => check(FAULTY, { rules: ["kms-rotatoin"] }), /kms-rotation/, "with a suggestion");
  assert.throws(() => explain("kms-rotatoin"), /kms-rotation/);
});

test("a broken configuration names its line", () => {
  assert.throws(
    () => check(FAULTY, { config: '{\n  "preset": ,\n}' }),
    (error) => error.line === 2 && error.code === "usage",
  );
});

test("rules, explain and version", async () => {
  await load();
  const rule = rules().find(({ id }) => id === RULE);
  assert.equal(rule.severity, "high");
  assert.ok(rule.title && rule.docs && rule.parameters && rule.preset && rule.since);
  assert.match(explain(RULE), new RegExp(`# ${RULE}`));
  assert.equal(version(), require("../../package.json").version);
});

test("require gives the very same functions", () => {
  assert.equal(require("stackproof").check, check);
});

test("the IAM evaluator answers", () => {
  const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] };
  const request = {
    principal: "arn:aws:iam::111122223333:user/a",
    principalAccount: "111122223333",
    action: "s3:GetObject",
    resource: "arn:aws:s3:::b/c",
    resourceAccount: "111122223333",
    context: {},
  };
  const answers = access([
    { name: "yes", policies: [{ kind: "identity", document: policy }], request },
    { name: "no", policies: [], request },
  ]);
  assert.deepEqual(
    answers.map(({ name, decision }) => [name, decision]),
    [
      ["yes", "allow"],
      ["no", "implicit-deny"],
    ],
  );
});
