import { useApp } from "./app-context.ts";
import { CardFlow } from "./features/card/card-flow.tsx";
import { HomeScreen } from "./features/home/home-screen.tsx";
import { RequestScreens } from "./features/request/request-screens.tsx";
import type { IncomingRequest } from "./features/request/use-request.ts";
import { ScanScreen } from "./features/scan/scan-screen.tsx";
import { ServicesScreen } from "./features/services/services-screen.tsx";
import { SettingsScreen } from "./features/settings/settings-screen.tsx";
import { useNavigation } from "./navigation.ts";

type UnlockedAppProps = {
  incoming: IncomingRequest | null;
  setIncoming: (incoming: IncomingRequest | null) => void;
};

/** An enrolled and unlocked app. A request that waits comes first, but for what it needs: the card, or another scan. */
export function UnlockedApp({ incoming, setIncoming }: UnlockedAppProps) {
  const { wallet, refresh } = useApp();
  const { screen, go, back, home } = useNavigation();
  const register = () => void wallet.forgetEnrolment().then(refresh);
  const leaveRequest = () => {
    setIncoming(null);
    home();
  };
  if (incoming && screen !== "card" && screen !== "scan") {
    return (
      <RequestScreens
        key={`${incoming.link.requestId}.${incoming.link.code ?? ""}`}
        incoming={incoming}
        onHome={leaveRequest}
        onScan={() => {
          setIncoming(null);
          go("scan");
        }}
        onReadCard={() => {
          setIncoming({ link: incoming.link, opening: null });
          go("card");
        }}
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
            setIncoming({ link, opening: null });
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
