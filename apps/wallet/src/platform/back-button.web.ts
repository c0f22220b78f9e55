import type { BackButton } from "./ports.ts";

type Entry = { depth: number } | null;

/** Keeps one entry in the browser's history for each screen above the first one. */
export const backButton: BackButton = {
  depthChanged(depth) {
    const current = (history.state as Entry)?.depth ?? 0;
    if (depth > current) history.pushState({ depth }, "");
    else if (depth < current) history.go(depth - current);
  },
  subscribe(listener) {
    const listen = (event: PopStateEvent) => listener((event.state as Entry)?.depth ?? 0);
    addEventListener("popstate", listen);
    return () => removeEventListener("popstate", listen);
  },
};
