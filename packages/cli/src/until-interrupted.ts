/** Aborted by the first SIGINT, SIGTERM or SIGHUP; `stop` gives the signals back to Node. */
export function untilInterrupted(): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const abort = () => controller.abort();
  for (const name of signals) process.on(name, abort);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of signals) process.off(name, abort);
    },
  };
}
