import { ProtocolError, type RequestLink } from "@xid/protocol";
import { useId, useState } from "react";
import { StyleSheet, Text, TextInput, View } from "react-native";
import { useApp } from "../../app-context.ts";
import { type TextKey, useText } from "../../i18n/text.ts";
import { chooseQrImage, QrCamera } from "../../platform/qr-camera";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { colors, fontFamily, sizes, touchHeight } from "../../ui/theme.ts";
import { Paragraph, Small } from "../../ui/words.tsx";

type ScanScreenProps = { onLink: (link: RequestLink) => void; onBack: () => void };

/** A QR code from another screen: by camera, from a picture, or as text. */
export function ScanScreen({ onLink, onBack }: ScanScreenProps) {
  const text = useText();
  const { wallet } = useApp();
  const [camera, setCamera] = useState(false);
  const [problem, setProblem] = useState<TextKey>();
  const take = (scanned: string) => {
    try {
      const link = wallet.parseLink(scanned.trim());
      // Without a code it is the link of a request that began on this device, which no QR code shows.
      if (link.via === "qr") return onLink(link);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
    setProblem("scan.foreign");
  };
  const takeImage = async (choose: NonNullable<typeof chooseQrImage>) => {
    const scanned = await choose();
    if (scanned === null) setProblem("scan.image.none");
    else if (scanned !== undefined) take(scanned);
  };
  return (
    <Page name="scan" title={text("scan.title")} onBack={onBack}>
      <Paragraph>{text("scan.lead")}</Paragraph>
      <View role="alert" style={!problem && styles.empty}>
        {problem ? (
          <Notice kind="error" testID="scan-problem">
            <Paragraph>{text(problem)}</Paragraph>
          </Notice>
        ) : null}
      </View>
      {camera ? (
        <QrCamera
          label={text("scan.camera.label")}
          onText={take}
          onProblem={(code) => {
            setCamera(false);
            setProblem(code === "DENIED" ? "scan.camera.denied" : "scan.camera.unavailable");
          }}
        />
      ) : (
        <Button
          testID="scan-camera"
          label={text("scan.camera")}
          onPress={() => {
            setProblem(undefined);
            setCamera(true);
          }}
        />
      )}
      {chooseQrImage ? (
        <Button
          kind="outlined"
          testID="scan-image"
          label={text("scan.image")}
          onPress={() => void takeImage(chooseQrImage)}
        />
      ) : null}
      <PastedText onText={take} />
    </Page>
  );
}

function PastedText({ onText }: { onText: (text: string) => void }) {
  const text = useText();
  const id = useId();
  const [value, setValue] = useState("");
  const web = { "aria-describedby": `${id}-help` } as object;
  return (
    <Stack>
      <View style={styles.field}>
        <Text nativeID={`${id}-label`} style={styles.label}>
          {text("scan.text")}
        </Text>
        <Small id={`${id}-help`}>{text("scan.text.help")}</Small>
        <TextInput
          aria-labelledby={`${id}-label`}
          {...web}
          testID="scan-text"
          value={value}
          onChangeText={setValue}
          onSubmitEditing={() => onText(value)}
          autoCapitalize="none"
          autoCorrect={false}
          inputMode="url"
          style={styles.input}
        />
      </View>
      <Button
        kind="outlined"
        testID="scan-text-continue"
        label={text("scan.text.continue")}
        onPress={() => onText(value)}
      />
    </Stack>
  );
}

const styles = StyleSheet.create({
  empty: { position: "absolute" },
  field: { gap: 6 },
  label: { color: colors.text, fontFamily, fontSize: sizes.body, fontWeight: "700", lineHeight: 26 },
  input: {
    minHeight: touchHeight + 8,
    borderWidth: 1,
    borderColor: colors.quiet,
    borderRadius: 8,
    backgroundColor: colors.surface,
    color: colors.text,
    fontFamily,
    fontSize: sizes.body,
    paddingHorizontal: 16,
  },
});
