export * from "./application-identifiers.ts";
export * from "./card-error.ts";
export * from "./common.ts";
export * from "./connect-card.ts";
export * from "./jpki.ts";
export * from "./text.ts";
export * from "./transport.ts";
