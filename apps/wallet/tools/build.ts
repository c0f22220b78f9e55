import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const app = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const root = join(app, "../..");
const directory = join(app, "dist/web");
const unfinished = join(app, "dist/web.unfinished");
const hashFile = "sources.sha256";

/** What the bundle is made of. */
const sources = ["index.ts", "app.json", "metro.config.cjs", "package.json", "src", "public"]
  .map((name) => join(app, name))
  .concat(join(root, "packages/card/src"), join(root, "packages/protocol/src"), join(root, "package-lock.json"));

export type BuildOptions = {
  /** Told what goes on, a line each. */
  onProgress?: (line: string) => void;
};

/**
 * Makes the web build of the app with Metro, or returns at once when none of its sources has changed. A build that was
 * killed leaves nothing that passes for one. Throws with Metro's last words when it fails.
 */
export async function buildWallet({ onProgress = () => undefined }: BuildOptions = {}): Promise<{ directory: string }> {
  const hash = await hashSources();
  const built = await readFile(join(directory, hashFile), "utf8").catch(() => undefined);
  if (built === hash) return { directory };

  onProgress("bundling the xID app for the web; this takes about a minute the first time");
  await rm(unfinished, { recursive: true, force: true });
  await exportWeb(onProgress);
  await writeFile(join(unfinished, hashFile), hash);
  await rm(directory, { recursive: true, force: true });
  await rename(unfinished, directory);
  onProgress(`JavaScript: ${Math.ceil((await gzippedSize()) / 1024)} kB gzipped`);
  return { directory };
}

async function hashSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of await filesOf(source)) {
      hash.update(file.slice(root.length)).update("\0");
      hash.update(await readFile(file)).update("\0");
    }
  }
  return hash.digest("hex");
}

/** The file itself, or every file below the folder but the tests, in a fixed order. */
async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function exportWeb(onProgress: (line: string) => void): Promise<void> {
  const expo = join(dirname(fileURLToPath(import.meta.resolve("expo/package.json"))), "bin/cli");
  const child = spawn(process.execPath, [expo, "export", "--platform", "web", "--output-dir", unfinished], {
    cwd: app,
    env: { ...process.env, CI: "1", EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1", NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lastWords: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n").filter((one) => one.trim())) {
        onProgress(line);
        lastWords.push(line);
        lastWords.splice(0, lastWords.length - 20);
      }
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the xID app could not be bundled:\n${lastWords.join("\n")}`));
    });
  });
}

async function gzippedSize(): Promise<number> {
  const scripts = (await filesOf(directory)).filter((file) => file.endsWith(".js"));
  const sizes = await Promise.all(scripts.map(async (file) => gzipSync(await readFile(file), { level: 9 }).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}
