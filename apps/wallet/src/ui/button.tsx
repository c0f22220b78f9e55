import { Pressable, type PressableStateCallbackType, StyleSheet, Text } from "react-native";
import { colors, fontFamily, sizes, touchHeight } from "./theme.ts";

type ButtonProps = {
  label: string;
  onPress: () => void;
  testID: string;
  /** `filled` for the one thing to do next, `outlined` for choices of equal weight, `text` for the rest. */
  kind?: "filled" | "outlined" | "text";
  /** Said instead of `label`, where that is not enough without its surroundings. */
  name?: string;
};

export function Button({ label, onPress, testID, kind = "filled", name }: ButtonProps) {
  return (
    <Pressable
      role="button"
      aria-label={name}
      testID={testID}
      onPress={onPress}
      style={(state) => [styles.button, styles[kind], isActive(state) && active[kind]]}
    >
      <Text style={[styles.label, kind === "filled" ? styles.onKey : styles.key, kind === "text" && styles.underlined]}>
        {label}
      </Text>
    </Pressable>
  );
}

/** React Native Web knows `hovered` too. */
function isActive(state: PressableStateCallbackType & { hovered?: boolean }): boolean {
  return state.pressed || state.hovered === true;
}

const styles = StyleSheet.create({
  button: {
    minHeight: touchHeight + 8,
    minWidth: touchHeight,
    alignItems: "center",
    justifyContent: "center",
    borderRadius: 8,
    borderWidth: 2,
    borderColor: "transparent",
    paddingHorizontal: 16,
    paddingVertical: 10,
  },
  filled: { backgroundColor: colors.key, borderColor: colors.key },
  outlined: { backgroundColor: colors.surface, borderColor: colors.key },
  text: { backgroundColor: "transparent", minHeight: touchHeight },
  label: { fontFamily, fontSize: sizes.body, fontWeight: "700", lineHeight: 24, textAlign: "center" },
  onKey: { color: colors.onKey },
  key: { color: colors.key },
  underlined: { textDecorationLine: "underline" },
});
const active = StyleSheet.create({
  filled: { backgroundColor: colors.keyHovered },
  outlined: { backgroundColor: colors.keyFaint },
  text: { backgroundColor: colors.keyFaint },
});
