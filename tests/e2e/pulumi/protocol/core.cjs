// A core of three made-up rules, so that the protocol is tested apart from what the real rules say. It notes every question
// it gets in the file that QUESTIONS names.
"use strict";
const { appendFileSync } = require("node:fs");
const { StackproofError } = require("../../../../dist/api.js");

const KEY = "aws:kms/key:Key";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const rule = (id, severity, scope, more) => ({
  id,
  title: `Title of ${id}`,
  category: "security",
  severity,
  preset: "recommended",
  fix: "none",
  since: "0.1.0",
  scope,
  types: { cfn: [], pulumi: [] },
  parameters: { type: "object", properties: {} },
  docs: `https://example.test/${id}`,
  ...more,
});
const rules = [
  rule("rotation", "medium", "single-resource", {
    fix: "safe",
    parameters: { type: "object", properties: { allowed: { type: "boolean", default: false } } },
  }),
  rule("strong", "critical", "single-resource"),
  rule("pair", "high", "cross-resource"),
  rule("quiet", "high", "single-resource"),
];
const OFF = ["quiet"];

const finding = (id, severity, urn, pointer, more) => ({
  rule: id,
  category: "security",
  severity,
  outcome: "fail",
  message: `${id} says no`,
  docs: `https://example.test/${id}`,
  fingerprint: id,
  resource: { id: urn, type: "T" },
  pointer,
  location: null,
  ...more,
});

function look(wanted, { resources }, config) {
  const found = [];
  const of = (type) => resources.filter((resource) => resource.type === type);
  if (wanted.includes("rotation") && !config.rotation?.allowed) {
    for (const key of of(KEY)) {
      const value = key.inputs.enableKeyRotation;
      const edits = [{ target: { resource: key.urn }, pointer: "/enableKeyRotation", op: "add", value: true }];
      const fix = { kind: "safe", text: "Set enableKeyRotation to true", edits };
      if (value === UNKNOWN) {
        const unknown = { why: "enableKeyRotation is not known yet", dependsOn: [] };
        found.push(finding("rotation", "medium", key.urn, "/enableKeyRotation", { outcome: "undetermined", unknown }));
      } else if (value !== true) found.push(finding("rotation", "medium", key.urn, "/enableKeyRotation", { fix }));
    }
  }
  for (const id of ["strong", "quiet"]) {
    if (!wanted.includes(id)) continue;
    for (const key of of(KEY)) {
      if (key.inputs.description === "throw") throw new Error("the core broke");
      // A sub-case milder than its rule.
      if (key.inputs.description === "weak") found.push(finding(id, "critical", key.urn, "/description"));
      if (key.inputs.description === "meh") found.push(finding(id, "low", key.urn, "/description"));
    }
  }
  if (wanted.includes("pair")) {
    for (const group of of(GROUP)) {
      const [key] = group.propertyDependencies?.kmsKeyId ?? [];
      // The key's description is an input, which the engine does not show at the end.
      const row = resources.find((resource) => resource.urn === key);
      if (row?.inputs?.description === "no logs") found.push(finding("pair", "high", group.urn, "/kmsKeyId"));
    }
  }
  return found;
}

module.exports = {
  version: () => "9.9.9",
  rules: () => rules,
  requireRule(id) {
    if (rules.some((one) => one.id === id)) return id;
    throw new StackproofError("usage", `there is no rule \`${id}\`; did you mean \`rotation\`?`);
  },
  settings: (_options, config) => {
    if (config && String(config.bytes).includes("broken"))
      throw new StackproofError("usage", `the configuration is broken at line 1`, { file: config.path });
    const failOn = config ? JSON.parse(Buffer.from(config.bytes)).failOn : "high";
    return {
      failOn,
      strict: false,
      rules: rules.map(({ id, severity }) => ({ id, level: OFF.includes(id) ? "off" : severity })),
    };
  },
  examine([source], options) {
    const document = JSON.parse(Buffer.from(source.files[0].bytes));
    if (process.env.QUESTIONS)
      appendFileSync(
        process.env.QUESTIONS,
        `${JSON.stringify({ kind: source.kind, rules: options.rules, document })}\n`,
      );
    const findings = look(options.rules, document, options.config?.rules ?? {});
    const summary = { critical: 0, high: 0, medium: 0, low: 0, info: 0, undetermined: 0, suppressed: 0 };
    for (const one of findings) summary[one.outcome === "fail" ? one.severity : "undetermined"] += 1;
    const report = {
      version: 1,
      tool: { name: "stackproof", version: "9.9.9", rules: rules.length },
      inputs: [],
      errors: [],
      summary,
      findings,
    };
    return { json: JSON.stringify(report), exitCode: 0 };
  },
};
