import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import type { RequestProblem } from "./problem.ts";
import { ProblemBody } from "./problem-body.tsx";
import { actionsFor, describeRequestProblem, type ProblemAction } from "./problem-text.ts";

const testIDs: Record<ProblemAction, string> = {
  retry: "problem-retry",
  scan: "problem-scan",
  card: "problem-read-card",
  register: "problem-register",
  home: "problem-home",
};

type ProblemScreenProps = {
  problem: RequestProblem;
  /** What can be done from here; only what also helps is shown. */
  on: Partial<Record<ProblemAction, () => void>>;
};

export function ProblemScreen({ problem, on }: ProblemScreenProps) {
  const text = useText();
  const described = describeRequestProblem(useLanguage(), problem);
  const actions = actionsFor(problem).flatMap((action) => {
    const onPress = on[action];
    return onPress ? [{ action, onPress }] : [];
  });
  return (
    <Page name="problem" title={described.what}>
      <ProblemBody problem={described} titled={false} />
      <Stack>
        {actions.map(({ action, onPress }, index) => (
          <Button
            key={action}
            kind={index === 0 ? "filled" : "outlined"}
            testID={testIDs[action]}
            label={text(`problem.action.${action}`)}
            onPress={onPress}
          />
        ))}
      </Stack>
    </Page>
  );
}
