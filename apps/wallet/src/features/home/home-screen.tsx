import { type Attributes, attributeNames, type Me, type RequestLink } from "@xid/protocol";
import { useCallback, useEffect, useState } from "react";
import { StyleSheet, Text, View } from "react-native";
import { useApp } from "../../app-context.ts";
import { presentAttribute, presentDate } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import type { Screen } from "../../navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/facts.tsx";
import { LinkRow } from "../../ui/link-row.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Status } from "../../ui/status.tsx";
import { colors, fontFamily, sizes } from "../../ui/theme.ts";
import { Paragraph } from "../../ui/words.tsx";
import { type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import { ProblemBody } from "../problem/problem-body.tsx";
import { ProblemScreen } from "../problem/problem-screen.tsx";
import { describeRequestProblem } from "../problem/problem-text.ts";
import { WaitingList } from "./waiting-list.tsx";

type HomeScreenProps = {
  go: (screen: Exclude<Screen, "home">) => void;
  /** A request that a service has sent. */
  onRequest: (link: RequestLink) => void;
  onRegister: () => void;
};
type Loaded = { me: Me } | { problem: RequestProblem } | null;

export function HomeScreen({ go, onRequest, onRegister }: HomeScreenProps) {
  const text = useText();
  const { wallet } = useApp();
  const [loaded, setLoaded] = useState<Loaded>(null);
  const load = useCallback(() => {
    setLoaded(null);
    const answer = wallet.client().then((client) => client.me());
    answer.then(
      (me) => setLoaded({ me }),
      (error: unknown) => setLoaded({ problem: toRequestProblem(error) }),
    );
  }, [wallet]);
  useEffect(load, [load]);
  const problem = loaded && "problem" in loaded ? loaded.problem : null;
  if (problem && (problem.code === "DEVICE_REVOKED" || problem.code === "KEYS_LOST")) {
    return <ProblemScreen problem={problem} on={{ register: onRegister }} />;
  }
  return (
    <Page name="home" title={text("home.title")}>
      <Status>{loaded ? "" : text("home.loading")}</Status>
      <WaitingList onOpen={onRequest} />
      {problem ? <HomeProblem problem={problem} onRetry={load} /> : null}
      {loaded && "me" in loaded ? <Identity me={loaded.me} onReadCard={() => go("card")} /> : null}
      <Stack>
        <LinkRow
          testID="home-scan"
          label={text("home.scan")}
          help={text("home.scan.help")}
          onPress={() => go("scan")}
        />
        <LinkRow
          testID="home-services"
          label={text("home.services")}
          help={text("home.services.help")}
          onPress={() => go("services")}
        />
        <LinkRow
          testID="home-history"
          label={text("home.history")}
          help={text("home.history.help")}
          onPress={() => go("history")}
        />
        <LinkRow
          testID="home-settings"
          label={text("home.settings")}
          help={text("home.settings.help")}
          onPress={() => go("settings")}
        />
      </Stack>
    </Page>
  );
}

function HomeProblem({ problem, onRetry }: { problem: RequestProblem; onRetry: () => void }) {
  const text = useText();
  return (
    <Stack>
      <ProblemBody problem={describeRequestProblem(useLanguage(), problem)} titled />
      <Button kind="outlined" testID="home-retry" label={text("common.retry")} onPress={onRetry} />
    </Stack>
  );
}

function Identity({ me, onReadCard }: { me: Me; onReadCard: () => void }) {
  const text = useText();
  const language = useLanguage();
  const { status, expiresAt } = me.certificate;
  const good = status === "good";
  return (
    <>
      <View style={styles.identity}>
        <Text style={styles.badge}>{good ? `✓ ${text("home.verified")}` : "xID"}</Text>
        <Text testID="home-name" style={styles.name}>
          {me.attributes.name}
        </Text>
        <Text style={styles.line}>{text("home.certificate", { date: presentDate(language, expiresAt) })}</Text>
      </View>
      {good ? null : (
        <Stack>
          <Notice kind="warning" title={text(`home.${status}`)}>
            <Paragraph>{text(`home.${status}.next`)}</Paragraph>
          </Notice>
          <Button testID="home-read-card" label={text("home.read")} onPress={onReadCard} />
        </Stack>
      )}
      <Details attributes={me.attributes} />
    </>
  );
}

function Details({ attributes }: { attributes: Attributes }) {
  const text = useText();
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const facts = attributeNames.map((name) => ({
    name: text(`attribute.${name}`),
    value: presentAttribute(language, name, attributes[name]),
    testID: `home-${name}-value`,
  }));
  return (
    <Stack>
      <Button
        kind="text"
        testID="home-details"
        label={`${text("home.details")}: ${text(open ? "common.hide" : "common.show")}`}
        onPress={() => setOpen(!open)}
      />
      {open ? <Facts facts={facts} /> : null}
    </Stack>
  );
}

const styles = StyleSheet.create({
  identity: { gap: 4, borderRadius: 12, backgroundColor: colors.key, padding: 20 },
  badge: { color: colors.onKey, fontFamily, fontSize: sizes.small, fontWeight: "700", lineHeight: 24 },
  name: { color: colors.onKey, fontFamily, fontSize: sizes.heading, fontWeight: "700", lineHeight: 38 },
  line: { color: colors.onKey, fontFamily, fontSize: sizes.small, lineHeight: 24 },
});
