import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph, Small } from "../../ui/words.tsx";
import { HolderCheck } from "./holder-check.tsx";
import type { Verification } from "./verification.ts";

type LockScreenProps = {
  pinTaken: boolean;
  onUnlocked: (verification: Verification) => void;
  /** Reading the card again gives the app a new PIN. */
  onReset: () => void;
};

export function LockScreen({ pinTaken, onUnlocked, onReset }: LockScreenProps) {
  const text = useText();
  const { requestWaits } = useApp();
  const [blocked, setBlocked] = useState(false);
  const [forgotten, setForgotten] = useState(false);
  if (blocked) {
    return (
      <Page name="lock" title={text("lock.title")}>
        <Notice kind="error" title={text("lock.blocked")}>
          <Paragraph>{text("lock.blocked.next")}</Paragraph>
        </Notice>
        <Button testID="unlock-reset" label={text("lock.reset")} onPress={onReset} />
      </Page>
    );
  }
  return (
    <Page name="lock" title={text("lock.title")}>
      {pinTaken ? (
        <Notice kind="info" testID="lock-pin-taken">
          <Paragraph>{text("lock.taken")}</Paragraph>
        </Notice>
      ) : null}
      {requestWaits ? (
        <Notice kind="info">
          <Paragraph>{text("lock.waiting")}</Paragraph>
        </Notice>
      ) : (
        <Paragraph>{text("lock.lead")}</Paragraph>
      )}
      <HolderCheck name="unlock" onVerified={onUnlocked} onBlocked={() => setBlocked(true)} />
      {forgotten ? (
        <Stack>
          <Small>{text("lock.forgot.lead")}</Small>
          <Button testID="unlock-reset" kind="outlined" label={text("lock.reset")} onPress={onReset} />
        </Stack>
      ) : (
        <Button testID="unlock-forgot" kind="text" label={text("lock.forgot")} onPress={() => setForgotten(true)} />
      )}
    </Page>
  );
}
