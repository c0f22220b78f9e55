import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { CardFlow } from "../card/card-flow.tsx";
import { NewPinScreens } from "../onboarding/new-pin-screens.tsx";
import { LockScreen } from "./lock-screen.tsx";
import type { Verification } from "./verification.ts";

type LockedAppProps = {
  onUnlocked: (verification: Verification) => void;
  /** The PIN was set in another window while one was being chosen in this. */
  pinTaken: boolean;
};

/** The lock, and the way round it with the card: a new app PIN. */
export function LockedApp({ onUnlocked, pinTaken }: LockedAppProps) {
  const { wallet, refresh } = useApp();
  const [step, setStep] = useState<"lock" | "card" | "pin">("lock");
  const replacePin = async (pin: string) => {
    await wallet.pin.replace(pin);
    onUnlocked({ how: "app_pin", at: Date.now() });
  };
  switch (step) {
    case "lock":
      return <LockScreen pinTaken={pinTaken} onUnlocked={onUnlocked} onReset={() => setStep("card")} />;
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
      return <NewPinScreens onPin={replacePin} />;
  }
}
