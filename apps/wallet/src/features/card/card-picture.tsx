import { StyleSheet, View } from "react-native";
import { colors } from "../../ui/theme.ts";

/** A still picture of a phone on a card. Nothing in it that the words beside it do not say. */
export function CardPicture() {
  return (
    <View aria-hidden style={styles.picture}>
      <View style={styles.card}>
        <View style={styles.chip} />
        <View style={styles.line} />
        <View style={[styles.line, styles.shortLine]} />
      </View>
      <View style={styles.phone}>
        <View style={styles.speaker} />
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  picture: { height: 168, alignItems: "center", justifyContent: "center" },
  card: {
    width: 208,
    height: 130,
    borderRadius: 12,
    borderWidth: 2,
    borderColor: colors.key,
    backgroundColor: colors.keyFaint,
    gap: 10,
    padding: 16,
  },
  chip: { width: 34, height: 26, borderRadius: 5, backgroundColor: colors.warning },
  line: { width: 80, height: 8, borderRadius: 4, backgroundColor: colors.line },
  shortLine: { width: 52 },
  phone: {
    position: "absolute",
    top: 4,
    left: "50%",
    width: 84,
    height: 160,
    marginLeft: 4,
    alignItems: "center",
    borderRadius: 14,
    borderWidth: 3,
    borderColor: colors.text,
    backgroundColor: colors.surface,
    paddingTop: 8,
  },
  speaker: { width: 28, height: 4, borderRadius: 2, backgroundColor: colors.line },
});
