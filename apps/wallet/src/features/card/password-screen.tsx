import { useState } from "react";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { SecretField } from "../../ui/secret-field.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph, Small } from "../../ui/words.tsx";
import type { CardState } from "./machine.ts";
import type { CardFlow } from "./use-card-flow.ts";

type PasswordState = Extract<CardState, { at: "password" }>;

/** What the two passwords look like, and what is said of each. */
const passwords = {
  signature: { pattern: /^[0-9A-Za-z]{6,16}$/, texts: "card.password" },
  text: { pattern: /^[0-9]{4}$/, texts: "card.pin" },
} as const;

/** Asks for the card's password before the card is: a phone's reading sheet is open for a short time only. */
export function PasswordScreen({ flow, state }: { flow: CardFlow; state: PasswordState }) {
  const text = useText();
  const { pattern, texts } = passwords[flow.pin];
  const [value, setValue] = useState("");
  const [error, setError] = useState<string>();
  const submit = () => {
    const password = value.normalize("NFKC").trim();
    if (!pattern.test(password)) return setError(text(`${texts}.format`));
    setValue("");
    flow.enterPassword(password);
  };
  return (
    <Page name="card-password" title={text(`${texts}.title`)}>
      <Paragraph>{text(`${texts}.lead`)}</Paragraph>
      <Small>{text(`${texts}.not`)}</Small>
      {state.triesLeft === null ? null : (
        <Notice kind={state.lastTryAllowed ? "warning" : "info"}>
          <Paragraph>
            {state.lastTryAllowed ? text("card.password.last") : text("card.password.left", { n: state.triesLeft })}
          </Paragraph>
        </Notice>
      )}
      <SecretField
        testID="card-password"
        label={text(`${texts}.label`)}
        help={text(`${texts}.help`)}
        digitsOnly={flow.pin === "text"}
        value={value}
        onChange={(typed) => {
          setValue(typed);
          setError(undefined);
        }}
        onSubmit={submit}
        error={error}
        autoComplete="off"
      />
      <Stack>
        <Button testID="card-password-continue" label={text("common.continue")} onPress={submit} />
        <Button kind="text" testID="card-stop" label={text("common.stop")} onPress={flow.stop} />
      </Stack>
    </Page>
  );
}
