import { useEffect, useRef } from "react";
import { useApp } from "../../app-context.ts";
import { CardProblemScreen } from "./card-problem-screen.tsx";
import type { CardTask } from "./card-task.ts";
import { DoneScreen } from "./done-screen.tsx";
import { LastTryScreen } from "./last-try-screen.tsx";
import { OtherDevicesScreen } from "./other-devices-screen.tsx";
import { PasswordScreen } from "./password-screen.tsx";
import { PrepareScreen } from "./prepare-screen.tsx";
import { ReadingScreen, SendingScreen } from "./reading-screen.tsx";
import { TapScreen } from "./tap-screen.tsx";
import { useCardFlow } from "./use-card-flow.ts";

type CardFlowProps = {
  /** A new app PIN is chosen after this. */
  newPin: boolean;
  onDone: () => void;
  onStop: () => void;
  /** Whether there is anything to go back to. */
  canGoBack: boolean;
  /** What the card is read for in a request, rather than to enrol. */
  task?: CardTask;
};

/** Everything from "get your card ready" to "you are registered", or to what a request needs of the card. */
export function CardFlow({ newPin, onDone, onStop, canGoBack, task }: CardFlowProps) {
  const { wallet } = useApp();
  const flow = useCardFlow(wallet, task ?? null);
  const { state } = flow;
  const leave = useRef(onStop);
  leave.current = onStop;
  const stopped = state.at === "stopped";
  useEffect(() => {
    if (stopped) leave.current();
  }, [stopped]);
  switch (state.at) {
    case "prepare":
      return <PrepareScreen flow={flow} onStop={canGoBack ? flow.stop : undefined} />;
    case "password":
      return <PasswordScreen flow={flow} state={state} />;
    case "last_try":
      return <LastTryScreen flow={flow} afterWrong={state.afterWrong} />;
    case "tap":
      return <TapScreen flow={flow} purpose={state.purpose} />;
    case "reading":
      return <ReadingScreen flow={flow} step={state.step} />;
    case "sending":
      return <SendingScreen flow={flow} />;
    case "other_devices":
      return <OtherDevicesScreen flow={flow} devices={state.devices} />;
    case "done":
      return (
        <DoneScreen account={state.account} replacedDevices={flow.replacedDevices} newPin={newPin} onDone={onDone} />
      );
    case "problem":
      return <CardProblemScreen flow={flow} problem={state.problem} />;
    case "stopped":
      return null;
  }
}
