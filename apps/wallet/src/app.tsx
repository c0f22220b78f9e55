import { useEffect, useState } from "react";
import { StatusBar } from "react-native";
import { LanguageContext } from "./i18n/text.ts";
import { platform } from "./platform/platform";
import { Root } from "./root.tsx";
import { StartScreen } from "./start-screen.tsx";
import type { WaitingRequests } from "./wallet/waiting-requests.ts";
import { Wallet } from "./wallet/wallet.ts";

type Started = { wallet: Wallet; hasPin: boolean; waiting: WaitingRequests } | "starting" | "failed";

/** Opens what is stored on this device, and then the app. */
export function App() {
  const [started, setStarted] = useState<Started>("starting");
  useEffect(() => {
    const open = async () => {
      const wallet = await Wallet.open(platform);
      const [triesLeft, waiting] = await Promise.all([wallet.pin.triesLeft(), wallet.readWaiting()]);
      setStarted({ wallet, hasPin: triesLeft !== null, waiting });
    };
    open().catch((error: unknown) => {
      console.error(error);
      setStarted("failed");
    });
  }, []);
  return (
    <>
      <StatusBar barStyle="dark-content" />
      {typeof started === "string" ? (
        <LanguageContext.Provider value="ja">
          <StartScreen failed={started === "failed"} />
        </LanguageContext.Provider>
      ) : (
        <Root wallet={started.wallet} hasPin={started.hasPin} waiting={started.waiting} />
      )}
    </>
  );
}
