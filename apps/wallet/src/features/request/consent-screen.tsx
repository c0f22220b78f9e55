import type { ItemName, RequestDisplay } from "@xid/protocol";
import { useState } from "react";
import { StyleSheet, Text, View } from "react-native";
import { useApp } from "../../app-context.ts";
import { presentDate, presentItem, presentTime } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { PdfPage } from "../../platform/pdf-page";
import { Button } from "../../ui/button.tsx";
import { Choice } from "../../ui/choice.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Half, Pair, Stack } from "../../ui/stack.tsx";
import { colors, fontFamily, sizes } from "../../ui/theme.ts";
import { Heading, Paragraph, Small } from "../../ui/words.tsx";
import { isFresh } from "../lock/verification.ts";
import { DocumentView } from "./document-view.tsx";
import { OtherRequest } from "./other-request.tsx";
import { SentNotice } from "./sent-notice.tsx";
import { SigningView } from "./signing-view.tsx";
import type { RequestFlow } from "./use-request.ts";

/** A My Number is another act in the law, with a screen of its own. */
type Consented = Exclude<RequestDisplay, { kind: "my_number" }>;

type ConsentScreenProps = {
  flow: RequestFlow;
  display: Consented;
  /** The request is looked at anew afterwards. */
  onReadCard: () => void;
};

