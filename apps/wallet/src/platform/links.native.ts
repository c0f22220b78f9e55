import * as Linking from "expo-linking";
import type { Links } from "./ports.ts";

/** App links and universal links, by which the system opens the app. */
export const links: Links = {
  subscribe(listener) {
    void Linking.getInitialURL().then((url) => {
      if (url) listener(url);
    });
    const subscription = Linking.addEventListener("url", ({ url }) => listener(url));
    return () => subscription.remove();
  },
  async open(url) {
    await Linking.openURL(url);
  },
};
