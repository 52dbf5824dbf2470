/** Reads a CDK cloud assembly (`cdk.out`): exactly the files that its manifests name, since the folder keeps those of earlier runs. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "../api";

interface Manifest {
  artifacts?: Record<string, Artifact | null> | null;
}

interface Artifact {
  type?: string;
  additionalMetadataFile?: string;
  properties?: { templateFile?: string; directoryName?: string; file?: string } | null;
}

type File = { path: string; bytes: Uint8Array };

/** Whether a folder is a cloud assembly: it has a manifest that names artifacts. */
export function isAssembly(folder: string): boolean {
  const path = join(folder, "manifest.json");
  return existsSync(path) && isManifest(readFileSync(path));
}

/** Whether a file's contents are a cloud assembly's manifest; web apps have a `manifest.json` too. */
export function isManifest(bytes: Uint8Array): boolean {
  const manifest = parse<Manifest>(bytes);
  return (
    typeof manifest?.artifacts === "object" ||
    (manifest !== undefined && "version" in manifest && "missing" in manifest)
  );
}

/** One input: the manifest, the stacks' templates, those of nested stacks and what links them, and nested assemblies (Stages). */
export function readAssembly(folder: string, name = folder): Source {
  const files: File[] = [];
  try {
    collect(folder, files, new Set());
  } catch (error) {
    return { name, error: error instanceof Error ? error.message : String(error) };
  }
  return { name, kind: "assembly", files };
}

function collect(folder: string, files: File[], seen: Set<string>): void {
  if (seen.has(folder)) return;
  seen.add(folder);
  const add = (name: string | undefined): Uint8Array | undefined => {
    if (!name) return undefined;
    const path = join(folder, name);
    if (seen.has(path) || !existsSync(path)) return undefined;
    seen.add(path);
    const bytes = readFileSync(path);
    files.push({ path, bytes });
    return bytes;
  };
  const first = files.length;
  const manifest = parse<Manifest>(add("manifest.json"));
  for (const artifact of Object.values(manifest?.artifacts ?? {})) {
    const properties = artifact?.properties;
    if (artifact?.type === "aws:cloudformation:stack") {
      add(properties?.templateFile);
      add(artifact.additionalMetadataFile);
    } else if (artifact?.type === "cdk:asset-manifest") {
      add(properties?.file);
    } else if (artifact?.type === "cdk:cloud-assembly" && properties?.directoryName) {
      collect(join(folder, properties.directoryName), files, seen);
    }
  }
  const here = files.slice(first);
  for (const name of readdirSync(folder)) {
    if (name.endsWith(NESTED) && here.some((file) => mentions(file, name))) add(name);
  }
}

/** A nested stack's template is an asset: the manifest, the list of assets or the parent's metadata names it, as the synthesizer likes. */
const NESTED = ".nested.template.json";

const mentions = (file: File, name: string) => buffer(file.bytes).includes(`"${name}"`);

const buffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function parse<T>(bytes: Uint8Array | undefined): T | undefined {
  if (!bytes) return undefined;
  try {
    const value: unknown = JSON.parse(buffer(bytes).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
