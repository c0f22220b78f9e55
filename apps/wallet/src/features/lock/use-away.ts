import { useEffect, useRef } from "react";
import { AppState } from "react-native";

/** Calls `onAway` when the app comes back into sight after more than `delay` seconds out of it. */
export function useAway(delay: number, onAway: () => void): void {
  const current = useRef({ delay, onAway });
  current.current = { delay, onAway };
  useEffect(() => {
    let leftAt: number | null = null;
    const subscription = AppState.addEventListener("change", (state) => {
      if (state !== "active") leftAt ??= Date.now();
      else if (leftAt !== null) {
        const away = Date.now() - leftAt;
        leftAt = null;
        // A clock that was set back must not keep the app open.
        if (away < 0 || away >= current.current.delay * 1000) current.current.onAway();
      }
    });
    return () => subscription.remove();
  }, []);
}
