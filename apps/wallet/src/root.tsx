import { ProtocolError } from "@xid/protocol";
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "react";
import { AppContext, type AppContextValue } from "./app-context.ts";
import { LockedApp } from "./features/lock/locked-app.tsx";
import { useAway } from "./features/lock/use-away.ts";
import type { Verification } from "./features/lock/verification.ts";
import { Onboarding } from "./features/onboarding/onboarding.tsx";
import { ProblemScreen } from "./features/problem/problem-screen.tsx";
import { nextIncoming, restoreIncoming, unanswered } from "./features/request/incoming.ts";
import { LanguageContext } from "./i18n/text.ts";
import { UnlockedApp } from "./unlocked-app.tsx";
import type { Stored } from "./wallet/stored.ts";
import type { WaitingRequests } from "./wallet/waiting-requests.ts";
import type { Wallet } from "./wallet/wallet.ts";

type RootProps = { wallet: Wallet; hasPin: boolean; waiting: WaitingRequests };

/** What stands before what: the lock, then the registration, then a request that came by a link, then the rest. */
export function Root({ wallet, hasPin, waiting }: RootProps) {
  const [stored, setStored] = useState(wallet.stored);
  const [locked, setLocked] = useState(hasPin);
  const [onboarding, setOnboarding] = useState(!hasPin);
  const [verification, setVerification] = useState<Verification | null>(null);
  const [pinTaken, setPinTaken] = useState(false);
  const [incoming, changeIncoming] = useReducer(nextIncoming, waiting, restoreIncoming);
  const [kept, setKept] = useState<typeof incoming | null>(null);
  // Before the screen is drawn: what the person has seen is not lost by a reload at that very moment.
  useLayoutEffect(() => {
    const done = () => setKept(incoming);
    wallet.keepWaiting(unanswered(incoming)).then(done, done);
  }, [wallet, incoming]);
  const [badLink, setBadLink] = useState(false);

  const lock = useCallback(() => {
    setVerification(null);
    setLocked(true);
  }, []);
  const refresh = useCallback(() => setStored(wallet.stored), [wallet]);
  const update = useCallback(
    async (change: Partial<Stored>) => {
      await wallet.update(change);
      setStored(wallet.stored);
    },
    [wallet],
  );
  useAway(stored.lockDelay, () => {
    if (!onboarding) lock();
  });
  const { announcer, links } = wallet.platform;
  useEffect(() => announcer.languageChanged(stored.language), [announcer, stored.language]);

  const take = useRef((_: string) => {});
  take.current = (url) => {
    try {
      const link = wallet.parseLink(url);
      // A code from another screen lives three seconds: longer than it takes to unlock. What it opens is shown later.
      const opening = link.code && stored.enrolment ? wallet.openRequest(link) : null;
      opening?.catch(() => undefined);
      changeIncoming({ type: "arrived", request: { link, opening } });
      setBadLink(false);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      setBadLink(true);
    }
  };
  useEffect(() => links.subscribe((url) => take.current(url)), [links]);

  const requestWaits = unanswered(incoming).links.length > 0;
  const answerKept = incoming.phase === "decided" && kept === incoming;
  const context = useMemo<AppContextValue>(
    () => ({ wallet, stored, update, refresh, verification, setVerification, lock, requestWaits, answerKept }),
    [wallet, stored, update, refresh, verification, lock, requestWaits, answerKept],
  );
  const unlock = async (newVerification: Verification) => {
    await wallet.reload();
    refresh();
    if (incoming.phase === "decided") changeIncoming({ type: "done" });
    setVerification(newVerification);
    setLocked(false);
    setPinTaken(false);
  };
  const lockByOtherPin = () => {
    setOnboarding(false);
    setPinTaken(true);
    lock();
  };
  const screen = () => {
    if (locked) return <LockedApp pinTaken={pinTaken} onUnlocked={(by) => void unlock(by)} />;
    if (onboarding || !stored.enrolment || stored.pending) {
      return <Onboarding begun={!onboarding} onDone={() => setOnboarding(false)} onPinTaken={lockByOtherPin} />;
    }
    if (badLink) return <ProblemScreen problem={{ code: "LINK_MALFORMED" }} on={{ home: () => setBadLink(false) }} />;
    return <UnlockedApp incoming={incoming} changeIncoming={changeIncoming} />;
  };
  return (
    <LanguageContext.Provider value={stored.language}>
      <AppContext.Provider value={context}>{screen()}</AppContext.Provider>
    </LanguageContext.Provider>
  );
}
