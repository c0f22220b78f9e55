import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";

/** Things that belong together, one under the other. */
export function Stack({ children, testID }: { children: ReactNode; testID?: string }) {
  return (
    <View testID={testID} style={styles.stack}>
      {children}
    </View>
  );
}

/** Two choices of equal weight, side by side where there is room. */
export function Pair({ children }: { children: ReactNode }) {
  return <View style={styles.pair}>{children}</View>;
}

/** One half of a `Pair`. */
export function Half({ children }: { children: ReactNode }) {
  return <View style={styles.half}>{children}</View>;
}

const styles = StyleSheet.create({
  stack: { gap: 12 },
  pair: { flexDirection: "row", flexWrap: "wrap", gap: 12 },
  half: { flexBasis: 132, flexGrow: 1 },
});
