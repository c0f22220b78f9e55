import { layoutWarnings, type SignatureLayout } from "@xid/protocol";
import { presentCalendarDate } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Facts } from "../../ui/facts.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Heading, Paragraph } from "../../ui/words.tsx";

/** What a signature is about, in a fixed layout: every fact, and the warning that goes with it. */
export function LayoutView({ layout }: { layout: SignatureLayout }) {
  const text = useText();
  const language = useLanguage();
  const warning = layoutWarnings[layout.layout];
  return (
    <Stack>
      <Heading>{text(`request.sign.${layout.layout}`)}</Heading>
      <Facts facts={useLayoutFacts(layout)} />
      {warning ? <Paragraph>{warning[language]}</Paragraph> : null}
    </Stack>
  );
}

function useLayoutFacts(display: SignatureLayout): { name: string; value: string }[] {
  const text = useText();
  const language = useLanguage();
  const yen = (amount: number) => text("request.sign.yen", { n: amount.toLocaleString("en-US") });
  switch (display.layout) {
    case "application":
      return [
        { name: text("request.sign.application.title"), value: display.title[language] },
        { name: text("request.sign.application.recipient"), value: display.recipient[language] },
        ...(display.summary
          ? [{ name: text("request.sign.application.summary"), value: display.summary[language] }]
          : []),
      ];
    case "contract":
      return [
        { name: text("request.sign.contract.title"), value: display.title[language] },
        { name: text("request.sign.contract.counterparty"), value: display.counterparty[language] },
        ...(display.amount === undefined
          ? []
          : [{ name: text("request.sign.contract.amount"), value: yen(display.amount) }]),
        ...(display.from
          ? [{ name: text("request.sign.contract.from"), value: presentCalendarDate(language, display.from) }]
          : []),
        ...(display.until
          ? [{ name: text("request.sign.contract.until"), value: presentCalendarDate(language, display.until) }]
          : []),
      ];
    case "transfer":
      return [
        { name: text("request.sign.transfer.payee"), value: display.payee[language] },
        { name: text("request.sign.transfer.account"), value: display.account[language] },
        { name: text("request.sign.transfer.amount"), value: yen(display.amount) },
        ...(display.fee === undefined ? [] : [{ name: text("request.sign.transfer.fee"), value: yen(display.fee) }]),
        ...(display.on
          ? [{ name: text("request.sign.transfer.on"), value: presentCalendarDate(language, display.on) }]
          : []),
      ];
    case "consent":
      return [
        { name: text("request.sign.consent.title"), value: display.title[language] },
        { name: text("request.sign.consent.recipient"), value: display.recipient[language] },
        { name: text("request.sign.consent.summary"), value: display.summary[language] },
        ...(display.until
          ? [{ name: text("request.sign.consent.until"), value: presentCalendarDate(language, display.until) }]
          : []),
      ];
    case "account_opening":
      return [
        { name: text("request.sign.account_opening.institution"), value: display.institution[language] },
        ...(display.branch
          ? [{ name: text("request.sign.account_opening.branch"), value: display.branch[language] }]
          : []),
        {
          name: text("request.sign.account_opening.account"),
          value: text(`request.sign.account.${display.account}`),
        },
      ];
  }
}
