import { StyleSheet, Text, View } from "react-native";
import { useText } from "../../i18n/text.ts";
import { Notice } from "../../ui/notice.tsx";
import { colors, fontFamily, sizes } from "../../ui/theme.ts";
import { Paragraph, Small } from "../../ui/words.tsx";

/** That the service has sent it, and what it says: no screen of the person's shows the same. */
export function SentNotice({ message }: { message: string | undefined }) {
  const text = useText();
  return (
    <>
      <Notice kind="warning" title={text("request.sent.title")} testID="request-sent">
        <Paragraph>{text("request.sent.lead")}</Paragraph>
        <Paragraph>{text("request.sent.warning")}</Paragraph>
      </Notice>
      {message === undefined ? null : (
        <View style={styles.box}>
          <Small>{text("request.sent.message")}</Small>
          <Text testID="request-message" style={styles.message}>
            {message}
          </Text>
        </View>
      )}
    </>
  );
}

const styles = StyleSheet.create({
  box: { gap: 4, borderWidth: 1, borderColor: colors.line, borderRadius: 8, padding: 16 },
  message: { color: colors.text, fontFamily, fontSize: sizes.title, fontWeight: "700", lineHeight: 32 },
});
