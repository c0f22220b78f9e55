import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph, Small } from "../../ui/words.tsx";
import { WalletError } from "../../wallet-error.ts";

/** Offers the device's own user verification, where it has one. */
export function BiometricsScreen({ onDone }: { onDone: () => void }) {
  const text = useText();
  const { wallet, update, setVerification } = useApp();
  const [failed, setFailed] = useState(false);
  const enable = async () => {
    setFailed(false);
    try {
      await wallet.platform.userVerification.enable();
    } catch (error) {
      if (!(error instanceof WalletError)) throw error;
      return setFailed(true);
    }
    await update({ biometrics: true });
    setVerification({ how: "biometric", at: Date.now() });
    onDone();
  };
  return (
    <Page name="biometrics" title={text("biometrics.title")}>
      <Paragraph>{text("biometrics.lead")}</Paragraph>
      <Small>{text("biometrics.privacy")}</Small>
      {failed ? (
        <Notice kind="error">
          <Paragraph>{text("biometrics.failed")}</Paragraph>
        </Notice>
      ) : null}
      <Stack>
        <Button testID="biometrics-enable" label={text("biometrics.enable")} onPress={() => void enable()} />
        <Button testID="biometrics-skip" kind="outlined" label={text("biometrics.skip")} onPress={onDone} />
      </Stack>
    </Page>
  );
}
