// Bundles the code editor: node frontend/editor/build.mjs OUTPUT_FOLDER [--minify]
//
// Writes monaco.js (an ES module), monaco.css with its icon font, and editor.worker.js.
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const [outdir, ...flags] = process.argv.slice(2);
if (!outdir) throw new Error("usage: node frontend/editor/build.mjs OUTPUT_FOLDER [--minify]");

await rm(outdir, { recursive: true, force: true });
await esbuild.build({
  entryPoints: {
    monaco: path.join(here, "monaco.js"),
    "editor.worker": "monaco-editor/editor/editor.worker",
  },
  absWorkingDir: path.join(here, "..", ".."),
  outdir: path.resolve(outdir),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: flags.includes("--minify"),
  loader: { ".ttf": "file" },
  assetNames: "[name]",
  legalComments: "linked",
  logLevel: "warning",
});
