import { StyleSheet, View } from "react-native";
import { colors } from "./theme.ts";
import { Paragraph, Small } from "./words.tsx";

/** Names with their values, one under the other. */
export function Facts({ facts }: { facts: { name: string; value: string; testID?: string }[] }) {
  return (
    <View style={styles.facts}>
      {facts.map(({ name, value, testID }) => (
        <View key={name} style={styles.fact}>
          <Small>{name}</Small>
          <Paragraph {...(testID ? { testID } : {})}>{value}</Paragraph>
        </View>
      ))}
    </View>
  );
}

const styles = StyleSheet.create({
  facts: { borderTopWidth: 1, borderColor: colors.faintLine },
  fact: { borderBottomWidth: 1, borderColor: colors.faintLine, paddingVertical: 8 },
});
