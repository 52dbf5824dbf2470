// The ready-made pack with the real rules, over the analyzer protocol; and what `stackproof/pulumi` offers for packs of one's own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { LEVELS, secret, start, UNKNOWN, urn } from "./client.mjs";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const PACK = join(root, "pulumi-pack");
const { rules, version } = require("../../../dist/index.js");
const { writePack } = require("../../../dist/pulumi/index.js");
const folder = mkdtempSync(join(tmpdir(), "stackproof-pack-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function withPack(config, use) {
  const path = join(folder, "config.yaml");
  writeFileSync(path, config);
  const pack = await start(PACK, { STACKPROOF_CONFIG: path });
  try {
    return await use(pack);
  } finally {
    await pack.stop();
  }
}
const levels = async (pack) =>
  Object.fromEntries(
    (await pack.info()).policiesList.map(({ name, enforcementlevel }) => [name, LEVELS[enforcementlevel]]),
  );

describe("the ready-made pack", () => {
  it("has the package's version", () => {
    const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8")).version;
    assert.equal(read("pulumi-pack/package.json"), read("package.json"));
    assert.equal(version(), read("package.json"));
  });

  it("advertises every rule, with the level that preset, severity and fail level give it", () =>
    withPack("preset: all\nfailOn: critical\n", async (pack) => {
      const expected = rules().map(({ id, severity }) => [id, severity === "critical" ? "mandatory" : "advisory"]);
      assert.ok(expected.length > 0);
      assert.deepEqual(await levels(pack), Object.fromEntries(expected));
    }));

  it("disables what preset or configuration leave out, and takes severities from the configuration", () =>
    withPack(
      "preset: dev\nrules: { kms-rotation: { level: critical }, kms-policy-cloudwatch-logs: off }\n",
      async (pack) => {
        const found = await levels(pack);
        assert.equal(found["kms-rotation"], "mandatory");
        assert.equal(found["kms-policy-cloudwatch-logs"], "disabled");
      },
    ));

  it("refuses a rule that does not exist, in the configuration file and in the policy configuration", async () => {
    await withPack("rules: { kms-rotatoin: off }\n", (pack) =>
      assert.rejects(pack.info(), /did you mean kms-rotation/),
    );
    await withPack("{}\n", (pack) =>
      assert.rejects(pack.configure({ "kms-rotatoin": { enforcementLevel: "advisory" } }), /did you mean kms-rotation/),
    );
  });

  it("refuses a parameter that a rule does not have", () =>
    withPack("{}\n", (pack) =>
      assert.rejects(pack.configure({ "kms-rotation": { enforcementLevel: "advisory", nonsense: 1 } }), /nonsense/),
    ));

  it("offers the configured parameters as the defaults of a policy's schema", () => {
    const rule = rules().find(({ parameters }) =>
      Object.values(parameters.properties).some(({ type }) => type === "number"),
    );
    const [name] = Object.entries(rule.parameters.properties).find(([, { type }]) => type === "number");
    return withPack(`rules: { ${rule.id}: { ${name}: 7 } }\n`, async (pack) => {
      const policy = (await pack.info()).policiesList.find((one) => one.name === rule.id);
      const fields = new Map(policy.configschema.properties.fieldsMap);
      const schema = new Map(fields.get(name).structValue.fieldsMap);
      assert.equal(schema.get("default").numberValue, 7);
    });
  });
});

describe("the rules on what the engine shows", () => {
  const KEY = "aws:kms/key:Key";
  const GROUP = "aws:cloudwatch/logGroup:LogGroup";
  const LOGS_ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"];
  const found = ({ diagnostics }) => diagnostics.map(({ policy, urn }) => `${policy} ${urn.split("::").at(-1)}`);
  const policy = (...services) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::471293851604:root" }, Action: "kms:*", Resource: "*" },
        ...services.map((Service) => ({
          Effect: "Allow",
          Principal: { Service },
          Action: LOGS_ACTIONS,
          Resource: "*",
        })),
      ],
    });

  it("follow the reference of a log group to a key that does not exist yet", () =>
    withPack("rules: { kms-rotation: off }\n", async (pack) => {
      await pack.configureStack();
      const check = async (keyPolicy) => {
        assert.deepEqual(found(await pack.analyze(KEY, "key", { policy: keyPolicy })), []);
        assert.deepEqual(found(await pack.analyze(GROUP, "group", { kmsKeyId: UNKNOWN })), []);
        return pack.analyzeStack([
          { type: KEY, name: "key", properties: { id: UNKNOWN, arn: UNKNOWN, policy: keyPolicy } },
          {
            type: GROUP,
            name: "group",
            properties: { kmsKeyId: UNKNOWN },
            propertyDependencies: { kmsKeyId: [urn(KEY, "key")] },
          },
        ]);
      };
      assert.deepEqual(found(await check(policy())), ["kms-policy-cloudwatch-logs group"]);
      assert.deepEqual(found(await check(policy("logs.amazonaws.com"))), []);
      const undetermined = await check(UNKNOWN);
      assert.deepEqual(found(undetermined), []);
      assert.ok(undetermined.notApplicable.some((one) => one.policy === "kms-policy-cloudwatch-logs"));
    }));

  it("remediate by the rule's own fix, in the names of the resource at hand", () =>
    withPack("preset: all\n", async (pack) => {
      await pack.configure({ "kms-rotation": { enforcementLevel: "remediate" } });
      const properties = { description: secret("for logs"), enableKeyRotation: false, __defaults: [] };
      assert.deepEqual(await pack.remediate(KEY, "key", properties), [
        { policy: "kms-rotation", properties: { ...properties, enableKeyRotation: true } },
      ]);
      const { enableKeyRotation: _, ...absent } = properties;
      assert.deepEqual(await pack.remediate(KEY, "key", absent), [
        { policy: "kms-rotation", properties: { ...properties, enableKeyRotation: true } },
      ]);
      assert.deepEqual(await pack.remediate(KEY, "key", { enableKeyRotation: true }), []);
      assert.deepEqual(await pack.remediate(KEY, "key", { enableKeyRotation: UNKNOWN }), []);
    }));

  it("remediate a policy inside its text, and leave one alone that is not known", () =>
    withPack("preset: all\n", async (pack) => {
      const POLICY = "aws:iam/policy:Policy";
      await pack.configure({ "iam-sid-format": { enforcementLevel: "remediate" } });
      const text = (Sid) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Sid, Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }],
        });
      assert.deepEqual(await pack.remediate(POLICY, "read", { policy: text("read-data") }), [
        { policy: "iam-sid-format", properties: { policy: text("readdata") } },
      ]);
      assert.deepEqual(await pack.remediate(POLICY, "read", { policy: text("ReadData") }), []);
      assert.deepEqual(await pack.remediate(POLICY, "read", { policy: UNKNOWN }), []);
    }));

  it("never print a secret", () =>
    withPack("preset: all\n", async (pack) => {
      const answers = await pack.analyze(KEY, "key", {
        enableKeyRotation: false,
        description: secret("hunter2-hunter2"),
      });
      assert.ok(answers.diagnostics.length > 0);
      assert.doesNotMatch(JSON.stringify(answers), /hunter2/);
    }));
});

describe("a pack of one's own", () => {
  it("is written into a new folder only", () => {
    const target = join(folder, "written");
    assert.deepEqual(writePack(target, { name: "ours", kind: "own" }), [
      "PulumiPolicy.yaml",
      "package.json",
      "index.js",
    ]);
    assert.match(readFileSync(join(target, "index.js"), "utf8"), /new PolicyPack\("ours"/);
    assert.throws(() => writePack(target), /is not empty/);
  });

  it("takes stackproof's policies as @pulumi/policy types them", () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, "tests/e2e/pulumi/own-pack")], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout);
  });
});
