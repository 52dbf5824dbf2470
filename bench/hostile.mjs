// Inputs that are made to take long: each at a size and at twice the size, so that the growth shows. Linear work doubles.

import { template } from "./template.mjs";
import { once } from "./timing.mjs";

/** How deep conditional values stand in each other, where that is not what grows. */
const NESTED = 50;

/** Each makes a template of size `n`. */
const HOSTILE = {
  // Not hostile, but where the parts of a stack refer to each other most: work per pair of parts would show here.
  "n applications of fifteen resources": [100, (n) => template(0.1, { applications: n })],
  "policy of n statements": [
    5_000,
    (n) =>
      policy(
        Array.from({ length: n }, (_, index) => ({
          Sid: `S${index}`,
          Effect: index % 7 === 0 ? "Deny" : "Allow",
          Action: ["s3:GetObject", `sqs:Send${index}*`],
          Resource: `arn:aws:s3:::bucket-${index}/*`,
        })),
      ),
  ],
  "pattern *a*a…*b of n stars": [
    1_000,
    (n) => policy([{ Effect: "Allow", Action: `s3:${"*a".repeat(n)}*b`, Resource: `arn:aws:s3:::${"a*".repeat(n)}b` }]),
  ],
  "n conditions on one parameter": [
    5_000,
    (n) => ({
      Parameters: { Stage: { Type: "String" } },
      Conditions: Object.fromEntries(
        Array.from({ length: n }, (_, index) => [`C${index}`, { "Fn::Equals": [{ Ref: "Stage" }, `stage-${index}`] }]),
      ),
      Resources: {
        Key: {
          Type: "AWS::KMS::Key",
          Properties: {
            EnableKeyRotation: Array.from({ length: NESTED }).reduce(
              (rest, _, index) => ({ "Fn::If": [`C${index}`, index % 2 === 0, rest] }),
              true,
            ),
          },
        },
      },
    }),
  ],
  "conditions that name each other, n deep": [
    5_000,
    (n) => ({
      Parameters: { Stage: { Type: "String" } },
      Conditions: Object.fromEntries(
        Array.from({ length: n }, (_, index) => [
          `C${index}`,
          index + 1 < n
            ? { "Fn::Not": [{ Condition: `C${index + 1}` }] }
            : { "Fn::Equals": [{ Ref: "Stage" }, "production"] },
        ]),
      ),
      Resources: { Key: { Type: "AWS::KMS::Key", Condition: "C0" } },
    }),
  ],
  "policy of n statements, each under a condition": [
    500,
    (n) => ({
      Parameters: numbered(n, (index) => [`P${index}`, { Type: "String" }]),
      Conditions: numbered(n, (index) => [`C${index}`, { "Fn::Equals": [{ Ref: `P${index}` }, "x"] }]),
      ...policy(
        Array.from({ length: n }, (_, index) => ({
          "Fn::If": [
            `C${index}`,
            { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" },
            { Ref: "AWS::NoValue" },
          ],
        })),
      ),
    }),
  ],
  "values nested n deep": [
    500,
    (n) => ({
      Resources: {
        Key: {
          Type: "AWS::KMS::Key",
          Properties: {
            Description: Array.from({ length: n }).reduce((rest) => ({ "Fn::Join": ["", ["a", rest]] }), "end"),
          },
        },
      },
    }),
  ],
};

const numbered = (n, entry) => Object.fromEntries(Array.from({ length: n }, (_, index) => entry(index)));

const policy = (Statement) => ({
  Resources: {
    Policy: { Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument: { Version: "2012-10-17", Statement } } },
  },
});

/** One line per hostile input: both times, their ratio, and what came of it. */
export function hostile(core) {
  const options = { preset: "all", now: "2026-01-01T00:00:00Z" };
  const bytesOf = (value) => new TextEncoder().encode(JSON.stringify(value));
  const check = (bytes) => {
    const source = [{ name: "hostile.json", kind: "auto", files: [{ path: "hostile.json", bytes }] }];
    return JSON.parse(core.examine(source, options).json);
  };
  // The first call compiles; it is nobody's cost.
  check(bytesOf(policy([])));
  return Object.entries(HOSTILE).map(([name, [size, make]]) => {
    const [one, two] = [size, 2 * size].map((n) => {
      const bytes = bytesOf(make(n));
      let report;
      const times = Array.from({ length: 3 }, () => once(() => (report = check(bytes))));
      return { time: Math.min(...times), report };
    });
    const refused = two.report.errors[0]?.message;
    const said = refused === undefined ? `${two.report.findings.length} findings` : `refused: ${refused}`;
    return { name, size: 2 * size, time: two.time, growth: two.time / one.time, said };
  });
}

/**
 * 1,500 requests under a policy of 20 statements, in two forms: all under the same policy, which is read once, or each with
 * a policy of its own. Reading the requests and writing the answers is part of the time; how much, the same requests under
 * no policy show.
 */
export function requests(core) {
  const document = (own) => ({
    Version: "2012-10-17",
    Statement: Array.from({ length: 20 }, (_, index) => ({
      Sid: `${own}${index}`,
      Effect: index === 19 ? "Deny" : "Allow",
      Action: [`s3:Get${index}*`, "s3:PutObject"],
      Resource: `arn:aws:s3:::bucket-${index}/*`,
    })),
  });
  const policies = (own) => [{ kind: "identity", document: document(own) }];
  const rows = Array.from({ length: 1_500 }, (_, index) => ({
    name: String(index),
    request: {
      principal: "arn:aws:iam::111122223333:role/app",
      principalAccount: "111122223333",
      action: "s3:PutObject",
      resource: `arn:aws:s3:::bucket-${index % 25}/key`,
      resourceAccount: "111122223333",
    },
  }));
  const measured = (name, asked, repeats = 40) => {
    const text = JSON.stringify(asked);
    let answers;
    const times = Array.from({ length: repeats }, () => once(() => (answers = core.accessJson(text))));
    const allowed = JSON.parse(answers).filter((answer) => answer.decision === "allow").length;
    return { name, time: Math.min(...times), allowed };
  };
  return [
    measured("1,500 evaluations of a 20-statement policy in wasm", { policies: policies("S"), requests: rows }),
    measured("  the same requests under no policy", { policies: [], requests: rows }),
    measured(
      "1,500 evaluations, each of a policy of its own",
      rows.map((row, index) => ({ ...row, policies: policies(`S${index}x`) })),
      9,
    ),
  ];
}
