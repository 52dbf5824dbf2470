/** How the engine marks values that are more than JSON: unknowns, secrets, assets. Source: Pulumi's developer docs, "Property values". */

/** Strings that stand for values not known yet, one per kind of value. */
const UNKNOWN = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

export const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key whose value says what kind of special value an object is. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const ASSETS = new Set([
  "c44067f5952c0a294b673a41bacd8c17", // asset
  "0def7320c3a5731c473e5ecbe6d01bc7", // archive
]);

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Properties = { [name: string]: Json };

export const isUnknown = (value: unknown): boolean => typeof value === "string" && UNKNOWN.has(value);

export const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A secret or an output: its value is wrapped. */
export const isWrapper = (value: Json | undefined): value is Properties & { value: Json } =>
  isObject(value) && (value[SIGNATURE] === SECRET || value[SIGNATURE] === OUTPUT) && "value" in value;

export function hasAsset(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasAsset);
  if (!isObject(value)) return false;
  const signature = value[SIGNATURE];
  if (typeof signature === "string" && ASSETS.has(signature)) return true;
  return Object.values(value).some(hasAsset);
}
