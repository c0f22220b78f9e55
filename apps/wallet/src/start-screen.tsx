import { formatText } from "./i18n/text.ts";
import { Page } from "./ui/page.tsx";
import { Status } from "./ui/status.tsx";
import { Paragraph } from "./ui/words.tsx";

/** Before the language of this device is known: both. */
export function StartScreen({ failed }: { failed: boolean }) {
  const key = failed ? "app.failed" : "app.starting";
  return (
    <Page name={failed ? "failed" : "starting"} title="xID">
      <Status>{formatText("ja", key)}</Status>
      <Paragraph>{formatText("en", key)}</Paragraph>
    </Page>
  );
}
