import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";

/** Where a witness keeps the last checkpoint of each log. */
export type WitnessStore = {
  /** The signed note. */
  read(origin: string): Promise<string | undefined>;
  /** Is on disk when it resolves. */
  write(origin: string, note: string): Promise<void>;
  /** Keeps the first one that a log signed and the witness refused: proof against the log. */
  keepRefused(origin: string, note: string): Promise<void>;
};

/**
 * A folder with `<SHA-256 of the origin>.checkpoint` for each log, and `.refused` where it has misbehaved. A killed process
 * leaves the last one or the next one, never half of it.
 */
export async function fileWitnessStore(directory: string): Promise<WitnessStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (origin: string, ending: string) =>
    join(directory, `${createHash("sha256").update(origin).digest("hex")}.${ending}`);
  return {
    async read(origin) {
      try {
        return await readFile(path(origin, "checkpoint"), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async write(origin, note) {
      await rename(await writeDraft(directory, note), path(origin, "checkpoint"));
      await syncDirectory(directory);
    },
    async keepRefused(origin, note) {
      const draft = await writeDraft(directory, note);
      try {
        await link(draft, path(origin, "refused"));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      } finally {
        await unlink(draft);
      }
      await syncDirectory(directory);
    },
  };
}

async function writeDraft(directory: string, note: string): Promise<string> {
  const draft = join(directory, `${randomBytes(8).toString("hex")}.draft`);
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(note);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
