import type { EvidenceHistory } from "@xid/protocol";
import { useCallback, useEffect, useState } from "react";
import { useApp } from "../../app-context.ts";
import { presentDate, presentTime } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { LinkRow } from "../../ui/link-row.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Status } from "../../ui/status.tsx";
import { Paragraph } from "../../ui/words.tsx";
import { type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import { ProblemScreen } from "../problem/problem-screen.tsx";
import { ActScreen } from "./act-screen.tsx";

export type Act = EvidenceHistory["acts"][number];
type HistoryScreenProps = { onBack: () => void; onHome: () => void; onRegister: () => void };

/** What the holder did, newest first, and the proof of each. */
export function HistoryScreen({ onBack, onHome, onRegister }: HistoryScreenProps) {
  const text = useText();
  const { wallet, stored, update } = useApp();
  const [history, setHistory] = useState<EvidenceHistory>();
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<RequestProblem>();
  const [act, setAct] = useState<Act>();
  const { logKey } = stored;
  const load = useCallback(
    (before?: EvidenceHistory) => {
      setProblem(undefined);
      setLoading(true);
      const answer = wallet.client().then((client) => client.history(before?.next ?? undefined));
      answer.then(
        (page) => {
          setHistory({ ...page, acts: [...(before?.acts ?? []), ...page.acts] });
          setLoading(false);
          // The first that this device is told is the one that every later proof is held to.
          if (logKey === null) void update({ logKey: page.logKey });
        },
        (error: unknown) => setProblem(toRequestProblem(error)),
      );
    },
    [wallet, logKey, update],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: once; that the key is remembered is no reason to load again.
  useEffect(() => load(), []);
  if (problem) {
    return <ProblemScreen problem={problem} on={{ retry: () => load(history), home: onHome, register: onRegister }} />;
  }
  if (act && history) {
    return <ActScreen act={act} logKey={logKey ?? history.logKey} onBack={() => setAct(undefined)} />;
  }
  return (
    <Page name="history" title={text("history.title")} onBack={onBack}>
      <Paragraph>{text("history.lead")}</Paragraph>
      <Status>{loading ? text("home.loading") : ""}</Status>
      {history?.acts.length === 0 ? <Paragraph testID="history-none">{text("history.none")}</Paragraph> : null}
      <Stack>
        {history?.acts.map((one) => (
          <ActRow key={one.evidenceId} act={one} onPress={() => setAct(one)} />
        ))}
      </Stack>
      {history?.next && !loading ? (
        <Button kind="outlined" testID="history-more" label={text("history.more")} onPress={() => load(history)} />
      ) : null}
    </Page>
  );
}

function ActRow({ act, onPress }: { act: Act; onPress: () => void }) {
  const text = useText();
  const language = useLanguage();
  const title = text(`history.kind.${act.kind}`);
  const when = `${presentDate(language, act.time)} ${presentTime(language, act.time)}`;
  const label = act.client ? text("history.of", { what: title, client: act.client.name[language] }) : title;
  const help = act.logged ? when : `${when} · ${text("history.waiting")}`;
  return <LinkRow testID={`history-${act.evidenceId}`} label={label} help={help} onPress={onPress} />;
}
