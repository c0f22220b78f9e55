import { Pressable, StyleSheet, Text, View } from "react-native";
import { useApp } from "../../app-context.ts";
import type { Language } from "../../i18n/language.ts";
import { useText } from "../../i18n/text.ts";
import { colors, fontFamily, sizes, touchHeight } from "../../ui/theme.ts";

const names: Record<Language, string> = { ja: "日本語", en: "English" };

/** Each language under its own name, in its own language. */
export function LanguageChoice() {
  const { stored, update } = useApp();
  const text = useText();
  return (
    <View role="group" aria-label={text("language.label")} style={styles.row}>
      {(["ja", "en"] as const).map((language) => {
        const chosen = stored.language === language;
        const web = { lang: language } as object;
        return (
          <Pressable
            key={language}
            role="button"
            aria-pressed={chosen}
            testID={`language-${language}`}
            onPress={() => void update({ language })}
            style={[styles.language, chosen && styles.chosen]}
          >
            <Text {...web} style={[styles.name, chosen && styles.chosenName]}>
              {names[language]}
            </Text>
          </Pressable>
        );
      })}
    </View>
  );
}

const styles = StyleSheet.create({
  row: { flexDirection: "row", gap: 4 },
  language: {
    minHeight: touchHeight,
    justifyContent: "center",
    borderWidth: 1,
    borderColor: colors.key,
    borderRadius: 8,
    backgroundColor: colors.surface,
    paddingHorizontal: 14,
  },
  chosen: { backgroundColor: colors.key },
  name: { color: colors.key, fontFamily, fontSize: sizes.body, fontWeight: "700" },
  chosenName: { color: colors.onKey },
});
