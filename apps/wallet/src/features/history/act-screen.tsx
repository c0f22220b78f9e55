import type { EvidenceFile } from "@xid/protocol";
import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { presentDate, presentTime } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Status } from "../../ui/status.tsx";
import { Paragraph, Small } from "../../ui/words.tsx";
import { type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import { ProblemBody } from "../problem/problem-body.tsx";
import { describeRequestProblem } from "../problem/problem-text.ts";
import type { Act } from "./history-screen.tsx";
import { InclusionError, type InclusionProblem, type VerifiedInclusion, verifyInclusion } from "./verify-inclusion.ts";

type Outcome =
  | { proven: VerifiedInclusion }
  | { refused: InclusionProblem }
  | { problem: RequestProblem }
  | { saved: true }
  | "asking"
  | null;

/** One act in plain words, and its proof: verified on this device, or taken away as a file. */
export function ActScreen({ act, logKey, onBack }: { act: Act; logKey: string; onBack: () => void }) {
  const text = useText();
  const language = useLanguage();
  const { wallet } = useApp();
  const [outcome, setOutcome] = useState<Outcome>(null);
  const take = (use: (file: EvidenceFile) => Promise<Outcome>) => {
    setOutcome("asking");
    const answer = wallet.client().then((client) => client.evidence(act.evidenceId));
    answer
      .then(use)
      .then(setOutcome, (error: unknown) =>
        setOutcome(error instanceof InclusionError ? { refused: error.code } : { problem: toRequestProblem(error) }),
      );
  };
  const verify = () => take(async (file) => ({ proven: verifyInclusion(file, logKey) }));
  const save = () =>
    take(async (file) => {
      await wallet.platform.saveFile(`${act.evidenceId}.xid-evidence.json`, `${JSON.stringify(file, null, 2)}\n`);
      return { saved: true };
    });
  const items = new Intl.ListFormat(language, { type: "conjunction" }).format(
    act.items.map((item) => text(`attribute.${item}`)),
  );
  const facts = [
    { name: text("history.when"), value: `${presentDate(language, act.time)} ${presentTime(language, act.time)}` },
    ...(act.client
      ? [
          { name: text("history.service"), value: `${act.client.name[language]} (${act.client.domain})` },
          { name: text("history.items"), value: items || text("history.items.none") },
        ]
      : []),
    { name: text("history.number"), value: act.evidenceId },
  ];
  return (
    <Page name="history-act" title={text(`history.kind.${act.kind}`)} onBack={onBack}>
      <Facts facts={facts} />
      <Status>{outcome === "asking" ? text("history.asking") : ""}</Status>
      <Told outcome={outcome} />
      <Stack>
        <Button testID="history-verify" label={text("history.verify")} onPress={verify} />
        <Button kind="outlined" testID="history-save" label={text("history.save")} onPress={save} />
        <Small>{text("history.save.help")}</Small>
      </Stack>
    </Page>
  );
}

function Told({ outcome }: { outcome: Outcome }) {
  const text = useText();
  const language = useLanguage();
  if (outcome === null || outcome === "asking") return null;
  if ("problem" in outcome) return <ProblemBody problem={describeRequestProblem(language, outcome.problem)} titled />;
  if ("saved" in outcome) {
    return (
      <Notice kind="info" title={text("history.saved")}>
        <Paragraph testID="history-saved">{text("history.saved.next")}</Paragraph>
      </Notice>
    );
  }
  if ("refused" in outcome) {
    const waits = outcome.refused === "NOT_LOGGED";
    return (
      <Notice kind={waits ? "info" : "error"} title={text(waits ? "history.waiting" : "history.refused")}>
        <Paragraph testID="history-refused">{text(`history.refused.${outcome.refused}`)}</Paragraph>
      </Notice>
    );
  }
  const { index, size, stamped, others } = outcome.proven;
  return (
    <Notice kind="info" title={text("history.proven")}>
      <Paragraph testID="history-proven">
        {text("history.proven.place", { number: String(index + 1), size: String(size) })}
      </Paragraph>
      {stamped ? <Paragraph>{text("history.proven.stamped")}</Paragraph> : null}
      {others.length > 0 ? <Paragraph>{text("history.proven.others", { names: others.join("、") })}</Paragraph> : null}
    </Notice>
  );
}
