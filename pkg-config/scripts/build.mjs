// npm run build: the wasm module, then everything in dist/.
//
// dist/stackproof.wasm   the rule core
// dist/docs.json         the rules' pages, by id
// dist/actions.json      the actions of AWS services, for `access`
// dist/schema/*.json     JSON Schemas: of the report, the list of rules, the configuration file
// dist/glue.js           wasm-bindgen's glue as a function that makes a fresh, separate instance each time it is called
// dist/*.js              the CommonJS packages, compiled one to one; *.mjs beside an entry re-exports it for `import`
// dist/web/index.mjs     the browser build, one file
// dist/cli.js            the command line, one file, nothing to install
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, setup, tool } from "./setup.mjs";

setup();
run("cargo", ["xtask", "build"]);

const dist = join(root, "dist");
for (const old of ["cdk", "pulumi", "cli", "web"]) rmSync(join(dist, old), { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
copyFileSync(join(dist, "wasm/stackproof_bg.wasm"), join(dist, "stackproof.wasm"));
run("cargo", ["xtask", "docs", "--json", join(dist, "docs.json")]);
run("cargo", ["xtask", "actions", join(dist, "actions.json")]);
run("cargo", ["xtask", "types", "--schemas", join(dist, "schema")]);

const { build, transform } = await import("esbuild");
const commonjs = await transform(readFileSync(join(dist, "wasm/stackproof.mjs"), "utf8"), {
  format: "cjs",
  platform: "neutral",
  // The glue names its own file's address only to fetch the module beside it, which no host of ours asks of it.
  define: { "import.meta.url": '""' },
});
const factory = `function instantiate() {\nconst module = { exports: {} };\n${commonjs.code}\nreturn module.exports;\n}\n`;
writeFileSync(join(dist, "glue.js"), `"use strict";\nexports.instantiate = instantiate;\n${factory}`);

tool("typescript/tsc", ["--project", join(root, "pkg-config/tsconfig/build.json")]);
for (const entry of ["index", "cdk/index", "pulumi/index"]) {
  if (!existsSync(join(dist, `${entry}.js`))) continue;
  for (const extension of ["mjs", "d.mts"])
    writeFileSync(join(dist, `${entry}.${extension}`), 'export * from "./index.js";\n');
}
// Of the web build only the types come from tsc: the code is the bundle below.
rmSync(join(dist, "web/index.js"));
writeFileSync(join(dist, "web/index.d.mts"), 'export * from "./index.js";\n');

const glue = {
  name: "glue",
  setup: ({ onResolve }) => onResolve({ filter: /\/glue$/ }, () => ({ path: join(dist, "glue.js") })),
};
const shared = { bundle: true, absWorkingDir: root, legalComments: "none", logLevel: "warning", plugins: [glue] };
await build({
  ...shared,
  entryPoints: ["js/web/index.ts"],
  outfile: "dist/web/index.mjs",
  format: "esm",
  platform: "browser",
  target: "es2022",
  banner: {
    js: ["stackproofWasm = new URL('../stackproof.wasm'", "stackproofPages = new URL('../docs.json'"]
      .map((line) => `const ${line}, import.meta.url);`)
      .join("\n"),
  },
});
await build({
  ...shared,
  entryPoints: ["js/cli/main.ts"],
  outfile: "dist/cli.js",
  format: "cjs",
  platform: "node",
  target: "node20",
  minifySyntax: true,
  define: { STACKPROOF_VERSION: JSON.stringify(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version) },
  banner: { js: "#!/usr/bin/env node" },
  external: ["@pulumi/*", "aws-cdk-lib", "constructs"],
});
