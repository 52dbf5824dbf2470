// The tarball as its users get it: packed, installed into an empty folder, used from every side. No Rust in sight.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "stackproof-package-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Node and the system's tools, and nothing that could build Rust. */
const env = { ...process.env, PATH: [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter) };

function run(program, args, options = {}) {
  const done = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    env,
    shell: process.platform === "win32",
    ...options,
  });
  return { code: done.status, output: `${done.stdout}${done.stderr}`, stdout: done.stdout };
}

function succeed(program, args, options) {
  const done = run(program, args, options);
  assert.equal(done.code, 0, `${program} ${args.join(" ")}\n${done.output}`);
  return done.stdout;
}

const TEMPLATE = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      Enabled: true\n";
const RULE = "kms-rotation";

let packed;
before(() => {
  packed = JSON.parse(
    succeed("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root }),
  )[0];
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "private": true }');
  succeed("npm", [
    "install",
    "--offline",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    join(folder, packed.filename),
  ]);
  writeFileSync(join(folder, "key.yaml"), TEMPLATE);
});

test("the tarball holds what it needs and nothing else", () => {
  const files = packed.files.map(({ path }) => path);
  for (const path of [
    "dist/cli.js",
    "dist/stackproof.wasm",
    "dist/actions.json",
    "dist/index.js",
    "dist/index.mjs",
    "dist/index.d.ts",
    "dist/schema/report.json",
    "dist/schema/config.json",
    "LICENSE",
    "README.md",
  ]) {
    assert.ok(files.includes(path), `${path} is missing`);
  }
  const odd = files.filter(
    (path) => !/^(dist\/|pulumi-pack\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path),
  );
  assert.deepEqual(odd, []);
  const names = JSON.parse(readFileSync(join(folder, "node_modules/stackproof/package.json"), "utf8"));
  assert.equal(names.dependencies, undefined, "no runtime dependency");
  for (const script of ["preinstall", "install", "postinstall"]) assert.equal(names.scripts?.[script], undefined);
  assert.ok(!existsSync(join(folder, "node_modules/aws-cdk-lib")), "peers are optional");
});

test("no built file names the machine that it was built on", () => {
  const built = readFileSync(join(folder, "node_modules/stackproof/dist/stackproof.wasm"));
  for (const name of [root.replace(/\/$/, ""), process.env.HOME].filter((name) => name && name.length > 2)) {
    assert.ok(!built.includes(`${name}/`), `the module names ${name}`);
  }
});

test("the command line runs", () => {
  const bin = join(folder, "node_modules/.bin/stackproof");
  const { code, output } = run(bin, ["check", "key.yaml"]);
  assert.equal(code, 1, output);
  assert.match(output, new RegExp(RULE));
  assert.match(succeed(bin, ["--version"]), /^\d+\.\d+\.\d+/);
  assert.match(succeed(bin, ["explain", RULE]), /rotat/);
});

const CHECK = `const found = check(require("node:fs").readFileSync("key.yaml")).findings.map(({ rule }) => rule);
if (found.join() !== "${RULE}") throw new Error("found " + found);`;

test("require", () => {
  for (const name of ["stackproof", "stackproof/web"])
    succeed(process.execPath, ["-e", `const { check } = require("${name}");\n${CHECK}`]);
});

test("import", () => {
  const head =
    'import { createRequire } from "node:module";\nconst require = createRequire(process.cwd() + "/x.js");\n';
  for (const name of ["stackproof", "stackproof/web"]) {
    const code = `${head}import { check, load, StackproofError } from "${name}";\nawait load();\nnew StackproofError("usage", "");\n${CHECK}`;
    writeFileSync(join(folder, "use.mjs"), code);
    succeed(process.execPath, ["use.mjs"]);
  }
});

test("require and import of the CDK plugin, beside aws-cdk-lib", () => {
  const cdk =
    'const { StackproofPlugin } = require("stackproof/cdk"); if (new StackproofPlugin().name !== "stackproof") throw 1;';
  const both = join(root, "node_modules");
  succeed(process.execPath, ["-e", `${cdk} if (!require("stackproof/cdk").StackproofAspect) throw 1;`], {
    env: { ...env, NODE_PATH: both },
  });
  writeFileSync(join(folder, "cdk.mjs"), 'import { StackproofPlugin } from "stackproof/cdk"; new StackproofPlugin();');
  succeed(process.execPath, ["cdk.mjs"], { env: { ...env, NODE_PATH: both } });
});

test("the Pulumi entry and the pack's folder are there", () => {
  succeed(process.execPath, ["-e", 'if (typeof require("stackproof/pulumi") !== "object") throw 1;'], {
    env: { ...env, NODE_PATH: join(root, "node_modules") },
  });
  assert.ok(existsSync(join(folder, "node_modules/stackproof/pulumi-pack/PulumiPolicy.yaml")));
});

test("the schemas are exported", () => {
  const title = "require('stackproof/schema/' + name + '.json').title";
  for (const [name, expected] of [
    ["report", "Report"],
    ["config", "Configuration"],
  ])
    succeed(process.execPath, ["-e", `const name = "${name}"; if (${title} !== "${expected}") throw ${title};`]);
});

const USE = `import { check, type Finding, type Report } from "stackproof";
import { check as again } from "stackproof/web";
const report: Report = check("Resources: {}", { preset: "all", failOn: "low" });
const first: Finding | undefined = again({ Resources: {} }).findings[0];
// @ts-expect-error there is no such preset
check("", { preset: "none" });
check("", { config: { rules: { "kms-rotation": { level: "low" } } } });
// @ts-expect-error there is no such rule
check("", { config: { rules: { "kms-rotatoin": "off" } } });
console.log(report.findings.length, first?.severity);
`;
const WITH_CDK = `import { App, Validations } from "aws-cdk-lib";
import { StackproofPlugin } from "stackproof/cdk";
Validations.of(new App()).addPlugins(new StackproofPlugin({ failOn: "critical" }));
new App({ policyValidationBeta1: [new StackproofPlugin()] });
`;

/** What tsc says; aws-cdk-lib's declarations are large, so they are only there where they are needed. */
function tsc(file, code, module, moduleResolution, skipLibCheck) {
  writeFileSync(join(folder, file), code);
  const lib = ["es2022", "dom"];
  const compilerOptions = {
    module,
    moduleResolution,
    target: "es2022",
    lib,
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  succeed(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."]);
}

const RESOLUTIONS = [
  ["use.ts", "commonjs", "node10"],
  ["use.cts", "node16", "node16"],
  ["use.mts", "node16", "node16"],
  ["use.ts", "esnext", "bundler"],
];

for (const [file, module, resolution] of RESOLUTIONS) {
  test(`types: ${resolution}, ${file}`, () => tsc(file, USE, module, resolution, false));
}

for (const [file, module, resolution] of RESOLUTIONS) {
  test(`types of the CDK plugin: ${resolution}, ${file}`, () => {
    for (const name of ["aws-cdk-lib", "constructs"]) {
      const link = join(folder, "node_modules", name);
      if (!existsSync(link)) symlinkSync(join(root, "node_modules", name), link, "junction");
    }
    tsc(file, WITH_CDK, module, resolution, true);
  });
}
