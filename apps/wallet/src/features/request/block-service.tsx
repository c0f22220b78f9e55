import type { RequestDisplay } from "@xid/protocol";
import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Status } from "../../ui/status.tsx";
import { type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import { ProblemBody } from "../problem/problem-body.tsx";
import { describeRequestProblem } from "../problem/problem-text.ts";

/** After a refusal: the way to hear no more of this service unasked. */
export function BlockService({ client }: { client: RequestDisplay["client"] }) {
  const text = useText();
  const language = useLanguage();
  const { wallet } = useApp();
  const [state, setState] = useState<"offered" | "sending" | "blocked" | RequestProblem>("offered");
  const block = () => {
    setState("sending");
    const blocking = wallet.client().then((it) => it.changeService(client.clientId, { requestsBlocked: true }));
    blocking.then(
      () => setState("blocked"),
      (error: unknown) => setState(toRequestProblem(error)),
    );
  };
  return (
    <>
      <Status testID="request-blocked">{state === "blocked" ? text("request.blocked") : ""}</Status>
      {typeof state === "object" ? <ProblemBody problem={describeRequestProblem(language, state)} titled /> : null}
      {state === "blocked" ? null : (
        <Button kind="outlined" testID="request-block" label={text("request.block")} onPress={block} />
      )}
    </>
  );
}
