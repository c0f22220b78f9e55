import { readConfig } from "./config.ts";
import { runSweep, type SweepReport } from "./continuity/sweep.ts";
import { createLog } from "./http/log.ts";
import { connectJpki } from "./jpki/jpki.ts";
import { openStore } from "./store/store.ts";

export type { SweepReport } from "./continuity/sweep.ts";

/**
 * The operator's sweep by hand, beside running servers or without one: `environment` as for the server. `busy` while
 * another process sweeps. Throws a `TypeError` on wrong settings, and `JpkiError` when J-LIS gives no answer.
 */
export async function sweepInstallation(
  environment: Record<string, string | undefined>,
): Promise<SweepReport | "busy"> {
  const config = readConfig(environment);
  const log = createLog("silent");
  const store = await openStore(config, () => undefined);
  try {
    const jpki = await connectJpki(config, Date.now, log);
    return await runSweep({ ...store, jpki, clock: Date.now, log });
  } finally {
    await store.close();
  }
}
