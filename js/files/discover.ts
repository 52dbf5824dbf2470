/** From the paths a person names to inputs: a file, a folder that is searched, standard input. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Source } from "../api";
import { isAssembly, isManifest, readAssembly } from "./assembly";

/** Called with the bytes of each file that is read, so that the host can tell that it is busy. */
export type Progress = (bytes: number) => void;

export interface Discovery {
  sources: Source[];
  /** What a search came across and left out, in whole sentences. */
  notes: string[];
}

export function discover(path: string, progress: Progress): Discovery {
  const found: Discovery = { sources: [], notes: [] };
  let folder: boolean;
  try {
    folder = statSync(path).isDirectory();
  } catch (error) {
    found.sources.push({ name: path, error: reason(error) });
    return found;
  }
  if (!folder) {
    found.sources.push(readFile(path, progress));
  } else if (isPulumiProject(path)) {
    found.sources.push({ name: path, error: PULUMI });
  } else {
    search(path, found, progress);
    if (found.sources.length === 0) found.sources.push({ name: path, error: nothingIn(path, found) });
  }
  return found;
}

const PULUMI =
  "this is a Pulumi project, and its program is not run here. Check what Pulumi makes of it: `pulumi stack export > state.json` or `pulumi preview --json > preview.json`, then `stackproof check` that file; or `pulumi preview --policy-pack node_modules/stackproof/pulumi-pack`";

function nothingIn(folder: string, { notes }: Discovery): string {
  if (existsSync(join(folder, "cdk.json"))) {
    return "this is a CDK app that has not been synthesised: run `cdk synth`, then `stackproof check cdk.out`";
  }
  const expected =
    "no infrastructure found: no CloudFormation template, cdk.out, Pulumi stack export or preview, or IAM policy";
  return notes.length > 0 ? `${expected}. ${notes.join(" ")}` : expected;
}

const SKIPPED = /^(node_modules|asset\..*|\..+)$/;
const ENDINGS = /\.(json|ya?ml|template)$/i;

function search(folder: string, found: Discovery, progress: Progress): void {
  if (isAssembly(folder)) {
    found.sources.push(counted(readAssembly(folder), progress));
    return;
  }
  let entries: import("node:fs").Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    found.sources.push({ name: folder, error: reason(error) });
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (SKIPPED.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (isPulumiProject(path))
        found.notes.push(`${path} is a Pulumi project and was left out (name it to learn what to do).`);
      else search(path, found, progress);
    } else if (ENDINGS.test(entry.name) && isRegularFile(path, entry)) {
      const source = readFile(path, progress);
      if ("error" in source || source.files.some((file) => looksLikeInfrastructure(file.bytes)))
        found.sources.push(source);
    }
  }
}

/** A search must not report every package.json as an unreadable template; a broken template must stay an error. */
function looksLikeInfrastructure(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (word: string) => text.includes(word);
  if (has("urn:pulumi:")) return has("resources") || has("steps");
  if (has("AWSTemplateFormatVersion")) return true;
  if (has("AWS::")) return has("Resources");
  return has("Statement") && has("Effect") && has("Version") && (has("Allow") || has("Deny"));
}

const isPulumiProject = (folder: string) =>
  existsSync(join(folder, "Pulumi.yaml")) || existsSync(join(folder, "Pulumi.yml"));

/** Links to files are followed, links to folders are not: they may lead in a circle. */
function isRegularFile(path: string, entry: import("node:fs").Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function readFile(path: string, progress: Progress): Source {
  try {
    const bytes = readFileSync(path);
    if (basename(path) === "manifest.json" && isManifest(bytes))
      return counted(readAssembly(dirname(path), path), progress);
    return counted({ name: path, kind: "auto", files: [{ path, bytes }] }, progress);
  } catch (error) {
    return { name: path, error: reason(error) };
  }
}

function counted(source: Source, progress: Progress): Source {
  if ("files" in source) progress(source.files.reduce((sum, file) => sum + file.bytes.length, 0));
  return source;
}

/** The operating system's reason in words, without Node's call and path. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: "no such file or folder",
    EACCES: "permission denied",
    EISDIR: "this is a folder",
    ENOTDIR: "no such file or folder",
    ELOOP: "too many symbolic links",
    ENAMETOOLONG: "the name is too long",
    ERR_FS_FILE_TOO_LARGE: "the file is larger than 2 GB",
  };
  return known[code ?? ""] ?? message ?? String(error);
}
