// After a trap nothing of the instance is used again, and the caller hears of it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const { createApi } = require("../../dist/api.js");
const { instantiate } = require("../../dist/glue.js");
const { readFileSync } = require("node:fs");

const bytes = readFileSync(new URL("../../dist/stackproof.wasm", import.meta.url));

/** The real core, of which the first instance dies in the way given. */
function dying(death) {
  const made = [];
  const api = createApi(() => {
    const glue = instantiate();
    glue.initSync({ module: new WebAssembly.Module(bytes) });
    made.push(glue);
    if (made.length > 1) return glue;
    return {
      ...glue,
      Checker: class extends glue.Checker {
        run() {
          death();
        }
      },
    };
  });
  return { api, made };
}

const DEATHS = {
  "a trap": () => {
    throw new WebAssembly.RuntimeError("unreachable");
  },
  "a panic's message": () => {
    throw new Error("panicked at src/somewhere.rs");
  },
  "an exhausted stack": () => {
    const deeper = () => deeper() + 1;
    deeper();
  },
};

for (const [name, death] of Object.entries(DEATHS)) {
  test(`${name} is an internal error, and the next check has a fresh core`, () => {
    const { api, made } = dying(death);
    assert.throws(
      () => api.check("Resources: {}"),
      (error) => error.code === "internal" && /fault of stackproof/.test(error.message),
    );
    assert.deepEqual(api.check("Resources: {}").errors, []);
    assert.equal(made.length, 2);
    assert.notEqual(made[0].Checker, made[1].Checker, "each instance has its own glue");
  });
}

test("a refusal keeps the instance", () => {
  let made = 0;
  const api = createApi(() => {
    made += 1;
    const glue = instantiate();
    glue.initSync({ module: new WebAssembly.Module(bytes) });
    return glue;
  });
  assert.throws(
    () => api.check("", { preset: "none" }),
    (error) => error.code === "usage",
  );
  api.check("Resources: {}");
  assert.equal(made, 1);
});
