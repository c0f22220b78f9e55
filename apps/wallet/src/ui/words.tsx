import type { ReactNode } from "react";
import { StyleSheet, Text, View } from "react-native";
import { colors, fontFamily, sizes } from "./theme.ts";

type WordsProps = { children: ReactNode; testID?: string; id?: string };

/** The title of a screen: one per screen, where the focus goes when it appears. */
export function Title({ children, testID }: WordsProps) {
  const web = { "aria-level": 1, tabIndex: -1 } as object;
  return (
    <Text role="heading" {...web} testID={testID} style={styles.title}>
      {children}
    </Text>
  );
}

export function Heading({ children, testID, id }: WordsProps) {
  const web = { "aria-level": 2 } as object;
  return (
    <Text role="heading" {...web} testID={testID} nativeID={id} style={styles.heading}>
      {children}
    </Text>
  );
}

export function Paragraph({ children, testID, id }: WordsProps) {
  return (
    <Text testID={testID} nativeID={id} style={styles.paragraph}>
      {children}
    </Text>
  );
}

/** Help and other things that matter less. */
export function Small({ children, testID, id }: WordsProps) {
  return (
    <Text testID={testID} nativeID={id} style={styles.small}>
      {children}
    </Text>
  );
}

export function Strong({ children, testID }: WordsProps) {
  return (
    <Text testID={testID} style={styles.strong}>
      {children}
    </Text>
  );
}

/** One point of a list. */
export function Bullet({ children }: WordsProps) {
  return (
    <View style={styles.bullet}>
      <Text aria-hidden style={styles.paragraph}>
        ・
      </Text>
      <View style={styles.point}>
        <Paragraph>{children}</Paragraph>
      </View>
    </View>
  );
}

const words = { color: colors.text, fontFamily };
const styles = StyleSheet.create({
  title: { ...words, fontSize: sizes.heading, fontWeight: "700", lineHeight: 36 },
  heading: { ...words, fontSize: sizes.lead, fontWeight: "700", lineHeight: 28 },
  paragraph: { ...words, fontSize: sizes.body, lineHeight: 28 },
  small: { ...words, color: colors.quiet, fontSize: sizes.small, lineHeight: 24 },
  bullet: { flexDirection: "row" },
  point: { flex: 1 },
  strong: { ...words, fontSize: sizes.body, fontWeight: "700", lineHeight: 28 },
});
