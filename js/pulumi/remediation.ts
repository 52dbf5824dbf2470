/** Applies a rule's safe edits to the properties of one resource, as the engine sends and wants them back. */

import type { Edit } from "../report";
import { segments } from "./message";
import { hasAsset, isObject, isUnknown, isWrapper, type Json, type Properties } from "./wire";

/**
 * All properties with the edits made, or `undefined` where the resource must be left as it is: nothing changes, an edit
 * leads through a value that is not known yet or is not there, or an asset is among the properties (the engine does not
 * get those back as they were). Secrets stay secret, `__defaults` stays.
 */
export function remediate(properties: Properties, edits: readonly Edit[]): Properties | undefined {
  if (edits.length === 0 || hasAsset(properties)) return undefined;
  let result: Json = properties;
  for (const edit of edits) {
    const changed = apply(result, path(edit.pointer), edit);
    if (changed === undefined) return undefined;
    result = changed;
  }
  return isObject(result) && JSON.stringify(result) !== JSON.stringify(properties) ? result : undefined;
}

/** Pointers start at the resource's inputs; some carry the way to them in the document that the core was given. */
function path(pointer: string): string[] {
  const names = segments(pointer);
  if (names[0] === "resources" && /^\d+$/.test(names[1] ?? "") && names[2] === "inputs") return names.slice(3);
  return names[0] === "inputs" ? names.slice(1) : names;
}

function apply(value: Json, names: string[], edit: Edit): Json | undefined {
  if (isUnknown(value)) return undefined;
  if (isWrapper(value)) {
    const inner = apply(value.value, names, edit);
    return inner === undefined ? undefined : { ...value, value: inner };
  }
  if (typeof value === "string") return inText(value, names, edit);
  const [name, ...rest] = names;
  if (name === undefined) return undefined;
  if (Array.isArray(value)) return inList(value, name, rest, edit);
  if (!isObject(value)) return undefined;
  if (rest.length > 0) {
    // An edit may set a value below an object that is not there yet.
    const child = value[name] ?? (edit.op === "add" ? {} : undefined);
    const changed = child === undefined ? undefined : apply(child, rest, edit);
    return changed === undefined ? undefined : { ...value, [name]: changed };
  }
  if (edit.op === "remove") {
    if (!(name in value)) return undefined;
    const { [name]: _, ...others } = value;
    return others;
  }
  if (edit.op === "replace" && !(name in value)) return undefined;
  const kept = value[name];
  if (isWrapper(kept)) return { ...value, [name]: { ...kept, value: edit.value as Json } };
  return { ...value, [name]: edit.value as Json };
}

function inList(list: Json[], name: string, rest: string[], edit: Edit): Json[] | undefined {
  const index = name === "-" ? list.length : /^\d+$/.test(name) ? Number(name) : Number.NaN;
  const copy = [...list];
  if (rest.length > 0) {
    const child = list[index];
    const changed = child === undefined ? undefined : apply(child, rest, edit);
    if (changed === undefined) return undefined;
    copy[index] = changed;
    return copy;
  }
  if (edit.op === "add") {
    if (!(index <= list.length)) return undefined;
    copy.splice(index, 0, edit.value as Json);
  } else {
    if (!(index < list.length)) return undefined;
    copy.splice(index, 1, ...(edit.op === "replace" ? [edit.value as Json] : []));
  }
  return copy;
}

/** A policy document that is JSON text inside a string. */
function inText(text: string, names: string[], edit: Edit): string | undefined {
  let document: Json;
  try {
    document = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  const changed = typeof document === "object" && document !== null ? apply(document, names, edit) : undefined;
  return changed === undefined ? undefined : JSON.stringify(changed);
}
