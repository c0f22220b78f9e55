import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const package_ = createRequire(import.meta.url).resolve("pdfjs-dist/package.json");

/** What of PDF.js draws pages: its two programs, what stands in for WebAssembly, character maps, and the fonts no file brings. */
const parts = [
  { from: "legacy/build", files: /^pdf(\.worker)?\.min\.mjs$/ },
  { from: "wasm", files: /_nowasm_fallback\.js$/ },
  { from: "cmaps", files: /\.bcmap$/ },
  { from: "standard_fonts", files: /\.(pfb|ttf)$/ },
];

/**
 * Puts PDF.js beside a web build, as it is published, into the folder that src/platform/pdf-viewer.web.ts loads it from: a
 * bundler could not take its worker along.
 */
export function copyPdfViewer(build: string): void {
  const { version } = createRequire(import.meta.url)(package_) as { version: string };
  for (const { from, files } of parts) {
    const source = join(dirname(package_), from);
    const target = join(build, "pdf", version, from === "legacy/build" ? "" : from);
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(source).filter((name) => files.test(name))) {
      cpSync(join(source, name), join(target, name));
    }
  }
}
