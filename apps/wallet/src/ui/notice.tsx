import type { ReactNode } from "react";
import { StyleSheet, Text, View } from "react-native";
import { colors, fontFamily, sizes } from "./theme.ts";

type NoticeKind = "info" | "success" | "warning" | "error";

const marks: Record<NoticeKind, string> = { info: "i", success: "✓", warning: "!", error: "×" };

/** Something to be noticed, by colour, mark and words. */
export function Notice({
  kind,
  title,
  children,
  testID,
}: {
  kind: NoticeKind;
  title?: string | undefined;
  children?: ReactNode;
  testID?: string;
}) {
  return (
    <View testID={testID} style={[styles.notice, kinds[kind]]}>
      <View aria-hidden style={[styles.mark, { backgroundColor: kinds[kind].borderColor }]}>
        <Text style={styles.markText}>{marks[kind]}</Text>
      </View>
      <View style={styles.words}>
        {title ? <Text style={styles.title}>{title}</Text> : null}
        {children}
      </View>
    </View>
  );
}

const kinds = StyleSheet.create({
  info: { borderColor: colors.key, backgroundColor: colors.keyFaint },
  success: { borderColor: colors.success, backgroundColor: colors.successFaint },
  warning: { borderColor: colors.warning, backgroundColor: colors.warningFaint },
  error: { borderColor: colors.error, backgroundColor: colors.errorFaint },
});
const styles = StyleSheet.create({
  notice: { flexDirection: "row", gap: 12, borderWidth: 1, borderLeftWidth: 6, borderRadius: 8, padding: 14 },
  mark: { width: 26, height: 26, borderRadius: 13, alignItems: "center", justifyContent: "center" },
  markText: { color: colors.surface, fontSize: 16, fontWeight: "700", lineHeight: 22 },
  words: { flex: 1, gap: 4 },
  title: { color: colors.text, fontFamily, fontSize: sizes.body, fontWeight: "700", lineHeight: 26 },
});
