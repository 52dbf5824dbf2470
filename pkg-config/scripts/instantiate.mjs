// node instantiate.mjs FOLDER: proves that the module of a build works in this Node, and prints its sizes.
// What it prints is part of the build's record; what it throws stops the build.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const folder = resolve(process.argv[2]);
const bytes = readFileSync(join(folder, "stackproof_bg.wasm"));
const glue = await import(pathToFileURL(join(folder, "stackproof.mjs")).href);

const before = performance.now();
glue.initSync({ module: bytes });
const took = performance.now() - before;
const report = JSON.parse(new glue.Checker("{}").run());
if (report.version !== 1) throw new Error("the module that was built does not answer with a report");

const kilobytes = (size) => `${(size / 1024).toFixed(0)} KB`;
console.log(
  `wasm: ${kilobytes(bytes.length)}, gzipped ${kilobytes(gzipSync(bytes, { level: 9 }).length)}, instantiated in ${took.toFixed(1)} ms`,
);
