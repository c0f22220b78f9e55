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
  /** There is nothing to do now; it keeps its place and the focus. */
  disabled?: boolean;
};

export function Button({ label, onPress, testID, kind = "filled", name, disabled = false }: ButtonProps) {
  return (
    <Pressable
      role="button"
      aria-label={name}
      aria-disabled={disabled}
      testID={testID}
      onPress={disabled ? () => {} : onPress}
      style={(state) => [styles.button, styles[kind], disabled ? styles.faint : isActive(state) && active[kind]]}
    >
      <Text
        style={[
          styles.label,
          kind === "filled" ? styles.onKey : styles.key,
          kind === "text" && styles.underlined,
          disabled && styles.quiet,
        ]}
      >
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
  faint: { borderColor: colors.faintLine, backgroundColor: colors.ground },
  quiet: { color: colors.quiet, textDecorationLine: "none" },
  underlined: { textDecorationLine: "underline" },
});
const active = StyleSheet.create({
  filled: { backgroundColor: colors.keyHovered },
  outlined: { backgroundColor: colors.keyFaint },
  text: { backgroundColor: colors.keyFaint },
});
