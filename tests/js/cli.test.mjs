// The command line, as a program: what it prints where, and its exit codes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const top = mkdtempSync(join(tmpdir(), "stackproof-cli-"));
after(() => rmSync(top, { recursive: true, force: true }));

const RULE = "kms-rotation";
const FAULTY = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      Enabled: true\n";
const MENDED = `${FAULTY}      EnableKeyRotation: true\n`;
const UNKNOWN = `Parameters:\n  Turn: { Type: String }\n${FAULTY}      EnableKeyRotation: !Ref Turn\n`;

/** Why a test about files of Unix does not run, or `false`. */
const WINDOWS = process.platform === "win32" && "Windows has none of this";
const ROOT = process.getuid?.() === 0 && "root may read everything";

let count = 0;
/** A folder with these files. */
function folder(files) {
  count += 1;
  const made = join(top, String(count));
  for (const [name, content] of Object.entries({ ".keep": "", ...files })) {
    mkdirSync(dirname(join(made, name)), { recursive: true });
    writeFileSync(
      join(made, name),
      typeof content === "object" && !Buffer.isBuffer(content) ? JSON.stringify(content) : content,
    );
  }
  return made;
}

function run(cwd, args, { input = "", env = {} } = {}) {
  const done = spawnSync(process.execPath, [cli, ...args], {
    cwd,
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, ...env },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

function report(cwd, ...args) {
  const { code, out, err } = run(cwd, ["check", "--format", "json", ...args]);
  return { code, err, ...JSON.parse(out) };
}

const ids = ({ findings }) => findings.map(({ rule }) => rule);

test("0 where all is well, 1 where something is found, and it says where", () => {
  const at = folder({ "bad.yaml": FAULTY, "good.yaml": MENDED });
  assert.deepEqual([run(at, ["check", "good.yaml"]).code, run(at, ["check", "bad.yaml"]).code], [0, 1]);
  const { out } = run(at, ["check", "bad.yaml"]);
  assert.match(out, new RegExp(`high\\[${RULE}\\]`));
  assert.match(out, /bad\.yaml:2:3/);
  assert.match(out, /2 \| {3}Key:\n.*\^\^\^/);
});

test("--fail-on moves the line between 0 and 1", () => {
  const at = folder({ "bad.yaml": FAULTY });
  assert.equal(run(at, ["check", "--fail-on", "critical", "bad.yaml"]).code, 0);
  assert.equal(run(at, ["check", "--fail-on", "low", "bad.yaml"]).code, 1);
});

test("--rule, --skip and --severity choose what is reported", () => {
  const at = folder({ "bad.yaml": FAULTY });
  assert.deepEqual(ids(report(at, "--rule", RULE, "bad.yaml")), [RULE]);
  assert.deepEqual(ids(report(at, "--skip", `other-*,${RULE}`.replace("other-*,", ""), "bad.yaml")), []);
  assert.deepEqual(ids(report(at, "--severity", "critical", "bad.yaml")), []);
});

test("what cannot be decided is counted, listed on request, and fails with --strict", () => {
  const at = folder({ "maybe.yaml": UNKNOWN });
  const plain = run(at, ["check", "maybe.yaml"]);
  assert.equal(plain.code, 0);
  assert.match(plain.out, /1 undetermined/);
  assert.doesNotMatch(plain.out, new RegExp(`\\[${RULE}\\]`));
  assert.match(run(at, ["check", "--show", "undetermined", "maybe.yaml"]).out, new RegExp(RULE));
  assert.equal(run(at, ["check", "--strict", "maybe.yaml"]).code, 1);
  const [finding] = report(at, "maybe.yaml").findings;
  assert.equal(finding.outcome, "undetermined");
  assert.ok(finding.unknown.why);
});

for (const [name, file, content] of [
  ["is not there", "nope.yaml", undefined],
  ["is empty", "empty.yaml", ""],
  ["is broken JSON", "broken.json", '{ "Resources": {,} }'],
  ["is broken YAML", "broken.yaml", "Resources:\n  A: [\n"],
  ["is YAML, and no template", "other.yaml", "name: x\n"],
  ["is binary", "binary.json", Buffer.from([0, 159, 146, 150, 0, 255])],
  ["is null", "null.json", "null"],
  ["is a list", "list.json", "[]"],
  ["is a comment", "comment.yaml", "# nothing yet\n"],
  ["goes on after its end", "trailing.json", '{"Resources": {}} x'],
  ["is two documents", "two.yaml", "Resources: {}\n---\nResources: {}\n"],
  ["is indented by a tab", "tab.yaml", FAULTY.replaceAll("    ", "\t")],
  ["is UTF-16 with its mark", "utf16.json", Buffer.from('\ufeff{"Resources": {}}', "utf16le")],
  ["is UTF-16 without one", "utf16.yaml", Buffer.from("Resources: {}", "utf16le")],
  ["is nested without end", "deep.json", `${'{"a":'.repeat(9000)}1${"}".repeat(9000)}`],
  ["expands without end", "aliases.yaml", bomb()],
  ["has a list of resources", "resources.yaml", "Resources: [x]\n"],
  ["has a resource that is none", "text.yaml", "Resources: {Key: AWS::KMS::Key}\n"],
  ["has a resource without a type", "untyped.yaml", "Resources: {Key: {Properties: {}}}\n"],
  ["is a symbolic link to nothing", "dangling.yaml", (path) => symlinkSync("nowhere", path)],
]) {
  test(`2 for an input that ${name}, with a reason and no stack trace; the others are still checked`, () => {
    const made = typeof content === "function";
    const at = folder({ "bad.yaml": FAULTY, ...(content !== undefined && !made && { [file]: content }) });
    if (made) content(join(at, file));
    const result = report(at, file, "bad.yaml");
    assert.equal(result.code, 2);
    assert.equal(result.errors.length, 1);
    assert.equal(result.errors[0].file, file);
    assert.ok(result.errors[0].message.length > 5);
    assert.deepEqual(ids(result), [RULE]);
    const text = run(at, ["check", file]);
    assert.equal(text.code, 2);
    assert.match(text.out + text.err, new RegExp(file.replace(".", "\\.")));
    assert.doesNotMatch(text.out + text.err, /\n\s+at |wasm|panicked/);
  });
}

/** A YAML file whose aliases name each other's lists. */
function bomb() {
  const list = (name) => `[${Array(9).fill(`*${name}`).join(", ")}]`;
  const lines = Array.from({ length: 9 }, (_, at) => `a${at}: &a${at} ${at === 0 ? "[x]" : list(`a${at - 1}`)}`);
  return `${lines.join("\n")}\nResources: {}\n`;
}

test("UTF-16 is named, with what to do", () => {
  const at = folder({ "export.json": Buffer.from('\ufeff{"deployment": {}}', "utf16le") });
  assert.match(report(at, "export.json").errors[0].message, /UTF-16.*expected UTF-8.*PowerShell/);
});

for (const [name, content] of [
  ["with a byte order mark", `\ufeff${FAULTY}`],
  ["with CRLF", FAULTY.replaceAll("\n", "\r\n")],
  ["with CR alone", FAULTY.replaceAll("\n", "\r")],
]) {
  test(`a template ${name} is read, and its spans are those of its text`, () => {
    const result = report(folder({ "bad.yaml": content }), "bad.yaml");
    assert.deepEqual(ids(result), [RULE]);
    const plain = report(folder({ "bad.yaml": FAULTY }), "bad.yaml");
    assert.deepEqual(result.findings[0].location, plain.findings[0].location);
  });
}

test("of a logical id that comes twice the last counts, with a warning", () => {
  const key = (rotation) => `Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: ${rotation}}}`;
  const at = folder({
    "mended.yaml": `Resources: {${key(false)}, ${key(true)}}`,
    "broken.yaml": `Resources: {${key(true)}, ${key(false)}}`,
  });
  assert.deepEqual([report(at, "mended.yaml").code, report(at, "broken.yaml").code], [0, 1]);
  const { inputs, warnings } = report(at, "mended.yaml");
  assert.equal(inputs[0].resources, 1);
  assert.match(warnings[0].message, /Key stands twice/);
});

test("one huge line takes no longer than many short ones", () => {
  const description = "x".repeat(2000);
  const keys = Array.from({ length: 1500 }, (_, at) => [
    `Key${at}`,
    { Type: "AWS::KMS::Key", Properties: { Description: description, EnableKeyRotation: false } },
  ]);
  const template = { Resources: Object.fromEntries(keys) };
  const at = folder({ "line.json": JSON.stringify(template), "lines.json": JSON.stringify(template, undefined, 1) });
  const time = (name) => {
    const start = performance.now();
    const result = run(at, ["check", "--rule", RULE, name]);
    assert.equal(result.code, 1);
    assert.match(result.out, /"EnableKeyRotation":\s?false/);
    return performance.now() - start;
  };
  const [short, long] = [time("lines.json"), time("line.json")];
  assert.ok(long < 5 * short + 1000, `${long} ms against ${short} ms`);
});

test("links that lead back are followed once, and what is no file is left alone", { skip: WINDOWS }, () => {
  const at = folder({ "infra/bad.yaml": FAULTY });
  symlinkSync("..", join(at, "infra/up"));
  symlinkSync("self", join(at, "self"));
  spawnSync("mkfifo", [join(at, "infra/pipe.yaml")]);
  const result = report(at, ".");
  assert.deepEqual([result.code, result.inputs.length], [1, 1]);
});

test("a file that may not be read is an error with its reason", { skip: WINDOWS || ROOT }, () => {
  const at = folder({ "secret.yaml": FAULTY, "bad.yaml": FAULTY });
  chmodSync(join(at, "secret.yaml"), 0);
  const result = report(at, "secret.yaml", "bad.yaml");
  assert.equal(result.code, 2);
  assert.deepEqual(result.errors[0], { file: "secret.yaml", line: null, column: null, message: "permission denied" });
  assert.deepEqual(ids(result), [RULE]);
});

test("nothing on standard input is an error", () => {
  const result = run(folder({}), ["check", "-"], { input: "" });
  assert.equal(result.code, 2);
  assert.match(result.out + result.err, /<stdin>.*the file is empty/);
});

test("broken text is pointed at, with line and column", () => {
  const at = folder({ "broken.json": '{\n  "Resources": {,}\n}' });
  const [error] = report(at, "broken.json").errors;
  assert.deepEqual([error.line, error.column], [2, 17]);
});

test("0 for a template without resources, 2 for a folder without infrastructure", () => {
  const at = folder({ "empty.json": { Resources: {} }, "sub/package.json": { name: "x" }, "sub/data.yaml": "a: 1" });
  assert.equal(report(at, "empty.json").code, 0);
  const nothing = report(at, "sub");
  assert.equal(nothing.code, 2);
  assert.match(nothing.errors[0].message, /no infrastructure/);
});

test("nulls anywhere are no crash", () => {
  const at = folder({
    "a.json": { Resources: null },
    "b.json": {
      Resources: {
        A: null,
        B: { Type: null, Properties: null },
        C: { Type: "AWS::KMS::Key", Properties: { KeyPolicy: null } },
      },
    },
    "c.json": {
      Resources: { A: { Type: "AWS::S3::BucketPolicy", Properties: { PolicyDocument: { Statement: [null] } } } },
      Parameters: null,
      Conditions: null,
    },
  });
  for (const name of ["a.json", "b.json", "c.json"])
    assert.notEqual(run(at, ["check", "--preset", "all", name]).code, 3, name);
});

test("a folder is searched; node_modules, .git and assets are not", () => {
  const at = folder({
    "infra/bad.yaml": FAULTY,
    "infra/deep/er/bad.json": { Resources: { Key: { Type: "AWS::KMS::Key", Properties: { Enabled: true } } } },
    "node_modules/x/bad.yaml": FAULTY,
    ".git/bad.yaml": FAULTY,
    "asset.0123/bad.yaml": FAULTY,
    "package.json": { name: "app" },
  });
  for (const args of [["."], []]) {
    assert.deepEqual(
      report(at, ...args)
        .inputs.map(({ file }) => file.replaceAll("\\", "/"))
        .sort(),
      ["infra/bad.yaml", "infra/deep/er/bad.json"],
    );
  }
});

test("a broken template in a searched folder is not passed over", () => {
  const at = folder({ "good.yaml": MENDED, "broken.yaml": `${FAULTY}  - [` });
  const result = report(at, ".");
  assert.equal(result.code, 2);
  assert.equal(result.errors[0].file, "broken.yaml");
});

test("a cdk.out is one input, and what lies in it from earlier runs is not read", () => {
  const template = (rotation) => ({
    Resources: { Key: { Type: "AWS::KMS::Key", Properties: { Enabled: true, EnableKeyRotation: rotation } } },
  });
  const stack = (templateFile) => ({ type: "aws:cloudformation:stack", properties: { templateFile } });
  const at = folder({
    "cdk.json": { app: "x" },
    "cdk.out/manifest.json": {
      version: "36.0.0",
      artifacts: {
        A: stack("A.template.json"),
        S: { type: "cdk:cloud-assembly", properties: { directoryName: "assembly-S" } },
      },
    },
    "cdk.out/A.template.json": template(false),
    "cdk.out/Old.template.json": template(false),
    "cdk.out/assembly-S/manifest.json": { version: "36.0.0", artifacts: { B: stack("B.template.json") } },
    "cdk.out/assembly-S/B.template.json": template(false),
  });
  for (const path of [".", "cdk.out", "cdk.out/manifest.json"]) {
    const result = report(at, path);
    assert.equal(result.inputs.length, 1, path);
    assert.equal(result.inputs[0].kind, "assembly");
    assert.deepEqual(
      result.findings.map(({ location }) => location.file.replaceAll("\\", "/")),
      ["cdk.out/A.template.json", "cdk.out/assembly-S/B.template.json"],
    );
  }
});

test("a CDK app that was not synthesised and a Pulumi project are told what to do", () => {
  const cdk = report(folder({ "cdk.json": { app: "x" } }), ".");
  assert.equal(cdk.code, 2);
  assert.match(cdk.errors[0].message, /cdk synth/);
  const pulumi = report(folder({ "Pulumi.yaml": "name: x\nruntime: nodejs\n", "bad.yaml": FAULTY }), ".");
  assert.equal(pulumi.code, 2);
  assert.match(pulumi.errors[0].message, /pulumi stack export/);
  const within = run(folder({ "infra/Pulumi.yaml": "name: x\n", "good.yaml": MENDED }), ["check", "."]);
  assert.equal(within.code, 0);
  assert.match(within.err, /infra is a Pulumi project and was left out/);
});

test("standard input, with a name", () => {
  const at = folder({});
  const { code, out } = run(at, ["check", "--format", "json", "--stdin-filename", "from/git.yaml", "-"], {
    input: FAULTY,
  });
  assert.equal(code, 1);
  assert.equal(JSON.parse(out).findings[0].location.file, "from/git.yaml");
  assert.equal(run(at, ["check", "-"], { input: "" }).code, 2);
});

test("the configuration is found upwards, named, or left aside", () => {
  const at = folder({
    "stackproof.config.json": { rules: { [RULE]: "low" } },
    "other.yaml": `rules:\n  ${RULE}: off\n`,
    "a/b/bad.yaml": FAULTY,
    "c/stackproof.config.yaml": `rules:\n  ${RULE}: off\n`,
    "c/bad.yaml": FAULTY,
  });
  assert.equal(report(at, "a/b/bad.yaml").findings[0].severity, "low");
  assert.deepEqual(ids(report(at, "c/bad.yaml")), []);
  assert.deepEqual(ids(report(at, "--config", "other.yaml", "a/b/bad.yaml")), []);
  assert.equal(report(at, "--no-config", "a/b/bad.yaml").findings[0].severity, "high");
  const both = run(at, ["check", "a/b/bad.yaml", "c/bad.yaml"]);
  assert.equal(both.code, 2);
  assert.match(both.err, /different configuration files/);
});

test("a configuration that is wrong is 2, with file and place", () => {
  const at = folder({ "stackproof.config.yaml": `preset: all\nrulez: {}\n`, "bad.yaml": FAULTY });
  const { code, err } = run(at, ["check", "bad.yaml"]);
  assert.equal(code, 2);
  assert.match(err, /stackproof\.config\.yaml:2:1: .*rules/s);
  assert.equal(run(at, ["check", "--config", "nope.json", "bad.yaml"]).code, 2);
});

test("--output writes the report to a file", () => {
  const at = folder({ "bad.yaml": FAULTY });
  const { code, out } = run(at, ["check", "--format", "json", "--output", "report.json", "bad.yaml"]);
  assert.deepEqual([code, out], [1, ""]);
  assert.deepEqual(ids(JSON.parse(readFileSync(join(at, "report.json"), "utf8"))), [RULE]);
  assert.equal(run(at, ["check", "--output", "no/such/folder", "bad.yaml"]).code, 2);
});

test("the same input gives the same bytes", () => {
  const at = folder({ "bad.yaml": FAULTY, "maybe.yaml": UNKNOWN });
  const once = run(at, ["check", "--format", "json", "--now", "2026-01-01", "."]).out;
  assert.equal(run(at, ["check", "--format", "json", "--now", "2026-01-01", "."]).out, once);
});

test("colours only where they are asked for", () => {
  const at = folder({ "bad.yaml": FAULTY });
  const control = String.fromCharCode(27);
  assert.ok(!run(at, ["check", "bad.yaml"]).out.includes(control), "not into a pipe");
  assert.ok(run(at, ["check", "bad.yaml"], { env: { FORCE_COLOR: "1" } }).out.includes(control));
  assert.ok(!run(at, ["check", "bad.yaml"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).out.includes(control));
});

for (const args of [
  ["chek"],
  ["check", "--formt", "json"],
  ["check", "--format", "pdf"],
  ["check", "--fail-on", "bad"],
  ["check", "--now", "soon"],
  ["check", "--rule", "nope"],
  ["explain", "nope"],
  ["explain"],
  ["access"],
]) {
  test(`2 for bad usage: ${args.join(" ")}`, () => {
    const { code, out, err } = run(folder({ "a.yaml": MENDED }), args);
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.match(err, /^stackproof: /);
    assert.doesNotMatch(err, /\n\s+at /);
  });
}

test("help teaches, and goes to standard output", () => {
  for (const args of [["--help"], ["check", "--help"], ["access", "--help"]]) {
    const { code, out } = run(top, args);
    assert.equal(code, 0);
    assert.match(out, /stackproof (check|access)/);
  }
  assert.match(run(top, ["--version"]).out, /^\d+\.\d+\.\d+\n$/);
});

test("rules and explain", () => {
  assert.match(run(top, ["rules"]).out, new RegExp(`^${RULE} +high`, "m"));
  const all = JSON.parse(run(top, ["rules", "--format", "json"]).out);
  assert.ok(all.some(({ id }) => id === RULE));
  assert.ok(JSON.parse(run(top, ["rules", "--preset", "dev", "--format", "json"]).out).length <= all.length);
  const failures = JSON.parse(run(top, ["rules", "--category", "deploy-failure", "--format", "json"]).out);
  assert.ok(failures.length > 0 && failures.length < all.length);
  assert.ok(failures.every((rule) => rule.category === "deploy-failure"));
  assert.match(run(top, ["explain", RULE]).out, /rotat/);
});

test("access answers requests from a file", () => {
  const request = {
    principal: "*",
    action: "s3:GetObject",
    resource: "arn:aws:s3:::b/c",
    resourceAccount: "111122223333",
    context: {},
  };
  const at = folder({ "requests.json": [{ name: "anyone", policies: [], request }] });
  const { code, out } = run(at, ["access", "--requests", "requests.json", "--format", "json"]);
  assert.equal(code, 0);
  assert.deepEqual(
    JSON.parse(out).map(({ name, decision }) => [name, decision]),
    [["anyone", "implicit-deny"]],
  );
  assert.match(run(at, ["access", "--requests", "requests.json"]).out, /implicit-deny +anyone/);
  assert.equal(run(at, ["access", "--requests", "nope.json"]).code, 2);
});

const ROLE = `Resources:
  Data: { Type: AWS::S3::Bucket }
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [] }
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - { Sid: Read, Effect: Allow, Action: s3:GetObject, Resource: !Sub "\${Data.Arn}/*",
                  Condition: { StringEquals: { "aws:RequestedRegion": eu-west-1 } } }
`;

test("access asks the policies of a template", () => {
  const at = folder({ "role.yaml": ROLE });
  const ask = (...more) =>
    run(at, [
      "access",
      "--principal",
      "Reader",
      "--action",
      "s3:GetObject",
      "--resource",
      "Data/a",
      ...more,
      "role.yaml",
    ]);
  const region = ["--context", "aws:RequestedRegion=eu-west-1"];
  const allowed = ask(...region);
  assert.equal(allowed.code, 0, allowed.err);
  assert.match(allowed.out, /^allow: statement "Read" of the identity policy allows .*\$\{Data\}\/a/);
  assert.match(allowed.out, /statement Read of the identity policy in Reader, role\.yaml:12:\d+/);
  assert.doesNotMatch(allowed.out, /#\d/);
  const refused = ask("--format", "json");
  assert.equal(refused.code, 0);
  assert.equal(JSON.parse(refused.out).decision, "implicit-deny");
  assert.doesNotMatch(allowed.out, /note:/);
  assert.match(
    ask("--action", "s3:GetObjekt").out,
    /note: s3:GetObjekt is no documented action \(did you mean s3:GetObject\?\)/,
  );
  assert.match(
    ask("--context", "s3:prefiks=a").out,
    /note: s3:prefiks is no documented condition key of s3 \(did you mean s3:prefix\?\)/,
  );
  assert.match(ask("--context", "nonsense").err, /KEY=VALUE/);
  assert.equal(run(at, ["access", "--principal", "Nobody", "--action", "a:b", "role.yaml"]).code, 2);
});

test("access compares two policy documents", () => {
  const policy = (Action) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
  const at = folder({ "old.json": policy("s3:Get*"), "new.json": policy(["s3:Get*", "s3:DeleteBucket"]) });
  const { code, out } = run(at, ["access", "--compare", "old.json", "new.json"]);
  assert.equal(code, 0);
  assert.match(out, /^yes: .*\n {2}for example .* s3:DeleteBucket/);
  const back = run(at, ["access", "--compare", "--format", "json", "new.json", "old.json"]);
  assert.equal(JSON.parse(back.out).answer, "no");
  assert.equal(run(at, ["access", "--compare", "old.json"]).code, 2);
});

test("a reader that stops early is no error", () => {
  const at = folder({ "bad.yaml": FAULTY });
  const done = spawnSync(
    "sh",
    ["-c", `"${process.execPath}" "${cli}" check --preset all --format json bad.yaml | head -c 1`],
    { cwd: at, encoding: "utf8" },
  );
  assert.equal(done.stderr, "");
  assert.equal(done.stdout, "{");
});
