import { useApp } from "../../app-context.ts";
import { type TextKey, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Bullet, Paragraph } from "../../ui/words.tsx";
import { LanguageChoice } from "../settings/language-choice.tsx";

const points = [
  "welcome.point.card",
  "welcome.point.time",
  "welcome.point.consent",
  "welcome.point.number",
] as const satisfies TextKey[];

export function WelcomeScreen({ onContinue }: { onContinue: () => void }) {
  const text = useText();
  const { requestWaits } = useApp();
  return (
    <Page name="welcome" title={text("welcome.title")} corner={<LanguageChoice />}>
      {requestWaits ? (
        <Notice kind="info">
          <Paragraph>{text("welcome.waiting")}</Paragraph>
        </Notice>
      ) : null}
      <Paragraph>{text("welcome.lead")}</Paragraph>
      <Stack>
        {points.map((point) => (
          <Bullet key={point}>{text(point)}</Bullet>
        ))}
      </Stack>
      <Button testID="welcome-continue" label={text("welcome.start")} onPress={onContinue} />
    </Page>
  );
}