/** Who asks, why, for what; and two answers of equal weight. Of what is optional nothing is chosen beforehand. */
export function ConsentScreen({ flow, display, onReadCard }: ConsentScreenProps) {
  const text = useText();
  const language = useLanguage();
  const { verification } = useApp();
  const [chosen, setChosen] = useState<ItemName[]>([]);
  const [latest, setLatest] = useState(false);
  const cardFirst = display.kind === "identity_refresh" && !display.refresh.cardRead;
  const { client, items } = display;
  const name = client.name[language];
  const toggle = (name: ItemName) =>
    setChosen(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return (
    <Page name="request-consent" title={text(titleOf(display), { client: name })}>
      {display.via === "push" ? <SentNotice message={display.message} /> : null}
      <Facts
        facts={[
          { name: text("request.consent.domain"), value: client.domain, testID: "request-domain" },
          { name: text("request.consent.purpose"), value: display.purpose[language], testID: "request-purpose" },
        ]}
      />
      {display.kind === "sign_in" && display.level === "card" ? (
        <Notice kind="info" testID="request-card-wanted">
          <Paragraph>{text("request.card.wanted", { client: name })}</Paragraph>
        </Notice>
      ) : null}
      {display.kind === "card_signature" ? <DocumentView {...display.signature} /> : null}
      {display.kind === "document_signature" ? <SigningView signing={display.signing} file={flow.file} /> : null}
      {display.changed ? <Notice kind="info">{<Paragraph>{text("request.changed")}</Paragraph>}</Notice> : null}
      {display.kind === "identity_refresh" ? (
        <Paragraph testID="refresh-state">
          {text(cardFirst ? "request.refresh.card" : "request.refresh.read")}
        </Paragraph>
      ) : null}
      <Stack>
        <Heading>{text("request.consent.items")}</Heading>
        {items.length === 0 ? <Paragraph>{text("request.consent.none")}</Paragraph> : null}
        {items.map((item) => (
          <Item
            key={item.name}
            item={item}
            granted={display.alreadyGranted.includes(item.name)}
            checked={chosen.includes(item.name)}
            onToggle={() => toggle(item.name)}
          />
        ))}
        {items.some(({ required }) => !required) ? <Small>{text("request.consent.optional.help")}</Small> : null}
      </Stack>
      {display.delivery ? (
        <View testID="request-end-to-end">
          <Paragraph>{text("request.consent.endToEnd", { client: name })}</Paragraph>
        </View>
      ) : null}
      {items.length > 0 ? (
        <Paragraph>{text(display.offlineAccess ? "request.consent.offline" : whenGiven[display.kind])}</Paragraph>
      ) : null}
      {display.latestAttributes ? (
        <LatestAttributes asked={display.latestAttributes} checked={latest} onToggle={() => setLatest(!latest)} />
      ) : null}
      <OtherRequest flow={flow} client={name} />
      <Pair>
        <Half>
          <Button
            kind="outlined"
            testID="request-decline"
            label={text(declines[display.kind])}
            onPress={flow.decline}
          />
        </Half>
        <Half>
          {cardFirst ? (
            <Button kind="outlined" testID="request-read-card" label={text("home.read")} onPress={onReadCard} />
          ) : isHidden(display) ? null : (
            <Button
              kind="outlined"
              testID="request-approve"
              label={text(approvals[display.kind])}
              onPress={() => flow.approve({ items: chosen, latest }, isFresh(verification, Date.now()))}
            />
          )}
        </Half>
      </Pair>
      <Small>{text("request.expires", { time: presentTime(language, display.expiresAt) })}</Small>
    </Page>
  );
}

/** Nobody signs a document whose pages this device can't show. */
function isHidden(display: Consented): boolean {
  return display.kind === "document_signature" && display.signing.document.form === "pdf" && !PdfPage;
}

/** What a service sends is no sign-in that the person has begun. */
function titleOf({ kind, via }: Consented) {
  return kind === "sign_in" && via === "push" ? "request.sent.consent" : titles[kind];
}

const titles = {
  sign_in: "request.consent.title",
  card_signature: "request.sign.title",
  document_signature: "request.sign.title",
  identity_refresh: "request.refresh.title",
} as const;

const whenGiven = {
  sign_in: "request.consent.once",
  card_signature: "request.consent.once",
  document_signature: "request.consent.once",
  identity_refresh: "request.refresh.once",
} as const;

const declines = {
  sign_in: "request.decline",
  card_signature: "request.sign.decline",
  document_signature: "request.sign.decline",
  identity_refresh: "request.refresh.decline",
} as const;

const approvals = {
  sign_in: "request.approve",
  card_signature: "request.sign.approve",
  document_signature: "request.sign.approve",
  identity_refresh: "request.refresh.approve",
} as const;

type LatestAttributesProps = {
  asked: NonNullable<RequestDisplay["latestAttributes"]>;
  checked: boolean;
  onToggle: () => void;
};

/** A choice of its own: what goes out now does not depend on it. */
function LatestAttributes({ asked, checked, onToggle }: LatestAttributesProps) {
  const text = useText();
  const date = presentDate(useLanguage(), asked.until);
  if (asked.granted) return <Paragraph testID="consent-latest">{text("request.latest.granted", { date })}</Paragraph>;
  return (
    <Stack>
      <Heading>{text("request.latest.title")}</Heading>
      <Choice
        role="checkbox"
        testID="consent-latest"
        label={text("request.latest.label")}
        help={text("request.latest.help", { date })}
        checked={checked}
        onPress={onToggle}
      />
    </Stack>
  );
}

type ItemProps = {
  item: RequestDisplay["items"][number];
  granted: boolean;
  checked: boolean;
  onToggle: () => void;
};

function Item({ item, granted, checked, onToggle }: ItemProps) {
  const text = useText();
  const language = useLanguage();
  const { name, required, purpose } = item;
  const presented = presentItem(language, item);
  const { value } = presented;
  const remarks = [...presented.notes, ...(purpose ? [text("item.purpose", { purpose: purpose[language] })] : [])];
  const notes = [text(required ? "request.consent.required" : "request.consent.optional")];
  if (granted) notes.push(text("request.consent.granted"));
  const label = `${text(`attribute.${name}`)} (${notes.join(", ")})`;
  if (!required) {
    return (
      <Choice
        role="checkbox"
        testID={`consent-item-${name}`}
        label={label}
        help={[value, ...remarks].join("\n")}
        checked={checked}
        onPress={onToggle}
      />
    );
  }
  return (
    <View testID={`consent-item-${name}`} style={styles.item}>
      <Small>{label}</Small>
      <Text style={styles.value}>{value}</Text>
      {remarks.map((remark) => (
        <Small key={remark}>{remark}</Small>
      ))}
    </View>
  );
}

const styles = StyleSheet.create({
  item: {
    borderWidth: 1,
    borderColor: colors.faintLine,
    borderRadius: 8,
    backgroundColor: colors.ground,
    paddingHorizontal: 14,
    paddingVertical: 10,
  },
  value: { color: colors.text, fontFamily, fontSize: sizes.body, lineHeight: 28 },
});
