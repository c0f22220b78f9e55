import { useState } from "react";
import { useApp } from "../../app-context.ts";
import { CardFlow } from "../card/card-flow.tsx";
import type { CardTask } from "../card/card-task.ts";
import type { MyNumberDisplay } from "./my-number-consent-screen.tsx";
import { myNumberTask } from "./my-number-task.ts";

type MyNumberCardProps = {
  display: MyNumberDisplay;
  request: Pick<CardTask, "expiresAt" | "send" | "onDecided" | "onFailed">;
  onStop: () => void;
};

/** Reads the My Number and sends it, after the person has agreed. */
export function MyNumberCard({ display, request, onStop }: MyNumberCardProps) {
  const { wallet } = useApp();
  const [task] = useState(() => myNumberTask(wallet, display));
  return <CardFlow newPin={false} canGoBack task={{ ...task, ...request }} onStop={onStop} onDone={onStop} />;
}
