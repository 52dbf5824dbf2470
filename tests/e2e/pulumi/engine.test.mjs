// How the pack and the real engine work together, over a core of made-up rules (protocol/core.cjs).
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packFolder } from "./client.mjs";
import { ENGINE, messages, project, readJson, skip, violations, workspace } from "./engine.mjs";

const PACK = packFolder("protocol/pack");
const KEY = "aws:kms/key:Key";
const program = (description, rest = "") => `
  const aws = require("@pulumi/aws");
  const key = new aws.kms.Key("key", { description: ${JSON.stringify(description)}, enableKeyRotation: false });
  ${rest}`;
const GROUP = `new aws.cloudwatch.LogGroup("group", { kmsKeyId: key.arn });`;

describe(ENGINE, { skip, concurrency: 2 }, () => {
  let space;
  before(() => {
    space = workspace();
  });
  after(() => space.remove());

  it("stops a preview at a mandatory violation and shows fix and link", async () => {
    const faulty = await project(space, "faulty", program("weak"));
    const result = await faulty.preview(PACK);
    assert.equal(result.status, 1, result.output);
    assert.deepEqual(violations(result), [`rotation advisory ${KEY} key`, `strong mandatory ${KEY} key`]);
    assert.ok(
      messages(result).some((message) => message.includes("Fix: Set enableKeyRotation to true\nMore: https://")),
    );
  });

  it("lets a mended program through", async () => {
    const mended = await project(space, "mended", program("fine").replace("false", "true"));
    const result = await mended.preview(PACK);
    assert.equal(result.status, 0, result.output);
    assert.deepEqual(violations(result), []);
  });

  it("lets advisory violations through", async () => {
    const advisory = await project(space, "advisory", program("fine"));
    const result = await advisory.preview(PACK);
    assert.equal(result.status, 0, result.output);
    assert.deepEqual(violations(result), [`rotation advisory ${KEY} key`]);
  });

  it("shows at a first preview what follows a reference to a key that does not exist yet", async () => {
    const pair = await project(space, "pair", program("no logs", GROUP));
    const result = await pair.preview(PACK);
    assert.equal(result.status, 1, result.output);
    assert.deepEqual(violations(result), [
      "pair mandatory aws:cloudwatch/logGroup:LogGroup group",
      `rotation advisory ${KEY} key`,
    ]);
  });

  it("stops `up --skip-preview` before the resource of a resource rule is created", async () => {
    const faulty = await project(space, "up-resource", program("weak"));
    const result = await faulty.up(PACK);
    assert.equal(result.status, 1, result.output);
    assert.deepEqual(
      (await faulty.state()).filter((resource) => resource.type === KEY),
      [],
    );
  });

  it("fails `up --skip-preview` by a stack rule only after everything is created", async () => {
    const faulty = await project(space, "up-stack", program("no logs", GROUP));
    const result = await faulty.up(PACK);
    assert.equal(result.status, 1, result.output);
    assert.ok(violations(result).includes("pair mandatory aws:cloudwatch/logGroup:LogGroup group"));
    assert.equal((await faulty.state()).filter((resource) => resource.type.startsWith("aws:")).length, 2);
  });

  it("follows --policy-pack-config", async () => {
    const faulty = await project(space, "config", program("weak"));
    const softer = await faulty.preview(PACK, { strong: "advisory", rotation: { allowed: true } });
    assert.equal(softer.status, 0, softer.output);
    assert.deepEqual(violations(softer), [`strong advisory ${KEY} key`]);
    const harder = await faulty.preview(PACK, {
      strong: "disabled",
      rotation: { enforcementLevel: "mandatory" },
      quiet: "advisory",
    });
    assert.equal(harder.status, 1, harder.output);
    assert.deepEqual(violations(harder), [`quiet advisory ${KEY} key`, `rotation mandatory ${KEY} key`]);
    const wrong = await faulty.preview(PACK, { rotation: { allowed: "yes" } });
    assert.equal(wrong.status, 1);
    assert.match(wrong.output, /rotation: allowed: Invalid type/);
    const unknown = await faulty.preview(PACK, { rotaton: { enforcementLevel: "mandatory" } });
    assert.equal(unknown.status, 1);
    assert.match(unknown.output, /did you mean `rotation`/);
  });

  it("remediates what is set to remediate, at preview and in the update", async () => {
    const faulty = await project(space, "remediate", program("fine"));
    const config = { rotation: "remediate" };
    const preview = await faulty.preview(PACK, config);
    assert.equal(preview.status, 0, preview.output);
    const [remediation, ...more] = preview.events.flatMap(({ policyRemediationEvent: event }) =>
      event ? [event] : [],
    );
    assert.deepEqual(more, []);
    assert.equal(remediation.before.enableKeyRotation, false);
    assert.equal(remediation.after.enableKeyRotation, true);
    const update = await faulty.up(PACK, config);
    assert.equal(update.status, 0, update.output);
    const [key] = (await faulty.state()).filter((resource) => resource.type === KEY);
    assert.equal(key.inputs.enableKeyRotation, true);
  });

  it("reads the configuration file of the project's folder and writes the report where the user is", async () => {
    const faulty = await project(space, "files", program("fine"), { "stackproof.config.json": '{"failOn":"medium"}' });
    const result = await faulty.preview(PACK, undefined, { STACKPROOF_REPORT: "out.json" });
    assert.equal(result.status, 1, result.output);
    assert.deepEqual(violations(result), [`rotation mandatory ${KEY} key`]);
    const report = readJson(join(faulty.folder, "out.json"));
    assert.deepEqual(
      report.findings.map((finding) => finding.rule),
      ["rotation"],
    );
  });

  it("fails when the core does, and never passes", async () => {
    const faulty = await project(space, "throws", program("throw"));
    const result = await faulty.preview(PACK);
    assert.notEqual(result.status, 0);
    assert.match(result.output, /stackproof: the core broke/);
  });
});
