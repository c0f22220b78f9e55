import { WalletClient } from "@xid/protocol/wallet-client";
import { Text } from "react-native";
export function App() {
  return <Text>{String(WalletClient)}</Text>;
}
