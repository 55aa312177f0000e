// Bundles the code editor: node frontend/editor/build.mjs OUTPUT_FOLDER [--minify]
//
// Writes monaco.js (an ES module), monaco.css with its icon font, and editor.worker.js.
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const [outdir, ...flags] = process.argv.slice(2);
if (!outdir) throw new Error("usage: node frontend/editor/build.mjs OUTPUT_FOLDER [--minify]");

// The page's policy wants its nonce on every style element. Monaco makes some, in these two places, and
// has no setting for it.
const STYLES_ARE_MADE = /\/vs\/base\/browser\/(domStylesheets|ui\/contextview\/contextview)\.js$/;
const MAKES_ONE = "const style = document.createElement('style');";
const nonce = {
  name: "nonce",
  setup(build) {
    const patched = new Set();
    build.onLoad({ filter: STYLES_ARE_MADE }, async ({ path: file }) => {
      const parts = (await readFile(file, "utf8")).split(MAKES_ONE);
      if (parts.length !== 2) throw new Error(`${file} does not make its style element as it did`);
      patched.add(file);
      const bears = `${MAKES_ONE} style.nonce = document.querySelector("script[nonce]")?.nonce ?? "";`;
      return { contents: parts.join(bears), loader: "js" };
    });
    build.onEnd(({ errors }) => {
      if (errors.length === 0 && patched.size !== 2) throw new Error("Monaco makes its style elements elsewhere");
    });
  },
};

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
  plugins: [nonce],
  loader: { ".ttf": "file" },
  assetNames: "[name]",
  legalComments: "linked",
  logLevel: "warning",
});
