import { useState } from "react";
import { Linking } from "react-native";
import { useApp } from "../../app-context.ts";
import { type TextKey, useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Choice, ChoiceGroup } from "../../ui/choice.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Status } from "../../ui/status.tsx";
import { Bullet, Heading, Paragraph, Small } from "../../ui/words.tsx";
import type { CardFlow, CardPreparation } from "./use-card-flow.ts";

/** What the card is going to sign, before it is asked to; in the sandbox, also which card. */
export function PrepareScreen({ flow, onStop }: { flow: CardFlow; onStop: (() => void) | undefined }) {
  const text = useText();
  const { stored } = useApp();
  return (
    <Page name="card-prepare" title={text("card.prepare.title")} onBack={onStop}>
      <Paragraph>{text(leadOf(flow, stored.enrolment !== null))}</Paragraph>
      <Status>{flow.preparation ? "" : text("card.prepare.loading")}</Status>
      {flow.preparation ? <Preparation flow={flow} preparation={flow.preparation} /> : null}
    </Page>
  );
}

function leadOf({ lead }: CardFlow, enrolled: boolean): TextKey {
  return lead ?? (enrolled ? "card.prepare.reread" : "card.prepare.lead");
}

function Preparation({ flow, preparation }: { flow: CardFlow; preparation: CardPreparation }) {
  const text = useText();
  const language = useLanguage();
  const [asked, setAsked] = useState(false);
  const { begun, cards } = preparation;
  const proceed = () => (cards && !flow.card ? setAsked(true) : flow.prepared());
  return (
    <>
      {begun ? (
        <Stack>
          <Heading>{text("card.prepare.sign")}</Heading>
          <Bullet>{text("card.prepare.sign.device")}</Bullet>
          <Bullet>{begun.start.jlisConsent.text[language]}</Bullet>
          <Small>{text("card.prepare.sign.platform", { origin: begun.start.origin })}</Small>
        </Stack>
      ) : null}
      {cards ? <SandboxCards flow={flow} cards={cards} /> : null}
      {asked && !flow.card ? (
        <Notice kind="error">
          <Paragraph>{text("card.prepare.sandbox.choose")}</Paragraph>
        </Notice>
      ) : null}
      <Button
        testID="card-prepare-continue"
        label={text(begun ? "card.prepare.agree" : "common.continue")}
        onPress={proceed}
      />
    </>
  );
}

function SandboxCards({ flow, cards }: { flow: CardFlow; cards: NonNullable<CardPreparation["cards"]> }) {
  const text = useText();
  const language = useLanguage();
  const { wallet } = useApp();
  const { sandboxUrl } = wallet.config;
  return (
    <Stack>
      <Heading>{text("card.prepare.sandbox")}</Heading>
      <Small>{text(cards.length > 0 ? "card.prepare.sandbox.help" : "card.prepare.sandbox.none")}</Small>
      <ChoiceGroup label={text("card.prepare.sandbox")}>
        {cards.map((card) => (
          <Choice
            key={card.id}
            role="radio"
            testID={`card-person-${card.id}`}
            label={card.name}
            help={card.persona[language]}
            checked={flow.card?.id === card.id}
            onPress={() => flow.chooseCard(card)}
          />
        ))}
      </ChoiceGroup>
      {sandboxUrl && cards.length === 0 ? (
        <Button
          kind="outlined"
          testID="card-open-sandbox"
          label={text("card.prepare.sandbox.open")}
          onPress={() => void Linking.openURL(sandboxUrl)}
        />
      ) : null}
    </Stack>
  );
}
