import { attributeNames, myNumberPurposes, type RequestDisplay } from "@xid/protocol";
import { useApp } from "../../app-context.ts";
import { presentAttribute, presentTime } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Half, Pair, Stack } from "../../ui/stack.tsx";
import { Bullet, Heading, Paragraph, Small } from "../../ui/words.tsx";
import { isFresh } from "../lock/verification.ts";
import { OtherRequest } from "../request/other-request.tsx";
import { SentNotice } from "../request/sent-notice.tsx";
import type { RequestFlow } from "../request/use-request.ts";

export type MyNumberDisplay = Extract<RequestDisplay, { kind: "my_number" }>;

/**
 * Who asks for the My Number, for which purpose of the law, who alone can read it, what goes along with it, and what is not
 * kept. The words for the purpose are the app's own, from the closed list: a service cannot write them.
 */
export function MyNumberConsentScreen({ flow, display }: { flow: RequestFlow; display: MyNumberDisplay }) {
  const text = useText();
  const language = useLanguage();
  const { verification } = useApp();
  const { client, handOver } = display;
  const name = client.name[language];
  const purpose = myNumberPurposes[handOver.purpose];
  const approve = () => flow.approve({ items: [], latest: false }, isFresh(verification, Date.now()));
  return (
    <Page name="request-my-number" title={text("request.myNumber.title", { client: name })}>
      {display.via === "push" ? <SentNotice message={display.message} /> : null}
      <Facts
        facts={[
          { name: text("request.consent.domain"), value: client.domain, testID: "request-domain" },
          { name: text("request.myNumber.purpose"), value: purpose.name[language], testID: "request-purpose" },
          { name: text("request.myNumber.law"), value: purpose.law[language], testID: "request-law" },
          { name: text("request.myNumber.said"), value: display.purpose[language] },
        ]}
      />
      <Notice kind="warning">
        <Paragraph>{text("request.myNumber.warning")}</Paragraph>
      </Notice>
      <Stack>
        <Heading>{text("request.myNumber.along")}</Heading>
        <Small>{text("request.myNumber.along.why")}</Small>
        <Facts
          facts={attributeNames.map((attribute) => ({
            name: text(`attribute.${attribute}`),
            value: presentAttribute(language, attribute, handOver.attributes[attribute]),
          }))}
        />
      </Stack>
      <Stack>
        <Heading>{text("request.myNumber.kept")}</Heading>
        <Bullet>{text("request.myNumber.kept.sealed", { client: name })}</Bullet>
        <Bullet>{text("request.myNumber.kept.nothing")}</Bullet>
        <Bullet>{text("request.myNumber.kept.history")}</Bullet>
      </Stack>
      <OtherRequest flow={flow} client={name} />
      <Pair>
        <Half>
          <Button
            kind="outlined"
            testID="request-decline"
            label={text("request.myNumber.decline")}
            onPress={flow.decline}
          />
        </Half>
        <Half>
          <Button kind="outlined" testID="request-approve" label={text("request.myNumber.approve")} onPress={approve} />
        </Half>
      </Pair>
      <Small>{text("request.expires", { time: presentTime(language, display.expiresAt) })}</Small>
    </Page>
  );
}
