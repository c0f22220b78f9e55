import { useId, useState } from "react";
import { Pressable, StyleSheet, Text, TextInput, View } from "react-native";
import { useText } from "../i18n/text.ts";
import { colors, fontFamily, sizes, touchHeight } from "./theme.ts";
import { Small } from "./words.tsx";

type SecretFieldProps = {
  label: string;
  help?: string | undefined;
  /** What is wrong with the value; said at once. */
  error?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
  testID: string;
  digitsOnly?: boolean;
  autoComplete: "off" | "current-password" | "new-password";
};

/** One labelled field for a PIN or password, which can be pasted into and shown (WCAG 2.2 §3.3.8). */
export function SecretField(props: SecretFieldProps) {
  const { label, help, error, value, onChange, onSubmit, testID, digitsOnly = false, autoComplete } = props;
  const text = useText();
  const id = useId();
  const [shown, setShown] = useState(false);
  const web = { "aria-describedby": `${id}-help ${id}-error`, "aria-invalid": error !== undefined } as object;
  return (
    <View style={styles.field}>
      <Text nativeID={`${id}-label`} style={styles.label}>
        {label}
      </Text>
      {help ? <Small id={`${id}-help`}>{help}</Small> : null}
      <View style={styles.row}>
        <TextInput
          aria-labelledby={`${id}-label`}
          {...web}
          testID={testID}
          value={value}
          onChangeText={onChange}
          onSubmitEditing={onSubmit}
          secureTextEntry={!shown}
          inputMode={digitsOnly ? "numeric" : "text"}
          autoCapitalize={digitsOnly ? "none" : "characters"}
          autoComplete={autoComplete}
          autoCorrect={false}
          spellCheck={false}
          submitBehavior="submit"
          style={[styles.input, error !== undefined && styles.wrong]}
        />
        <Pressable
          role="button"
          aria-pressed={shown}
          aria-label={`${text("common.show")}: ${label}`}
          testID={`${testID}-show`}
          onPress={() => setShown(!shown)}
          style={styles.show}
        >
          <Text style={styles.showText}>{text(shown ? "common.hide" : "common.show")}</Text>
        </Pressable>
      </View>
      <View role="alert" nativeID={`${id}-error`}>
        {error ? <Text style={styles.error}>{error}</Text> : null}
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  field: { gap: 6 },
  label: { color: colors.text, fontFamily, fontSize: sizes.body, fontWeight: "700", lineHeight: 26 },
  row: { flexDirection: "row", alignItems: "stretch", gap: 8 },
  input: {
    flex: 1,
    minWidth: 0,
    minHeight: touchHeight + 8,
    borderWidth: 1,
    borderColor: colors.quiet,
    borderRadius: 8,
    backgroundColor: colors.surface,
    color: colors.text,
    fontFamily,
    fontSize: sizes.title,
    letterSpacing: 2,
    paddingHorizontal: 16,
  },
  wrong: { borderColor: colors.error, borderWidth: 2 },
  show: { minHeight: touchHeight, minWidth: 88, alignItems: "center", justifyContent: "center" },
  showText: { color: colors.key, fontFamily, fontSize: sizes.body, textDecorationLine: "underline" },
  error: { color: colors.error, fontFamily, fontSize: sizes.body, lineHeight: 26 },
});
