import type { Announcer } from "./ports.ts";

/** Moves the focus to the new screen's heading, which screen readers then read. */
export const announcer: Announcer = {
  screenEntered(title) {
    document.title = `${title} | xID`;
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    document.querySelector("[data-scroll]")?.scrollTo(0, 0);
  },
  languageChanged(language) {
    document.documentElement.lang = language;
  },
};
