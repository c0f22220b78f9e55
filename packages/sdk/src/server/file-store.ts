import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ClientStore } from "./client-store.ts";

/**
 * A `ClientStore` in one file that only its owner can read (0600). Written beside, synced and renamed, so that a crash
 * leaves the old text or the new one. Not for several processes that start for the first time at the same moment.
 */
export function fileStore(path: string): ClientStore {
  return {
    async read() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async write(text) {
      const folder = dirname(path);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const beside = `${path}.${randomBytes(6).toString("hex")}`;
      try {
        const file = await open(beside, "wx", 0o600);
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(beside, path);
      } catch (error) {
        await rm(beside, { force: true });
        throw error;
      }
      await syncFolder(folder);
    },
  };
}

/** The rename itself lasts only once the folder is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
