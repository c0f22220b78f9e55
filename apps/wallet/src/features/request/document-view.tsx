import { type ShownDocument, type SignatureLayout, toHex } from "@xid/protocol";
import { StyleSheet, Text, View } from "react-native";
import { presentCalendarDate } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Facts } from "../../ui/facts.tsx";
import { Stack } from "../../ui/stack.tsx";
import { colors, fontFamily, sizes } from "../../ui/theme.ts";
import { Heading, Paragraph } from "../../ui/words.tsx";

type DocumentViewProps = { display: SignatureLayout; document: ShownDocument };

/** What is to be signed with the card: its facts in a fixed layout, and the whole text, or which file it is. */
export function DocumentView({ display, document }: DocumentViewProps) {
  const text = useText();
  return (
    <>
      <Stack>
        <Heading>{text(`request.sign.${display.layout}`)}</Heading>
        <Facts facts={useLayoutFacts(display)} />
      </Stack>
      <Stack>
        <Heading>{text("request.sign.document")}</Heading>
        {document.form === "text" ? (
          <View testID="request-document" style={styles.paper}>
            <Text selectable style={styles.text}>
              {document.text}
            </Text>
          </View>
        ) : (
          <>
            <Facts
              facts={[
                { name: text("request.sign.file"), value: document.name, testID: "request-file" },
                { name: text("request.sign.size"), value: text("request.sign.bytes", { n: document.size }) },
              ]}
            />
            <Paragraph>{text("request.sign.unseen")}</Paragraph>
          </>
        )}
        <Facts facts={[{ name: "SHA-256", value: toHex(document.digest), testID: "request-digest" }]} />
      </Stack>
    </>
  );
}

function useLayoutFacts(display: SignatureLayout): { name: string; value: string }[] {
  const text = useText();
  const language = useLanguage();
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
          : [
              {
                name: text("request.sign.contract.amount"),
                value: text("request.sign.yen", { n: display.amount.toLocaleString("en-US") }),
              },
            ]),
        ...(display.from
          ? [{ name: text("request.sign.contract.from"), value: presentCalendarDate(language, display.from) }]
          : []),
        ...(display.until
          ? [{ name: text("request.sign.contract.until"), value: presentCalendarDate(language, display.until) }]
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

const styles = StyleSheet.create({
  paper: {
    borderWidth: 1,
    borderColor: colors.faintLine,
    borderRadius: 8,
    backgroundColor: colors.ground,
    padding: 14,
  },
  text: { color: colors.text, fontFamily, fontSize: sizes.body, lineHeight: 28 },
});
