import { useCallback, useEffect, useState } from "react";
import { platform } from "./platform/platform";

/** The screens of an unlocked app. A request, the lock and the onboarding stand before all of them. */
export type Screen = "home" | "scan" | "services" | "history" | "settings" | "card";

export type Navigation = {
  screen: Screen;
  go: (screen: Exclude<Screen, "home">) => void;
  back: () => void;
  home: () => void;
};

/** A stack of screens on top of home, which the browser's or the phone's "back" takes off. */
export function useNavigation(): Navigation {
  const [above, setAbove] = useState<Exclude<Screen, "home">[]>([]);
  useEffect(() => platform.backButton.depthChanged(above.length), [above.length]);
  useEffect(() => platform.backButton.subscribe((depth) => setAbove((screens) => screens.slice(0, depth))), []);
  return {
    screen: above.at(-1) ?? "home",
    go: useCallback((screen) => setAbove((screens) => [...screens, screen]), []),
    back: useCallback(() => setAbove((screens) => screens.slice(0, -1)), []),
    home: useCallback(() => setAbove([]), []),
  };
}
