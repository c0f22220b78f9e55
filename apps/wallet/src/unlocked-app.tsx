import type { RequestLink } from "@xid/protocol";
import { useApp } from "./app-context.ts";
import { CardFlow } from "./features/card/card-flow.tsx";
import { HomeScreen } from "./features/home/home-screen.tsx";
import type { Incoming, IncomingEvent } from "./features/request/incoming.ts";
import { RequestScreens } from "./features/request/request-screens.tsx";
import { useNavigation } from "./navigation.ts";
import { LazyScreen, lazyPart } from "./ui/lazy-screen.tsx";

const scanPart = lazyPart(async () => (await import("./features/scan/scan-screen.tsx")).ScanScreen);
const historyPart = lazyPart(async () => (await import("./features/history/history-screen.tsx")).HistoryScreen);
const servicesPart = lazyPart(async () => (await import("./features/services/services-screen.tsx")).ServicesScreen);
const settingsPart = lazyPart(async () => (await import("./features/settings/settings-screen.tsx")).SettingsScreen);

type UnlockedAppProps = {
  incoming: Incoming;
  changeIncoming: (event: IncomingEvent) => void;
};

/** An enrolled and unlocked app. A request that waits comes first, but for what it needs: the card, or another scan. */
export function UnlockedApp({ incoming, changeIncoming }: UnlockedAppProps) {
  const { wallet, refresh } = useApp();
  const { screen, go, back, home } = useNavigation();
  const register = () => void wallet.forgetEnrolment().then(refresh);
  const { current, other } = incoming;
  if (current && screen !== "card" && screen !== "scan") {
    return (
      <RequestScreens
        key={`${current.link.requestId}.${current.link.code ?? ""}`}
        incoming={current}
        otherWaits={other !== null}
        change={changeIncoming}
        onHome={() => {
          changeIncoming({ type: "done" });
          home();
        }}
        onScan={() => {
          changeIncoming({ type: "done" });
          go("scan");
        }}
        onReadCard={() => go("card")}
        onRegister={register}
      />
    );
  }
  const onLink = (link: RequestLink) => {
    changeIncoming({ type: "arrived", request: { link, opening: null } });
    home();
  };
  switch (screen) {
    case "home":
      return <HomeScreen go={go} onRequest={onLink} onRegister={register} />;
    case "scan":
      return <LazyScreen key={screen} onBack={back} part={scanPart} props={{ onBack: back, onLink }} />;
    case "services":
      return (
        <LazyScreen
          key={screen}
          onBack={back}
          part={servicesPart}
          props={{ onBack: back, onHome: home, onRegister: register }}
        />
      );
    case "history":
      return (
        <LazyScreen
          key={screen}
          onBack={back}
          part={historyPart}
          props={{ onBack: back, onHome: home, onRegister: register }}
        />
      );
    case "settings":
      return (
        <LazyScreen
          key={screen}
          onBack={back}
          part={settingsPart}
          props={{ onBack: back, onReadCard: () => go("card") }}
        />
      );
    case "card":
      return (
        <CardFlow
          newPin={false}
          canGoBack
          onStop={back}
          onDone={() => {
            refresh();
            home();
          }}
        />
      );
  }
}
