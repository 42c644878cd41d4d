// Bundles the extension into dist/extension.js, or with --tests its tests into out-test/index.js.
import { build } from "esbuild";

const tests = process.argv.includes("--tests");

await build({
  entryPoints: [tests ? "test/index.ts" : "src/extension.ts"],
  outfile: tests ? "out-test/index.js" : "dist/extension.js",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20", // what VS Code 1.91, the oldest supported, runs extensions in
  external: tests ? ["vscode", "mocha"] : ["vscode"],
  minify: !tests,
  sourcemap: tests ? "inline" : false,
  legalComments: "linked",
});
