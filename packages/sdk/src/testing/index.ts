export { browse } from "./browse.ts";
export type { Attack, Observed } from "./hostile/attack.ts";
export { attacks } from "./hostile/attacks.ts";
export { startCarelessRelyingParty } from "./hostile/careless-relying-party.ts";
export type { RelyingPartyFunctions, RelyingPartyPages } from "./hostile/relying-party.ts";
export { reportText, resultText } from "./hostile/report-text.ts";
export {
  type AttackResult,
  type Outcome,
  type Report,
  type TrialOptions,
  tryRelyingParty,
} from "./hostile/try-relying-party.ts";
export { startTestProvider, type TestProvider } from "./test-provider.ts";
export { TestingError, type TestingErrorCode } from "./testing-error.ts";
export { Browser } from "./wallet/browser.ts";
export { type DeviceKeyFile, generateDeviceKeys, openDeviceKeys } from "./wallet/device-key.ts";
export { type CardOfPerson, HeadlessWallet, type Means } from "./wallet/headless-wallet.ts";
export type { Resident } from "./wallet/resident.ts";
export { signIn } from "./wallet/sign-in.ts";
export { type Approval, headlessWallet, type TestWallet, type TestWalletOptions } from "./wallet/test-wallet.ts";
export { memoryWalletStore, openedLimit, type WalletState, type WalletStore } from "./wallet/wallet-state.ts";
