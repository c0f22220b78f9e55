import { useEffect, useState } from "react";
import { useApp } from "../../app-context.ts";
import { CardFlow } from "../card/card-flow.tsx";
import { BiometricsScreen } from "./biometrics-screen.tsx";
import { NewPinScreens } from "./new-pin-screens.tsx";
import { WelcomeScreen } from "./welcome-screen.tsx";

type OnboardingProps = {
  /** The app PIN exists: only the card is missing. */
  begun: boolean;
  onDone: () => void;
  /** Another window has set the app PIN meanwhile. */
  onPinTaken: () => void;
};

/** What it is → the app PIN → the device's own verification, where it has one → the card. */
export function Onboarding({ begun, onDone, onPinTaken }: OnboardingProps) {
  const { wallet, stored, refresh, verification, setVerification } = useApp();
  const [step, setStep] = useState<"welcome" | "pin" | "biometrics" | "card">(begun ? "card" : "welcome");
  const [attempt, setAttempt] = useState(0);
  const [biometricsAvailable, setBiometricsAvailable] = useState(false);
  const { userVerification } = wallet.platform;
  useEffect(() => void userVerification.available().then(setBiometricsAvailable), [userVerification]);
  const askPin = async () => ((await wallet.pin.triesLeft()) === null ? setStep("pin") : onPinTaken());
  const setPin = async (pin: string) => {
    if (!(await wallet.pin.setFirst(pin))) return onPinTaken();
    // Who has chosen it counts as verified by it.
    setVerification({ how: "app_pin", at: Date.now() });
    setStep(biometricsAvailable ? "biometrics" : "card");
  };
  const finish = () => {
    // Who has just given the card its password needs no second check a minute later.
    if (verification) setVerification({ ...verification, at: Date.now() });
    refresh();
    onDone();
  };
  switch (step) {
    case "welcome":
      return <WelcomeScreen onContinue={() => void askPin()} />;
    case "pin":
      return <NewPinScreens onPin={setPin} />;
    case "biometrics":
      return <BiometricsScreen onDone={() => setStep("card")} />;
    case "card":
      return (
        <CardFlow
          key={attempt}
          newPin={false}
          canGoBack={stored.enrolment !== null}
          onDone={finish}
          onStop={() => {
            refresh();
            setAttempt(attempt + 1);
          }}
        />
      );
  }
}
