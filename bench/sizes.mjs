// Size of what a browser loads, as built: node bench/sizes.mjs
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { line, root } from "./measure.mjs";

const site = path.join(root, "target", "site");
const pkg = path.join(site, readFileSync(path.join(site, "pkg-dir"), "utf8").trim());
const kilobytes = (file) => statSync(path.join(pkg, file)).size / 1000;

for (const file of ["mecapy.wasm", "workbench_page_view.wasm", "mecapy.js", "mecapy.css", "editor/monaco.js", "editor/monaco.css", "editor/editor.worker.js"]) {
  line(`${file}, raw`, kilobytes(file), "kB");
  line(`${file}, Brotli`, kilobytes(`${file}.br`), "kB");
}
