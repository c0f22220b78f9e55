import { useState } from "react";
import { presentDate } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Choice, ChoiceGroup } from "../../ui/choice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Bullet, Paragraph } from "../../ui/words.tsx";
import type { CardFlow } from "./use-card-flow.ts";

type OtherDevicesScreenProps = { flow: CardFlow; devices: { name: string; enrolledAt: number }[] };

/** What becomes of the devices that the person has already: replacing them is the default. */
export function OtherDevicesScreen({ flow, devices }: OtherDevicesScreenProps) {
  const text = useText();
  const language = useLanguage();
  const [choice, setChoice] = useState<"replace" | "keep">("replace");
  return (
    <Page name="card-other-devices" title={text("card.devices.title")}>
      <Paragraph>{text("card.devices.lead")}</Paragraph>
      <Stack>
        {devices.map(({ name, enrolledAt }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two devices may be told by nothing else; the list never changes.
          <Bullet key={index}>{text("card.devices.item", { name, date: presentDate(language, enrolledAt) })}</Bullet>
        ))}
      </Stack>
      <ChoiceGroup label={text("card.devices.label")}>
        {(["replace", "keep"] as const).map((option) => (
          <Choice
            key={option}
            role="radio"
            testID={`other-devices-${option}`}
            label={text(`card.devices.${option}`)}
            help={text(`card.devices.${option}.help`)}
            checked={choice === option}
            onPress={() => setChoice(option)}
          />
        ))}
      </ChoiceGroup>
      <Button
        testID="other-devices-continue"
        label={text("card.devices.continue")}
        onPress={() => flow.chooseOtherDevices(choice)}
      />
    </Page>
  );
}
