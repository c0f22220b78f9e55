import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export type BuildOptions = {
  /** Told of what is going on, in short words. */
  onProgress?: (text: string) => void;
  /** Builds also when nothing has changed. */
  force?: boolean;
};

const app = fileURLToPath(new URL("..", import.meta.url));
const root = join(app, "../..");
export const directory = join(app, "dist");
const hashFile = join(directory, ".source-hash");

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
 * lock file. Needs no network. Throws with the last lines that the exporter printed.
 */
export async function buildWallet(options: BuildOptions = {}): Promise<{ directory: string }> {
  const hash = hashSources();
  if (!options.force && readHash() === hash) return { directory };
  options.onProgress?.("bundling the xID app");
  await exportWeb(options.onProgress ?? (() => {}));
  writeFileSync(hashFile, hash);
  options.onProgress?.(`bundled: ${Math.round(measureScripts() / 1000)} KB of script, compressed`);
  return { directory };
}

/** Bytes of all scripts of the web build after gzip, as they go over the wire. */
export function measureScripts(): number {
  return listFiles(directory)
    .filter((file) => file.endsWith(".js"))
    .reduce((total, file) => total + gzipSync(readFileSync(file), { level: 9 }).length, 0);
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
    return readFileSync(hashFile, "utf8");
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
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return [path];
    throw error;
  }
}

async function exportWeb(onProgress: (text: string) => void): Promise<void> {
  const expo = join(dirname(createRequire(join(app, "package.json")).resolve("expo/package.json")), "bin/cli");
  const exporter = spawn(process.execPath, [expo, "export", "--platform", "web", "--output-dir", directory], {
    cwd: app,
    env: { ...process.env, NODE_ENV: "production", CI: "1", EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" },
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
  await buildWallet({
    onProgress: (text) => process.stdout.write(`${text}\n`),
    force: process.argv.includes("--force"),
  });
}
