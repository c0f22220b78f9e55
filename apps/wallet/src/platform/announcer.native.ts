import { AccessibilityInfo } from "react-native";
import type { Announcer } from "./ports.ts";

export const announcer: Announcer = {
  screenEntered: (title) => AccessibilityInfo.announceForAccessibility(title),
  languageChanged() {},
};
