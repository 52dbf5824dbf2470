// The map from Pulumi's inputs to CloudFormation's properties, name by name against what declares them: the types of
// @pulumi/aws and @pulumi/aws-native, and the CloudFormation types of aws-cdk-lib. So are the properties that relations stand
// in, and those that hold a physical name.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(root, "node_modules");
const { types } = JSON.parse(readFileSync(join(root, "src/frontend/pulumi/type-map.json"), "utf8"));
const lower = (name) => name[0].toLowerCase() + name.slice(1);
const strings = (path) => (Array.isArray(path) ? path[0] : path);

/** `a[].b` as [{ name: "a", list: true }, { name: "b", list: false }]. */
const steps = (path) => path.split(".").map((part) => ({ name: part.replace(/\[.*$/, ""), list: part.endsWith("]") }));

/** Interface → name → the text of its type, of a declaration file; those in namespaces by their dotted names. */
function interfaces(file) {
  const found = new Map();
  const text = readFileSync(file, "utf8");
  const walk = (node, prefix) => {
    if (ts.isModuleDeclaration(node)) {
      const inner = node.body && ts.isModuleBlock(node.body) ? node.body.statements : [];
      for (const one of inner) walk(one, `${prefix}${node.name.text}.`);
    } else if (ts.isInterfaceDeclaration(node)) {
      const members = node.members.map((member) => [member.name.text, text.slice(member.type.pos, member.type.end)]);
      found.set(prefix + node.name.text, new Map(members));
    }
  };
  for (const one of ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements) walk(one, "");
  return found;
}

const inputs = {
  "aws:": interfaces(join(modules, "@pulumi/aws/types/input.d.ts")),
  "aws-native:": interfaces(join(modules, "@pulumi/aws-native/types/input.d.ts")),
};

/** The inputs of a Pulumi type: `aws:s3/bucket:Bucket`, `aws-native:s3:Bucket`. */
function args(token) {
  const [sdk, module, name] = token.split(":");
  const file = sdk === "aws" ? `@pulumi/aws/${module}.d.ts` : `@pulumi/aws-native/${module}/${lower(name)}.d.ts`;
  return existsSync(join(modules, file)) ? interfaces(join(modules, file)).get(`${name}Args`) : undefined;
}

/** What is wrong with a path of inputs; nothing: "". Below a type that leaves its names open, every name is one. */
function wrongInput(token, path) {
  let names = args(token);
  if (!names) return "there is no such type";
  const known = inputs[token.startsWith("aws:") ? "aws:" : "aws-native:"];
  const all = steps(path);
  for (const [index, { name, list }] of all.entries()) {
    const type = names.get(name);
    if (type === undefined) return `no input ${name}`;
    if (list && !/\[\]|any/.test(type)) return `${name} is no list`;
    if (index === all.length - 1) return "";
    if (!list && /\[\]/.test(type)) return `${name} is a list`;
    const inner = /inputs\.([\w.]+)/.exec(type)?.[1];
    if (inner === undefined) return /any|\[key: string\]/.test(type) ? "" : `${name} has nothing inside`;
    names = known.get(inner);
    if (!names) return `no declaration of ${inner}`;
  }
  return "";
}

/** The function that reads a CloudFormation type's properties → its names, each with the expression that reads it. */
const readers = new Map();
const services = new Map();

function cloudFormation(kind) {
  const own = kind.split("::")[1].toLowerCase();
  const service = own === "serverless" ? "sam" : own;
  if (!services.has(service)) {
    const file = join(modules, `aws-cdk-lib/aws-${service}/lib/${service}.generated.js`);
    const text = readFileSync(file, "utf8");
    services.set(service, text);
    for (const [, name, body] of text.matchAll(/function (Cfn\w+FromCloudFormation)\(properties\)\{(.*?),ret\}/g)) {
      const results = body.matchAll(/addPropertyResult\("\w+","(\w+)",(.*?)\)(?=,ret\.|$)/g);
      readers.set(
        `${service}.${name}`,
        new Map([...results].map(([, property, expression]) => [property, expression])),
      );
    }
  }
  const [, name] =
    new RegExp(`"${kind}";.*?propsResult=(Cfn\\w+FromCloudFormation)\\(`).exec(services.get(service)) ?? [];
  return { service, names: readers.get(`${service}.${name}`) };
}

/** Types of the model that CloudFormation has only as a part of another. */
const PARTS = { "Stackproof::Events::Target": { kind: "AWS::Events::Rule", below: "Targets[]." } };

/** Names that are the model's own, and why. */
const OWN = [
  // An attachment is a resource in Pulumi, and a list in each of several types in CloudFormation.
  [/^Stackproof::IAM::Attachment/, /./],
  // What a target belongs to; in CloudFormation it stands inside of that.
  [/^Stackproof::Events::Target$/, /^(Rule|EventBusName)$/],
  // Tags that CloudFormation has under another name or not at all: the rules on tags read one name.
  [/^AWS::Backup::|^AWS::Config::ConfigRule$|^AWS::EC2::(LaunchTemplate|SecurityGroup\w+)$|^AWS::IAM::/, /^Tags$/],
  // An archive in the program: whatever the engine makes of it.
  [/^AWS::Lambda::Function$/, /^Code\.Archive$/],
  // The alias that a permission is for, which CloudFormation has in the name of the function.
  [/^AWS::Lambda::Permission$/, /^Qualifier$/],
  // Who pays for requests, which CloudFormation cannot say.
  [/^AWS::S3::Bucket$/, /^RequestPayConfiguration\.Payer$/],
  // The key of a SecureString, which CloudFormation cannot make.
  [/^AWS::SSM::Parameter$/, /^KeyId$/],
  // src/frontend/pulumi/special.rs makes filter rules of the first two.
  [/^AWS::S3::Bucket$/, /^NotificationConfiguration\.\w+\[\]\.(FilterPrefix|FilterSuffix|Id)$/],
];

const TAG = new Map([
  ["Key", "getString"],
  ["Value", "getString"],
]);

function wrongProperty(kind, path) {
  let { service, names } = cloudFormation(kind);
  if (!names) return "there is no such type";
  const all = steps(path);
  for (const [index, { name, list }] of all.entries()) {
    const read = names.get(name);
    if (read === undefined) return `no property ${name}`;
    if (list && !/getArray|getStringArray|getAny/.test(read)) return `${name} is no list`;
    if (index === all.length - 1) return "";
    if (!list && /getArray|getStringArray/.test(read)) return `${name} is a list`;
    const inner = /(Cfn\w+FromCloudFormation)/.exec(read)?.[1];
    if (read.includes("getCfnTag")) names = TAG;
    else if (inner === undefined) return /getAny|getMap/.test(read) ? "" : `${name} has nothing inside`;
    else names = readers.get(`${service}.${inner}`);
    if (!names) return `no declaration of ${inner}`;
  }
  return "";
}

for (const provider of ["aws:", "aws-native:"]) {
  test(`the names on Pulumi's side are those of @pulumi/${provider.slice(0, -1)}`, () => {
    const wrong = [];
    let checked = 0;
    for (const [token, { join: owner, properties }] of Object.entries(types)) {
      if (!token.startsWith(provider)) continue;
      for (const path of [...Object.keys(properties), ...(owner ? [owner] : [])]) {
        checked += 1;
        const what = wrongInput(token, path);
        if (what !== "") wrong.push(`${token} ${path}: ${what}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(checked > 400, `${checked} checked`);
  });
}

test("the names on CloudFormation's side are those of aws-cdk-lib", () => {
  const wrong = [];
  const used = new Set();
  let checked = 0;
  for (const [token, { kind, owner, properties }] of Object.entries(types)) {
    for (const path of Object.values(properties).map(strings)) {
      const of = owner ?? kind;
      const own = OWN.findIndex(([types, paths]) => types.test(of) && paths.test(path));
      const { kind: real, below } = PARTS[of] ?? { kind: of, below: "" };
      const what = own >= 0 && of.startsWith("Stackproof::") ? "the model's own" : wrongProperty(real, below + path);
      if (own >= 0 && what !== "") used.add(own);
      else if (what !== "") wrong.push(`${token} → ${of} ${path}: ${what}`);
      else checked += 1;
    }
  }
  assert.equal(used.size, OWN.length, "an exception that nothing needs");
  assert.deepEqual(wrong, []);
  assert.ok(checked > 1000, `${checked} checked`);
});

test("the relations and physical names of the model stand in properties that CloudFormation has", () => {
  const source = (path) => readFileSync(join(root, path), "utf8");
  const relations = source("src/graph/table.rs").matchAll(/row\(\s*Rel::\w+,\s*"(AWS::[^"]+)",\s*"([^"]+)"/g);
  const names = source("src/model/attributes.rs").matchAll(/row\(\s*"(AWS::[^"]+)",\s*Some\("(\w+)"\)/g);
  const wrong = [];
  let checked = 0;
  for (const [, kind, path] of [...relations, ...names]) {
    checked += 1;
    const own = OWN.some(([types, paths]) => types.test(kind) && paths.test(path));
    const what = wrongProperty(kind, path.replaceAll(".[]", "[]"));
    if (what !== "" && !own) wrong.push(`${kind} ${path}: ${what}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(checked > 150, `${checked} checked`);
});
