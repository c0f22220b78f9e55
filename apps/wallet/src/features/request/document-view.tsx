import { type ShownDocument, type SignatureLayout, toHex } from "@xid/protocol";
import { StyleSheet, Text, View } from "react-native";
import { useText } from "../../i18n/text.ts";
import { Facts } from "../../ui/facts.tsx";
import { Stack } from "../../ui/stack.tsx";
import { colors, fontFamily, sizes } from "../../ui/theme.ts";
import { Heading, Paragraph } from "../../ui/words.tsx";
import { LayoutView } from "./layout-view.tsx";

type DocumentViewProps = { display: SignatureLayout; document: ShownDocument };

/** What is to be signed with the card: its facts in a fixed layout, and the whole text, or which file it is. */
export function DocumentView({ display, document }: DocumentViewProps) {
  const text = useText();
  return (
    <>
      <LayoutView layout={display} />
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
