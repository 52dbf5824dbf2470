// npm run lint [-- --write]: the formatter and linter of TypeScript and JavaScript, tsc, rustfmt and clippy,
// and whether the types of the report in TypeScript are those in Rust.
import { join } from "node:path";
import { root, run, setup, tool } from "./setup.mjs";

setup();
const write = process.argv.includes("--write");
tool("@biomejs/biome/biome", ["check", "--error-on-warnings", ...(write ? ["--write"] : []), "."]);
tool("typescript/tsc", ["--project", join(root, "pkg-config/tsconfig/check.json")]);
run("cargo", write ? ["fmt", "--all"] : ["fmt", "--all", "--check"]);
run("cargo", ["xtask", "types", "--check"]);
run("cargo", ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
const wasm = ["--package", "stackproof", "--target", "wasm32-unknown-unknown"];
run("cargo", ["clippy", "--quiet", ...wasm, "--lib", "--test", "wasm", "--", "-D", "warnings"]);
