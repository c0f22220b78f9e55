import { type ComponentType, useEffect, useState } from "react";
import { useText } from "../i18n/text.ts";
import { platform } from "../platform/platform";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";
import { Page } from "./page.tsx";
import { Stack } from "./stack.tsx";
import { Status } from "./status.tsx";
import { Paragraph } from "./words.tsx";

type WayBack = { onBack?: (() => void) | undefined };
type Screen<Props> = ComponentType<Props>;

/** A screen that a browser loads when it is first needed; on phones it is in the app already. */
export type Part<Props> = { load: () => Promise<Screen<Props>>; loaded: Screen<Props> | null };

/** `load` is an `import()`, outside of any component. */
export function lazyPart<Props>(load: () => Promise<Screen<Props>>): Part<Props> {
  return { load, loaded: null };
}

type LazyScreenProps<Props> = WayBack & { part: Part<Props>; props: Props };

/** Unlike what `lazy` of React makes, it can be tried again after a failure. */
export function LazyScreen<Props extends object>({ part, props, onBack }: LazyScreenProps<Props>) {
  const [state, setState] = useState<"loading" | "failed" | "loaded">(part.loaded ? "loaded" : "loading");
  useEffect(() => {
    if (state !== "loading") return;
    let left = false;
    const end = (next: "failed" | "loaded") => {
      if (!left) setState(next);
    };
    part.load().then(
      (screen) => {
        part.loaded = screen;
        end("loaded");
      },
      () => end("failed"),
    );
    return () => {
      left = true;
    };
  }, [part, state]);
  if (state === "failed") return <FailedScreen onBack={onBack} onRetry={() => setState("loading")} />;
  const Loaded = part.loaded;
  return Loaded ? <Loaded {...props} /> : <LoadingScreen onBack={onBack} />;
}

function LoadingScreen({ onBack }: WayBack) {
  const title = useText()("part.loading");
  return (
    <Page name="part-loading" title={title} onBack={onBack}>
      <Status>{title}</Status>
    </Page>
  );
}

function FailedScreen({ onBack, onRetry }: WayBack & { onRetry: () => void }) {
  const text = useText();
  const { restart } = platform;
  return (
    <Page name="part-failed" title={text("part.failed")} onBack={onBack}>
      <Notice kind="error">
        <Paragraph>{text("part.failed.next")}</Paragraph>
      </Notice>
      <Stack>
        <Button testID="part-retry" label={text("common.retry")} onPress={onRetry} />
        {restart ? <Button kind="text" testID="part-restart" label={text("part.restart")} onPress={restart} /> : null}
      </Stack>
    </Page>
  );
}
