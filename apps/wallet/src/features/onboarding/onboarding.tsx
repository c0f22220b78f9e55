import { useEffect, useState } from "react";
import { useApp } from "../../app-context.ts";
import { CardFlow } from "../card/card-flow.tsx";
import type { Verification } from "../lock/verification.ts";
import { BiometricsScreen } from "./biometrics-screen.tsx";
import { NewPinScreens } from "./new-pin-screens.tsx";
import { WelcomeScreen } from "./welcome-screen.tsx";

type OnboardingProps = {
  /** The app PIN exists: only the card is missing. */
  begun: boolean;
  onDone: () => void;
};

/** What it is → the app PIN → the device's own verification, where it has one → the card. */
export function Onboarding({ begun, onDone }: OnboardingProps) {
  const { wallet, stored, refresh, verification, setVerification } = useApp();
  const [step, setStep] = useState<"welcome" | "pin" | "biometrics" | "card">(begun ? "card" : "welcome");
  const [attempt, setAttempt] = useState(0);
  const [biometricsAvailable, setBiometricsAvailable] = useState(false);
  const { userVerification } = wallet.platform;
  useEffect(() => void userVerification.available().then(setBiometricsAvailable), [userVerification]);
  const havePin = (newVerification: Verification) => {
    setVerification(newVerification);
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
      return <WelcomeScreen onContinue={() => setStep("pin")} />;
    case "pin":
      return <NewPinScreens onDone={havePin} />;
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
