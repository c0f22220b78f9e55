import type { WindowMemory } from "./ports.ts";

const item = "xid";

/** The browser tab's own storage, which a reload keeps and other tabs do not see. */
export const windowMemory: WindowMemory = {
  async read() {
    return sessionStorage.getItem(item);
  },
  async write(text) {
    if (text === null) sessionStorage.removeItem(item);
    else sessionStorage.setItem(item, text);
  },
};
