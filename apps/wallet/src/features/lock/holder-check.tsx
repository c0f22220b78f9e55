import { useEffect, useRef, useState } from "react";
import { useApp } from "../../app-context.ts";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { SecretField } from "../../ui/secret-field.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Status } from "../../ui/status.tsx";
import { normalizePin } from "../../wallet/app-pin.ts";
import { WalletError } from "../../wallet-error.ts";
import type { Verification } from "./verification.ts";

type HolderCheckProps = {
  /** Beginning of the testIDs. */
  name: "unlock" | "verify";
  onVerified: (verification: Verification) => void;
  onBlocked: () => void;
};

/** Makes sure of the device's holder: by the device itself where that was set up, or by the app PIN. */
export function HolderCheck({ name, onVerified, onBlocked }: HolderCheckProps) {
  const text = useText();
  const { wallet, stored } = useApp();
  const [pin, setPin] = useState("");
  const [error, setError] = useState<string>();
  const [checking, setChecking] = useState(false);
  const busy = useRef(false);
  const blocked = useRef(onBlocked);
  blocked.current = onBlocked;
  useEffect(() => {
    void wallet.pin.triesLeft().then((triesLeft) => triesLeft === 0 && blocked.current());
  }, [wallet]);

  const once = async (work: () => Promise<void>) => {
    if (busy.current) return;
    busy.current = true;
    setError(undefined);
    try {
      await work();
    } finally {
      busy.current = false;
    }
  };
  const askDevice = () =>
    once(async () => {
      try {
        await wallet.platform.userVerification.verify(text("biometrics.reason"));
      } catch (failure) {
        if (!(failure instanceof WalletError)) throw failure;
        return setError(text("lock.biometrics.failed"));
      }
      onVerified({ how: "biometric", at: Date.now() });
    });
  const askPin = () =>
    once(async () => {
      if (pin.length < 6) return setError(text("pin.error.short", { count: pin.length }));
      setChecking(true);
      const answer = await wallet.pin.check(pin);
      setChecking(false);
      setPin("");
      if (answer.state === "right") onVerified({ how: "app_pin", at: Date.now() });
      else if (answer.state === "blocked") onBlocked();
      else setError(text("pin.error.wrong", { n: answer.triesLeft }));
    });

  return (
    <Stack>
      {stored.biometrics ? (
        <Button testID={`${name}-biometrics`} label={text("lock.biometrics")} onPress={() => void askDevice()} />
      ) : null}
      <SecretField
        testID={`${name}-pin`}
        label={text("lock.label")}
        value={pin}
        onChange={(typed) => {
          setPin(normalizePin(typed));
          setError(undefined);
        }}
        onSubmit={() => void askPin()}
        error={error}
        digitsOnly
        autoComplete="current-password"
      />
      <Status>{checking ? text("pin.checking") : ""}</Status>
      <Button
        testID={`${name}-pin-continue`}
        kind={stored.biometrics ? "outlined" : "filled"}
        label={text(name === "unlock" ? "lock.action" : "common.continue")}
        onPress={() => void askPin()}
      />
    </Stack>
  );
}
