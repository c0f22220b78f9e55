import type { RequestLink } from "@xid/protocol";
import { StyleSheet, View } from "react-native";
import { presentTime } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { LinkRow } from "../../ui/link-row.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Heading } from "../../ui/words.tsx";
import { useWaitingRequests } from "./use-waiting-requests.ts";

/** What services have sent to the holder; nothing where nothing waits. */
export function WaitingList({ onOpen }: { onOpen: (link: RequestLink) => void }) {
  const text = useText();
  const language = useLanguage();
  const requests = useWaitingRequests();
  return (
    <View style={requests.length === 0 ? styles.empty : styles.list}>
      <View role="status" aria-live="polite">
        {requests.length > 0 ? <Heading>{text("home.requests", { n: String(requests.length) })}</Heading> : null}
      </View>
      {requests.length > 0 ? (
        <Stack testID="home-requests">
          {requests.map(({ requestId, client, expiresAt }) => (
            <LinkRow
              key={requestId}
              testID={`home-request-${requestId}`}
              label={text("home.requests.row", { client: client.name[language] })}
              help={`${client.domain} · ${text("home.requests.until", { time: presentTime(language, expiresAt) })}`}
              onPress={() => onOpen({ requestId, via: "link" })}
            />
          ))}
        </Stack>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  list: { gap: 12 },
  /** Takes no room, and no gap. */
  empty: { position: "absolute" },
});
