export type { CardContents, KeyPair, PinName } from "./card-contents.ts";
export { applications as cardApplications } from "./card-files.ts";
export { CardIssuer, type CardIssuerKeys, temporaryIssuer } from "./card-issuer.ts";
export { type CardModel, type CardState, cardModels, parseCardState } from "./card-state.ts";
export { replaceAttributes, replaceCertificates, resetPin, triesLeft } from "./change-card.ts";
export { createCard } from "./create-card.ts";
export { VirtualCard, type VirtualCardOptions } from "./virtual-card.ts";
