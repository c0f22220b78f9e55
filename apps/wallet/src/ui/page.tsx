import { type ReactNode, useEffect } from "react";
import { Platform, Pressable, ScrollView, StatusBar, StyleSheet, Text, View } from "react-native";
import { useText } from "../i18n/text.ts";
import { platform } from "../platform/platform";
import { colors, columnWidth, fontFamily, sizes, touchHeight } from "./theme.ts";
import { Title } from "./words.tsx";

type PageProps = {
  /** The screen's name: `screen-<name>` is its testID. */
  name: string;
  title: string;
  /** Shows a way back. */
  onBack?: (() => void) | undefined;
  /** Beside the brand. */
  corner?: ReactNode;
  children: ReactNode;
};

/** One screen: the brand or the way back, a title, and what there is to say and do. */
export function Page({ name, title, onBack, corner, children }: PageProps) {
  const text = useText();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a title that changes its words is no new screen.
  useEffect(() => platform.announcer.screenEntered(title), [name]);
  return (
    <ScrollView
      role="main"
      testID={`screen-${name}`}
      contentInsetAdjustmentBehavior="automatic"
      keyboardShouldPersistTaps="handled"
      style={styles.page}
      contentContainerStyle={styles.column}
    >
      <View style={styles.bar}>
        {onBack ? (
          <Pressable role="button" testID="back" onPress={onBack} style={styles.back}>
            <Text style={styles.backText}>
              <Text aria-hidden>‹ </Text>
              {text("common.back")}
            </Text>
          </Pressable>
        ) : (
          <Text style={styles.brand}>xID</Text>
        )}
        {corner}
      </View>
      <View style={styles.sheet}>
        <Title>{title}</Title>
        {children}
      </View>
    </ScrollView>
  );
}

const styles = StyleSheet.create({
  page: { flex: 1, backgroundColor: colors.ground },
  column: {
    width: "100%",
    maxWidth: columnWidth,
    marginHorizontal: "auto",
    paddingHorizontal: 12,
    // Android draws apps under its status bar; iOS insets the scroll view.
    paddingTop: Platform.OS === "android" ? StatusBar.currentHeight : 0,
    paddingBottom: 32,
  },
  bar: {
    flexDirection: "row",
    flexWrap: "wrap",
    alignContent: "center",
    alignItems: "center",
    justifyContent: "space-between",
    gap: 8,
    minHeight: 64,
    paddingHorizontal: 8,
  },
  brand: { color: colors.key, fontFamily, fontSize: sizes.heading, fontWeight: "700", letterSpacing: -0.5 },
  back: { minHeight: touchHeight, minWidth: touchHeight, justifyContent: "center", paddingRight: 12 },
  backText: { color: colors.key, fontFamily, fontSize: sizes.body, textDecorationLine: "underline" },
  sheet: {
    backgroundColor: colors.surface,
    borderColor: colors.faintLine,
    borderWidth: 1,
    borderRadius: 12,
    gap: 20,
    paddingHorizontal: 20,
    paddingVertical: 28,
  },
});
