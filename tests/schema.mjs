// The schemas that the package ships, as tests use them: with a real validator.
import { readFileSync } from "node:fs";
import Ajv from "ajv";

export const schema = (name) =>
  JSON.parse(readFileSync(new URL(`../dist/schema/${name}.json`, import.meta.url), "utf8"));

/** As it is shipped, a schema lets later versions add properties; here nothing that it does not name may be there. */
export function closed(value) {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closed(one)]));
  return "properties" in copy && copy.type === "object" ? { additionalProperties: false, ...copy } : copy;
}

/** A function that says what is wrong with a value; nothing: "". */
export function validator(one) {
  const ajv = new Ajv({ allowUnionTypes: true, allErrors: true });
  const validate = ajv.compile(one);
  return (value) => (validate(value) ? "" : ajv.errorsText(validate.errors));
}

export const invalidReport = (report) => validator(closed(schema("report")))(report);
