// The programs in examples/pulumi, through the ready-made pack: what the documents that the project came from say must be found,
// and nothing where they are mended.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { invalidReport } from "../../schema.mjs";
import { ENGINE, project, readJson, root, skip, violations, workspace } from "./engine.mjs";

const PACK = join(root, "pulumi-pack");
const EXAMPLES = join(root, "examples/pulumi");
const rulesOf = (result) => [...new Set(violations(result).map((line) => line.split(" ", 2).join(" ")))].sort();
const mandatory = (result) => rulesOf(result).filter((line) => line.endsWith(" mandatory"));

describe(ENGINE, { skip, concurrency: 2 }, () => {
  let space;
  before(() => {
    space = workspace();
  });
  after(() => space.remove());
  const example = (name) => project(space, name.replace("/", "-"), { folder: join(EXAMPLES, name) });

  it("audit-trail, broken: the selectors fail at the first preview, where the bucket policy is still undetermined", async () => {
    const broken = await example("audit-trail/broken");
    const result = await broken.preview(PACK, undefined, { STACKPROOF_REPORT: "report.json" });
    assert.equal(result.status, 1, result.output);
    assert.deepEqual(mandatory(result), ["cloudtrail-advanced-selector-fields mandatory"]);
    const written = readJson(join(broken.folder, "report.json"));
    assert.equal(invalidReport(written), "");
    const { findings } = written;
    assert.deepEqual(
      findings.filter((finding) => finding.rule === "cloudtrail-bucket-policy").map((finding) => finding.outcome),
      ["undetermined"],
    );
  });

  it("audit-trail, broken: the bucket policy fails the update, once the bucket's ARN is known", async () => {
    const broken = await project(space, "audit-trail-up", { folder: join(EXAMPLES, "audit-trail/broken") });
    const result = await broken.up(PACK, {
      "cloudtrail-advanced-selector-fields": "disabled",
      // What they find stops the update before the trail is looked at.
      "iam-service-wildcard-action": "disabled",
    });
    assert.equal(result.status, 1, result.output);
    assert.deepEqual(mandatory(result), ["cloudtrail-bucket-policy mandatory"]);
  });
});
