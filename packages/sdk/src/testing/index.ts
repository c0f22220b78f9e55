export { browse } from "./browse.ts";
export type { Attack, Observed } from "./hostile/attack.ts";
export { attacks } from "./hostile/attacks.ts";
export { startCarelessRelyingParty } from "./hostile/careless-relying-party.ts";
export { NotTestable, type RelyingPartyFunctions, type RelyingPartyPages } from "./hostile/relying-party.ts";
export { reportText, resultText } from "./hostile/report-text.ts";
export {
  type AttackResult,
  type Outcome,
  type Report,
  type TrialOptions,
  tryRelyingParty,
} from "./hostile/try-relying-party.ts";
export { startTestProvider, type TestProvider } from "./test-provider.ts";
