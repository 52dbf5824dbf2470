/** The properties that `@pulumi/policy` hands to a policy, as plain JSON in the engine's own notation. */

import { type Json, type Properties, SIGNATURE } from "./wire";

const ASSET = "c44067f5952c0a294b673a41bacd8c17";

/**
 * Reads past the proxies, which throw at the sight of a value that is not known yet: a property's descriptor gives what lies
 * behind them, and unknowns stay the strings that stand for them.
 */
export function plain(properties: object): Properties {
  return convert(properties) as Properties;
}

function convert(value: unknown): Json {
  if (typeof value !== "object" || value === null) return isJson(value) ? value : null;
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => convert(raw(value, index)));
  if (raw(value, "__pulumiAsset") === true || raw(value, "__pulumiArchive") === true) return { [SIGNATURE]: ASSET };
  const result: Properties = {};
  for (const name of Object.keys(value)) {
    const inner = raw(value, name);
    if (inner !== undefined && typeof inner !== "function") result[name] = convert(inner);
  }
  return result;
}

const raw = (owner: object, name: string | number): unknown => Object.getOwnPropertyDescriptor(owner, name)?.value;

const isJson = (value: unknown): value is null | boolean | number | string =>
  value === null || ["boolean", "number", "string"].includes(typeof value);
