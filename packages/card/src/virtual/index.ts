export type { CardContents, KeyPair, PinName } from "./card-contents.ts";
export type { CardState } from "./card-state.ts";
export { createCard, replaceCertificates, resetPin, triesLeft } from "./create-card.ts";
export { VirtualCard, type VirtualCardOptions } from "./virtual-card.ts";
