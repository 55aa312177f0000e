// Writes FILE.br and FILE.gz beside every text, font and WebAssembly file below a folder:
// node compress.mjs FOLDER
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

// WOFF2 is compressed already.
const GAINS = new Set([".css", ".html", ".js", ".json", ".svg", ".ttf", ".txt", ".wasm"]);

async function compress(file) {
  const content = await readFile(file);
  const options = {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
    },
  };
  await Promise.all([
    brotli(content, options).then((packed) => writeFile(`${file}.br`, packed)),
    gzip(content, { level: 9 }).then((packed) => writeFile(`${file}.gz`, packed)),
  ]);
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node compress.mjs FOLDER");
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
await Promise.all(
  entries
    .filter((entry) => entry.isFile() && GAINS.has(path.extname(entry.name)))
    .map((entry) => compress(path.join(entry.parentPath ?? entry.path, entry.name))),
);
