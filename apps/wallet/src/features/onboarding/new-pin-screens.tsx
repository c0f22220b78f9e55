import { useState } from "react";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { SecretField } from "../../ui/secret-field.tsx";
import { Status } from "../../ui/status.tsx";
import { Paragraph } from "../../ui/words.tsx";
import { isPin, isSimplePin, normalizePin } from "../../wallet/app-pin.ts";

/** Asks for a new app PIN twice, and has it set. */
export function NewPinScreens({ onPin }: { onPin: (pin: string) => Promise<void> }) {
  const [first, setFirst] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const save = async (pin: string) => {
    setSaving(true);
    await onPin(pin);
  };
  if (first === null) return <NewPin onPin={setFirst} />;
  return <RepeatPin first={first} saving={saving} onPin={save} onBack={() => setFirst(null)} />;
}

function NewPin({ onPin }: { onPin: (pin: string) => void }) {
  const text = useText();
  const [value, setValue] = useState("");
  const [error, setError] = useState<string>();
  const submit = () => {
    if (!isPin(value)) setError(text("pin.error.short", { count: value.length }));
    else if (isSimplePin(value)) setError(text("pin.error.simple"));
    else onPin(value);
  };
  return (
    <Page name="pin-new" title={text("pin.new.title")}>
      <Paragraph>{text("pin.new.lead")}</Paragraph>
      <PinField value={value} onValue={setValue} onError={setError} error={error} repeat={false} onSubmit={submit} />
      <Button testID="pin-new-continue" label={text("common.continue")} onPress={submit} />
    </Page>
  );
}

type RepeatPinProps = { first: string; saving: boolean; onPin: (pin: string) => void; onBack: () => void };

function RepeatPin({ first, saving, onPin, onBack }: RepeatPinProps) {
  const text = useText();
  const [value, setValue] = useState("");
  const [error, setError] = useState<string>();
  const submit = () => {
    if (saving) return;
    if (value === first) return onPin(value);
    setError(text(isPin(value) ? "pin.error.different" : "pin.error.short", { count: value.length }));
  };
  return (
    <Page name="pin-repeat" title={text("pin.repeat.title")} onBack={onBack}>
      <Paragraph>{text("pin.repeat.lead")}</Paragraph>
      <PinField value={value} onValue={setValue} onError={setError} error={error} repeat onSubmit={submit} />
      <Status>{saving ? text("pin.checking") : ""}</Status>
      <Button testID="pin-repeat-continue" label={text("common.continue")} onPress={submit} />
    </Page>
  );
}

type PinFieldProps = {
  value: string;
  onValue: (value: string) => void;
  error: string | undefined;
  onError: (error: undefined) => void;
  onSubmit: () => void;
  repeat: boolean;
};

function PinField({ value, onValue, error, onError, onSubmit, repeat }: PinFieldProps) {
  const text = useText();
  return (
    <SecretField
      key={repeat ? "repeat" : "new"}
      testID={repeat ? "pin-repeat" : "pin-new"}
      label={text(repeat ? "pin.repeat.label" : "pin.new.label")}
      help={repeat ? undefined : text("pin.new.help")}
      value={value}
      onChange={(typed) => {
        onValue(normalizePin(typed));
        onError(undefined);
      }}
      onSubmit={onSubmit}
      error={error}
      digitsOnly
      autoComplete="new-password"
    />
  );
}
