// The JSON Schemas that the package ships, against what stackproof writes and reads: a real validator judges.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { check, rules } from "stackproof";
import { closed, schema, validator } from "../schema.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixtures = readdirSync(join(root, "tests/rules"), { recursive: true })
  .filter((name) => /\.(cfn\.yaml|pulumi\.json)$/.test(name))
  .sort()
  .map((name) => join("tests/rules", name));

/** The names that objects have anywhere inside. */
function names(value, into = new Set()) {
  if (typeof value !== "object" || value === null) return into;
  if (!Array.isArray(value)) for (const name of Object.keys(value)) into.add(name);
  for (const one of Object.values(value)) names(one, into);
  return into;
}

const invalid = validator(closed(schema("report")));

test("reports of all fixtures of all rules are as the schema says, and use all of it", () => {
  const seen = new Set();
  let findings = 0;
  for (const file of fixtures) {
    const kind = file.endsWith(".pulumi.json") ? "pulumi-resources" : "cloudformation";
    const report = check({ name: file, kind, content: readFileSync(join(root, file)) }, { preset: "all" });
    assert.equal(invalid(report), "", file);
    names(report, seen);
    findings += report.findings.length;
  }
  assert.ok(fixtures.length > 1000 && findings > 1000, `${fixtures.length} fixtures, ${findings} findings`);
  const ignore = [{ rule: "*", reason: "a test", expires: "2999-12-31" }];
  const suppressed = check("Resources: {Key: {Type: AWS::KMS::Key}}", { config: { ignore } });
  const path = { "aws:cdk:path": "App/Key" };
  const artifacts = { A: { type: "aws:cloudformation:stack", properties: { templateFile: "A.template.json" } } };
  const template = { Resources: { Key: { Type: "AWS::KMS::Key", Metadata: path } } };
  const files = { "manifest.json": { version: "36.0.0", artifacts }, "A.template.json": template };
  const assembly = check({ name: "cdk.out", kind: "assembly", files });
  const twice = check('{"Resources": {}, "Resources": {}}');
  for (const report of [suppressed, assembly, twice, check("{")]) {
    assert.equal(invalid(report), "");
    names(report, seen);
  }
  const declared = Object.values(schema("report").definitions).flatMap(({ properties = {} }) =>
    Object.keys(properties),
  );
  const unused = declared.filter((name) => !seen.has(name));
  assert.deepEqual(unused, []);
});

const folder = mkdtempSync(join(tmpdir(), "stackproof-schema-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("reports of the command line are as the schema says", () => {
  writeFileSync(join(folder, "broken.json"), '{ "Resources": {,} }');
  writeFileSync(join(folder, "empty.json"), '{ "Resources": {} }');
  const templates = fixtures.filter((file) => file.endsWith(".cfn.yaml")).slice(0, 300);
  for (const paths of [["examples"], templates, [join(folder, "broken.json"), "nowhere.yaml"], [folder]]) {
    const args = [join(root, "dist/cli.js"), "check", "--no-config", "--preset", "all", "--format", "json", ...paths];
    const done = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
    assert.ok([0, 1, 2].includes(done.status), done.stderr);
    assert.equal(invalid(JSON.parse(done.stdout)), "");
  }
});

test("the list of rules is as its schema says", () => {
  assert.equal(validator(closed(schema("rules")))(rules()), "");
});

const TEMPLATE = "Resources: {}";
const WITH_PARAMETER = rules().filter(({ parameters }) => Object.keys(parameters.properties).length > 0);

/** A value of the wrong type and one of the right type for a parameter's schema. */
function values({ type, items }) {
  if (type === "array") return [[items.type === "string" ? "x" : 1], [items.type === "string" ? 1 : "x"]];
  return { number: [1, "1"], boolean: [true, "true"], string: ["x", 1], object: [{}, []] }[type];
}

const CONFIGURATIONS = [
  {},
  { $schema: "./node_modules/stackproof/dist/schema/config.json" },
  ...["dev", "recommended", "enhanced", "production", "prod", "all", "none", 1, null].map((preset) => ({ preset })),
  ...["critical", "high", "medium", "low", "info", "off", true].map((failOn) => ({ failOn })),
  ...[true, false, "true", null].map((strict) => ({ strict })),
  ...["123456789012", 123456789012, true, null, []].map((account) => ({ account, region: "eu-west-1" })),
  { failon: "high" },
  { parameters: { A: "x", B: 1, C: false } },
  { parameters: { A: ["x"] } },
  { parameters: ["A"] },
  { stacks: { "*-prod": { account: "1", region: "r", environment: "prod", parameters: { A: "x" } } } },
  { stacks: { x: { preset: "all" } } },
  { stacks: { x: null } },
  { stacks: [] },
  { rules: { "no-such-rule": "off" } },
  { rules: [] },
  ...["off", "on", "low", "none", true, false, 1, null, {}, { level: "off" }, { level: "info" }].map((setting) => ({
    rules: { "kms-rotation": setting },
  })),
  ...[{ level: "on" }, { level: true }, { level: null }, { nothing: 1 }].map((setting) => ({
    rules: { "kms-rotation": setting },
  })),
  ...WITH_PARAMETER.flatMap(({ id, parameters }) =>
    Object.entries(parameters.properties).flatMap(([name, one]) =>
      [...values(one), null].map((value) => ({ rules: { [id]: { [name]: value } } })),
    ),
  ),
  { ignore: [] },
  { ignore: {} },
  { ignore: [{ reason: "x" }] },
  { ignore: [{ rule: "kms-*", resource: "Sandbox*", reason: "thrown away nightly", expires: "2027-01-31" }] },
  { ignore: [{ rule: "kms-*" }] },
  ...["", "  ", null, 1].map((reason) => ({ ignore: [{ reason }] })),
  ...["2027-1-31", "2027-13-01", "2027-01-32", "soon", 20270131, null].map((expires) => ({
    ignore: [{ reason: "x", expires }],
  })),
  { ignore: [{ reason: "x", until: "2027-01-31" }] },
  { ignore: ["x"] },
];

test("the configuration's schema accepts what stackproof accepts, and nothing else", () => {
  const wrong = validator(schema("config"));
  let refused = 0;
  for (const config of CONFIGURATIONS) {
    const core = refusal(config);
    const verdict = wrong(config);
    assert.equal(verdict === "", core === "", `${JSON.stringify(config)}: schema: ${verdict}; stackproof: ${core}`);
    refused += Number(core !== "");
  }
  assert.ok(refused > 30 && CONFIGURATIONS.length - refused > 30, `${refused} of ${CONFIGURATIONS.length}`);
});

function refusal(config) {
  try {
    check(TEMPLATE, { config });
    return "";
  } catch (error) {
    assert.equal(error.code, "usage");
    return error.message;
  }
}

test("the README's configuration is one", () => {
  const [, text] = /```json\n(\{\n {2}"\$schema"[^`]*)```/.exec(readFileSync(join(root, "README.md"), "utf8"));
  assert.equal(validator(schema("config"))(JSON.parse(text)), "");
});
