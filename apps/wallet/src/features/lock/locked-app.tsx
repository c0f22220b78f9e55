import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { CardFlow } from "../card/card-flow.tsx";
import { NewPinScreens } from "../onboarding/new-pin-screens.tsx";
import { LockScreen } from "./lock-screen.tsx";
import type { Verification } from "./verification.ts";

/** The lock, and the way round it with the card: a new app PIN. */
export function LockedApp({ onUnlocked }: { onUnlocked: (verification: Verification) => void }) {
  const { refresh } = useApp();
  const [step, setStep] = useState<"lock" | "card" | "pin">("lock");
  switch (step) {
    case "lock":
      return <LockScreen onUnlocked={onUnlocked} onReset={() => setStep("card")} />;
    case "card":
      return (
        <CardFlow
          newPin
          canGoBack
          onStop={() => setStep("lock")}
          onDone={() => {
            refresh();
            setStep("pin");
          }}
        />
      );
    case "pin":
      return <NewPinScreens onDone={onUnlocked} />;
  }
}
