// The analyzer protocol, spoken by a client of ours to the pack's server, over a core of made-up rules.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileArchive, packFolder, secret, start, UNKNOWN, urn } from "./client.mjs";

const PACK = packFolder("protocol/pack");
const KEY = "aws:kms/key:Key";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";
const folder = mkdtempSync(join(tmpdir(), "stackproof-protocol-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("the pack over the analyzer protocol", () => {
  const questions = join(folder, "questions");
  const report = join(folder, "report.json");
  const asked = () =>
    readFileSync(questions, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  let pack;
  before(async () => {
    pack = await start(PACK, { QUESTIONS: questions, STACKPROOF_REPORT: report });
    await pack.configureStack();
  });
  after(() => pack.stop());

  it("answers the handshake and says its version", async () => {
    await pack.handshake();
    assert.equal((await pack.pluginInfo()).version, "9.9.9");
  });

  it("advertises one policy per rule, with level, schema and documentation", async () => {
    const info = await pack.info();
    assert.equal(info.name, "stackproof");
    assert.equal(info.supportsconfig, true);
    const rows = info.policiesList.map((policy) => [
      policy.name,
      policy.enforcementlevel,
      policy.policyType,
      policy.url,
    ]);
    assert.deepEqual(rows, [
      ["rotation", 0, 1, "https://example.test/rotation"], // medium: advisory
      ["strong", 1, 1, "https://example.test/strong"], // critical: mandatory
      ["pair", 1, 2, "https://example.test/pair"],
      ["quiet", 2, 1, "https://example.test/quiet"], // off: disabled
    ]);
    const schema = info.policiesList[0].configschema.properties.fieldsMap;
    assert.equal(schema[0][0], "allowed");
  });

  it("reports a resource's violations with fix and link, and asks the core once for it", async () => {
    const before = asked0();
    const { diagnostics } = await pack.analyze(KEY, "key", { description: "weak", tags: { a: secret("x") } });
    assert.deepEqual(
      diagnostics.map(({ policy, level, urn }) => [policy, level, urn]),
      [
        ["rotation", "advisory", urn(KEY, "key")],
        ["strong", "mandatory", urn(KEY, "key")],
      ],
    );
    assert.match(
      diagnostics[0].message,
      /^rotation says no\nAt: enableKeyRotation\nFix: Set enableKeyRotation to true\nMore: https:\/\/example\.test\/rotation$/,
    );
    const [question, ...more] = asked().slice(before);
    assert.deepEqual(more, []);
    assert.equal(question.kind, "pulumi-resources");
    assert.deepEqual(question.rules, ["rotation", "strong"]);
    assert.deepEqual(
      [question.document.project, question.document.stack, question.document.preview],
      ["demo", "dev", true],
    );
    const [provider, key] = question.document.resources;
    assert.equal(provider.inputs.region, "eu-west-1");
    assert.equal(key.provider, `${provider.urn}::${UNKNOWN}`);
    assert.deepEqual(key.inputs.tags.a, secret("x"));
  });

  it("gives a milder sub-case of a critical rule its own level", async () => {
    const { diagnostics } = await pack.analyze(KEY, "key", { enableKeyRotation: true, description: "meh" });
    assert.deepEqual(
      diagnostics.map(({ policy, level }) => [policy, level]),
      [["strong", "advisory"]],
    );
  });

  it("lists what it cannot decide as not applicable, not as passed", async () => {
    const { diagnostics, notApplicable } = await pack.analyze(KEY, "key", { enableKeyRotation: UNKNOWN });
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(notApplicable, [
      { policy: "rotation", reason: "undetermined: enableKeyRotation is not known yet" },
    ]);
  });

  it("judges the stack by inputs and outputs together, and repeats nothing that it said per resource", async () => {
    await pack.analyze(KEY, "key", { description: "no logs" });
    await pack.analyze(GROUP, "group", { kmsKeyId: UNKNOWN });
    const { diagnostics } = await pack.analyzeStack([
      { type: "pulumi:pulumi:Stack", name: "demo-dev", properties: {} },
      { type: KEY, name: "key", properties: { id: UNKNOWN, arn: UNKNOWN } },
      {
        type: GROUP,
        name: "group",
        properties: { id: UNKNOWN },
        propertyDependencies: { kmsKeyId: [urn(KEY, "key")] },
      },
    ]);
    assert.deepEqual(
      diagnostics.map(({ policy, level, urn }) => [policy, level, urn]),
      [["pair", "mandatory", urn(GROUP, "group")]],
    );
    const { rules, document } = asked().at(-1);
    assert.deepEqual(rules, ["pair"]);
    const key = document.resources.find((resource) => resource.type === KEY);
    assert.deepEqual([key.inputs, key.outputs], [{ description: "no logs" }, { id: UNKNOWN, arn: UNKNOWN }]);
  });

  it("writes the report that was asked for", () => {
    const written = JSON.parse(readFileSync(report, "utf8"));
    assert.deepEqual(written.inputs, [{ file: "demo/dev", kind: "pulumi-resources", resources: 5 }]);
    assert.equal(written.findings.filter((finding) => finding.rule === "pair").length, 1);
    assert.equal(written.summary.undetermined, 1);
  });

  it("turns a fault of the core into an error of the call, and goes on serving", async () => {
    await assert.rejects(pack.analyze(KEY, "key", { description: "throw" }), /stackproof: the core broke/);
    assert.equal((await pack.analyze(KEY, "key", { description: "weak" })).diagnostics.length, 2);
  });

  it("follows the policy configuration: levels, parameters, off and on", async () => {
    await pack.configure({
      rotation: { enforcementLevel: "mandatory", allowed: false },
      strong: { enforcementLevel: "disabled" },
      quiet: { enforcementLevel: "advisory" },
    });
    const set = await pack.analyze(KEY, "key", { description: "weak" });
    assert.deepEqual(
      set.diagnostics.map(({ policy, level }) => [policy, level]),
      [
        ["rotation", "mandatory"],
        ["quiet", "advisory"],
      ],
    );
    await pack.configure({ rotation: { enforcementLevel: "mandatory", allowed: true } });
    assert.deepEqual((await pack.analyze(KEY, "key", {})).diagnostics, []);
  });

  it("refuses a policy that does not exist, with the nearest that does", async () => {
    await assert.rejects(
      pack.configure({ rotaton: { enforcementLevel: "mandatory" } }),
      /no rule `rotaton`; did you mean `rotation`\?/,
    );
  });

  it("remediates only policies that are set to remediate, keeping secrets, defaults and unknowns", async () => {
    const properties = { description: secret("d"), tags: { a: UNKNOWN }, __defaults: ["name"] };
    await pack.configure({ rotation: { enforcementLevel: "advisory" } });
    assert.deepEqual(await pack.remediate(KEY, "key", properties), []);
    await pack.configure({ rotation: { enforcementLevel: "remediate" } });
    assert.deepEqual(await pack.remediate(KEY, "key", properties), [
      { policy: "rotation", properties: { ...properties, enableKeyRotation: true } },
    ]);
    assert.deepEqual(await pack.remediate(KEY, "key", { enableKeyRotation: secret(false) }), [
      { policy: "rotation", properties: { enableKeyRotation: secret(true) } },
    ]);
  });

  it("leaves a resource alone that carries an asset, or a value that is not known", async () => {
    assert.deepEqual(await pack.remediate(KEY, "key", { code: fileArchive("./app") }), []);
    assert.deepEqual(await pack.remediate(KEY, "key", { enableKeyRotation: UNKNOWN }), []);
    assert.deepEqual(await pack.remediate(KEY, "key", { enableKeyRotation: true }), []);
  });

  it("makes a violation that remediation left behind mandatory", async () => {
    assert.equal((await pack.analyze(KEY, "key", {})).diagnostics[0].level, "mandatory");
  });

  it("ends on cancel without a fuss, and has written nothing but its port on standard output", async () => {
    await pack.cancel();
    assert.deepEqual(pack.stdout.length, 1);
  });

  function asked0() {
    try {
      return asked().length;
    } catch {
      return 0;
    }
  }
});

describe("the pack's configuration file", () => {
  const config = join(folder, "stackproof.config.json");
  const withConfig = async (text, use, env = { STACKPROOF_CONFIG: config }) => {
    writeFileSync(config, text);
    const pack = await start(PACK, env);
    try {
      await use(pack);
    } finally {
      await pack.stop();
    }
  };
  const levels = async (pack) => (await pack.info()).policiesList.map((policy) => policy.enforcementlevel);

  it("is the one that STACKPROOF_CONFIG names", () =>
    withConfig('{"failOn":"medium"}', async (pack) => assert.deepEqual(await levels(pack), [1, 1, 1, 2])));

  it("stops the engine where it is broken or missing", async () => {
    await withConfig("broken", (pack) => assert.rejects(pack.info(), /the configuration is broken at line 1/));
    await withConfig("{}", (pack) => assert.rejects(pack.info(), /cannot be read.*absent\.json/), {
      STACKPROOF_CONFIG: join(folder, "absent.json"),
    });
  });
});
