import type { RequestDisplay } from "@xid/protocol";
import { StyleSheet, Text, View } from "react-native";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { colors, fontFamily, sizes } from "../../ui/theme.ts";
import { Paragraph, Small } from "../../ui/words.tsx";
import { OtherRequest } from "./other-request.tsx";
import type { RequestFlow } from "./use-request.ts";

/** RFC 10027: the person compares both screens before they see what is asked of them. */
export function CompareScreen({ flow, display }: { flow: RequestFlow; display: RequestDisplay }) {
  const text = useText();
  const { domain } = display.client;
  const name = display.client.name[useLanguage()];
  return (
    <Page name="request-compare" title={text("request.compare.title")}>
      <Paragraph>{text("request.compare.lead")}</Paragraph>
      {display.checkNumber === null ? null : (
        <View style={styles.box}>
          <Paragraph>{text("request.compare.number")}</Paragraph>
          <Text testID="request-check-number" style={styles.number}>
            {display.checkNumber}
          </Text>
        </View>
      )}
      <View style={styles.box}>
        <Paragraph>{text("request.compare.domain", { domain })}</Paragraph>
        <Text testID="request-domain" style={styles.domain}>
          {domain}
        </Text>
        <Small>{name}</Small>
      </View>
      <Notice kind="warning">
        <Paragraph>{text("request.compare.warning")}</Paragraph>
      </Notice>
      <OtherRequest flow={flow} client={name} />
      <Stack>
        <Button
          kind="outlined"
          testID="request-compare-yes"
          label={text("request.compare.yes")}
          onPress={flow.sameScreen}
        />
        <Button kind="outlined" testID="request-compare-no" label={text("request.compare.no")} onPress={flow.decline} />
      </Stack>
    </Page>
  );
}

const styles = StyleSheet.create({
  box: { gap: 4, borderWidth: 1, borderColor: colors.line, borderRadius: 8, padding: 16 },
  number: {
    color: colors.text,
    fontFamily,
    fontSize: sizes.display,
    fontWeight: "700",
    letterSpacing: 8,
    lineHeight: 60,
    textAlign: "center",
  },
  domain: { color: colors.text, fontFamily, fontSize: sizes.title, fontWeight: "700", lineHeight: 32 },
});
