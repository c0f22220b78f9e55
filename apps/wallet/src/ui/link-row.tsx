import { Pressable, StyleSheet, Text, View } from "react-native";
import { colors, fontFamily, sizes, touchHeight } from "./theme.ts";
import { Small } from "./words.tsx";

/** A row that leads to another screen. */
export function LinkRow({
  label,
  help,
  onPress,
  testID,
}: {
  label: string;
  help: string;
  onPress: () => void;
  testID: string;
}) {
  return (
    <Pressable
      role="button"
      testID={testID}
      onPress={onPress}
      style={(state) => [styles.row, state.pressed && styles.pressed]}
    >
      <View style={styles.words}>
        <Text style={styles.label}>{label}</Text>
        <Small>{help}</Small>
      </View>
      <Text aria-hidden style={styles.arrow}>
        ›
      </Text>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  row: {
    minHeight: touchHeight + 16,
    flexDirection: "row",
    alignItems: "center",
    gap: 12,
    borderWidth: 1,
    borderColor: colors.line,
    borderRadius: 8,
    paddingHorizontal: 16,
    paddingVertical: 12,
  },
  pressed: { backgroundColor: colors.keyFaint },
  words: { flex: 1 },
  label: { color: colors.key, fontFamily, fontSize: sizes.body, fontWeight: "700", lineHeight: 26 },
  arrow: { color: colors.key, fontSize: 28, lineHeight: 30 },
});
