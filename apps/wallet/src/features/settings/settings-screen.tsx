import { useEffect, useState } from "react";
import { useApp } from "../../app-context.ts";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Choice, ChoiceGroup } from "../../ui/choice.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Heading, Paragraph, Small } from "../../ui/words.tsx";
import { lockDelays } from "../../wallet/stored.ts";
import { WalletError } from "../../wallet-error.ts";
import { LanguageChoice } from "./language-choice.tsx";

export function SettingsScreen({ onBack, onReadCard }: { onBack: () => void; onReadCard: () => void }) {
  const text = useText();
  const { stored, update, lock } = useApp();
  return (
    <Page name="settings" title={text("settings.title")} onBack={onBack}>
      <Stack>
        <Heading>{text("language.label")}</Heading>
        <LanguageChoice />
      </Stack>
      <Stack>
        <Heading>{text("settings.lock")}</Heading>
        <ChoiceGroup label={text("settings.lock")}>
          {lockDelays.map((delay) => (
            <Choice
              key={delay}
              role="radio"
              testID={`lock-after-${delay}`}
              label={text(`settings.lock.${delay}`)}
              checked={stored.lockDelay === delay}
              onPress={() => void update({ lockDelay: delay })}
            />
          ))}
        </ChoiceGroup>
        <Button kind="outlined" testID="settings-lock" label={text("settings.lock.now")} onPress={lock} />
      </Stack>
      <DeviceVerification />
      <Stack>
        <Heading>{text("settings.card")}</Heading>
        <Small>{text("settings.card.help")}</Small>
        <Button kind="outlined" testID="settings-read-card" label={text("settings.card.read")} onPress={onReadCard} />
      </Stack>
    </Page>
  );
}

/** The device's own user verification, on or off; nothing where the device has none. */
function DeviceVerification() {
  const text = useText();
  const { wallet, stored, update } = useApp();
  const [available, setAvailable] = useState(false);
  const [failed, setFailed] = useState(false);
  const { userVerification } = wallet.platform;
  useEffect(() => void userVerification.available().then(setAvailable), [userVerification]);
  if (!available) return null;
  const toggle = async () => {
    setFailed(false);
    try {
      if (!stored.biometrics) await userVerification.enable();
    } catch (error) {
      if (!(error instanceof WalletError)) throw error;
      return setFailed(true);
    }
    await update({ biometrics: !stored.biometrics });
  };
  return (
    <Stack>
      <Heading>{text(stored.biometrics ? "settings.biometrics.on" : "settings.biometrics")}</Heading>
      {failed ? (
        <Notice kind="error">
          <Paragraph>{text("lock.biometrics.failed")}</Paragraph>
        </Notice>
      ) : null}
      <Button
        kind="outlined"
        testID="settings-biometrics"
        label={text(stored.biometrics ? "settings.biometrics.off" : "biometrics.enable")}
        onPress={() => void toggle()}
      />
    </Stack>
  );
}
