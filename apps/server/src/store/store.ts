import { join } from "node:path";
import type { Config } from "../config.ts";
import { type OpenDatabase, openDatabase } from "./database.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { loadSealer, type Sealer } from "./sealer.ts";

export type Store = OpenDatabase & { sealer: Sealer; close(): Promise<void> };

/** The database of the settings, embedded or one's own, brought up to date; and the keys that its fields are sealed with. */
export async function openStore(
  config: Pick<Config, "dataDirectory" | "databaseUrl">,
  log: (message: string) => void,
): Promise<Store> {
  const { databaseUrl, dataDirectory } = config;
  const embedded = databaseUrl === undefined ? await startEmbeddedPostgres({ dataDirectory, log }) : undefined;
  const opened = openDatabase(embedded ? embedded.connection : { connectionString: databaseUrl });
  const close = async () => {
    await opened.close();
    await embedded?.release();
  };
  try {
    const sealer = await loadSealer(join(dataDirectory, "keys"));
    await migrate(opened.database, await readMigrations());
    return { ...opened, sealer, close };
  } catch (error) {
    await close();
    throw error;
  }
}
