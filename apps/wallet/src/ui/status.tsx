import { StyleSheet, Text, View } from "react-native";
import { colors, fontFamily, sizes } from "./theme.ts";

/** A line that tells what is going on, and is said when it changes (WCAG 2.2 §4.1.3). Keep it mounted while empty. */
export function Status({ children, testID }: { children: string; testID?: string }) {
  return (
    <View role="status" aria-live="polite" testID={testID} style={!children && styles.empty}>
      {children ? <Text style={styles.text}>{children}</Text> : null}
    </View>
  );
}

/** @param value 0 to 1 */
export function Progress({ value, label }: { value: number; label: string }) {
  const percent = Math.round(value * 100);
  return (
    <View
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      style={styles.track}
    >
      <View style={[styles.bar, { width: `${percent}%` }]} />
    </View>
  );
}

const styles = StyleSheet.create({
  /** Takes no room, and no gap. */
  empty: { position: "absolute" },
  text: { color: colors.text, fontFamily, fontSize: sizes.body, lineHeight: 28 },
  track: { height: 12, borderRadius: 6, borderWidth: 1, borderColor: colors.quiet, overflow: "hidden" },
  bar: { height: "100%", backgroundColor: colors.key },
});
