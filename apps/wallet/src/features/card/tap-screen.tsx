import { useEffect, useRef } from "react";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph, Strong } from "../../ui/words.tsx";
import { CardPicture } from "./card-picture.tsx";
import type { ReadingPurpose } from "./machine.ts";
import type { CardFlow } from "./use-card-flow.ts";

/** Asks for the card. In the sandbox a button lays it on the reader; a phone listens from the moment this appears. */
export function TapScreen({ flow, purpose }: { flow: CardFlow; purpose: ReadingPurpose }) {
  const text = useText();
  const chosen = flow.card;
  const listens = flow.preparation?.cards === null;
  const tap = useRef(flow.tap);
  tap.current = flow.tap;
  useEffect(() => {
    if (listens) tap.current();
  }, [listens]);
  return (
    <Page name="card-tap" title={text("card.tap.title")}>
      <Paragraph>{text(chosen ? "card.tap.sandbox" : "card.tap.lead")}</Paragraph>
      {chosen ? <Strong>{text("card.tap.chosen", { name: chosen.name })}</Strong> : null}
      {purpose === "count" ? <Paragraph>{text("card.tap.count")}</Paragraph> : null}
      <CardPicture />
      <Stack>
        <Button testID="card-tap" label={text("card.tap.action")} onPress={flow.tap} />
        <Button kind="text" testID="card-stop" label={text("common.stop")} onPress={flow.stop} />
      </Stack>
    </Page>
  );
}
