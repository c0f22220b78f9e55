import type { RequestDecision, RequestDisplay } from "@xid/protocol";
import { useEffect, useRef } from "react";
import { useApp } from "../../app-context.ts";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph } from "../../ui/words.tsx";
import { BlockService } from "./block-service.tsx";
import { OtherRequest } from "./other-request.tsx";
import { isOfPlatform } from "./return-address.ts";
import type { RequestFlow } from "./use-request.ts";

type DecidedScreenProps = {
  flow: RequestFlow;
  display: RequestDisplay;
  decision: RequestDecision;
  onHome: () => void;
};

/** What came of it. On the same device the browser goes on at once; on another one, nothing here leads anywhere. */
export function DecidedScreen({ flow, display, decision, onHome }: DecidedScreenProps) {
  const text = useText();
  const { wallet, answerKept } = useApp();
  const approved = decision.state === "approved";
  const address = decision.returnTo;
  const returnTo = address !== null && isOfPlatform(address, wallet.config.platformUrl) ? address : null;
  const open = useRef(wallet.platform.links.open);
  useEffect(() => {
    if (returnTo !== null && answerKept) void open.current(returnTo);
  }, [returnTo, answerKept]);
  return (
    <Page name="request-done" title={text(approved ? "request.approved" : "request.declined")}>
      <Notice kind={approved ? "success" : "info"}>
        <Paragraph>{text(approved ? approvedText(display, returnTo) : "request.declined.lead")}</Paragraph>
      </Notice>
      <OtherRequest flow={flow} />
      {display.via === "push" && !approved ? <BlockService client={display.client} /> : null}
      <Stack>
        {returnTo === null ? null : (
          <Button
            testID="request-return"
            label={text("request.return")}
            onPress={() => void wallet.platform.links.open(returnTo)}
          />
        )}
        <Button
          kind={returnTo === null ? "filled" : "text"}
          testID="request-home"
          label={text("common.home")}
          onPress={onHome}
        />
      </Stack>
    </Page>
  );
}

function approvedText({ via }: RequestDisplay, returnTo: string | null) {
  if (via === "push") return "request.sent.approved";
  return returnTo === null ? "request.approved.qr" : "request.approved.link";
}
