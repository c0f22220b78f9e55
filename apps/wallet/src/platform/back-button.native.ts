import { BackHandler } from "react-native";
import type { BackButton } from "./ports.ts";

let depth = 0;

/** Android's back; on the first screen it leaves the app, as the system does. */
export const backButton: BackButton = {
  depthChanged(newDepth) {
    depth = newDepth;
  },
  subscribe(listener) {
    const subscription = BackHandler.addEventListener("hardwareBackPress", () => {
      if (depth === 0) return false;
      listener(depth - 1);
      return true;
    });
    return () => subscription.remove();
  },
};
