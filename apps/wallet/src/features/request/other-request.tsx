import { StyleSheet, View } from "react-native";
import { useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph } from "../../ui/words.tsx";
import type { RequestFlow } from "./use-request.ts";

/** Says that another request waits, and whose this one is (`client`, while it is not decided), where the person decides: what stood there does not change. */
export function OtherRequest({ flow, client }: { flow: RequestFlow; client?: string }) {
  const text = useText();
  const { showOther } = flow;
  return (
    <View role="status" aria-live="polite" style={!showOther && styles.empty}>
      {showOther ? (
        <Notice kind="info" title={text("request.other.title")} testID="request-other">
          <Stack>
            {client === undefined ? null : <Paragraph>{text("request.other.lead", { client })}</Paragraph>}
            <Button
              kind="outlined"
              testID="request-other-show"
              label={text("request.other.show")}
              onPress={showOther}
            />
          </Stack>
        </Notice>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  /** Takes no room, and no gap. */
  empty: { position: "absolute" },
});
