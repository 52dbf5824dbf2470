// The same infrastructure in every host: as a template, through the real `cdk synth`, as a Pulumi program through the pack
// (at the first preview, when almost nothing is known, and once it exists), and as the export of its stack. One table says
// what each must answer to the first twelve rules; a host that knows less says undetermined, and none contradicts another.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { project as cdkProject, synth } from "../cdk/cdk.mjs";
import { ENGINE, project, readJson, root, skip, workspace } from "./engine.mjs";
import { RULES, template } from "./table/template.mjs";

const here = join(root, "tests/e2e/pulumi/table");
const PROGRAM = readFileSync(join(here, "program.js"), "utf8");

// At the first preview an output is not known: a policy that holds one is not known as a whole, and whether a queue's ARN will
// be there at all is not known from the target alone.
const HOSTS = ["template", "cdk synth", "first preview", "preview after the update", "stack export"];
const TABLES = {
  faulty: `
    kms-policy-cloudwatch-logs          fail fail fail         fail fail
    cloudtrail-bucket-policy            fail fail undetermined fail fail
    cloudtrail-advanced-selector-fields fail fail fail         fail fail
    unresolved-output-in-string         fail fail fail         fail fail
    account-singleton                   fail fail fail         fail fail
    logs-metric-filter-pattern          fail fail fail         fail fail
    iam-admin-wildcard                  fail fail fail         fail fail
    iam-cross-account-external-id       fail fail fail         fail fail
    events-target-dlq                   fail fail fail         fail fail
    lambda-timeout-max                  fail fail fail         fail fail
    logs-retention-required             fail fail fail         fail fail
    kms-rotation                        fail fail fail         fail fail`,
  mended: `
    kms-policy-cloudwatch-logs          pass pass pass         pass pass
    cloudtrail-bucket-policy            pass pass undetermined pass pass
    cloudtrail-advanced-selector-fields pass pass pass         pass pass
    unresolved-output-in-string         pass pass pass         pass pass
    account-singleton                   pass pass pass         pass pass
    logs-metric-filter-pattern          pass pass pass         pass pass
    iam-admin-wildcard                  pass pass undetermined pass pass
    iam-cross-account-external-id       pass pass pass         pass pass
    events-target-dlq                   pass pass undetermined pass pass
    lambda-timeout-max                  pass pass pass         pass pass
    logs-retention-required             pass pass pass         pass pass
    kms-rotation                        pass pass pass         pass pass`,
};

/** The rows of a table: rule → host → outcome. */
function rows(text) {
  const lines = text.trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [rule, ...outcomes] = line.trim().split(/\s+/);
      return [rule, Object.fromEntries(HOSTS.map((host, index) => [host, outcomes[index]]))];
    }),
  );
}

/** What a host says to each rule; and that it says it of the resources at fault and of no other. */
function column(findings, variant) {
  const outcomes = {};
  for (const [rule, culprits] of Object.entries(RULES)) {
    const own = findings.filter((finding) => finding.rule === rule);
    const failing = own.filter(({ outcome }) => outcome === "fail").map(({ name }) => name);
    if (variant === "faulty" && failing.length > 0) assert.equal(failing.sort().join(" "), culprits, rule);
    outcomes[rule] = failing.length > 0 ? "fail" : own.length > 0 ? "undetermined" : "pass";
  }
  return outcomes;
}

const fromReport = ({ errors, findings }) => {
  assert.deepEqual(errors, []);
  return findings.map(({ rule, outcome, resource }) => ({ rule, outcome, name: resource.id.split("::").at(-1) }));
};

const folder = mkdtempSync(join(tmpdir(), "stackproof-table-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function commandLine(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const args = ["check", "--no-config", "--preset", "all", "--format", "json", path];
  const done = spawnSync(process.execPath, [join(root, "dist/cli.js"), ...args], { encoding: "utf8" });
  assert.ok(done.status === 0 || done.status === 1, done.stderr);
  return fromReport(JSON.parse(done.stdout));
}

const ASK = {
  template: (_, variant) => commandLine(`${variant}.json`, JSON.stringify(template(variant === "faulty"))),

  "cdk synth"(context, variant) {
    const templateFile = join(folder, `${variant}.template.json`);
    writeFileSync(templateFile, JSON.stringify(template(variant === "faulty")));
    const options = { preset: "all", config: false, showUndetermined: true };
    const result = synth(cdkProject(context, "tests/e2e/pulumi/table"), { options, templateFile });
    const ours = result.report?.pluginReports.find(({ pluginName }) => pluginName === "stackproof");
    assert.ok(ours, result.output);
    return ours.violations.flatMap((violation) =>
      violation.violatingConstructs.map(({ cloudFormationResource }) => ({
        rule: violation.ruleName,
        outcome: /Not decided:/.test(violation.description) ? "undetermined" : "fail",
        name: cloudFormationResource.logicalId,
      })),
    );
  },
};

describe("the same infrastructure, in every host", () => {
  const seen = { faulty: {}, mended: {} };
  /** One test a host: what it says to all rules. */
  const compare = (variant, host, findings) => {
    seen[variant][host] = column(findings, variant);
    const wanted = Object.entries(rows(TABLES[variant])).map(([rule, row]) => [rule, row[host]]);
    assert.deepEqual(seen[variant][host], Object.fromEntries(wanted));
  };

  it("has every rule in both tables", () => {
    for (const table of Object.values(TABLES)) assert.deepEqual(Object.keys(rows(table)), Object.keys(RULES));
  });

  for (const variant of Object.keys(TABLES)) {
    for (const [host, ask] of Object.entries(ASK)) {
      it(`${variant}: ${host}`, (context) => compare(variant, host, ask(context, variant)));
    }
  }

  describe(ENGINE, { skip }, () => {
    let space;
    before(() => {
      space = workspace();
    });
    after(() => space.remove());

    for (const variant of Object.keys(TABLES)) {
      it(`${variant}: Pulumi, before and after the update, and the export`, async () => {
        const config = { "stackproof.config.json": '{ "preset": "all" }' };
        const program = `const faulty = ${variant === "faulty"};\n${PROGRAM}`;
        const stack = await project(space, variant, program, config);
        await stack.run(["config", "set", "aws:region", "eu-west-1", "-s", "t"]);
        // What is found shall not stop the update.
        const levels = { all: "advisory" };
        const preview = async (name) => {
          const result = await stack.preview(join(root, "pulumi-pack"), levels, { STACKPROOF_REPORT: name });
          assert.equal(result.status, 0, result.output);
          return fromReport(readJson(join(stack.folder, name)));
        };
        compare(variant, "first preview", await preview("before.json"));
        const update = await stack.up(join(root, "pulumi-pack"), levels);
        assert.equal(update.status, 0, update.output);
        compare(variant, "preview after the update", await preview("after.json"));
        const { stdout } = await stack.run(["stack", "export", "-s", "t"]);
        compare(variant, "stack export", commandLine(`${variant}.state.json`, stdout));
      });
    }
  });

  it("no host says pass where another says fail", () => {
    for (const [variant, hosts] of Object.entries(seen)) {
      assert.ok(Object.keys(hosts).length >= 2);
      for (const rule of Object.keys(RULES)) {
        const outcomes = new Set(Object.values(hosts).map((outcomes) => outcomes[rule]));
        assert.ok(!(outcomes.has("pass") && outcomes.has("fail")), `${variant}: ${rule}`);
      }
    }
  });
});
