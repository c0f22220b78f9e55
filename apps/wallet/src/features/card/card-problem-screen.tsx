import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Stack } from "../../ui/stack.tsx";
import { ProblemBody } from "../problem/problem-body.tsx";
import { actionsForCard, type CardAction, describeCardProblem } from "./card-problem-text.ts";
import type { CardProblem } from "./machine.ts";
import type { CardFlow } from "./use-card-flow.ts";

const actions = {
  retry: { testID: "card-retry", label: "problem.action.retry" },
  password: { testID: "card-password-again", label: "problem.action.password" },
  resend: { testID: "card-resend", label: "problem.action.resend" },
  card: { testID: "card-retry", label: "problem.action.card" },
  other_card: { testID: "card-retry", label: "problem.action.other_card" },
  register: { testID: "card-register", label: "problem.action.register" },
  stop: { testID: "card-stop", label: "common.stop" },
} as const satisfies Record<CardAction, { testID: string; label: string }>;

export function CardProblemScreen({ flow, problem }: { flow: CardFlow; problem: CardProblem }) {
  const text = useText();
  const described = describeCardProblem(useLanguage(), problem, flow.pin);
  return (
    <Page name="card-problem" title={described.what}>
      <ProblemBody problem={described} titled={false} />
      <Stack>
        {actionsForCard(problem).map((action, index) => (
          <Button
            key={action}
            kind={index === 0 ? "filled" : "text"}
            testID={actions[action].testID}
            label={text(actions[action].label)}
            onPress={action === "stop" || action === "register" ? flow[action] : flow.retry}
          />
        ))}
      </Stack>
    </Page>
  );
}
