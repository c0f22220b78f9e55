export type { CardContents, KeyPair, PinName } from "./card-contents.ts";
export type { CardState } from "./card-state.ts";
export { replaceAttributes, replaceCertificates, resetPin, triesLeft } from "./change-card.ts";
export { createCard } from "./create-card.ts";
export { VirtualCard, type VirtualCardOptions } from "./virtual-card.ts";
