import type { ItemName, RequestDisplay } from "@xid/protocol";
import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { LazyScreen, lazyPart } from "../../ui/lazy-screen.tsx";
import { Page } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { Paragraph } from "../../ui/words.tsx";
import { CardFlow } from "../card/card-flow.tsx";
import type { Given } from "../card/card-task.ts";
import { HolderCheck } from "../lock/holder-check.tsx";
import { ProblemScreen } from "../problem/problem-screen.tsx";
import { CompareScreen } from "./compare-screen.tsx";
import { ConsentScreen } from "./consent-screen.tsx";
import { DecidedScreen } from "./decided-screen.tsx";
import type { IncomingEvent, IncomingRequest } from "./incoming.ts";
import { OtherRequest } from "./other-request.tsx";
import { signatureTask } from "./signature-task.ts";
import { type RequestFlow, useRequest } from "./use-request.ts";

type RequestScreensProps = {
  incoming: IncomingRequest;
  otherWaits: boolean;
  change: (event: IncomingEvent) => void;
  onHome: () => void;
  onScan: () => void;
  /** The request waits meanwhile. */
  onReadCard: () => void;
  onRegister: () => void;
};

/** A service's request, from its link to its answer. */
export function RequestScreens(props: RequestScreensProps) {
  const { incoming, otherWaits, change, onHome, onScan, onReadCard, onRegister } = props;
  const text = useText();
  const language = useLanguage();
  const flow = useRequest(incoming, otherWaits, change);
  const { state } = flow;
  const readCardFirst = () => {
    // It is looked at anew then, with what the card says.
    change({ type: "failed" });
    onReadCard();
  };
  switch (state.at) {
    case "opening":
      return <Waiting name="request-opening" title={text("request.opening")} />;
    case "compare":
      return <CompareScreen flow={flow} display={state.display} />;
    case "consent":
      return state.display.kind === "my_number" ? (
        <LazyScreen part={myNumberConsentPart} props={{ flow, display: state.display }} />
      ) : (
        <ConsentScreen flow={flow} display={state.display} onReadCard={readCardFirst} />
      );
    case "verify":
      return <VerifyScreen flow={flow} client={state.display.client.name[language]} />;
    case "card":
      return <CardScreens flow={flow} {...state} />;
    case "approving":
    case "declining":
      return <Waiting name="request-deciding" title={text("request.deciding")} />;
    case "done":
      return <DecidedScreen flow={flow} display={state.display} decision={state.decision} onHome={onHome} />;
    case "problem": {
      const on = { retry: flow.retry, home: onHome, scan: onScan, card: onReadCard, register: onRegister };
      return <ProblemScreen problem={state.problem} on={on} />;
    }
  }
}

function Waiting({ name, title }: { name: string; title: string }) {
  return (
    <Page name={name} title={title}>
      <Status>{title}</Status>
    </Page>
  );
}

type CardScreensProps = { flow: RequestFlow; display: RequestDisplay; items: ItemName[]; latest: boolean };

/** The card does what the request needs, and with what it gives the request is approved. */
function CardScreens({ flow, display, items, latest }: CardScreensProps) {
  const { wallet, verification } = useApp();
  // As it was when the person approved, whatever becomes of it while the card is read.
  const [how] = useState(verification?.how);
  if (!how) throw new TypeError("signing without a verified holder");
  const request = {
    expiresAt: display.expiresAt,
    send: async (given: Given) =>
      (await wallet.client()).approveRequest(display, items, how, given, { latestAttributes: latest }),
    onDecided: flow.decided,
    onFailed: flow.failed,
  };
  const { cardStopped: onStop } = flow;
  switch (display.kind) {
    case "sign_in":
    case "card_signature": {
      const task = { ...signatureTask(display, wallet.config.platformUrl), ...request };
      return <CardFlow newPin={false} canGoBack task={task} onStop={onStop} onDone={onStop} />;
    }
    case "my_number":
      return <LazyScreen part={myNumberCardPart} props={{ display, request, onStop }} />;
    default:
      throw new TypeError("nothing is asked of the card");
  }
}

const myNumberConsentPart = lazyPart(
  async () => (await import("../my-number/my-number-consent-screen.tsx")).MyNumberConsentScreen,
);
const myNumberCardPart = lazyPart(async () => (await import("../my-number/my-number-card.tsx")).MyNumberCard);

function VerifyScreen({ flow, client }: { flow: RequestFlow; client: string }) {
  const text = useText();
  const { lock } = useApp();
  return (
    <Page name="request-verify" title={text("request.verify.title")}>
      <Paragraph>{text("request.verify.lead", { client })}</Paragraph>
      <OtherRequest flow={flow} client={client} />
      <HolderCheck name="verify" onVerified={flow.holderVerified} onBlocked={lock} />
      <Button kind="text" testID="verify-stop" label={text("common.stop")} onPress={flow.notVerified} />
    </Page>
  );
}
