import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph, Strong } from "../../ui/words.tsx";
import type { CardFlow } from "./use-card-flow.ts";

/** Stops before the try that could lock the card. */
export function LastTryScreen({ flow, afterWrong }: { flow: CardFlow; afterWrong: boolean }) {
  const text = useText();
  return (
    <Page name="card-last-try" title={text("card.last.title")}>
      <Notice kind="warning">
        {afterWrong ? <Strong>{text("card.last.wrong")}</Strong> : null}
        <Paragraph>{text("card.last.lead")}</Paragraph>
      </Notice>
      <Paragraph>{text("card.last.next")}</Paragraph>
      <Stack>
        <Button kind="outlined" testID="card-stop" label={text("card.last.stop")} onPress={flow.stop} />
        <Button
          kind="outlined"
          testID="card-last-try-confirm"
          label={text("card.last.confirm")}
          onPress={flow.confirmLastTry}
        />
      </Stack>
    </Page>
  );
}
