import { createContext, useContext } from "react";
import type { Verification } from "./features/lock/verification.ts";
import type { Stored } from "./wallet/stored.ts";
import type { Wallet } from "./wallet/wallet.ts";

/** What every screen may use. */
export type AppContextValue = {
  wallet: Wallet;
  stored: Stored;
  /** Changes what is stored, and draws the screens again. */
  update: (change: Partial<Stored>) => Promise<void>;
  /** To be called after the wallet has changed by itself. */
  refresh: () => void;
  /** How and when the holder was last verified; null while nobody was. */
  verification: Verification | null;
  setVerification: (verification: Verification) => void;
  lock: () => void;
  /** Whether a service's request waits behind what is on the screen. */
  requestWaits: boolean;
  /** Whether the window's memory knows that the request has been answered. Who leaves before finds it open again. */
  answerKept: boolean;
};

export const AppContext = createContext<AppContextValue | null>(null);

export function useApp(): AppContextValue {
  const value = useContext(AppContext);
  if (!value) throw new TypeError("useApp outside the app");
  return value;
}
