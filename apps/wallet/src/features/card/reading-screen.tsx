import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Progress, Status } from "../../ui/status.tsx";
import { Paragraph } from "../../ui/words.tsx";
import { CardPicture } from "./card-picture.tsx";
import { type ReadingStep, readingSteps } from "./machine.ts";
import type { CardFlow } from "./use-card-flow.ts";

/** Real progress: one step of the card session after the other. */
export function ReadingScreen({ flow, step }: { flow: CardFlow; step: ReadingStep }) {
  const text = useText();
  // A phone listens before the card is there.
  const waiting = step === "connecting" && flow.card === null;
  const value = (readingSteps.indexOf(step) + 0.5) / readingSteps.length;
  return (
    <Page name="card-reading" title={text("card.reading.title")}>
      <Paragraph>{text(waiting ? "card.tap.lead" : "card.reading.lead")}</Paragraph>
      <CardPicture />
      <Progress value={value} label={text("card.reading.title")} />
      <Status testID="card-progress">{text(`card.reading.${step}`)}</Status>
      <Button kind="text" testID="card-stop" label={text("common.stop")} onPress={flow.stop} />
    </Page>
  );
}

export function SendingScreen({ flow }: { flow: CardFlow }) {
  const text = useText();
  const title = text(flow.forRequest ? "request.deciding" : "card.sending.title");
  return (
    <Page name="card-sending" title={title}>
      <Progress value={1} label={title} />
      <Status testID="card-progress">{text("card.sending.lead")}</Status>
    </Page>
  );
}
