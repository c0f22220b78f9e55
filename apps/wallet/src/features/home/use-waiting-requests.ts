import type { WaitingRequests } from "@xid/protocol";
import { useEffect, useState } from "react";
import { AppState } from "react-native";
import { useApp } from "../../app-context.ts";

/** Milliseconds between two looks, while the app is in sight. */
const interval = 5_000;

/** What services have sent to the holder, kept up to date while the screen that uses this is seen. */
export function useWaitingRequests(): WaitingRequests["requests"] {
  const { wallet } = useApp();
  const [requests, setRequests] = useState<WaitingRequests["requests"]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const look = async () => {
      clearTimeout(timer);
      // What goes wrong is told by the screen itself, which asks the platform too; the next look may do better.
      const answer = await wallet
        .client()
        .then((client) => client.waitingRequests())
        .catch(() => null);
      if (left) return;
      if (answer) setRequests(answer.requests);
      if (AppState.currentState === "active") timer = setTimeout(look, interval);
    };
    const subscription = AppState.addEventListener("change", (state) => {
      clearTimeout(timer);
      if (state === "active") void look();
    });
    void look();
    return () => {
      left = true;
      clearTimeout(timer);
      subscription.remove();
    };
  }, [wallet]);
  return requests;
}
