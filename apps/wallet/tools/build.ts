import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { copyPdfViewer } from "./copy-pdf-viewer.ts";

export type BuildOptions = {
  /** Told of what is going on, in short words. */
  onProgress?: (text: string) => void;
  /** Builds also when nothing has changed. */
  force?: boolean;
};

const app = fileURLToPath(new URL("..", import.meta.url));
const root = join(app, "../..");
export const directory = join(app, "dist");
/** Beside `dist/`, so that a finished export becomes it by one renaming. */
const workshop = join(app, ".expo/exports");
const hashName = ".source-hash";
/** Not the machine's shared one: whoever may write there could slip their own code into the bundle. */
const cache = join(app, ".expo/cache");

/** What ends up in the bundle, and what decides how it is made. */
const sources = [
  ...["app.json", "index.ts", "metro.config.cjs", "package.json", "public", "src"].map((path) => join(app, path)),
  ...["card", "protocol"].flatMap((name) => [
    join(root, "packages", name, "package.json"),
    join(root, "packages", name, "src"),
  ]),
];

/**
 * Exports the app for the web into `dist/`, unless it is there already for the same sources and the same versions in the
 * lock file. Needs no network. `dist/` is whole at any moment or not there at all, also when this is killed or runs twice
 * at once. Throws with the last lines that the exporter printed.
 */
export async function buildWallet(options: BuildOptions = {}): Promise<{ directory: string }> {
  const hash = hashSources();
  if (!options.force && readHash() === hash) return { directory };
  options.onProgress?.("bundling the xID app");
  removeAbandoned();
  const exported = join(workshop, `${process.pid}-new`);
  try {
    await exportWeb(exported, options.onProgress ?? (() => {}));
    copyPdfViewer(exported);
    // Sources that changed meanwhile may be in it by half: then it is not known what it was made of.
    if (hashSources() === hash) writeFileSync(join(exported, hashName), hash);
    replaceDirectory(directory, exported, join(workshop, `${process.pid}-old`));
  } finally {
    rmSync(exported, { recursive: true, force: true });
  }
  const { first, all } = measureScripts();
  const inKilobytes = (bytes: number) => `${Math.round(bytes / 1000)} KB`;
  options.onProgress?.(
    `bundled: ${inKilobytes(first)} of compressed script at first, ${inKilobytes(all)} with all parts`,
  );
  return { directory };
}

/** Puts `next` in the place of `current`, by way of `aside`; again when another process did the same in between. */
export function replaceDirectory(current: string, next: string, aside: string): void {
  for (let triesLeft = 3; ; triesLeft--) {
    try {
      renameSync(current, aside);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
    try {
      renameSync(next, current);
      return;
    } catch (error) {
      if (triesLeft === 0 || !["ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }
}

/** Bytes after gzip, as they go over the wire: of the scripts that the page names, and of all that it may come to load. */
export function measureScripts(): { first: number; all: number } {
  const page = readFileSync(join(directory, "index.html"), "utf8");
  const sizes = listFiles(directory)
    .filter((file) => file.endsWith(".js"))
    .map((file) => ({
      atFirst: page.includes(relative(directory, file)),
      bytes: gzipSync(readFileSync(file), { level: 9 }).length,
    }));
  const sum = (some: typeof sizes) => some.reduce((total, { bytes }) => total + bytes, 0);
  return { first: sum(sizes.filter(({ atFirst }) => atFirst)), all: sum(sizes) };
}

/** SHA-256 over names and contents of the sources, tests left out, and over the versions of everything installed. */
export function hashSources(): string {
  const hash = createHash("sha256");
  const files = sources.flatMap(listFiles).filter((file) => !/\.test\.tsx?$/.test(file));
  for (const file of [...files.sort(), join(root, "package-lock.json")]) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function readHash(): string | undefined {
  try {
    return readFileSync(join(directory, hashName), "utf8");
  } catch {
    return undefined;
  }
}

function listFiles(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return [path];
    throw error;
  }
}

/** What builds left behind whose process has ended. */
function removeAbandoned(): void {
  mkdirSync(workshop, { recursive: true });
  for (const name of readdirSync(workshop)) {
    const owner = Number.parseInt(name, 10);
    if (!(owner > 0) || !isRunning(owner)) rmSync(join(workshop, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

async function exportWeb(into: string, onProgress: (text: string) => void): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const expo = join(dirname(createRequire(join(app, "package.json")).resolve("expo/package.json")), "bin/cli");
  const exporter = spawn(process.execPath, [expo, "export", "--platform", "web", "--output-dir", into], {
    cwd: app,
    env: {
      ...process.env,
      NODE_ENV: "production",
      CI: "1",
      EXPO_OFFLINE: "1",
      EXPO_NO_TELEMETRY: "1",
      TMPDIR: cache,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  for (const stream of [exporter.stdout, exporter.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      for (const line of chunk.split("\n").map((text) => text.trim())) {
        if (line === "") continue;
        lines.push(line);
        if (/^(Starting|Web Bundl)/.test(line)) onProgress(line);
      }
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    exporter.once("error", reject);
    exporter.once("close", resolve);
  });
  if (code !== 0) throw new Error(`the xID app could not be bundled:\n${lines.slice(-20).join("\n")}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await buildWallet({
      onProgress: (text) => process.stdout.write(`${text}\n`),
      force: process.argv.includes("--force"),
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
