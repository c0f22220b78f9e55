import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";
import { deleteExpiredChecks, workOnIdentityChecks } from "./identity-check.ts";
import { lastSweptAt, runSweep } from "./sweep.ts";
import { isSweepDue } from "./sweep-schedule.ts";

/** Milliseconds between one look for work and the next. */
const interval = 2_000;
/** How long J-LIS is left alone after it gave no answer. */
const pause = 60_000;

/**
 * In every process: works on checks of many people as they come, and sweeps when the night's hour has come by the clock that
 * certificates go by. Several processes share the work. Answers how to stop, which waits for the batch under way.
 */
export function workRegularly(platform: Platform): () => Promise<void> {
  let stopped = false;
  let notBefore = 0;
  let working: Promise<void> | undefined;
  const look = async () => {
    try {
      await workOnIdentityChecks(platform);
      await deleteExpiredChecks(platform);
      if (await isDue(platform)) {
        const report = await runSweep(platform);
        if (report !== "busy") platform.log.info(report, "swept");
      }
    } catch (error) {
      if (stopped) return;
      notBefore = performance.now() + pause;
      const known = error instanceof JpkiError;
      platform.log.warn(known ? { code: error.code } : { err: error }, "work on continuity stopped, and goes on later");
    }
  };
  const timer = setInterval(() => {
    if (working || performance.now() < notBefore) return;
    working = look().finally(() => {
      working = undefined;
    });
  }, interval);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await working;
  };
}

async function isDue(platform: Platform): Promise<boolean> {
  const now = new Date(await platform.jpki.now());
  return isSweepDue({ last: await lastSweptAt(platform), now, at: platform.config.sweepHour });
}
