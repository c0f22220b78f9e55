import { useApp } from "../../app-context.ts";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Paragraph } from "../../ui/words.tsx";

type DoneScreenProps = {
  account: "created" | "existing";
  replacedDevices: number;
  newPin: boolean;
  onDone: () => void;
};

export function DoneScreen({ account, replacedDevices, newPin, onDone }: DoneScreenProps) {
  const text = useText();
  const { requestWaits } = useApp();
  return (
    <Page name="card-done" title={text(`card.done.${account}`)}>
      <Notice kind="success">
        <Paragraph>{text("card.done.lead")}</Paragraph>
        {replacedDevices > 0 ? <Paragraph>{text("card.done.replaced", { n: replacedDevices })}</Paragraph> : null}
      </Notice>
      {newPin ? <Paragraph>{text("card.done.pin")}</Paragraph> : null}
      {requestWaits ? <Paragraph>{text("card.done.waiting")}</Paragraph> : null}
      <Button testID="card-done-continue" label={text("common.continue")} onPress={onDone} />
    </Page>
  );
}
