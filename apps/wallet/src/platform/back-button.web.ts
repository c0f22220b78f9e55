import type { BackButton } from "./ports.ts";

type Entry = { depth: number } | null;

/** What of a browser window this needs. */
export type HistoryWindow = {
  history: Pick<History, "state" | "pushState" | "go">;
  addEventListener(type: "popstate", listener: () => void): void;
};

/**
 * Keeps one entry in the browser's history for each screen above the first one. A browser goes back some time after it
 * was told to, so a change that comes meanwhile waits until it is there.
 */
export function createBackButton(window: HistoryWindow): BackButton {
  const listeners = new Set<(depth: number) => void>();
  const depthOfEntry = () => (window.history.state as Entry)?.depth ?? 0;
  let wanted = 0;
  let moving = false;
  const settle = () => {
    if (moving) return;
    const current = depthOfEntry();
    for (let depth = current + 1; depth <= wanted; depth++) window.history.pushState({ depth } satisfies Entry, "");
    if (wanted < current) {
      moving = true;
      window.history.go(wanted - current);
    }
  };
  window.addEventListener("popstate", () => {
    if (moving) {
      moving = false;
      return settle();
    }
    wanted = depthOfEntry();
    for (const listener of listeners) listener(wanted);
  });
  return {
    depthChanged(depth) {
      wanted = depth;
      settle();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
