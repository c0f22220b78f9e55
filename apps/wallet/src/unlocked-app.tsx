import { useApp } from "./app-context.ts";
import { CardFlow } from "./features/card/card-flow.tsx";
import { HomeScreen } from "./features/home/home-screen.tsx";
import type { Incoming, IncomingEvent } from "./features/request/incoming.ts";
import { RequestScreens } from "./features/request/request-screens.tsx";
import { ScanScreen } from "./features/scan/scan-screen.tsx";
import { ServicesScreen } from "./features/services/services-screen.tsx";
import { SettingsScreen } from "./features/settings/settings-screen.tsx";
import { useNavigation } from "./navigation.ts";

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
  switch (screen) {
    case "home":
      return <HomeScreen go={go} onRegister={register} />;
    case "scan":
      return (
        <ScanScreen
          onBack={back}
          onLink={(link) => {
            changeIncoming({ type: "arrived", request: { link, opening: null } });
            home();
          }}
        />
      );
    case "services":
      return <ServicesScreen onBack={back} onHome={home} onRegister={register} />;
    case "settings":
      return <SettingsScreen onBack={back} onReadCard={() => go("card")} />;
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
