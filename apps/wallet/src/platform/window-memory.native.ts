import type { SecretStore, WindowMemory } from "./ports.ts";

const secret = "window";

/** A phone has one window of the app; its system may end the app at any moment behind another one. */
export function createWindowMemory(secrets: SecretStore): WindowMemory {
  return {
    read: () => secrets.get(secret),
    write: (text) => secrets.exclusive(() => (text === null ? secrets.delete(secret) : secrets.set(secret, text))),
  };
}
