import type { ReactNode } from "react";
import { Pressable, StyleSheet, Text, View } from "react-native";
import { colors, fontFamily, sizes, touchHeight } from "./theme.ts";
import { Small } from "./words.tsx";

type ChoiceProps = {
  role: "radio" | "checkbox";
  label: string;
  help?: string | undefined;
  checked: boolean;
  onPress: () => void;
  testID: string;
  children?: ReactNode;
};

/** One radio button or check box, the whole row of which can be touched. */
export function Choice({ role, label, help, checked, onPress, testID, children }: ChoiceProps) {
  const mark = role === "radio" ? "●" : "✓";
  // React Native Web presses buttons by the space bar, and nothing else (ARIA APG: radio, checkbox).
  const web = {
    onKeyDownCapture: (event: { key: string; preventDefault(): void }) => {
      if (event.key !== " ") return;
      event.preventDefault();
      onPress();
    },
  } as object;
  return (
    <Pressable
      role={role}
      aria-checked={checked}
      aria-label={help ? `${label} ${help}` : label}
      testID={testID}
      onPress={onPress}
      style={[styles.row, checked && styles.checkedRow]}
      {...web}
    >
      <View aria-hidden style={[styles.box, role === "radio" && styles.round, checked && styles.checkedBox]}>
        <Text style={styles.mark}>{checked ? mark : ""}</Text>
      </View>
      <View style={styles.words}>
        <Text style={styles.label}>{label}</Text>
        {help ? <Small>{help}</Small> : null}
        {children}
      </View>
    </Pressable>
  );
}

/** Radio buttons of which one can be chosen. */
export function ChoiceGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <View role="radiogroup" aria-label={label} style={styles.group}>
      {children}
    </View>
  );
}

const styles = StyleSheet.create({
  group: { gap: 8 },
  row: {
    minHeight: touchHeight,
    flexDirection: "row",
    alignItems: "center",
    gap: 12,
    borderWidth: 1,
    borderColor: colors.line,
    borderRadius: 8,
    paddingHorizontal: 12,
    paddingVertical: 10,
  },
  checkedRow: { borderColor: colors.key, backgroundColor: colors.keyFaint },
  box: {
    width: 24,
    height: 24,
    alignItems: "center",
    justifyContent: "center",
    borderWidth: 2,
    borderColor: colors.quiet,
    borderRadius: 4,
    backgroundColor: colors.surface,
  },
  round: { borderRadius: 12 },
  checkedBox: { borderColor: colors.key },
  mark: { color: colors.key, fontSize: 15, fontWeight: "700", lineHeight: 20 },
  words: { flex: 1 },
  label: { color: colors.text, fontFamily, fontSize: sizes.body, lineHeight: 26 },
});
